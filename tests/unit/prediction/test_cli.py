"""`nnpm predict`: what it prints, what it says of bad files, and how it ends."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import nnpm
from nnpm import CLASSES
from nnpm.prediction.cli import main
from small_study import SmallStudy

HEADING = ",".join(["path", "predicted", *CLASSES])


@pytest.fixture
def predict(small: SmallStudy, capfd: pytest.CaptureFixture[str]):
    """Calls the command; returns exit status, stdout and the lines of stderr."""

    def call(*arguments: str | Path) -> tuple[int, str, list[str]]:
        status = main(["predict", "--checkpoint", str(small.checkpoint), *map(str, arguments)])
        out, err = capfd.readouterr()
        return status, out, err.splitlines()

    return call


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch):
    return lambda content: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "text.wav").write_text("no sound")
    return tmp_path / "text.wav"


def expected(small: SmallStudy, rows: slice = slice(None)) -> pd.DataFrame:
    table = small.predictions[["predicted", *CLASSES]][rows].reset_index(drop=True)
    table.insert(0, "path", small.paths[rows])
    return table


def test_csv_is_the_default_and_the_studys_own(small: SmallStudy, predict) -> None:
    status, out, (note,) = predict("--batch-size", "4", *small.paths)
    assert status == 0
    where = f"Note: 5 of 11 sounds, first {small.paths[6]}"
    assert note == f"{where}: heard 0.5 of 0.56 s; cut long recordings into utterances"
    assert out.splitlines()[0] == HEADING
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(out)), expected(small), check_exact=True)


def test_the_statistics_of_few_files_are_told_to_be_such(small: SmallStudy, predict) -> None:
    status, _, (note,) = predict("--statistics", "files", small.paths[0])
    assert status == 0 and note == "Note: the statistics are those of 1 file(s) only; give dozens"


def test_json_is_an_object_a_line(small: SmallStudy, predict) -> None:
    _, out, _ = predict("--format", "jsonl", *small.paths)
    assert [list(json.loads(line)) for line in out.splitlines()] == [HEADING.split(",")] * len(small.paths)
    pd.testing.assert_frame_equal(
        pd.read_json(io.StringIO(out), lines=True, precise_float=True), expected(small), check_exact=True
    )


@pytest.mark.parametrize(("name", "options"), [("x.csv", []), ("x.jsonl", []), ("x.txt", ["--format", "csv"])])
def test_the_format_is_that_of_the_outputs_name(
    small: SmallStudy, predict, tmp_path: Path, name: str, options: list[str]
) -> None:
    output = tmp_path / "new" / name
    assert predict("--output", output, *options, *small.paths)[:2] == (0, "")
    read = pd.read_json(output, lines=True, precise_float=True) if name == "x.jsonl" else pd.read_csv(output)
    pd.testing.assert_frame_equal(read, expected(small), check_exact=True)
    assert [path.name for path in output.parent.iterdir()] == [name]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_names_on_stdin(small: SmallStudy, predict, stdin, end: bytes) -> None:
    stdin(end.join(path.encode() for path in small.paths[:3]) + end)
    _, out, _ = predict("-", small.paths[4])
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == [*small.paths[:3], small.paths[4]]


def test_no_name_on_stdin(predict, stdin) -> None:
    stdin(b"\n")
    assert predict("-") == (1, "", ["Error: stdin: names no files; give one per line"])


def test_no_file_at_all(predict, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        predict()
    assert "FILE" in capfd.readouterr().err


def test_a_folder_is_all_audio_in_it(small: SmallStudy, predict, tmp_path: Path) -> None:
    _, out, _ = predict(small.folder)
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == sorted(small.paths)
    status, _, err = predict(tmp_path)
    assert status == 1 and err == [
        f"Error: {tmp_path}: a folder without audio files (.wav, .flac, .ogg, .mp3, .m4a, ...)"
    ]


@pytest.fixture
def own(small: SmallStudy, tmp_path: Path) -> Path:
    """A folder as people have them: links, hidden files, and files that are no audio."""
    folder, elsewhere = tmp_path / "own", tmp_path / "elsewhere"
    for place in (folder / "Happy talk", folder / ".hidden", elsewhere):
        place.mkdir(parents=True)
    sound = Path(small.paths[0]).read_bytes()
    for path in ("one.wav", "Happy talk/two.WAV", ".hidden/three.wav", "._one.wav", "../elsewhere/four.wav"):
        (folder / path).write_bytes(sound)
    for path in ("notes.txt", "Happy talk/more.txt", "README"):
        (folder / path).write_text("no sound")
    (folder / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(folder)
    return folder


def test_a_folder_is_walked_through_links_and_what_is_left_out_is_told(predict, own: Path) -> None:
    status, out, (note,) = predict(own)
    assert status == 0
    names = ("Happy talk/two.WAV", "linked/four.wav", "one.wav")
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == [f"{own}/{name}" for name in names]
    assert note == f"Note: {own}: left out, hidden or not named like audio: 2 .txt, 2 hidden, 1 without an ending"


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_told(predict, own: Path) -> None:
    (own / "Happy talk").chmod(0)
    assert predict(own)[2] == [f"Error: {own}/Happy talk: cannot be read (Permission denied); change its rights"]


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")
def test_what_only_ffmpeg_decodes(small: SmallStudy, predict, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is labelled; without ffmpeg one line says how many files need it, and how to get it."""
    for name in ("a.m4a", "b.webm", "c.aac", "d.wma", "e.mp4", "f.mka"):
        command = ["ffmpeg", "-v", "error", "-i", small.paths[5], str(own / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    status, out, _ = predict(own)
    assert status == 0 and len(out.splitlines()) == 1 + 9
    assert "a.m4a" in out and "f.mka" in out
    monkeypatch.setenv("PATH", "")
    status, out, err = predict(own)
    assert status == 1 and len(out.splitlines()) == 1 + 3
    (line,) = (line for line in err if line.startswith("Error: ") and "ffmpeg" in line)
    assert line.startswith(f"Error: {own}/a.m4a: only the program ffmpeg decodes it; install that (apt-get install")
    assert line.endswith("(6 such files)") and err[-1] == "Error: 6 of 9 files are left out, see above"


def test_bad_files_are_lines_and_the_others_go_on(small: SmallStudy, predict, text: Path, tmp_path: Path) -> None:
    cut, absent = tmp_path / "cut.wav", tmp_path / "absent.wav"
    cut.write_bytes(Path(small.paths[0]).read_bytes()[:2000])
    status, out, err = predict(text, small.paths[0], cut, absent, small.paths[1])
    assert status == 1
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(out)), expected(small, slice(2)), check_exact=True)
    assert [line.split(": ")[:2] for line in err[:-1]] == [["Error", str(path)] for path in (text, cut, absent)]
    assert err[-1] == "Error: 3 of 5 files are left out, see above"


def test_if_all_files_are_bad_nothing_is_written(predict, text: Path, tmp_path: Path) -> None:
    for options in ([], ["--output", tmp_path / "new" / "x.csv"]):
        status, out, err = predict(*options, text)
        assert (status, out) == (1, "") and "none of 1 files can be used" in err[-1]
    assert list((tmp_path / "new").iterdir()) == []


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(
    small: SmallStudy, predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "x.csv").write_text("of yesterday")
    monkeypatch.setattr("nnpm.evaluation.inference.infer", stopped)
    assert predict("--output", tmp_path / "x.csv", *small.paths) == (1, "", ["Error: interrupted"])
    assert (tmp_path / "x.csv").read_text() == "of yesterday"


def test_wrong_outputs(small: SmallStudy, predict, tmp_path: Path) -> None:
    status, _, err = predict("--output", tmp_path, *small.paths, "--format", "csv")
    assert status == 1 and err == [f"Error: {tmp_path}: a folder; name a file in it"]
    status, _, err = predict("--output", tmp_path / "x.pdf", *small.paths)
    assert status == 1 and "neither in .csv nor in .jsonl" in err[0]
    (tmp_path / "file").touch()
    status, _, err = predict("--output", tmp_path / "file" / "x.csv", *small.paths)
    assert status == 1 and len(err) == 1 and "file" in err[0]


@pytest.mark.parametrize("size", ["0", "-1", "1.5", "many"])
def test_a_wrong_batch_size(predict, capfd: pytest.CaptureFixture[str], size: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        predict("--batch-size", size, "a.wav")
    assert f"'{size}' is not a whole number above 0" in capfd.readouterr().err


def test_too_little_memory_says_what_to_do(small: SmallStudy, predict, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr("nnpm.evaluation.inference.infer", full)
    status, _, err = predict(*small.paths)
    assert status == 1 and err[0].startswith("Error: out of memory") and err[0].endswith("lower --batch-size")


def test_a_name_that_is_no_text_goes_out_as_it_came(small: SmallStudy, predict, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.wav"
    try:
        Path(os.fsdecode(odd)).write_bytes(Path(small.paths[0]).read_bytes())
    except OSError:
        pytest.skip("this file system takes no such names")
    for kind in ("csv", "jsonl"):
        assert predict("--output", tmp_path / "out", "--format", kind, os.fsdecode(odd))[0] == 0
        content = (tmp_path / "out").read_bytes()
        assert odd in content if kind == "csv" else json.loads(content)["path"] == os.fsdecode(odd)


# --- As a process -----------------------------------------------------------------------------------------------------


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(Path(nnpm.__file__).parents[1])}
    command = [sys.executable, "-m", "nnpm", *arguments]
    return subprocess.run(command, capture_output=True, env=environment, **options)


def test_as_a_process_with_names_on_stdin(small: SmallStudy, text: Path) -> None:
    """No bar where stderr is no terminal; the exit status tells that a file is missing."""
    names = "\n".join([*small.paths, str(text)]).encode()
    done = process("predict", "--checkpoint", str(small.checkpoint), "-", input=names)
    assert done.returncode == 1
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(done.stdout)), expected(small), check_exact=True)
    assert len(done.stderr.splitlines()) == 3 and str(text).encode() in done.stderr
