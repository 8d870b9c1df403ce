"""Plain pseudo-labelling: the target's most likely class is its label.

Lee, "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks", ICML workshop on
challenges in representation learning, 2013::

    y'_j = argmax_k f_k(x_j)                                  (14), anew in each step, no threshold of confidence
    L = mean of L(y, f) on labelled data + alpha(t) mean of L(y', f') on unlabelled data    (15)
    alpha(t) = 0 before T1, linear from 0 to alpha_f between T1 and T2, alpha_f after       (16)

with alpha_f = 3, T1 = 100 and T2 = 600. Not specified there, chosen here:

- The unit of t and the length of the training: T1 and T2 are 0.1 and 0.6 of the run, as if it had 1000 of their units.
- L: theirs is for sigmoid outputs, summed over classes; here it is the backbone's own softmax cross-entropy.
- Labels come from the training pass itself, with its dropout: no second pass.
"""

import torch.nn.functional as F
from torch import Tensor

from nnpm.methods.base import Method, Step
from nnpm.model.objectives import source_loss

FINAL, FIRST, LAST = 3.0, 0.1, 0.6  # alpha_f; T1 and T2 as parts of the run


class PseudoLabel(Method):
    """Source loss and the cross-entropy of the target with its own predictions."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (15)."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "pseudo_label_loss": alpha(step.progress) * pseudo_label_loss(step.target.logits),
        }


def alpha(progress: float) -> float:
    """Eq. (16), at a fraction of the run, 0..1."""
    return FINAL * min(max((progress - FIRST) / (LAST - FIRST), 0.0), 1.0)


def pseudo_label_loss(logits: Tensor) -> Tensor:
    """Mean cross-entropy of logits, (batch, classes), with each row's most likely class as its label."""
    return F.cross_entropy(logits, logits.argmax(dim=1))
