"""Label-free criteria: how good a model looks on a target without reading its labels; higher is better.

Both read only the class probabilities of target utterances. `information_maximisation` is the criterion of this
project. It was chosen for what it rewards, before its agreement with any target label was computed: confident
predictions that are spread over all classes. A model that predicts one class for everything, which is how adaptation
fails, scores 0. Its weakness: it assumes equally frequent classes, and a confident wrong model scores as high as a
confident right one. `soft_neighbourhood_density` is shown beside it. Its weakness is worse here: it rewards dense
neighbourhoods, even a single one, so a model that predicts the same for all utterances scores highest.

pytorch-adapt has both as validators, but its last release was in 2023 and it needs torchvision and metric learning.
"""

import torch
from torch import Tensor
from torch.nn import functional

TEMPERATURE = 0.05  # of the cosines in soft neighbourhood density: the published value
MOST_COSINES = 1 << 21  # held at a time


def information_maximisation(probabilities: Tensor) -> Tensor:
    """Mutual information of utterance and predicted class, in nats: 0 to the logarithm of the number of classes.

    H(mean of p) - mean of H(p), with p = `probabilities`, (utterances, classes). Bridle, Heading & MacKay 1991; for a
    new domain, Shi & Sha 2012; as a loss, SHOT (Liang, Hu & Feng 2020).
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
    `probabilities`, (utterances, classes); a single utterance has no neighbours and gets 0. Rows are processed in
    parts, so that memory does not grow with the square of the utterances.
    """
    unit = functional.normalize(probabilities.double(), dim=1)
    total = unit.new_zeros(())
    if len(unit) < 2:
        return total
    for rows in torch.split(torch.arange(len(unit), device=unit.device), max(1, MOST_COSINES // len(unit))):
        exponents = (unit[rows] @ unit.T - 1) / TEMPERATURE  # 0 at most
        weights = exponents.exp()
        weights[rows - rows[0], rows] = 0  # no utterance is its own neighbour
        sums = weights.sum(dim=1)
        total += (sums.log() - (weights * exponents).sum(dim=1) / sums).sum()  # the entropy of weights / sums
    return total / len(unit)
