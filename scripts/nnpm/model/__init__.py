"""The method's core: backbone, external memory and objectives, equations (1) to (8) of the paper.

- `backbone`: SNSA, convolution blocks, LSTM, self-attention (1), (2)
- `memory`: the external memory and its update (3), positives (4)
- `objectives`: source loss (5), squared error (6), hard negatives (7), target loss (8)
- `large_memory`: (7) and (8) part by part, for memories whose scores do not fit

Equation (9), the sum of source and target loss, is `nnpm.methods.pseudo_multilabel`.
"""
