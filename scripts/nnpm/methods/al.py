"""AL: aggregated corpora and multi-task learning, with gender and naturalness beside the emotion.

Kim, Englebienne, Truong & Evers, "Towards speech emotion recognition 'in the wild' using aggregated corpora and deep
multi-task learning", Interspeech 2017 (arXiv:1708.03920): a network with shared layers and a classifier for each of
three tasks is trained on several corpora together; gender (woman or man) and naturalness (natural or acted speech) are
known even for corpora whose emotions are not comparable.

Not specified there, chosen here:

- They have emotion labels for every corpus. Here, as in the comparison of Ahn, Lee & Shin (IEEE Signal Processing
  Letters 28, 2021), the target's are unknown: the emotion is learned from the source, gender and naturalness from
  source and target together. A target's gender is metadata, read if the corpus gives it.
- Each auxiliary classifier is linear on z, like the emotion classifier. Its loss is the mean cross-entropy of the
  batch's utterances of both domains whose answer is known; 0 if there are none.
- The weights of the tasks: 1 each, the default of Kim's trainer (`src/trainer.py` of
  github.com/batikim09/SER_KERAS_TF_TRAINER, which cites the paper). They are not tuned here.
- Naturalness is a property of a corpus. With one source corpus and one target it is either the same for all
  utterances, and teaches nothing, or it equals the domain, and the embeddings learn to tell the domains apart. The
  paper has several corpora, as a pool of acted and spontaneous sources has here.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnpm.methods.base import Method, Start, Step
from nnpm.model.objectives import source_loss

UNKNOWN = -1


class AL(Method):
    """Source loss, and the losses of both auxiliary tasks on both domains."""

    source_genders: Tensor
    target_genders: Tensor
    source_natural: Tensor
    target_natural: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        width = start.source.z.shape[1]
        self.gender = nn.Linear(width, 2)
        self.naturalness = nn.Linear(width, 2)
        # Not persistent: they never change, so no checkpoint needs them.
        for name, domain in (("source", start.source), ("target", start.target)):
            self.register_buffer(f"{name}_genders", domain.genders, persistent=False)
            self.register_buffer(f"{name}_natural", domain.natural, persistent=False)

    def losses(self, step: Step) -> dict[str, Tensor]:
        """The three tasks' losses."""
        z = torch.cat([step.source.z, step.target.z])
        genders = self.source_genders[step.source.rows], self.target_genders[step.target.rows]
        natural = self.source_natural[step.source.rows], self.target_natural[step.target.rows]
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "gender_loss": known_loss(self.gender(z), torch.cat(genders)),
            "naturalness_loss": known_loss(self.naturalness(z), torch.cat(natural)),
        }


def known_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Mean cross-entropy of logits, (batch, 2), over the known `answers`, (batch,); 0 if all are UNKNOWN."""
    total = F.cross_entropy(logits, answers, ignore_index=UNKNOWN, reduction="sum")
    return total / (answers != UNKNOWN).sum().clamp(min=1)
