"""What every script of the workflow does around its work: a log file, and one line when the input is wrong."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnpm.errors import InputError


@contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Write the log to a file; a wrong input ends the process with one line there and on the terminal.

    An error of ours keeps its traceback, since whoever reports it should be able to copy it.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=log, filemode="w", level=logging.INFO, format="%(asctime)s %(message)s", force=True)
    logging.captureWarnings(True)
    try:
        yield
    except (InputError, OSError) as error:
        logging.error("Error: %s", error)
        sys.exit(f"Error: {error}")
    except BaseException:
        logging.exception("stopped")
        raise
    logging.info("done")
