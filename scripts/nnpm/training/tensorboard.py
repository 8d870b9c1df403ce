"""Training curves for TensorBoard, written after each epoch if the configuration key `tensorboard` is true.

The workflow passes their folder by the environment, so that no rule's parameters, and no result, depend on them.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nnpm.errors import InputError

#: The environment variable that holds the study's folder of curves; the runs' folders are beside it.
FOLDER = "NNPM_TENSORBOARD"

Row = Mapping[str, float]


@contextmanager
def curves(run: Path, history: Iterable[Row]) -> Iterator[Callable[[Row], None]]:
    """Yield a function that writes one row of the history; `history` are the rows of an earlier call.

    `run` is the run's folder, `results/{study}/...`. If no curves are asked for, the function does nothing. Raises
    InputError if the package tensorboard is missing.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        yield lambda row: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise InputError(
            "config: tensorboard: the package is missing; pip install tensorboard, or set it to false"
        ) from None
    place = Path(folder) / run.absolute().relative_to(Path(folder).absolute().parent)
    shutil.rmtree(place, ignore_errors=True)  # it may hold epochs after the last saved state
    with SummaryWriter(str(place)) as writer:

        def add(row: Row) -> None:
            for name in row.keys() - {"epoch"}:
                writer.add_scalar(name, row[name], int(row["epoch"]))
            writer.flush()

        for row in history:
            add(row)
        yield add
