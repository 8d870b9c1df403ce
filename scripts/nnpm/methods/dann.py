"""DANN: the embeddings are trained so that a domain classifier cannot tell source from target.

Abdelwahab & Busso, "Domain adversarial for acoustic emotion recognition", IEEE/ACM Transactions on Audio, Speech, and
Language Processing 26(12), 2018, apply to speech the network of Ganin et al., "Domain-adversarial training of neural
networks", Journal of Machine Learning Research 17, 2016, whose formulas are::

    E = L_y - lambda (mean of L_d over the source + mean of L_d over the target)   (section 4.2: its saddle point)
    R(z) = z, dR/dz = -lambda I        the layer in front of the domain classifier that makes it one minimisation
    lambda_p = 2 / (1 + exp(-10 p)) - 1    at part p of the training (section 5.2.2)

L_d is the logistic loss of the domain classifier, which itself learns at full strength.

Not specified there, chosen here:

- The emotions: they predict arousal, valence and dominance. Here L_y is the cross-entropy of the four classes.
- The number of shared layers is a variable of their study, and the best number depends on the corpora. Here the whole
  backbone up to z is shared, and only the linear classifier is for emotion alone.
- The domain classifier: one hidden layer, as wide as z, with ReLU.
- Both papers start from random weights. Here the run starts from the pretrained backbone, as for every method.
- Ganin et al. pair lambda_p with stochastic gradient descent, whose learning rate decays as lambda_p grows. Here the
  optimizer and the constant learning rate are those of all methods.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from nnpm.methods.base import Method, Start, Step, gradient_reversal
from nnpm.model.objectives import source_loss


class DANN(Method):
    """Source loss, and a domain classifier behind gradient reversal."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.domain = domain_classifier(start.source.z.shape[1])

    def losses(self, step: Step) -> dict[str, Tensor]:
        """L_y and L_d; in effect the backbone minimises E, and the domain classifier L_d."""
        confusion = adversarial_loss(self.domain, step)
        return {"source_loss": source_loss(step.source.logits, step.labels), "domain_loss": confusion}


def adversarial_loss(classifier: nn.Module, step: Step) -> Tensor:
    """L_d of a step: the domain classifier minimises it; the backbone, by the reversal, maximises it."""
    strength = reversal_strength(step.progress)
    source, target = (classifier(gradient_reversal(batch.z, strength)) for batch in (step.source, step.target))
    return domain_loss(source, target)


def reversal_strength(progress: float) -> float:
    """lambda_p at a fraction of the run, 0..1: rises from 0 to nearly 1."""
    return 2 / (1 + math.exp(-10 * progress)) - 1


def domain_classifier(width: int) -> nn.Sequential:
    """Network that maps embeddings, (batch, width), to the logit, (batch, 1), of being from the source."""
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))


def domain_loss(source: Tensor, target: Tensor) -> Tensor:
    """Logistic loss of the logits, (batch, 1), of being from the source: the mean over each domain, summed."""
    return F.softplus(-source).mean() + F.softplus(target).mean()
