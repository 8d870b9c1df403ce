"""Entropy minimisation: predictions on the target are made confident.

Grandvalet & Bengio, "Semi-supervised learning by entropy minimization", NIPS 2004. Their criterion is the labelled
data's log-likelihood minus lambda times the empirical conditional entropy of the unlabelled data's classes::

    H = -(1 / n) sum_j sum_k p(k | x_j) log p(k | x_j)

Left open there, chosen here:

- Lambda: a hyperparameter that labels of the same domain would choose; the target has none. 0.1, small beside the
  source loss, so that a poor start is not made certain at once. It was never tuned.
- Labelled and unlabelled utterances come from one domain there, from two here. Each term is its own batch's mean.
"""

from torch import Tensor

from nnpm.methods.base import Method, Step
from nnpm.model.objectives import source_loss

WEIGHT = 0.1  # lambda


class EntropyMinimisation(Method):
    """Source loss and the entropy of the target's predictions."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Both terms as they are summed."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "entropy_loss": WEIGHT * entropy(step.target.logits),
        }


def entropy(logits: Tensor) -> Tensor:
    """Mean entropy in nats of the predictions that logits, (batch, classes), stand for."""
    log_p = logits.log_softmax(dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()
