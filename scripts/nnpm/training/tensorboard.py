"""Training curves that TensorBoard reads, written epoch by epoch where the configuration asks for them (`tensorboard`).

The workflow names their place in the environment, so that no rule's parameters, and so no result, depend on them.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nnpm.errors import InputError

#: Holds the study's folder of curves; beside it lie the folders of the runs.
FOLDER = "NNPM_TENSORBOARD"

Row = Mapping[str, float]


@contextmanager
def curves(run: Path, history: Iterable[Row]) -> Iterator[Callable[[Row], None]]:
    """What an epoch's row of the history is given to; `history` are those of an earlier call.

    `run` is the run's folder, `results/{study}/...`. Where no curves are asked for, the rows are let go. Raises
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
    shutil.rmtree(place, ignore_errors=True)  # it may hold epochs that were not kept
    with SummaryWriter(str(place)) as writer:

        def add(row: Row) -> None:
            for name in row.keys() - {"epoch"}:
                writer.add_scalar(name, row[name], int(row["epoch"]))
            writer.flush()

        for row in history:
            add(row)
        yield add
