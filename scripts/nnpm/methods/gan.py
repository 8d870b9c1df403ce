"""GAN: a discriminator learns to tell the domains' embeddings apart, and the encoder to deceive it.

Latif, Qadir & Bilal, "Unsupervised adversarial domain adaptation for cross-lingual speech emotion recognition", ACII
2019 (arXiv:1907.06083): a generative adversarial network that learns "language invariant representations without
requiring target-language data labels". This file follows only the abstract; no code was found, and its networks and
constants are not reproduced. The game is that of Goodfellow et al., "Generative adversarial nets", NIPS 2014, with
source embeddings as the data and target embeddings as the generated samples::

    D:  max of  mean log D(z_source) + mean log(1 - D(z_target))                     (1)
    G:  max of  mean log D(z_target)     in place of min log(1 - D), whose gradient vanishes where D wins (section 3)

The cross-entropy of the source's emotions is added. Chosen here:

- The generator is the backbone's encoder: it makes z of mels rather than of noise, and one set of weights encodes both
  languages. The game moves only target embeddings; labels hold the source's in place.
- D and G are updated in the same step, from the same embeddings: the loss of D sends no gradient to the embeddings, the
  loss of G none to D. Both have weight 1.
- D is DANN's domain classifier. The two methods differ only in the game: DANN moves both domains, by the negative of
  the loss of D and with growing strength.
"""

import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from nnpm.methods.base import Method, Start, Step
from nnpm.methods.dann import domain_classifier, domain_loss
from nnpm.model.objectives import source_loss


class GAN(Method):
    """Source loss, and the game between encoder and discriminator."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.discriminator = domain_classifier(start.source.z.shape[1])

    def losses(self, step: Step) -> dict[str, Tensor]:
        """The source loss and both players' losses; each player's loss trains that player only."""
        source, target = step.source.z, step.target.z
        return {
            "source_loss": source_loss(step.source.logits, step.labels),
            "discriminator_loss": domain_loss(self.discriminator(source.detach()), self.discriminator(target.detach())),
            "generator_loss": generator_loss(self.judge(target)),
        }

    def judge(self, z: Tensor) -> Tensor:
        """The discriminator's logit, (batch, 1), of embeddings z, (batch, width); no gradient reaches its weights."""
        weights = {name: weight.detach() for name, weight in self.discriminator.named_parameters()}
        logits: Tensor = functional_call(self.discriminator, weights, z)
        return logits


def generator_loss(target: Tensor) -> Tensor:
    """Mean of -log D, given the target's logits, (batch, 1), of being from the source."""
    return F.softplus(-target).mean()
