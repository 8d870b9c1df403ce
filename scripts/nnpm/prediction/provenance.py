"""What a checkpoint says of itself, beside its sizes: all that it takes to predict with it, and how it came to be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnpm import CLASSES, __version__
from nnpm.files import read_json


def about(
    description: str | Path, corpus: str, second_view: str | Path | None, run: Mapping[str, Any]
) -> dict[str, Any]:
    """What `checkpoints.save_backbone` writes into a checkpoint's header.

    `description` is the .json beside the mels of `corpus`, whose utterances the checkpoint's run predicts: its bands'
    means and deviations are part of the model. `second_view` is the .json of the classifier that predicts together with
    the checkpoint, None for a method without one. `run` says how the checkpoint was trained. Raises InputError if the
    description is damaged.
    """
    found = read_json(description, settings=dict, mean=list, deviation=list)
    written = {
        "classes": list(CLASSES),
        "features": found["settings"],
        "statistics": {"corpus": corpus, "mean": found["mean"], "deviation": found["deviation"]},
        "run": dict(run),
        "version": __version__,
    }
    if second_view is not None:
        written["second_view"] = read_json(second_view, functionals=list, weight=list, bias=list)
    return written
