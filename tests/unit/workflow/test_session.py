"""One call of Snakemake: where corpora are looked for, what stops it, and what it says at its end."""

import subprocess

import pytest
from snakemake.utils import update_config

from nnpm import corpora
from nnpm.files import write_json
from nnpm.workflow import session
from trees import touch

DEFAULTS = {"corpora_dir": "resources/corpora", "tensorboard": False, "features": {"n_mels": 128, "window": "hann"}}


def test_a_configuration_is_completed_by_the_defaults():
    complete = session.completed({"features": {"n_mels": 40}}, DEFAULTS, update_config)
    assert complete == {**DEFAULTS, "features": {"n_mels": 40, "window": "hann"}}
    assert DEFAULTS["features"]["n_mels"] == 128


def stopped(call, *arguments):
    """The message with which a call ends."""
    with pytest.raises(SystemExit) as caught:
        call(*arguments)
    return str(caught.value)


def test_curves_that_cannot_be_drawn_stop_it():
    wanted = {"tensorboard": True}
    assert "pip install tensorboard" in stopped(session.check_tensorboard, wanted, False, False)
    assert "shared file system" in stopped(session.check_tensorboard, wanted, True, True)
    session.check_tensorboard(wanted, True, False)
    session.check_tensorboard(DEFAULTS, False, True)


def test_a_folder_that_cannot_be_written_to_stops_it(tmp_path, monkeypatch):
    session.check_writable(tmp_path / "results" / "paper")
    monkeypatch.setattr("os.access", lambda *_: False)
    message = stopped(session.check_writable, tmp_path / "results" / "paper")
    assert message == f"Error: {tmp_path}: cannot be written to; make it writable, or work elsewhere by --directory"


@pytest.mark.parametrize(
    "folder", ["/opt/env", "/opt/my env", "/opt/a(b)", "/opt/a&b", "/opt/x$y", "/opt/a;b", "/opt/ä ö"]
)
def test_a_shell_finds_the_interpreter(folder):
    path = f"{folder}/bin/python"
    quoted = session.interpreter(path)
    assert subprocess.check_output(["bash", "-c", f"printf %s {quoted}"], text=True) == path
    assert session.interpreter(quoted) == quoted, "where a workflow uses this one twice"


@pytest.mark.parametrize("folder", ["it's", 'a "b"', "a\\b"])
def test_an_interpreter_that_no_shell_finds_is_one_line(folder):
    message = stopped(session.interpreter, f"/opt/{folder}/bin/python")
    assert f"/opt/{folder}/bin/python" in message and "rename the folder" in message and "\n" not in message


@pytest.fixture
def configured():
    return {name: corpora.get(name) for name in ("iemocap", "urdu", "emodb")}


def test_the_files_of_a_corpus(tmp_path, configured):
    touch(tmp_path, ["emodb/wav/03a01Fa.wav"])
    files = session.corpus_files("emodb", configured, tmp_path, "paper")
    assert files == [(tmp_path / "emodb/wav/03a01Fa.wav").as_posix()]


def test_if_one_corpus_is_missing_all_that_are_missing_are_told(tmp_path, configured, monkeypatch):
    touch(tmp_path, ["emodb/wav/03a01Fa.wav"])
    message = stopped(session.corpus_files, "urdu", configured, tmp_path, "mine")
    assert message.startswith(
        "Error: 2 of the 3 corpora of study 'mine' are missing. \n\niemocap (IEMOCAP): looked for"
    )
    for words in ("\n\nurdu (URDU): looked for", "  owner:  ", "set corpora_dir or $NNPM_CORPORA_DIR", corpora.CHECK):
        assert words in message
    assert message.endswith("Without IEMOCAP: --configfile config/open.yaml. Without any corpus: make demo.")
    del configured["iemocap"]
    message = stopped(session.corpus_files, "urdu", configured, tmp_path / "none", "mine")
    assert f"missing. There is no folder {tmp_path / 'none'} (corpora_dir).\n\nurdu" in message
    monkeypatch.setenv("NNPM_CORPORA_DIR", str(tmp_path / "none"))
    assert "/none ($NNPM_CORPORA_DIR)." in stopped(session.corpus_files, "urdu", configured, tmp_path / "none", "mine")
    assert message.endswith("Then " + corpora.CHECK + ".\nWithout any corpus: make demo.")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("speach/corpora", "did you mean {}/speech/corpora?"),
        ("speech/corpsra", "did you mean {}/speech/corpora?"),
        ("C:\\speech", "write / instead of \\"),
        ("nothing like it", "(corpora_dir).\n"),
    ],
)
def test_a_mistyped_folder_of_corpora_has_a_hint(tmp_path, configured, typed, hint):
    (tmp_path / "speech" / "corpora").mkdir(parents=True)
    message = stopped(session.corpus_files, "urdu", configured, tmp_path / typed, "mine")
    assert hint.format(tmp_path) in message


def test_a_mistyped_list_has_a_hint(tmp_path):
    touch(tmp_path, ["lists/mine.csv"])
    configured = {"mine": corpora.get("mine", tmp_path / "lists" / "mien.csv")}
    message = stopped(session.corpus_files, "mine", configured, tmp_path, "mine")
    assert f"did you mean {tmp_path}/lists/mine.csv?" in message


def test_a_file_that_a_corpus_cannot_have_is_one_line(tmp_path, configured):
    touch(tmp_path, ["emodb/wav/song.wav"])
    message = stopped(session.corpus_files, "emodb", configured, tmp_path, "paper")
    assert message.startswith("Error: ") and "song.wav" in message and "\n" not in message


#: Lines of a log of Snakemake 9: two jobs are killed, each in another way, and one fails by itself.
LOG = """\
subprocess.CalledProcessError: Command 'python a.py' died with <Signals.SIGKILL: 9>.
[Mon Jan  1 00:00:00 2024]
Error in rule adapt:
    message: None
    jobid: 4
    log: results/toy/logs/one.log (check log file(s) for error details)
subprocess.CalledProcessError: Command 'python b.py' returned non-zero exit status 1.
Error in rule encode:
    log: results/toy/logs/own.log (check log file(s) for error details)
subprocess.CalledProcessError: Command 'python c.py' returned non-zero exit status 137.
Error in rule extract:
    log: results/toy/logs/two.log (check log file(s) for error details)
"""


def test_killed_jobs_are_explained_and_no_others(tmp_path, capsys):
    (tmp_path / "snakemake.log").write_text(LOG, encoding="utf-8")
    session.explain_kills([str(tmp_path / "snakemake.log")])
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" was killed from outside")[0] for line in lines] == [
        "Error: results/toy/logs/one.log: adapt",
        "Error: results/toy/logs/two.log: extract",
    ]
    assert all("--cores" in line and "batch_size" in line for line in lines)


def test_what_is_said_at_the_end_is_where_to_look(tmp_path, capsys):
    session.tell_outcome(tmp_path, ["emodb"])
    assert capsys.readouterr().err == ""
    for name, warnings in (("emodb", ["a", "b"]), ("urdu", [])):
        write_json(tmp_path / "corpora" / name / "check.json", {"warnings": warnings, "sections": []})
    (tmp_path / "report.html").touch()
    session.tell_outcome(tmp_path, ["emodb", "urdu", "absent"])
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/corpora/emodb/check.md: 2 warnings",
        f"{tmp_path}/report.html: the study on one page",
    ]
