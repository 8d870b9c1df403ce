"""The frame of every workflow script: a log file, and one line when something is wrong."""

import errno
import logging
import os
import platform
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from nnpm import progress
from nnpm.errors import InputError, is_no_memory, one_line
from nnpm.progress import DISPLAY

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, then run again; what is finished is kept"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "make it writable, or work elsewhere by --directory"),
}


@contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Write the log to a file; an error that a user can fix ends the process with one line there and on the terminal.

    A bug keeps its traceback, so that a user can report it. The job ends when the Snakemake that runs it ends. It is
    refused while the same job from an earlier call is still running.
    """
    _end_with_snakemake()
    logging.raiseExceptions = False  # a full disk is reported once, not again for the log
    told = False
    try:
        with _held(Path(log)) as stream:
            logging.basicConfig(stream=stream, level=logging.INFO, format="%(asctime)s %(message)s", force=True)
            logging.captureWarnings(True)
            logging.info("process %d on %s", os.getpid(), platform.node())
            progress.begin(Path(log))
            try:
                yield
            except BaseException as error:
                line = _line(error, log)
                logging.error("Error: %s", line or "stopped", exc_info=line is None)
                if line is not None:
                    progress.tell(error=f"Error: {line}")
                told = DISPLAY in os.environ and _is_written(stream)
                raise
            logging.info("done")
    except BaseException as error:
        if line := _line(error, log):
            sys.exit(1 if told else f"Error: {line}")
        raise


def _is_written(stream: TextIO) -> bool:
    """Whether everything logged reached the file; on a full disk it does not."""
    try:
        stream.flush()
    except OSError:
        return False
    return True


def _line(error: BaseException, log: str | Path) -> str | None:
    """The line that tells a user of an error; None for a bug."""
    text = None
    if isinstance(error, InputError):
        text = str(error)
    elif is_no_memory(error):
        text = f"{log}: out of memory ({error}); run fewer jobs at a time (--cores), or lower batch_size"
    elif isinstance(error, OSError):
        remedy = _REMEDIES.get(error.errno or 0, "fix this, then run again")
        text = f"{error.filename or 'a file'}: {error.strerror or error}; {remedy}"
    elif isinstance(error, KeyboardInterrupt):
        text = "interrupted; run again to continue"
    return None if text is None else one_line(text)


@contextmanager
def _held(log: Path) -> Iterator[TextIO]:
    """The log, opened under a lock, so that two processes never write the same outputs at once.

    The lock is a separate file that stays, since Snakemake removes the log before it starts a job again.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.with_name(f".{log.name}.lock").open("a+b", buffering=0) as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().decode(errors="replace") or "of unknown number"
                refusal = f"{log}: this job still runs ({holder}) for an earlier call; end it"
                if not log.exists():  # the other job's log was removed; on a cluster only the log may be shown
                    log.write_text(f"Error: {refusal}\n", encoding="utf-8")
                raise InputError(refusal) from None
            except OSError:
                pass  # a file system without locks
        with suppress(OSError):  # a full disk
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {platform.node()}".encode())
        stream = log.open("w", encoding="utf-8", errors="backslashreplace")
        try:
            yield stream
        finally:
            with suppress(OSError):  # on a full disk the failed output is reported, the log need not be
                stream.close()


def identity(process: int) -> str:
    """Machine, number and start time of a process, a unique identity; "" if it has ended, or without a /proc."""
    try:
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{machine} {Path('/proc/self/ns/pid').readlink()} {process} {_status(process)[19]}"
    except OSError:
        return ""


def _status(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the third, the state, on."""
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def _end_with_snakemake() -> None:
    """End this process when the Snakemake that started it is killed, or has been.

    Otherwise the job would still write outputs of the old configuration after the next call has started.
    """
    snakemake = os.environ.get("NNPM_SNAKEMAKE", "")  # its identity, from workflow/rules/common.smk
    *machine, number, _ = snakemake.split() or ["", ""]
    if not number or identity(os.getpid()).split()[:-2] != machine:
        return  # a scheduler took the job to another machine
    killed = "Error: the Snakemake that started this job was killed; run it again"
    if identity(int(number)) != snakemake:
        sys.exit(killed)
    if int(number) not in _ancestors():
        return  # a scheduler on the same machine
    try:
        ended = os.pidfd_open(int(number))
    except ProcessLookupError:
        sys.exit(killed)
    except (AttributeError, OSError):
        return  # Python or kernel too old, or forbidden in a container

    def watch() -> None:
        select.select([ended], [], [])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _ancestors() -> list[int]:
    """Numbers of the processes that led to this one, nearest first; empty where there is no /proc."""
    found, process = [], os.getpid()
    with suppress(OSError):
        while process > 1:
            process = int(_status(process)[1])
            found.append(process)
    return found
