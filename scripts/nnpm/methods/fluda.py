"""FLUDA: few-shot learning and unsupervised domain adaptation.

Ahn, Lee & Shin, "Cross-corpus speech emotion recognition based on few-shot learning and domain adaptation", IEEE
Signal Processing Letters 28, 2021. Written from its abstract alone, as the letter is not open and no code was found: it
learns "the class (emotion) similarity from the source domain samples adapted to the target domain", without labels of
the target. The rest is chosen here, each part in the form of the paper that introduced it:

- Episodes (Snell, Swersky & Zemel, NIPS 2017): each source batch is one. Of the n utterances of a class, the first
  floor(n / 2) are its support, the others its queries; batches are drawn at random, so halves are too. A class's
  prototype c_k is the mean of its support's embeddings (1), and p(k | x) is the softmax of -||z - c_k||^2 (2). The loss
  is -log p of a query's class, averaged over a class's queries, then over classes, since their episodes have equal
  counts. A class without support is left out.
- Adaptation: the domain classifier behind gradient reversal of DANN, as in `dann.py`; the abstract names no method. The
  sum of its loss and the episodes' is minimised, without a weight.
- Prediction: by the similarity to the classes, as trained, with all source training utterances as support. A squared
  distance is linear in z up to a term that all classes share (Snell et al., eq. 8), so the prototypes replace the
  classifier's weights. The pretrained classifier is not used. The letter has several source corpora, as a pool has.
- The prototypes use each source utterance's embedding from when it was last seen in training, with dropout; it is not
  computed again. It is at most an epoch old, or perhaps older if an epoch is a pass over the target (`adaptation.epoch:
  target`), with source utterances drawn beside it.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from nnpm import CLASSES
from nnpm.methods.base import Method, Start, Step
from nnpm.methods.dann import adversarial_loss, domain_classifier
from nnpm.model.backbone import SNSA


class FLUDA(Method):
    """Prototypes of the source's classes, in embeddings that do not reveal the domain."""

    features: Tensor
    labels: Tensor

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        assert start.source.labels is not None  # a source has labels
        self.domain = domain_classifier(start.source.z.shape[1])
        self.register_buffer("features", start.source.z.detach().clone())  # as each utterance was last seen
        self.register_buffer("labels", start.source.labels.clone())

    def losses(self, step: Step) -> dict[str, Tensor]:
        """The episode loss of the source, and the domain loss."""
        confusion = adversarial_loss(self.domain, step)
        return {"episode_loss": episode_loss(step.source.z, step.labels), "domain_loss": confusion}

    @torch.no_grad()
    def after_step(self, step: Step) -> None:
        """Keep the batch's source embeddings, for the prototypes of `predictor`."""
        self.features[step.source.rows] = step.source.z

    @torch.no_grad()
    def predictor(self, backbone: SNSA) -> SNSA:
        """The backbone with the prototypes of all source training utterances as its classifier."""
        predictor = copy.deepcopy(backbone)
        weight, bias = prototype_classifier(self.features, members(self.labels))
        predictor.classifier.weight.copy_(weight)
        predictor.classifier.bias.copy_(bias)
        return predictor


def members(labels: Tensor) -> Tensor:
    """One-hot mask, (batch, classes), of labels, which are indices into CLASSES."""
    return labels[:, None] == torch.arange(len(CLASSES), device=labels.device)


def halves(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Support and queries of a batch: masks, (batch, classes), of the first floor(n / 2) of each class and the rest."""
    mask = members(labels)
    support = mask & (mask.cumsum(dim=0) <= mask.sum(dim=0) // 2)
    return support, mask & ~support


def prototype_classifier(z: Tensor, support: Tensor) -> tuple[Tensor, Tensor]:
    """Weight, (classes, width), and bias, (classes,), whose scores are -||z - c_k||^2 + ||z||^2.

    The prototypes c_k are means of the embeddings z, (batch, width), over the mask `support`, (batch, classes). A class
    without support gets the lowest possible score.
    """
    count = support.sum(dim=0)
    prototypes = support.T.to(z.dtype) @ z / count.clamp(min=1)[:, None]
    bias = -prototypes.square().sum(dim=1)
    return 2 * prototypes, bias.masked_fill(count == 0, torch.finfo(z.dtype).min)


def episode_loss(z: Tensor, labels: Tensor) -> Tensor:
    """-log p(class | query) of embeddings z, (batch, width), with labels (batch,); 0 if no class has support."""
    support, queries = halves(labels)
    queries = queries & support.any(dim=0)
    log_p = F.log_softmax(F.linear(z, *prototype_classifier(z, support)), dim=1)
    of_class = -log_p.where(queries, 0.0).sum(dim=0) / queries.sum(dim=0).clamp(min=1)
    return of_class.sum() / queries.any(dim=0).sum().clamp(min=1)
