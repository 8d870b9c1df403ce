"""What a script of the workflow leaves behind however it ends: its log, its words, no process behind."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from nnpm.errors import InputError
from nnpm.workflow.job import identity, job


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("a.wav: silent; leave it out"), ["a.wav: silent; leave it out"]),
        (OSError(errno.ENOSPC, "No space left on device", "x.npy"), ["x.npy: No space left on device", "free some"]),
        (OSError(errno.EROFS, "Read-only file system", "x.npy"), ["x.npy", "make it writable"]),
        (OSError(errno.EIO, "Input/output error"), ["a file: Input/output error", "run again"]),
        (MemoryError("Unable to allocate 9 GiB"), ["x.log: out of memory (Unable to allocate 9 GiB)", "--cores"]),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes"), ["out of memory", "batch_size"]),
        (KeyboardInterrupt(), ["interrupted", "run again"]),
        (InputError("a\nb.wav: silent"), ["a\\nb.wav: silent"]),
        (OSError(errno.EIO, "Input/output error", "a\x1b[2Jb.wav"), ["a\\x1b[2Jb.wav: Input/output error"]),
    ],
)
def test_what_a_user_can_mend_is_one_line(tmp_path, error, words):
    log = tmp_path / "logs" / "x.log"
    with pytest.raises(SystemExit) as caught, job(log):
        raise error
    line = str(caught.value)
    assert line.startswith("Error: ") and "\n" not in line
    assert all(word in line for word in words), line
    text = log.read_text()
    assert line in text and "Traceback" not in text


def test_an_error_of_ours_keeps_its_traceback(tmp_path):
    with pytest.raises(ZeroDivisionError), job(tmp_path / "x.log"):
        print(1 / 0)
    assert "ZeroDivisionError" in (tmp_path / "x.log").read_text()


def test_a_log_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "logs").write_text("a file where a folder should be")
    with pytest.raises(SystemExit, match=r"^Error: .*logs: .*run again$"), job(tmp_path / "logs" / "x.log"):
        raise AssertionError("was run")


def test_a_log_is_of_the_last_call_alone(tmp_path):
    for number in (1, 2):
        with job(tmp_path / "x.log"):
            print(number)
    lines = (tmp_path / "x.log").read_text().splitlines()
    assert len(lines) == 2 and lines[0].split()[2:4] == ["process", str(os.getpid())] and lines[1].endswith("done")


WAITING = """
import sys, time
from nnpm.workflow.job import identity, job
with job(sys.argv[1]):
    print("at work", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("removed", [False, True], ids=["left", "removed"])
def test_the_same_job_never_runs_twice_at_a_time(tmp_path, removed):
    """Snakemake removes the log of a job before it starts the job again."""
    log = tmp_path / "x.log"
    with subprocess.Popen([sys.executable, "-c", WAITING, str(log)], stdout=subprocess.PIPE, text=True) as first:
        try:
            assert first.stdout.readline() == "at work\n"
            if removed:
                log.unlink()
            with pytest.raises(SystemExit, match=rf"x\.log: this job still runs \(process {first.pid} on "), job(log):
                raise AssertionError("was run")
            said = log.read_text()
            assert ("still runs" in said) == removed and f"process {first.pid} on" in said, "the other's log is kept"
        finally:
            first.kill()
    with job(log):
        pass


PARENT = """
import os, subprocess, sys
from nnpm.workflow.job import identity
os.environ["NNPM_SNAKEMAKE"] = identity(os.getpid())
subprocess.run(["sh", "-c", "true; exec \\"$@\\"", "sh", sys.executable, "-c", sys.argv[1], sys.argv[2]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a process that its caller has ended")
def test_a_job_ends_with_the_snakemake_that_was_killed(tmp_path):
    log = tmp_path / "x.log"
    command = [sys.executable, "-c", PARENT, WAITING, str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as snakemake:
        assert snakemake.stdout.readline() == "at work\n"
        snakemake.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while True:  # the lock goes with the process
        try:
            with job(log):
                return
        except SystemExit:
            assert time.monotonic() < end, "still at work"
            time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_a_job_whose_snakemake_was_killed_before_it_began_does_nothing(tmp_path, monkeypatch):
    """While Python starts and imports, nobody watches yet."""
    with subprocess.Popen(["sleep", "60"]) as snakemake:
        monkeypatch.setenv("NNPM_SNAKEMAKE", identity(snakemake.pid))
        snakemake.kill()
    with pytest.raises(SystemExit, match=r"the Snakemake that started this job was killed"), job(tmp_path / "x.log"):
        raise AssertionError("was run")


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
@pytest.mark.parametrize("error", [AttributeError("pidfd_open"), OSError(errno.ENOSYS, ""), OSError(errno.EPERM, "")])
def test_a_system_that_cannot_tell_of_the_end_of_snakemake_is_worked_on_all_the_same(tmp_path, monkeypatch, error):
    """A Python or a kernel that is too old, a container that forbids the call."""

    def refuse(_):
        raise error

    monkeypatch.setattr(os, "pidfd_open", refuse)
    monkeypatch.setenv("NNPM_SNAKEMAKE", identity(os.getppid()))
    with job(tmp_path / "x.log"):
        pass
    assert "done" in (tmp_path / "x.log").read_text()


@pytest.mark.parametrize("machine", ["another", "this"])
def test_a_job_that_a_scheduler_started_does_not_mind(tmp_path, monkeypatch, machine):
    """Schedulers hand the environment on, to processes that are no children of Snakemake."""
    with subprocess.Popen(["sleep", "60"]) as snakemake:
        found = identity(snakemake.pid)
        if machine == "another":
            found = f"another {found.partition(' ')[2]}"
            snakemake.kill()
            snakemake.wait()
        monkeypatch.setenv("NNPM_SNAKEMAKE", found)
        with job(tmp_path / "x.log"):
            snakemake.kill()
            snakemake.wait()
            time.sleep(0.2)
    assert "done" in (tmp_path / "x.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit")
def test_a_log_that_the_disk_has_no_room_for_stops_nothing(tmp_path):
    code = "import sys; from nnpm.workflow.job import job\nwith job(sys.argv[1]): print('work')"
    command = ["prlimit", "--fsize=0", sys.executable, "-c", code, str(tmp_path / "x.log")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "work\n", "")
    assert (tmp_path / "x.log").read_text() == ""
