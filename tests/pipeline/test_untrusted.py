"""Names and files that try to be commands, in the workflow as a user runs it; what is refused is in tests/faults."""

import csv
from pathlib import Path

import pandas as pd
import pytest
import soundfile

from workspace import TOY, Workspace

pytestmark = pytest.mark.slow

ALONE = {
    "targets": ["mine"],
    "manifests": {"mine": "my data/own.csv"},
    "tables": {"table1": {"methods": ["nnpm"]}, "table2": None, "table3": None},
    "figures": {"figure2": None},
}
NAMES = [
    *("$(touch pwned)", "`touch pwned`", "; touch pwned #", "x & touch pwned", 'it\'s "q" > pwned', "| tee pwned"),
    *("--option", "-rf", "~", "a b*?[x]", "%s %(x)s", "**", "<img src=x onerror=alert(1)>", "=cmd()", "{x", "s3:x"),
]


def write_corpus(workspace: Workspace, names: list[str]) -> None:
    """EMO-DB's sounds under these names, with speakers called so as well."""
    folder = workspace.folder / "my data"
    folder.mkdir()
    sounds = sorted((workspace.corpora / "emodb" / "wav").iterdir())
    with (folder / "own.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "label", "speaker"])
        for number, (name, sound) in enumerate(zip(names, sounds, strict=False)):
            soundfile.write(folder / f"{name}.wav", *soundfile.read(sound))
            writer.writerow([f"{name}.wav", ("angry", "happy", "sad", "neutral")[number % 4], name])


def pwned(workspace: Workspace) -> list[Path]:
    return [path for path in workspace.folder.rglob("*pwned") if path.suffix != ".wav"]


def test_names_of_files_and_speakers_are_not_run(fresh: Workspace) -> None:
    """A name that a shell or Snakemake takes for something else."""
    write_corpus(fresh, NAMES)
    done = fresh.make("results/toy/features/default/mine.npy", **ALONE)
    assert {"check mine", "extract default mine"} <= set(done.jobs)
    manifest = pd.read_csv(fresh.results / "corpora" / "mine" / "manifest.csv", dtype=str, keep_default_na=False)
    assert manifest["utterance"].tolist() == manifest["speaker"].tolist() == sorted(NAMES)
    assert pwned(fresh) == []
    assert fresh.plan("results/toy/features/default/mine.npy", **ALONE) == [], "nor does anything look changed"


def test_a_folder_of_corpora_is_not_run(fresh: Workspace) -> None:
    """Nor is a folder of one's own taken apart."""
    place = fresh.folder / "$(touch pwned); it's"
    fresh.corpora.rename(place)
    fresh.make("results/toy/corpora/emodb/manifest.csv", corpora_dir=place.name)
    assert pwned(fresh) == []


def test_a_configuration_makes_no_objects(fresh: Workspace) -> None:
    """YAML that is loaded unsafely, from a file or the command line."""
    evil = "note: !!python/object/apply:os.system ['touch pwned']"
    (fresh.folder / "evil.yaml").write_text(f"{evil}\n", encoding="utf-8")
    file = fresh.snakemake("-n", "all", overlays=(*TOY, str(fresh.folder / "evil.yaml")))
    assert file.code == 1 and "Config file is not valid JSON or YAML" in file.text
    option = fresh.snakemake("-n", "all", "--config", evil.replace(": ", "=", 1))
    assert option.code == 0, option.text  # text stays text
    assert pwned(fresh) == [] and not Path("pwned").exists()
