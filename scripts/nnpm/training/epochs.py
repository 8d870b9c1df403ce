"""The loop over epochs of pretraining and adaptation, which can resume after a kill."""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from nnpm import progress
from nnpm.errors import InputError
from nnpm.training import tensorboard
from nnpm.training.checkpoints import Resumable, Row

log = logging.getLogger(__name__)


def stream(seed: int, epoch: int, purpose: int) -> np.random.Generator:
    """The random generator of one epoch and purpose: a resumed run draws the same numbers as an uninterrupted one."""
    return np.random.default_rng([seed, epoch, purpose])


def check_loss(loss: float, resume: Path, epoch: int) -> None:
    """Raise InputError if an epoch's loss is NaN or infinite: such weights would predict one class for everything."""
    if not math.isfinite(loss):
        raise InputError(
            f"{resume.parent}: the loss is {loss} in epoch {epoch + 1}, training diverged; lower its learning_rate"
        )


def fit(
    resumable: Resumable, history: list[Row], count: int, *, seed: int, run_epoch: Callable[[int], Row]
) -> list[Row]:
    """Run the epochs up to `count` that `history` lacks; append one row each: epoch (from 1), measured values, seconds.

    An epoch's random numbers depend only on the seed and the epoch, so that a run resumed after a kill ends with the
    same weights as an uninterrupted one.
    """
    if history:
        log.info("resuming after epoch %d of %d", len(history), count)
    if not (remaining := range(len(history), count)):
        return history
    with tensorboard.curves(resumable.path.parent, history) as draw:
        for epoch in progress.bar(remaining, initial=len(history), total=count, lines=False):
            started = time.perf_counter()
            torch.manual_seed(int(stream(seed, epoch, purpose=0).integers(2**62)))  # dropout
            measured = run_epoch(epoch)
            seconds = time.perf_counter() - started
            history.append({"epoch": epoch + 1, **measured, "seconds": seconds})
            left = (count - epoch - 1) * sum(row["seconds"] for row in history) / len(history)
            said = "  ".join(f"{name} {value:.4g}" for name, value in measured.items())
            progress.log(epoch + 1, count, left, f"epoch: {said}  {seconds:.1f} s, ")
            resumable.save(history)
            draw(history[-1])
    return history
