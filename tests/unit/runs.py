"""Adaptation on small domains, as the script adapt.py sets it up."""

import copy
from dataclasses import replace

import torch

from nnpm.evaluation import inference
from nnpm.methods.base import MethodSettings, Start
from nnpm.training.adaptation import Adaptation, AdaptationSettings

METHOD = MethodSettings(threshold=0.5, hard_negative_ratio=0.2)


def encoded(backbone, domain, blocks):
    """The domain with what the first blocks make of its mels."""
    return replace(domain, inputs=torch.cat(list(inference.encode(backbone, domain.inputs, blocks))))


def adaptation(backbone, source, target, method, blocks=0, device=None, method_settings=METHOD, **settings):
    """The training of a run, all of it on a device; its backbone is a copy."""
    domains = [encoded(backbone, domain, blocks) for domain in (source, target)]
    found = [domain.training_utterances(backbone, blocks, labelled=index == 0) for index, domain in enumerate(domains)]
    backbone = copy.deepcopy(backbone).to(device)
    backbone.freeze(blocks)
    domains = [replace(domain, inputs=domain.inputs.to(device)) for domain in domains]
    start = Start(method_settings, backbone, blocks, *(_on(each, device) for each in found))
    chosen = AdaptationSettings(**{"epochs": 3, "batch_size": 12, "freeze": blocks} | settings)
    return Adaptation(backbone, method(start).to(device), *domains, settings=chosen, seed=0)


def _on(utterances, device):
    tensors = {name: value for name, value in vars(utterances).items() if isinstance(value, torch.Tensor)}
    return replace(utterances, **{name: value.to(device) for name, value in tensors.items()})
