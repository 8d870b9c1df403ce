"""NNPM-plus: this project's own method. A second view that transfers better gives the pseudo-labels.

NNPM finds its positives with embeddings that do not yet fit the target: half of them have another emotion from the
start, and training keeps these errors. NNPM-plus therefore has

- a second view: functionals (level, pitch, spectrum; see `functionals`), standardised in each corpus, and a strongly
  regularised linear classifier of them, trained on the source alone (`second_view.classify`). Its probabilities, with
  the classes made equally frequent in the target, are soft pseudo-labels q_j. They never change, so the backbone cannot
  confirm its own errors:

      L = cross-entropy(source, labels) + TARGET cross-entropy(target, q)

- randomly blanked inputs: half lose their end and all lose a stretch, since clip lengths differ between corpora;
- a teacher, the running average of the backbone's weights (Tarvainen & Valpola, NIPS 2017), which predicts; its
  probabilities and the second view's are multiplied (`fused`), as if their errors were independent. The checkpoint of a
  run is the teacher: its predictions also need the second view.

Equally frequent classes in the target are an assumption. The constants were chosen on the source alone: women and men
of RAVDESS took turns as source and target, with the target's clips cut or noisy (docs/results/nnpm-plus.md). With
`features.normalisation: padded`, blanked parts are sound of mean level, not silence.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm import CLASSES
from nnpm.methods.base import Method, Start, Step
from nnpm.model.backbone import BLOCKS, SNSA, frames_for
from nnpm.model.objectives import source_loss

TARGET = 3.0  # weight of the target's loss
AVERAGE = 0.98  # share of the teacher's weights that a step keeps
PRIOR = 0.9  # share of the predicted class frequencies that a step keeps
BACKBONE = 0.5  # exponent of the teacher's probabilities in `fused`
CUT, SHORTEST, BLANKED = 0.5, 0.2, 0.12  # probability; fractions of an input's length


class NNPMPlus(Method):
    """A backbone that the second view teaches, and that predicts together with it."""

    q: Tensor
    prior: Tensor
    padding: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        assert start.target.second_view is not None  # rule adapt gives it
        self.trained = [start.backbone]  # in a list, so that it is not a submodule
        self.teacher = copy.deepcopy(start.backbone).requires_grad_(False)
        self.register_buffer("q", start.target.second_view, persistent=False)
        self.register_buffer("prior", torch.full((len(CLASSES),), 1 / len(CLASSES), device=start.source.z.device))
        self.register_buffer("padding", padding(start.backbone, start.freeze), persistent=False)
        self.least = frames_for(1, BLOCKS - start.freeze)  # steps that an input needs

    def augment(self, inputs: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Inputs, (batch, steps, channels), with padding for the end of half of them and for a stretch of each.

        With `lengths`, (batch,), the end is cut off instead.
        """
        batch, steps, _ = inputs.shape
        draw = torch.rand(4, batch, 1, device=inputs.device)
        step = torch.arange(steps, device=inputs.device) / (steps if lengths is None else lengths[:, None])
        end = torch.where(draw[0] < CUT, SHORTEST + (1 - SHORTEST) * draw[1], 1.0)
        first, last = draw[2], draw[2] + BLANKED * draw[3]
        blank = (step >= end) | ((step >= first) & (step < last))
        if lengths is not None:
            lengths = (end[:, 0] * lengths).ceil().long().clamp(min=self.least).minimum(lengths)
        return torch.where(blank[..., None], self.padding, inputs), lengths

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Both cross-entropies."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "target_loss": TARGET * F.cross_entropy(step.target.logits, self.q[step.target.rows]),
        }

    @torch.no_grad()
    def after_step(self, step: Step) -> None:
        """Update the teacher, and the class frequencies of the target's predictions."""
        for mine, its in zip(self.teacher.parameters(), self.trained[0].parameters(), strict=True):
            mine.lerp_(its, 1 - AVERAGE)
        self.prior.lerp_(step.target.logits.detach().softmax(dim=1).mean(dim=0), 1 - PRIOR)

    @torch.no_grad()
    def predictor(self, backbone: SNSA) -> SNSA:
        """The teacher, its probabilities divided by the recent class frequencies of the backbone's predictions."""
        teacher = copy.deepcopy(self.teacher)
        teacher.classifier.bias.sub_(self.prior.clamp(min=1e-6).log())
        return teacher

    def fused(self, probabilities: Tensor, second_view: Tensor | None) -> Tensor:
        """The second view's probabilities times the teacher's to the power of BACKBONE."""
        assert second_view is not None
        return fuse(probabilities, second_view)


def fuse(probabilities: Tensor, second_view: Tensor) -> Tensor:
    """Combine the teacher's and the second view's probabilities; all are (utterances, classes)."""
    product = second_view * probabilities**BACKBONE
    return product / product.sum(dim=1, keepdim=True)


@torch.no_grad()
def padding(backbone: SNSA, blocks: int) -> Tensor:
    """Output of the first `blocks` blocks for padding, which is 0 in the frames: (channels,)."""
    silence = next(backbone.parameters()).new_zeros(1, 60, backbone.settings.channels)
    encoded = backbone.encode(silence, last=blocks)
    return encoded[0, encoded.shape[1] // 2].clone()
