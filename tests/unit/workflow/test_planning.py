"""Planning stays light: it imports little, and reads no more of a corpus than it takes to name its files."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nnpm import corpora
from trees import iemocap, published

ROOT = Path(__file__).parents[3]
HEAVY = {"torch", "librosa", "sklearn", "matplotlib", "scipy", "soundfile", "praatio"}

#: Plans the whole study within this process, as `snakemake` does, and prints what has been imported.
PLAN = """
import sys
from snakemake.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *sorted(name for name in sys.modules if "." not in name))
"""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper's corpora, all but the source in their published size."""
    folder = tmp_path_factory.mktemp("trees")
    for name in ("urdu", "ekorpus", "shemo", "emodb"):
        published(folder / name, name)
    iemocap(folder / "iemocap", {"Ses01F_impro01": {"Ses01F_impro01_F000": "neu", "Ses01F_impro01_M000": "fru"}})
    return folder


def test_planning_the_study_imports_nothing_heavy(trees: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNPM_CORPORA_DIR", raising=False)
    overlay = tmp_path / "here.yaml"
    few = {"targets": ["emodb"], "seeds": [0], "figures": {"figure2": {"targets": ["emodb"]}}}
    overlay.write_text(yaml.safe_dump({"corpora_dir": str(trees), **few}), encoding="utf-8")
    places = ["--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(tmp_path)]
    settings = ["--configfile", str(ROOT / "config" / "config.yaml"), str(overlay)]
    command = [sys.executable, "-c", PLAN, "--dry-run", "--cores", "1", *places, *settings]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "rule check:" in done.stdout + done.stderr
    imported = set(done.stdout.rpartition("imported:")[2].split())
    assert "nnpm" in imported and not imported & HEAVY


@pytest.mark.parametrize("name", ["iemocap", "urdu", "ekorpus", "shemo", "emodb"])
def test_the_files_of_a_corpus_are_those_its_clips_come_from(trees: Path, name: str) -> None:
    clips = corpora.get(name).find(trees / name)
    read = {clip.path for clip in clips} | {clip.annotation for clip in clips if clip.annotation}
    assert corpora.files(corpora.get(name), trees) == sorted(map(str, read))


def test_text_grids_are_named_unread(tmp_path: Path) -> None:
    for name in ("105.wav", "105.TextGrid"):
        (tmp_path / "ekorpus").mkdir(exist_ok=True)
        (tmp_path / "ekorpus" / name).write_text("unreadable")
    files = corpora.files(corpora.get("ekorpus"), tmp_path)
    assert [Path(file).name for file in files] == ["105.TextGrid", "105.wav"]
