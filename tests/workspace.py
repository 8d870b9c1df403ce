"""A folder in which the real workflow runs: small corpora, short training, and Snakemake called as a user calls it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

ROOT = Path(__file__).parents[1]
TOY = ("config/config.yaml", "config/toy.yaml")

#: What makes the toy study tiny. The corpora lie in the folder itself, so that a copy of it is as finished as it is.
TINY: dict[str, Any] = {
    "corpora_dir": "corpora",
    "seeds": [0],
    "features": {"n_mels": 16},
    "backbone": {"filters": 8, "hidden": 8, "attention": 8, "dropout": 0.1},
    "pretraining": {"epochs": 20, "batch_size": 8, "learning_rate": 0.01},
    "adaptation": {"epochs": 15, "batch_size": 16, "learning_rate": 0.01},
    "figures": {"figure2": {"thresholds": [0.5, 0.9]}},
}


@dataclass(frozen=True)
class Finished:
    """How Snakemake ended: exit code and everything that it and its jobs printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr

    @property
    def jobs(self) -> list[str]:
        """Rule and wildcards of each job that was planned (dry run) or started, such as `check emodb`."""
        return sorted(_named(rule, block) for rule, block in _blocks(self.text))

    @property
    def graph(self) -> "Graph":
        """The jobs of a dry run, and which of them read what others make."""
        makes: dict[str, str] = {}
        reads: dict[str, list[str]] = {}
        for rule, block in _blocks(self.text):
            parts = dict(line.strip().split(": ", 1) for line in block.splitlines() if ": " in line)
            job = _named(rule, block)
            makes |= dict.fromkeys(parts["output"].split(", ") if "output" in parts else [], job)
            reads[job] = parts["input"].split(", ") if "input" in parts else []
        return Graph({job: {makes[file] for file in files if file in makes} for job, files in reads.items()})

    @property
    def errors(self) -> list[str]:
        """The lines that report a wrong input."""
        return [line for line in self.stderr.splitlines() if line.startswith("Error: ")]


def _blocks(text: str) -> list[tuple[str, str]]:
    """The rule of each job in Snakemake's log, and the lines about it."""
    return re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", text, flags=re.MULTILINE)


def _named(rule: str, block: str) -> str:
    """Rule and wildcards of a job."""
    wildcards = re.search(r"^    wildcards: (.*)$", block, flags=re.MULTILINE)
    values = [pair.partition("=")[2] for pair in wildcards[1].split(", ")] if wildcards else []
    return " ".join([rule, *values])


@dataclass(frozen=True)
class Graph:
    """Jobs, each with those whose outputs it reads."""

    reads: Mapping[str, set[str]]

    def below(self, *first: str) -> list[str]:
        """The jobs whose names begin so, and all that they rest on."""
        return self._reached(self.reads, first)

    def above(self, *first: str) -> list[str]:
        """The jobs whose names begin so, and all that rest on them."""
        consumers: dict[str, set[str]] = {job: set() for job in self.reads}
        for job, makers in self.reads.items():
            for maker in makers:
                consumers[maker].add(job)
        return self._reached(consumers, first)

    def _reached(self, edges: Mapping[str, set[str]], first: tuple[str, ...]) -> list[str]:
        for name in first:
            assert any(f"{job} ".startswith(f"{name} ") for job in self.reads), f"no job {name}"
        waiting = [job for job in self.reads if any(f"{job} ".startswith(f"{name} ") for name in first)]
        found: set[str] = set()
        while waiting:
            job = waiting.pop()
            if job not in found:
                found.add(job)
                waiting += edges[job]
        return sorted(found)


class Workspace:
    """A working directory of Snakemake; `settings` are what its configuration changes in the toy study."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder, self.settings, self.root = folder, dict(settings), ROOT
        self.results = folder / "results" / "toy"
        self.corpora = folder / "corpora"

    @classmethod
    def create(cls, folder: Path, corpora: Path, **settings: Any) -> "Workspace":
        """A new one; each corpus is a link to the shared one."""
        workspace = cls(folder, settings)
        workspace.corpora.mkdir(parents=True)
        for corpus in sorted(path for path in corpora.iterdir() if path.is_dir()):
            (workspace.corpora / corpus.name).symlink_to(corpus)
        return workspace

    @classmethod
    def finished(cls, folder: Path, corpora: Path, **settings: Any) -> "Workspace":
        """One in which the whole study has been made, once for all test processes."""

        def make(unfinished: Path) -> None:
            done = cls.create(unfinished, corpora, **settings).make()
            (unfinished / "log.txt").write_text(done.text, encoding="utf-8")

        return cls(once(folder, make), settings)

    def copy(self, folder: Path, **settings: Any) -> "Workspace":
        """The same state of affairs elsewhere, file times included, so that nothing is to be done again."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Workspace(folder, {**self.settings, **settings})

    def own(self, corpus: str) -> Path:
        """Put a copy, of equal file times, in place of the link to a shared corpus, and return its folder."""
        link = self.corpora / corpus
        shared = link.resolve()
        link.unlink()
        shutil.copytree(shared, link)
        return link

    def command(self, *arguments: str, overlays: tuple[str, ...] = TOY, **changes: Any) -> list[str]:
        """The command line; `changes` lie over the workspace's settings, which lie over the overlays."""
        files = [self.root / overlay for overlay in overlays]
        for name, content in (("tiny", TINY), ("settings", self.settings), ("changes", changes)):
            # Tests of other processes call Snakemake in the same folder, with other settings, at the same time.
            files.append(self.folder / f"{name}-{os.getpid()}.yaml")
            files[-1].write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        places = ["--directory", str(self.folder), "--snakefile", str(self.root / "workflow" / "Snakefile")]
        cores = [] if {"--cores", "--workflow-profile"} & set(arguments) else ["--cores", "2"]
        return [sys.executable, "-m", "snakemake", *arguments, *places, *cores, "--configfile", *map(str, files)]

    def snakemake(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        timeout: float = 1800,
        limits: Mapping[str, int] | None = None,
        **changes: Any,
    ) -> Finished:
        """Run Snakemake to its end, whatever that is; `limits` are options of prlimit, such as {"fsize": bytes}."""
        limited = ["prlimit", *(f"--{name}={value}" for name, value in limits.items())] if limits else []
        done = subprocess.run(
            [*limited, *self.command(*arguments, **changes)],
            env=clean_environment() | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def make(self, *arguments: str, **changes: Any) -> Finished:
        """Run Snakemake, which must succeed."""
        done = self.snakemake(*arguments, **changes)
        assert done.code == 0, done.text
        return done

    def plan(self, *arguments: str, **changes: Any) -> list[str]:
        """The jobs of a dry run, which must succeed."""
        return self.make("--dry-run", *arguments, **changes).jobs

    def run_folder(self, target: str, method: str, variant: str = "default", seed: int = 0) -> Path:
        """Where the files of a run from IEMOCAP lie, as the design fixes it."""
        return self.results / "runs" / "iemocap" / target / method / variant / f"seed~{seed}"

    def below(self, path: Path) -> str:
        """A path as Snakemake is asked for it, from the working directory."""
        return str(path.relative_to(self.folder))


def clean_environment() -> dict[str, str]:
    """This process's environment without what would move the corpora or change a tool's behaviour."""
    return {name: value for name, value in os.environ.items() if name not in ("NNPM_CORPORA_DIR", "SNAKEMAKE_PROFILE")}


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Let the first of several test processes make a folder; the others wait for it."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder
