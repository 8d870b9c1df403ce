"""The model that comes with the package, as people call it: the command without a checkpoint, and in Python."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from nnpm import CLASSES, Predictor
from nnpm.errors import InputError
from nnpm.prediction.cli import main
from nnpm.prediction.ready import ENOUGH
from small_study import SmallStudy

NEEDLESS = {"torch", "safetensors", "sklearn", "snakemake", "jsonschema", "matplotlib", "praatio", "tabulate"}
COLUMNS = ["path", "start", "end", "predicted", *CLASSES, "sure", "speech"]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of noises: as many as are adapted to, of different colours and lengths."""
    folder, random = tmp_path_factory.mktemp("recordings"), np.random.default_rng(0)
    for number in range(ENOUGH):
        sound = np.cumsum(random.normal(size=6400 + 100 * number)) if number % 2 else random.normal(size=8000)
        swell = 0.5 + 0.4 * np.sin(np.arange(len(sound)) / (200 + 20 * number))
        soundfile.write(folder / f"{number:02}.wav", 0.5 * swell * sound / np.abs(sound).max(), 16000)
    return folder


def call(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, pd.DataFrame, list[str]]:
    status = main(["predict", *map(str, arguments)])
    out, err = capfd.readouterr()
    return status, pd.read_csv(io.StringIO(out)) if out else pd.DataFrame(), err.splitlines()


def test_a_folder_is_labelled_adapted_and_kept(recordings: Path, capfd, tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    status, table, notes = call(capfd, recordings, "--adapt", "on", "--save-adapted", mine)
    assert status == 0 and list(table) == COLUMNS and len(table) == ENOUGH
    assert notes == [f"Note: adapted to {ENOUGH} recordings, without labels"]
    np.testing.assert_allclose(table[list(CLASSES)].sum(axis=1), 1, atol=1e-5)
    status, again, notes = call(capfd, recordings, "--checkpoint", mine)
    assert (status, notes) == (0, [])
    pd.testing.assert_frame_equal(again, table)


def test_a_folder_may_be_of_one_speaker(recordings: Path, capfd, tmp_path: Path) -> None:
    """The same by the command and by a frame; without it all files are of anyone."""
    paths = sorted(recordings.iterdir())
    colours = [int(number // 2 >= (2 if number % 2 else 8)) for number in range(20)] + [2] * (ENOUGH - 20)
    for number, path in zip(colours, paths, strict=True):  # two of the speakers have more of one noise each
        own = tmp_path / f"speaker {number}"
        own.mkdir(exist_ok=True)
        (own / path.name).symlink_to(path)
    options = (tmp_path, "--adapt=on")
    _, anyone, _ = call(capfd, *options)
    status, known, notes = call(capfd, *options, "--speaker-folders")
    assert (status, notes) == (0, [f"Note: adapted to {ENOUGH} recordings, without labels, knowing 3 speakers"])
    assert np.abs(known[list(CLASSES)] - anyone[list(CLASSES)]).to_numpy().max() > 1e-3
    frame = pd.DataFrame({"path": known["path"], "speaker": [Path(path).parent.name for path in known["path"]]})
    again = Predictor.default().adapt(frame).predict(frame)
    np.testing.assert_allclose(again[list(CLASSES)], known[list(CLASSES)], atol=1e-6)
    turned = frame[::-1]  # names go by their place, not by the index
    again = Predictor.default().adapt(turned["path"].tolist(), speakers=turned["speaker"]).predict(frame)
    np.testing.assert_allclose(again[list(CLASSES)], known[list(CLASSES)], atol=1e-6)
    one = Predictor.default().adapt(frame.assign(speaker="x"))
    assert one.said.endswith("without labels; who speaks is left aside: there is one alone")
    each = Predictor.default().adapt(frame.assign(speaker=frame["path"]))
    assert each.said.endswith("without labels; who speaks is left aside: there is one recording of each")
    status, _, notes = call(capfd, tmp_path, "--adapt=off", "--speaker-folders")
    assert status == 1 and notes == [
        "Error: --speaker-folders: it is adapting that uses speakers; leave out --adapt off"
    ]
    unknown = Predictor.default().adapt(frame.assign(speaker=None)).predict(frame)
    np.testing.assert_allclose(unknown[list(CLASSES)], anyone[list(CLASSES)], atol=1e-6)
    for speakers, fault in ((["x"], "1 names for 30 sounds; give one for each"), ("x", "'x' is one name; give a list")):
        with pytest.raises(InputError, match=f"speakers: {fault}"):
            Predictor.default().adapt(frame["path"].tolist(), speakers=speakers)


def test_names_of_speakers_go_with_their_sounds_where_some_cannot_be_used(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"")
    paths = [str(path) for path in sorted(recordings.iterdir())]
    names = [f"s{number // 2 % 4}" for number in range(len(paths))]
    plain = Predictor.default().adapt(paths, speakers=names)
    bad = Predictor.default().adapt([tmp_path / "bad.wav", *paths], speakers=["b", *names], on_error=lambda _: None)
    pd.testing.assert_frame_equal(bad.predict(paths), plain.predict(paths))


def test_few_files_are_labelled_as_it_is_whatever_is_beside_them(recordings: Path, capfd) -> None:
    one, two = sorted(recordings.iterdir())[:2]
    _, both, notes = call(capfd, one, two)
    assert len(notes) == 1 and notes[0].startswith("Note: only 2 recordings: labels are those of the model as it is")
    _, alone, _ = call(capfd, one, "--adapt", "off")
    pd.testing.assert_frame_equal(alone, both[:1])


def test_one_bad_file_of_ten_leaves_the_others(recordings: Path, capfd, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"")
    status, table, notes = call(capfd, *sorted(recordings.iterdir())[:9], tmp_path / "bad.wav")
    assert status == 1 and len(table) == 9 and sum("bad.wav" in line for line in notes) == 1
    status, table, notes = call(capfd, tmp_path / "bad.wav")
    assert status == 1 and table.empty and not any("recordings" in line for line in notes)


@pytest.mark.parametrize("option", ["--adapt=on", "--save-adapted=x.json", "--speaker-folders"])
def test_a_studys_checkpoint_is_not_adapted(recordings: Path, capfd, option: str) -> None:
    status, _, notes = call(capfd, recordings, "--checkpoint", "x.json", option)
    assert status == 1 and notes == [
        f"Error: {option.split('=')[0]}: not with --checkpoint; begin with the model of nnpm"
    ]


@pytest.mark.parametrize("option", ["--statistics=files", "--model=x"])
def test_options_of_checkpoints_need_one(recordings: Path, capfd, option: str) -> None:
    status, _, notes = call(capfd, recordings, option)
    assert status == 1 and notes == [f"Error: {option.split('=')[0]}: only with --checkpoint"]


def test_in_python(recordings: Path) -> None:
    files = sorted(recordings.iterdir())
    predictor = Predictor.default()
    plain = predictor.predict(files)
    adapted = predictor.adapt(files)
    assert adapted.said == f"adapted to {ENOUGH} recordings, without labels" and predictor.said == ""
    assert list(plain) == COLUMNS and (adapted.predict(files)[list(CLASSES)] != plain[list(CLASSES)]).any(axis=None)
    samples = [soundfile.read(path) for path in files]
    in_memory = predictor.adapt(samples).predict(samples)
    pd.testing.assert_frame_equal(in_memory.drop(columns="path"), adapted.predict(files).drop(columns="path"))
    with pytest.raises(InputError, match="absent"):
        predictor.adapt(files).predict("absent.wav")


def test_it_needs_neither_pytorch_nor_scikit_learn_nor_the_studys_packages(recordings: Path) -> None:
    code = f"""
import sys
from nnpm.prediction.cli import main
status = main(["predict", {str(min(recordings.iterdir()))!r}])
sys.exit(status or ", ".join({{name.partition(".")[0] for name in sys.modules}} & {NEEDLESS!r}) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [["predict", "a.wav"], ["export", "x.onnx"]])
@pytest.mark.parametrize("package", ["safetensors", "torch"])
def test_without_the_studys_packages_a_backbone_is_refused_in_one_line(command, package, small: SmallStudy) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from nnpm.prediction.cli import main
sys.exit(main({[*command, "--checkpoint", str(small.checkpoint)]!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith(f"Error: {small.checkpoint}: a backbone needs the package")
    assert package in done.stderr and done.stderr.count("\n") == 1


def test_the_version_names_the_model_and_its_terms(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert not ended.value.code and "CC BY-NC-SA 4.0" in capsys.readouterr().out
