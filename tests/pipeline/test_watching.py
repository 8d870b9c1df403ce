"""How a study is watched: what `--logger nnpm` shows in a file and on a terminal, and the curves of `tensorboard`."""

import os
import pty
import re
import subprocess

import pytest

pytestmark = pytest.mark.slow

TARGET = "results/toy/corpora/emodb/manifest.csv"


def on_a_terminal(command, folder):
    """What a command writes to a terminal of 100 columns."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "LINES": "40", "TERM": "xterm"}
    process = subprocess.Popen(command, cwd=folder, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    parts = []
    try:
        while part := os.read(leader, 4096):
            parts.append(part)
    except OSError:  # so Linux says that the other end is closed
        pass
    os.close(leader)
    assert process.wait(timeout=60) == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(parts).decode())


def test_a_file_gets_a_line_for_each_job_that_ends_or_fails(fresh):
    """An event of Snakemake's that the display no longer understands."""
    broken = next((fresh.own("urdu") / "Sad").iterdir())
    broken.write_bytes(b"")
    ended = fresh.snakemake(TARGET, TARGET.replace("emodb", "urdu"), "--logger", "nnpm", "--keep-going")
    assert ended.code != 0
    assert re.search(r"^1/2  check emodb: \d+ s; ", ended.text, flags=re.MULTILINE), ended.text
    line = rf"^check urdu: Error: .*{broken.name}.* \(results/toy/logs/check/urdu\.log\)$"
    assert re.search(line, ended.text, flags=re.MULTILINE), ended.text
    assert ended.text.count("Error: ") == 1, "once"
    assert "Traceback" not in ended.text and "rule check:" not in ended.text


def test_a_terminal_shows_what_runs_and_how_far_the_study_is(fresh):
    """A picture that breaks on a real terminal."""
    shown = on_a_terminal(fresh.command(TARGET, "--logger", "nnpm"), fresh.folder)
    assert "check emodb" in shown
    assert re.search(r"0 of 1 jobs, \d+ s so far, 1 to go", shown)


def test_a_dry_run_lists_the_jobs_as_ever(fresh):
    """A display that hides what a dry run is for."""
    ended = fresh.make("--logger", "nnpm", "--dry-run", TARGET)
    assert "rule check:" in ended.text


def test_curves_cost_no_training_and_are_drawn_by_the_next_one(finished):
    """It alone shows that what TensorBoard is given changes no result."""
    assert not {job.split()[0] for job in finished.plan(tensorboard=True)} & {"adapt", "encode", "pretrain_seed"}
    run = finished.run_folder("emodb", "nnpm")
    before = (run / "predictions.csv").read_bytes()
    for file in run.iterdir():
        file.unlink()
    finished.make(finished.below(run / "metrics.json"), tensorboard=True)
    drawn = finished.results / "tensorboard" / run.relative_to(finished.results)
    assert next(path.name for path in drawn.iterdir()).startswith("events.out.tfevents")
    assert (run / "predictions.csv").read_bytes() == before
