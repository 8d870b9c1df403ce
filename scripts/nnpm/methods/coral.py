"""Deep CORAL: the covariances of source and target embeddings are aligned.

Sun & Saenko, "Deep CORAL: correlation alignment for deep domain adaptation", ECCV workshops 2016::

    l_CORAL = ||C_S - C_T||_F^2 / (4 d^2)    (1), with the batches' covariances C (2), (3) and d features
    l = l_CLASS + weight * l_CORAL           (6)

Not specified there, chosen here:

- The layer: theirs was the classifier's output. Here it is the embedding z, so that all inputs of the linear classifier
  are aligned; d is the width of z.
- The weight: theirs made both terms about equal at the end of training; no number is printed. Here 1000 was set in the
  same way, from the sizes of the two terms in runs on the targets EMO-DB and URDU, whose labels were not read: from
  RAVDESS to either target they end at 0.04 and 0.03 (15 epochs, one seed). It is the same for all corpora.
"""

from torch import Tensor

from nnpm.methods.base import Method, Step
from nnpm.model.objectives import source_loss

WEIGHT = 1000.0


class CORAL(Method):
    """Source loss and the distance of the domains' covariances."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (6)."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "coral_loss": WEIGHT * coral_loss(step.source.z, step.target.z),
        }


def covariance(z: Tensor) -> Tensor:
    """Eq. (2) and (3): covariance of embeddings z, (batch, width), divided by batch - 1."""
    centred = z - z.mean(dim=0)
    return centred.T @ centred / (len(z) - 1)


def coral_loss(source: Tensor, target: Tensor) -> Tensor:
    """Eq. (1) of embeddings (batch, width); 0 if a batch is a single utterance, which has no covariance."""
    if min(len(source), len(target)) < 2:
        return source.new_zeros(())
    distance = (covariance(source) - covariance(target)).square().sum()
    return distance / (4 * source.shape[1] ** 2)
