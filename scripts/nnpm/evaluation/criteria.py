"""Label-free criteria: how good a model looks on a target whose labels nobody may read; higher is better.

Both read the class probabilities of target utterances alone. `information_maximisation` is the one that this project
goes by. It was fixed for what it rewards, before its agreement with any target label was computed: confident
predictions spread over all classes, so that a model that calls everything by one name scores 0, and that collapse is
how adaptation fails. Its weakness: it takes the classes to be equally frequent, and a model that is sure and wrong
scores as high as one that is sure and right. `soft_neighbourhood_density` is shown beside it. Its weakness weighs more
here: it asks for dense neighbourhoods, never whether there are several, so that the same prediction for all utterances,
which is collapse itself, scores highest.

pytorch-adapt has both as validators, but saw its last release in 2023 and brings torchvision and metric learning along.
"""

import torch
from torch import Tensor
from torch.nn import functional

TEMPERATURE = 0.05  # of the cosines in soft neighbourhood density: the published value
MOST_COSINES = 1 << 21  # held at a time


def information_maximisation(probabilities: Tensor) -> Tensor:
    """Mutual information of utterance and predicted class, in nats: 0 to the logarithm of the number of classes.

    H(mean of p) - mean of H(p), with p = `probabilities`, (utterances, classes). Bridle, Heading & MacKay 1991; for a
    new domain Shi & Sha 2012; as a loss in SHOT (Liang, Hu & Feng 2020).
    """
    p = probabilities.double()
    each: Tensor = torch.special.entr(p).sum(dim=1)
    overall: Tensor = torch.special.entr(p.mean(dim=0)).sum()
    return overall - each.mean()


@torch.no_grad()
def soft_neighbourhood_density(probabilities: Tensor) -> Tensor:
    """Mean entropy, in nats, of each utterance's soft neighbours: 0 to log(utterances - 1).

    Saito, Kim, Teterwak, Sclaroff, Darrell & Saenko 2021, "Tune it the Right Way": the neighbours of an utterance are
    the softmax, at TEMPERATURE, of the cosines of its class probabilities with those of all others. (The authors' code
    gives an utterance a cosine of -1 with itself, which leaves it e^-20 of a weight at most; here it has none.)
    `probabilities`, (utterances, classes); a single utterance has no neighbours, and 0. Some rows are dealt with at a
    time, so that memory does not grow with the square of the utterances.
    """
    unit = functional.normalize(probabilities.double(), dim=1)
    total = unit.new_zeros(())
    if len(unit) < 2:
        return total
    for rows in torch.split(torch.arange(len(unit), device=unit.device), max(1, MOST_COSINES // len(unit))):
        exponents = (unit[rows] @ unit.T - 1) / TEMPERATURE  # 0 at most
        weights = exponents.exp()
        weights[rows - rows[0], rows] = 0  # nobody is a neighbour of oneself
        sums = weights.sum(dim=1)
        total += (sums.log() - (weights * exponents).sum(dim=1) / sums).sum()  # the entropy of weights / sums
    return total / len(unit)
