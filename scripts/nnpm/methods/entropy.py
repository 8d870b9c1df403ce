"""Entropy minimisation: predictions on the target are made confident.

Grandvalet & Bengio, "Semi-supervised learning by entropy minimization", NIPS 2004. Their criterion is the labelled
data's log-likelihood minus lambda times the empirical conditional entropy of the unlabelled data's classes::

    H = -(1 / n) sum_j sum_k p(k | x_j) log p(k | x_j)

Not specified there, chosen here:

- Lambda: a hyperparameter to be chosen with labels of the same domain, which the target lacks. Here 0.1, small beside
  the source loss, so that early errors are not made certain at once. It was never tuned.
- There, labelled and unlabelled utterances come from one domain, here from two. Each term is its own batch's mean.
"""

from torch import Tensor

from nnpm.methods.base import Method, Step
from nnpm.model.objectives import source_loss

WEIGHT = 0.1  # lambda


class EntropyMinimisation(Method):
    """Source loss and the entropy of the target's predictions."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Both terms, weighted."""
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "entropy_loss": WEIGHT * entropy(step.target.logits),
        }


def entropy(logits: Tensor) -> Tensor:
    """Mean entropy, in nats, of the softmax of logits, (batch, classes)."""
    log_p = logits.log_softmax(dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()
