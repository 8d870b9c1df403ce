"""A Slurm of one node on this machine, all of whose state lies in one folder: for the tests, and for trying things.

`python -m tests.cluster.slurm COMMAND ...` runs a command, such as
`snakemake --workflow-profile workflow/profiles/slurm all`, on one of its own, which ends with it. Needs the packages
slurm-wlm and munge, and no rights of root.
"""

import getpass
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

DAEMONS = ("munged", "slurmctld", "slurmd")
#: What the node claims to have, whatever this machine has: requests are accounted for, not enforced.
CPUS, MEMORY_MB, GPUS = 16, 64_000, 2

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
GresTypes=gpu
KillWait=2
MinJobAge=3600
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:{gpus}
PartitionName=all Nodes={host} Default=YES MaxTime=UNLIMITED
"""

#: Snakemake's job step calls srun without SLURM_CONF, without which none finds a configuration outside /etc/slurm.
SRUN = """#!/bin/sh
SLURM_CONF={folder}/slurm.conf exec {srun} "$@"
"""


def missing() -> list[str]:
    """The programs that are not installed."""
    return [name for name in (*DAEMONS, "sbatch", "srun", "scontrol") if not _program(name)]


class Slurm:
    """A running one; `environment` is what a process needs to reach it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", "")])
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": path}

    def command(self, *arguments: str) -> str:
        """What one of Slurm's commands prints; it must succeed."""
        environment = os.environ | self.environment
        return subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True).stdout

    def jobs(self) -> list[dict[str, str]]:
        """Every job so far in the order of their numbers, as `scontrol show job` has it: JobId, JobState, TRES ..."""
        blocks = self.command("scontrol", "--oneliner", "show", "job").splitlines()
        found = [dict(pair.partition("=")[::2] for pair in block.split(" ") if "=" in pair) for block in blocks]
        return sorted((job for job in found if "JobId" in job), key=lambda job: int(job["JobId"]))

    def of_rule(self, rule: str) -> list[dict[str, str]]:
        """The jobs that Snakemake's plugin sent for a rule."""
        names = (f"rule_{rule}", f"rule_{rule}_wildcards_")
        return [job for job in self.jobs() if job.get("Comment") == names[0] or job["Comment"].startswith(names[1])]


@contextmanager
def running(folder: Path) -> Iterator[Slurm]:
    """Start one in an empty folder, whose path is short (sockets), and end it with all its jobs."""
    host, srun = platform.node().partition(".")[0], _program("srun")
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    ports = random.sample(range(20_000, 30_000), 2)  # where nobody is likely to listen
    settings: dict[str, Any] = {"folder": folder, "host": host, "user": getpass.getuser(), "ports": ports}
    settings |= {"cpus": CPUS, "memory": MEMORY_MB, "gpus": GPUS}
    (folder / "slurm.conf").write_text(CONFIGURATION.format(**settings), encoding="utf-8")
    for number in range(GPUS):
        (folder / f"gpu{number}").touch()  # for Slurm the device file of one
    (folder / "gres.conf").write_text(f"Name=gpu File={folder}/gpu[0-{GPUS - 1}]\n", encoding="utf-8")
    (folder / "bin" / "srun").write_text(SRUN.format(folder=folder, srun=srun), encoding="utf-8")
    (folder / "bin" / "srun").chmod(0o755)
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(1024))

    slurm = Slurm(folder)
    munge = [f"--{name}={folder}/munge.{name.partition('-')[0]}" for name in ("socket", "key-file", "pid-file")]
    munge += [f"--seed-file={folder}/munge.seed", "--force"]  # although only we can reach its folder
    with ExitStack() as stack:
        stack.enter_context(_daemon(slurm, "munged", "--foreground", *munge))
        _wait((folder / "munge.socket").exists, folder / "munged.out")
        stack.enter_context(_daemon(slurm, "slurmctld", "-D"))
        stack.enter_context(_daemon(slurm, "slurmd", "-D"))
        _wait(lambda: _answers(slurm) == "idle", folder / "slurmd.log")
        try:
            yield slurm
        finally:
            slurm.command("scancel", "--user", getpass.getuser())
            _wait(lambda: not slurm.command("squeue", "--noheader"), folder / "slurmctld.log")


def _answers(slurm: Slurm) -> str:
    """The state of the node; "" while the controller does not answer."""
    try:
        return slurm.command("sinfo", "--noheader", "--format=%T").strip()
    except subprocess.CalledProcessError:
        return ""


@contextmanager
def _daemon(slurm: Slurm, name: str, *arguments: str) -> Iterator[None]:
    program = _program(name)
    assert program, name
    command = ["setpriv", "--pdeathsig", "TERM", program, *arguments]  # ends even if we are killed
    environment = os.environ | slurm.environment
    with (slurm.folder / f"{name}.out").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(done: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{log}: {log.read_text(encoding='utf-8')[-2000:] if log.exists() else 'not written'}")
        time.sleep(0.1)


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def main(command: list[str]) -> int:
    """Run a command on a Slurm of its own, and print the jobs that it sent."""
    if absent := missing():
        sys.exit(f"Error: {', '.join(absent)}: not installed; apt-get install slurm-wlm munge")
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, running(Path(folder)) as slurm:
        code = subprocess.run(command, env=os.environ | slurm.environment).returncode
        print(json.dumps([{key: job.get(key, "") for key in SHOWN} for job in slurm.jobs()], indent=1))
    return code


#: What is shown of each job.
SHOWN = ("JobId", "Comment", "JobState", "RunTime", "TimeLimit", "TRES", "TresPerJob")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
