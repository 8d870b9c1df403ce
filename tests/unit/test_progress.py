"""What is said of the progress of a step and of a study."""

import errno
import logging
import os
import re
import threading
import time

import pytest

from nnpm import progress
from nnpm.errors import InputError
from nnpm.progress import DISPLAY
from nnpm.workflow.job import job as running
from snakemake_logger_plugin_nnpm.jobs import Job, Jobs, duration


def test_the_log_tells_how_far_a_step_is_where_no_terminal_is(caplog, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    caplog.set_level(logging.INFO)
    seen = []
    for item in progress.bar(range(3), total=3):
        time.sleep(0.01)
        seen.append(item)
    assert seen == [0, 1, 2]
    assert re.search(r"[23]/3  \d+ s left", caplog.text)


def test_a_step_that_counts_by_itself_leaves_the_log_alone(caplog, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    caplog.set_level(logging.INFO)
    assert list(progress.bar(range(3), total=3, lines=False)) == [0, 1, 2]
    assert not caplog.text


def test_the_display_reads_how_far_a_job_told_that_it_is(tmp_path):
    log = tmp_path / "adapt.log"
    assert job("adapt", 0.0, log).progress() is None
    progress.begin(log)
    progress.log(3, 50, 94.4, "source_loss 0.9/1  2.0 s, ")
    progress.log(4, 50, 91.6)
    assert job("adapt", 0.0, log).progress() == (4, 50, 91.6)
    progress.status_file(log).write_text("[4,")
    assert job("adapt", 0.0, log).progress() is None
    progress.begin(log)
    assert not progress.status_file(log).exists(), "what an earlier call told is forgotten"
    progress.begin(None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (99, "99 s"), (101, "2 min"), (5940, "99 min"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h")],
)
def test_durations_are_said_as_people_do(seconds, said):
    assert duration(seconds) == said


def job(rule, started, log=None):
    return Job(rule, {"target": "emodb", "seed": "1"}, log, started)


def test_what_is_left_is_told_from_what_was_measured():
    """Two jobs of 10 s each are done in 10 s, two at a time; two of that rule wait, and one runs for 4 s."""
    study = Jobs({"adapt": 5}, {3: job("adapt", 110.0)}, {"adapt": [10.0, 10.0]}, begun=100.0)
    # 6 s of the running one, and 20 s of the waiting ones, at (20 + 4) / 14 jobs at a time
    outlook = study.outlook(114.0)
    assert (outlook.seconds, outlook.unknown) == (pytest.approx(26 * 14 / 24), 0)
    assert (outlook.done, outlook.total, str(outlook)) == (2, 5, "about 15 s left")


def test_jobs_of_which_nothing_is_known_are_told_by_their_number(tmp_path):
    log = tmp_path / "pretrain.log"
    progress.status_file(log).write_text('{"done": 10, "total": 50, "left": 40}')
    study = Jobs({"pretrain": 1, "adapt": 4}, {0: job("pretrain", time.time() - 10, log)}, begun=time.time() - 10)
    outlook = study.outlook(time.time())
    assert outlook.seconds == pytest.approx(40, abs=1)
    assert str(outlook) == "about 40 s and 4 jobs of a new kind left"


def test_a_study_does_not_end_before_its_longest_job():
    study = Jobs({"long": 1, "short": 8}, {1: job("long", 50.0)}, {"long": [], "short": [1.0] * 8}, begun=90.0)
    study.ended["long"] = [100.0]
    study.counts["long"] = 2
    assert study.outlook(100.0).seconds >= 50


def test_an_earlier_call_s_log_tells_nothing(tmp_path):
    log = tmp_path / "adapt.log"
    progress.status_file(log).write_text('{"done": 10, "total": 50, "left": 40}')
    os.utime(progress.status_file(log), (1000, 1000))
    assert job("adapt", time.time(), log).progress() is None
    assert job("adapt", 900.0, log).progress() == (10, 50, 40.0)


def test_a_job_is_named_by_what_tells_it_from_others():
    assert str(Job("adapt", {"target": "emodb", "method": "nnpm", "seed": "1"}, None, 0)) == "adapt emodb nnpm seed 1"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("a.wav: empty; copy it again"), "Error: a.wav: empty; copy it again"),
        (InputError("x" * 5000 + ": empty"), "Error: " + "x" * 5000 + ": empty"),
        (KeyError("left to its traceback"), None),
    ],
)
def test_a_job_s_error_is_its_own_line(tmp_path, monkeypatch, capsys, error, told):
    monkeypatch.setenv(DISPLAY, "1")
    log, started = tmp_path / "check.log", time.time()
    with pytest.raises(SystemExit if told else KeyError), running(log):
        logging.info("ValueError: of no interest")
        raise error
    assert Job("check", {}, log, started).error() == told
    assert not told or not capsys.readouterr().err, "the picture says it"


def test_a_full_disk_is_told_on_the_terminal_after_all(monkeypatch, tmp_path):
    """The log, from which the picture would have it, has no room for it."""
    monkeypatch.setenv(DISPLAY, "1")
    (tmp_path / "x.log").symlink_to("/dev/full")
    with pytest.raises(SystemExit, match=r"^Error: .*free some space"), running(tmp_path / "x.log"):
        raise OSError(errno.ENOSPC, "No space left on device", "mels.npy")


def test_the_picture_may_be_drawn_while_jobs_begin_and_end():
    study = Jobs({"adapt": 10_000})
    threading.Thread(
        target=lambda: [
            (study.running.__setitem__(n, job(f"rule{n % 50}", 0.0)), study.end(n - 20, 1.0)) for n in range(10_000)
        ],
        daemon=True,
    ).start()
    while study.outlook(2.0).done < 9_900:
        pass
