"""NNPM-plus: this project's own method. The pseudo-labels come from a second view that crosses languages better.

What NNPM taught: its positives are read from the very features that do not yet fit the target, so that half of them are
of another emotion from the start, and what is wrong in them is trained in. Hence here

- a second view: functionals (level, pitch, spectrum; see `functionals`), standardised in each corpus, and a strongly
  regularised linear classifier of them, trained on the source alone (`second_view.classify`). Its probabilities, with
  the classes made equally frequent in the target, are soft pseudo-labels q_j. They never change, so that no error of
  the backbone can confirm itself:

      L = cross-entropy(source, labels) + TARGET cross-entropy(target, q)

- inputs of which half lose their end and all a stretch, at random: corpora differ in how long their clips are;
- a teacher, the running average of the backbone's weights (Tarvainen & Valpola, NIPS 2017), which predicts; its
  probabilities and the second view's are multiplied (`fused`), as if they erred independently. The checkpoint of a run
  is the teacher: its predictions need the second view beside it.

That the classes are equally frequent in the target is an assumption. The constants were chosen on the source alone, by
turns women and men of RAVDESS as source and target, the target's clips cut or given noise: docs/results/nnpm-plus.md.
With `features.normalisation: padded`, what stands in for padding is sound of mean level.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm import CLASSES
from nnpm.methods.base import Method, Start, Step
from nnpm.model.backbone import SNSA
from nnpm.model.objectives import source_loss

TARGET = 3.0  # weight of the target's loss
AVERAGE = 0.98  # of the teacher's weights that a step keeps
PRIOR = 0.9  # of the predicted class frequencies that a step keeps
BACKBONE = 0.5  # exponent of the teacher's probabilities beside the second view's
CUT, SHORTEST, BLANKED = 0.5, 0.2, 0.12  # probability; parts of an input's length


class NNPMPlus(Method):
    """A backbone that the second view teaches, and that predicts together with it."""

    q: Tensor
    prior: Tensor
    padding: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        assert start.target.second_view is not None  # rule adapt gives it
        self.trained = [start.backbone]  # in a list, since it is no part of the method
        self.teacher = copy.deepcopy(start.backbone).requires_grad_(False)
        self.register_buffer("q", start.target.second_view, persistent=False)
        self.register_buffer("prior", torch.full((len(CLASSES),), 1 / len(CLASSES), device=start.source.z.device))
        self.register_buffer("padding", padding(start.backbone, start.freeze), persistent=False)

    def augment(self, inputs: Tensor) -> Tensor:
        """Inputs, (batch, steps, channels), with padding in place of half of the ends, and of a stretch of each."""
        batch, steps, _ = inputs.shape
        draw = torch.rand(4, batch, 1, device=inputs.device)
        step = torch.arange(steps, device=inputs.device) / steps
        end = torch.where(draw[0] < CUT, SHORTEST + (1 - SHORTEST) * draw[1], 1.0)
        first, last = draw[2], draw[2] + BLANKED * draw[3]
        blank = (step >= end) | ((step >= first) & (step < last))
        return torch.where(blank[..., None], self.padding, inputs)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Both cross-entropies."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "target_loss": TARGET * F.cross_entropy(step.target.logits, self.q[step.target.rows]),
        }

    @torch.no_grad()
    def after_step(self, step: Step) -> None:
        """Move the teacher, and the class frequencies that the target's predictions have."""
        for mine, its in zip(self.teacher.parameters(), self.trained[0].parameters(), strict=True):
            mine.lerp_(its, 1 - AVERAGE)
        self.prior.lerp_(step.target.logits.detach().softmax(dim=1).mean(dim=0), 1 - PRIOR)

    @torch.no_grad()
    def predictor(self, backbone: SNSA) -> SNSA:
        """The teacher, its probabilities divided by how frequent the student has lately found each class to be."""
        teacher = copy.deepcopy(self.teacher)
        teacher.classifier.bias.sub_(self.prior.clamp(min=1e-6).log())
        return teacher

    def fused(self, probabilities: Tensor, second_view: Tensor | None) -> Tensor:
        """The second view's probabilities times the teacher's to the power of BACKBONE."""
        assert second_view is not None
        return fuse(probabilities, second_view)


def fuse(probabilities: Tensor, second_view: Tensor) -> Tensor:
    """What the teacher and the second view say together of each utterance; all are (utterances, classes)."""
    product = second_view * probabilities**BACKBONE
    return product / product.sum(dim=1, keepdim=True)


@torch.no_grad()
def padding(backbone: SNSA, blocks: int) -> Tensor:
    """What the first `blocks` blocks make of padding, which is 0 in the mels: (channels,)."""
    silence = next(backbone.parameters()).new_zeros(1, 60, backbone.settings.n_mels)
    encoded = backbone.encode(silence, last=blocks)
    return encoded[0, encoded.shape[1] // 2].clone()
