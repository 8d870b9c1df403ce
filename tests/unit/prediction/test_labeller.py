"""Labels of recordings of any length, in Python and by the command: windows, silence, what is no speech, the page."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from nnpm import CLASSES, Predictor, audio
from nnpm.errors import InputError
from nnpm.features.functionals import functionals, of_parts
from nnpm.prediction.cli import main
from nnpm.prediction.page import RANGES
from nnpm.prediction.ready import UNSURE
from nnpm.prediction.windows import Windows
from nnpm.toy.languages import LANGUAGES
from nnpm.toy.voice import person, speak

RATE = 16000
COLUMNS = ["path", "start", "end", "predicted", *CLASSES, "sure", "speech"]


def voice(emotion: str, seed: int) -> np.ndarray:
    """A synthetic sentence of some 3 s."""
    random = np.random.default_rng(seed)
    speaker = person(LANGUAGES["emodb"], False, random)
    sound = speak(LANGUAGES["emodb"], speaker, emotion, 14, RATE, random)[0]
    return (0.1 * sound / sound.std()).astype(np.float32)


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    """Speech of 14 s, a pause of 5 s, and 3 s of other speech."""
    first = np.concatenate([voice("angry", seed) for seed in range(12)])[: 14 * RATE]
    silence = 1e-4 * np.random.default_rng(1).normal(size=5 * RATE)
    return np.concatenate([first, silence, np.resize(voice("sad", 4), 3 * RATE), silence]).astype(np.float32)


def test_speech_is_labelled_and_silence_is_not(talk: np.ndarray) -> None:
    rows = Predictor.default().predict((talk, RATE))
    assert list(rows) == COLUMNS and rows["path"].isna().all()
    assert rows["start"].iloc[0] < 0.5 and rows["end"].iloc[-1] == pytest.approx(22, abs=0.5)
    gap = (rows["start"] - rows["end"].shift()).max()
    assert gap == pytest.approx(5, abs=0.6), "the silence"
    assert (rows["start"] < rows["end"]).all() and (rows["start"].shift(-1) >= rows["end"])[:-1].all()
    np.testing.assert_allclose(rows[list(CLASSES)].sum(axis=1), 1, atol=1e-5)
    assert (rows["sure"] == (rows[list(CLASSES)].max(axis=1) >= UNSURE) & rows["speech"]).all()


def test_a_file_its_bytes_and_its_samples_get_the_same_labels(talk: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, talk, RATE, subtype="FLOAT")
    labeller = Predictor.default()
    found = labeller.predict(path)
    assert (found["path"] == str(path)).all()
    for sound in ((talk, RATE), path.read_bytes(), pd.DataFrame({"path": [path], "other": [1]})):
        pd.testing.assert_frame_equal(labeller.predict(sound).drop(columns="path"), found.drop(columns="path"))


def test_a_stretch_between_silences_is_labelled_as_if_it_were_cut_out(talk: np.ndarray) -> None:
    labeller = Predictor.default()
    last = labeller.predict((talk, RATE)).iloc[-1]
    alone = labeller.predict((talk[round(last["start"] * RATE) : round(last["end"] * RATE)], RATE)).iloc[0]
    np.testing.assert_allclose(list(last[list(CLASSES)]), list(alone[list(CLASSES)]), atol=0.02)


def test_parts_measured_together_are_nearly_those_cut_out(talk: np.ndarray) -> None:
    quiet = np.concatenate([talk[: 6 * RATE], 0.01 * talk[6 * RATE : 14 * RATE]])  # the last part is 40 dB weaker
    parts = [(0.0, 5.0), (2.5, 7.5), (8.0, 13.0)]
    for (start, end), together in zip(parts, of_parts(quiet, RATE, parts), strict=True):
        alone = functionals(quiet[round(start * RATE) : round(end * RATE)], RATE)
        for name in ("level_mean", "mfcc1_mean", "mfcc2_deviation", "formant1_mean", "pitch_p50", "flatness_mean"):
            assert together[name] == pytest.approx(alone[name], rel=0.02), name
    assert of_parts(quiet, RATE, [(0.0, 14.0)]) == [functionals(quiet, RATE)], "all of it, exactly"


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_a_long_file_is_decoded_in_blocks_as_a_short_one_at_once(talk: np.ndarray, tmp_path: Path, rate: int) -> None:
    path = tmp_path / "stereo.flac"
    soundfile.write(path, np.column_stack([talk, 0.5 * talk]), rate)
    whole = audio.spooled(path, RATE)[:]
    once = audio.read(path, RATE, 1e4)
    assert whole.dtype == np.float32 and abs(len(whole) - len(once)) <= 1
    np.testing.assert_allclose(whole[: len(once)], once[: len(whole)], atol=1e-4)


@pytest.mark.parametrize("room", [100_000, 4 * 27 * RATE - 100])
def test_a_full_disk_is_told_in_one_line(talk: np.ndarray, tmp_path: Path, room: int) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    soundfile.write(tmp_path / "short.wav", talk[: 3 * RATE], RATE)
    code = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
from nnpm.prediction.cli import main
sys.exit(main(["predict", {str(tmp_path)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    lines = done.stderr.splitlines()
    assert done.returncode == 1 and "short.wav" in done.stdout and "talk.wav" not in done.stdout
    assert sum("talk.wav: no room for its sound in the temporary folder" in line for line in lines) == 1, lines


def test_memory_does_not_grow_with_the_recording(talk: np.ndarray, tmp_path: Path) -> None:
    """Five minutes of speech take no more than a few MiB above one."""
    found = {}
    for minutes in (1, 5):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", RATE, 1) as file:
            for _ in range(round(minutes * 60 / 14)):
                file.write(talk[: 14 * RATE])
        code = f"""
import resource
from nnpm import Predictor
rows = Predictor.default(threads=1).predict({str(path)!r})
print(rows["end"].max(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        end, found[minutes] = map(float, done.stdout.split())
        assert end > 60 * minutes - 15, "all of it is labelled"
    assert found[5] < found[1] + 30, found


@pytest.mark.parametrize("samples", [2, 79, 200, 1500])
def test_a_sound_too_short_to_label_is_left_out(talk: np.ndarray, capfd, tmp_path: Path, samples: int) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    soundfile.write(tmp_path / "tiny.wav", talk[RATE : RATE + samples], RATE)
    assert main(["predict", str(tmp_path)]) == 1
    out, err = capfd.readouterr()
    assert set(pd.read_csv(io.StringIO(out))["path"]) == {str(tmp_path / "talk.wav")}
    assert f"Error: {tmp_path / 'tiny.wav'}: shorter than 0.1 s, too short to label; leave it out\n" in err


def test_what_is_shorter_than_a_second_is_never_sure() -> None:
    noise = np.random.default_rng(0).normal(size=round(0.9 * RATE)) * 0.1
    rows = Predictor.default().predict((noise, RATE))
    assert rows[list(CLASSES)].max(axis=1).item() > UNSURE and not rows["sure"].item()


def test_a_file_that_has_changed_is_heard_again(talk: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, talk[: 3 * RATE], RATE)
    adapted = Predictor.default().adapt([path])
    before = adapted.predict(path)
    pd.testing.assert_frame_equal(adapted.predict(path), before)
    soundfile.write(path, talk[-8 * RATE : -5 * RATE], RATE)
    assert (adapted.predict(path)[list(CLASSES)] != before[list(CLASSES)]).any(axis=None)


def test_uploads_of_one_name_are_two_sounds(talk: np.ndarray) -> None:
    uploads = []
    for part in (talk[: 3 * RATE], talk[-8 * RATE : -5 * RATE]):
        uploads.append(io.BytesIO())
        soundfile.write(uploads[-1], part, RATE, format="WAV")
        uploads[-1].name = "audio.wav"
    one, two = Predictor.default().adapt(uploads).predict(uploads)["angry"]
    assert one != two


@pytest.fixture(scope="module")
def hum() -> np.ndarray:
    """A chord, 3 s: no speech."""
    time = np.arange(3 * RATE) / RATE
    return sum(0.1 * np.sin(2 * np.pi * f * time) for f in (220, 277, 330)).astype(np.float32)


def test_what_may_be_no_speech_is_told_and_not_sure(hum: np.ndarray, capfd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", hum, RATE)
    assert main(["predict", str(tmp_path / "hum.wav")]) == 0
    out, err = capfd.readouterr()
    (row,) = pd.read_csv(io.StringIO(out)).to_dict("records")
    assert not row["speech"] and not row["sure"]
    assert "hum.wav: may be no speech, but music or noise\n" in err


def test_the_model_does_not_adapt_to_music(hum: np.ndarray, talk: np.ndarray) -> None:
    adapted = Predictor.default().adapt([(hum, RATE), (talk, RATE)], "auto")
    assert adapted.said.startswith("only 2 recordings: labels are those of the model as it is")
    adapted = Predictor.default().adapt([(hum, RATE)])
    assert adapted.said == "not adapted: what was heard may be no speech" and not adapted.adapted


def test_the_command_writes_a_page(talk: np.ndarray, capfd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk <b>.wav", talk, RATE)
    page = tmp_path / "page.html"
    assert main(["predict", "--html", str(page), "--format", "jsonl", str(tmp_path / "talk <b>.wav")]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert list(rows[0]) == COLUMNS
    html = page.read_text(encoding="utf-8")
    assert "talk &lt;b&gt;.wav" in html and "Only " in html and "CC BY-NC-SA 4.0" in html


def test_times_have_hundredths_in_a_csv(talk: np.ndarray, capfd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    assert main(["predict", "--window", "3", "--hop", "1", str(tmp_path / "talk.wav")]) == 0
    table = pd.read_csv(io.StringIO(capfd.readouterr().out), dtype=str)
    assert table["start"].str.fullmatch(r"\d+\.\d\d").all() and table["end"].str.fullmatch(r"\d+\.\d\d").all()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--window", "0.5"], "window: 0.5 s is not from 1 to 60 s"),
        (["--hop", "9"], "hop: 9 s is not from 0.1 s to the window's 7.5 s"),
        (["--html", "."], ".: a folder; name a file in it"),
        (["--html", "talk.wav/page.html"], "talk.wav: File exists; fix this, then run again"),
    ],
)
def test_options_that_cannot_be_are_refused_in_one_line(options, line, talk, capfd, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("talk.wav", talk, RATE)
    assert main(["predict", *options, "talk.wav"]) == 1
    out, err = capfd.readouterr()
    assert not out and err.splitlines()[-1] == f"Error: {line}"
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


@pytest.mark.parametrize(
    ("stream", "files", "line"),
    [
        ("stdin", "-", "Error: stdin: closed; give the names of files instead of -"),
        ("stdout", "talk.wav", "Error: stdout: closed; give a file with --output"),
    ],
)
def test_a_closed_stream_is_told_in_one_line(stream, files, line, talk, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    closed = {"stdin": "<&-", "stdout": ">&-"}[stream]
    command = f"{sys.executable} -m nnpm predict {files} {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.splitlines() == [line]


def test_an_address_is_told_from_a_file_and_the_others_go_on(talk, capfd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    assert main(["predict", "https://example.org/a.wav", str(tmp_path / "talk.wav")]) == 1
    out, err = capfd.readouterr()
    assert "Error: https://example.org/a.wav: an address, not a file; download it first\n" in err
    assert set(pd.read_csv(io.StringIO(out))["path"]) == {str(tmp_path / "talk.wav")}


def test_two_files_of_one_name_are_two_recordings_on_the_page(talk, capfd, tmp_path: Path) -> None:
    files = [tmp_path / folder / "x.wav" for folder in "ab"]
    for path in files:
        path.parent.mkdir()
        soundfile.write(path, talk[: 3 * RATE], RATE)
    assert main(["predict", "--html", str(tmp_path / "page.html"), *map(str, files)]) == 0
    assert set(pd.read_csv(io.StringIO(capfd.readouterr().out))["path"]) == set(map(str, files))
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'href="a/x.wav"' in html and 'href="b/x.wav"' in html


def test_the_examples_of_the_documentation_run(talk, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("a.wav", talk, RATE)
    soundfile.write("b.flac", talk[: 3 * RATE], RATE)
    text = (Path(__file__).parents[3] / "docs" / "predict.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0] + "print(*frame.columns)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == COLUMNS and (tmp_path / "mine.json").exists()


def test_the_page_says_what_was_measured() -> None:
    scores = pd.read_csv(Path(__file__).parents[3] / "docs" / "results" / "ready" / "scores.csv")
    measured = scores[scores["frequencies"] == "as recorded"].groupby("model")["ua"]
    for adapted, model in ((False, "as it is"), (True, "adapted")):
        ua = measured.get_group(model)
        assert RANGES[adapted] == f"{ua.min():.0f} to {ua.max():.0f}"


@pytest.mark.parametrize(
    "change",
    [{"model": {}}, {"adapted": 5}, {"said": ["x"]}, {"model": {"corpora": [1], "version": "1", "terms": ""}}],
)
def test_a_damaged_saved_model_is_refused_in_one_line(talk, capfd, tmp_path: Path, change: dict[str, Any]) -> None:
    mine = tmp_path / "mine.json"
    Predictor.default().adapt([(talk, RATE)]).save(mine)
    content = json.loads(mine.read_text())
    content["run"] |= change
    mine.write_text(json.dumps(content))
    assert main(["predict", "--checkpoint", str(mine), "talk.wav"]) == 1
    assert capfd.readouterr().err == (
        f"Error: {mine}: its header is damaged (of what model it is); adapt it again with --save-adapted\n"
    )


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--statistics=files", "statistics: 'files' is not for this checkpoint, whose functionals are those of the re"),
        ("--model=x", "x: "),
        ("--adapt=on", "--adapt: not with --checkpoint; begin with the model of nnpm"),
    ],
)
def test_options_of_studies_are_refused_with_an_adapted_model(talk, capfd, tmp_path: Path, option, line) -> None:
    soundfile.write(tmp_path / "talk.wav", talk, RATE)
    mine = tmp_path / "mine.json"
    Predictor.default().adapt([(talk, RATE)]).save(mine)
    assert main(["predict", "--checkpoint", str(mine), option, str(tmp_path / "talk.wav")]) == 1
    assert f"Error: {line}" in capfd.readouterr().err


def test_nothing_is_saved_that_is_not_adapted(talk, capfd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", talk[: 3 * RATE], RATE)
    assert main(["predict", "--save-adapted", str(tmp_path / "mine.json"), str(tmp_path / "talk.wav")]) == 0
    assert "mine.json: not written, since nothing was adapted\n" in capfd.readouterr().err
    assert main(["predict", "--save-adapted", str(tmp_path / "mine.txt"), str(tmp_path / "talk.wav")]) == 1
    assert capfd.readouterr().err.startswith("Error: ") and not list(tmp_path.glob("mine*"))


def test_the_page_knows_how_long_a_recording_is_and_all_its_notes(capfd, tmp_path: Path) -> None:
    faint = 2e-4 * np.sin(np.arange(4 * RATE) / 9)
    soundfile.write(tmp_path / "hum.wav", faint, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "talk.wav", np.concatenate([voice("angry", 0), np.zeros(60 * RATE)]), RATE)
    assert main(["predict", "--html", str(tmp_path / "page.html"), str(tmp_path)]) == 0
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert re.search(r"1 min 0\d s</td>", html), "the length of the file, not of what is labelled"
    assert "hardly any sound" in html and "may be no speech" in html


def test_windows_are_kept_by_an_adapted_model(talk: np.ndarray, tmp_path: Path) -> None:
    labeller = Predictor.default(Windows(3, 1)).adapt([(talk, RATE)])
    assert labeller.adapted and labeller.said.startswith("adapted to 5 parts of 1 recording, without labels; fewer")
    labeller.save(tmp_path / "mine.json")
    again = Predictor.load(tmp_path / "mine.json", windows=Windows(3, 1))
    pd.testing.assert_frame_equal(again.predict((talk, RATE)), labeller.predict((talk, RATE)))
    with pytest.raises(InputError, match="adapted before"):
        again.adapt([(talk, RATE)])  # type: ignore[attr-defined]


def test_what_cannot_be_used_is_told_in_python(talk: np.ndarray, tmp_path: Path) -> None:
    labeller = Predictor.default()
    for sounds, line in (([tmp_path / "absent.wav"], "absent.wav: "), (tmp_path, "a folder; give the files in it")):
        with pytest.raises(InputError, match=line):
            labeller.adapt(sounds)
        with pytest.raises(InputError, match=line):
            labeller.predict(sounds)
    told = list[InputError]()
    assert labeller.adapt([tmp_path / "absent.wav", (talk, RATE)], on_error=told.append).adapted and len(told) == 1


def test_a_frame_without_paths_is_refused() -> None:
    with pytest.raises(InputError, match="no column path among file, other"):
        Predictor.default().predict(pd.DataFrame({"file": ["a.wav"], "other": [1]}))
