"""Where corpora lie: found by the configuration, kept out of what results depend on, and noticed when it changes."""

import os
import shutil
from pathlib import Path

import pytest

import trees
from nnpm import corpora
from nnpm.corpora import manifest, own
from nnpm.files import write_csv
from nnpm.workflow import places

DEFAULTS = {"corpora_dir": "resources/corpora", "manifests": {}, "front_ends": {}}
HOME = str(Path.home())


@pytest.mark.parametrize(
    ("configured", "environment", "place"),
    [
        ("resources/corpora", None, "resources/corpora"),
        ("resources/corpora", "", "resources/corpora"),
        ("resources/corpora", "/data/speech", "/data/speech"),
        ("resources/corpora", "~/speech", f"{HOME}/speech"),
        ("resources/toy", "/data/speech", "resources/toy"),  # what is configured wins
        ("~/speech", None, f"{HOME}/speech"),
        ("~nobody-of-this-name/speech", None, "~nobody-of-this-name/speech"),
    ],
)
def test_the_environment_overrides_the_default_alone(monkeypatch, configured, environment, place):
    if environment is None:
        monkeypatch.delenv("NNPM_CORPORA_DIR", raising=False)
    else:
        monkeypatch.setenv("NNPM_CORPORA_DIR", environment)
    assert places.located(DEFAULTS | {"corpora_dir": configured}, DEFAULTS)["corpora_dir"] == place


LISTS = {"one": "~/lists/one.csv", "two": {"path": "~/two.tsv", "root": "~/audio", "columns": {"path": "~"}}}


def test_lists_are_found_in_the_home_folder():
    found = places.located(DEFAULTS | {"manifests": LISTS}, DEFAULTS)["manifests"]
    assert found["one"] == f"{HOME}/lists/one.csv"
    assert found["two"] == {"path": f"{HOME}/two.tsv", "root": f"{HOME}/audio", "columns": {"path": "~"}}


def test_results_do_not_depend_on_where_lists_lie_or_what_their_files_are_called():
    models = {"here": {"model": "/models/x", "layer": 3}, "hub": {"model": "a/b", "revision": "0" * 40}}
    kept = places.without({"name": "x", "corpora_dir": "/a", "manifests": LISTS, "front_ends": models})
    lists = {"one": {"path": "one"}, "two": {"path": "two", "root": "two", "columns": {"path": "~"}}}
    assert kept == {
        "name": "x",
        "manifests": lists,
        "front_ends": {"here": {"model": "here", "layer": 3}, "hub": models["hub"]},
    }


def test_models_are_found_in_the_home_folder():
    models = {"here": {"model": "~/x"}, "hub": {"model": "a/b", "revision": "0" * 40}}
    found = places.located(DEFAULTS | {"front_ends": models}, DEFAULTS)["front_ends"]
    assert found == {"here": {"model": f"{HOME}/x"}, "hub": models["hub"]}


class Checked:
    """What `check` has written about a corpus, and how planning sees the corpus."""

    def __init__(self, corpus, folder, results):
        self.corpus, self.results = corpus, results
        results.mkdir()
        sizes = {"duration": 7.5, "test_size": 0.33, "split_seed": 0, "skip_unreadable": False}
        check = manifest.build(corpus, folder, ["target"], **sizes)
        write_csv(results / "manifest.csv", check.manifest)
        write_csv(results / "audio.csv", check.manifest[["utterance", "start", "end", "sha256"]])
        write_csv(results / "paths.csv", check.paths)
        (results / "fingerprint.txt").write_text(f"{self.seen(corpus, folder)[0]}\n")

    def seen(self, corpus, folder):
        files = corpora.files(corpus, folder.parent)
        root = corpora.root(corpus, folder, files)
        return corpora.content(files, root), files, root

    def has_moved(self, folder, corpus=None):
        return places.has_moved(self.results, *self.seen(corpus or self.corpus, folder))


@pytest.fixture
def emodb(tmp_path):
    names = [f"wav/{speaker}a01{letter}a.wav" for speaker in ("03", "15", "16") for letter in "WFTNL"]
    folder = trees.tones(tmp_path / "here" / "emodb", names)
    for path in folder.rglob("*.wav"):
        os.utime(path, (1e9, 1e9))
    return folder


@pytest.fixture
def checked(emodb, tmp_path):
    return Checked(corpora.get("emodb"), emodb, tmp_path / "results")


def test_a_corpus_that_stays_has_not_moved(checked, emodb):
    assert not checked.has_moved(emodb)


@pytest.mark.parametrize("way", ["moved", "copied", "linked", "spelled"])
def test_a_corpus_that_moves(checked, emodb, tmp_path, way, monkeypatch):
    there = tmp_path / "there" / "emodb"
    there.parent.mkdir()
    if way == "moved":
        emodb.rename(there)
    elif way == "copied":
        shutil.copytree(emodb, there, copy_function=shutil.copyfile)  # its dates are those of now
    elif way == "linked":
        there.symlink_to(emodb)
    else:
        monkeypatch.chdir(tmp_path)
        there = Path("here/emodb")
    assert checked.has_moved(there)


def replaced(folder):
    path = folder / "wav" / "03a01Fa.wav"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def another_edition(folder):
    """Of the same sizes, made before the check."""
    replaced(folder)
    os.utime(folder / "wav" / "03a01Fa.wav", (1e9, 1e9))


def shortened(folder):
    path = folder / "wav" / "03a01Fa.wav"
    path.write_bytes(path.read_bytes()[:-100])
    os.utime(path, (1e9, 1e9))


def renamed(folder):
    (folder / "wav" / "03a01Fa.wav").rename(folder / "wav" / "03a01Fb.wav")


def gone(folder):
    (folder / "wav" / "03a01Fa.wav").unlink()


@pytest.mark.parametrize("change", [replaced, another_edition, shortened, renamed, gone])
def test_a_corpus_that_moves_and_changes_is_another(checked, emodb, tmp_path, change):
    there = tmp_path / "there" / "emodb"
    shutil.copytree(emodb, there)
    assert checked.has_moved(there)
    change(there)
    assert not checked.has_moved(there)


@pytest.mark.parametrize("file", ["fingerprint.txt", "paths.csv", "manifest.csv", "audio.csv"])
def test_what_check_has_not_written_is_no_move(checked, emodb, tmp_path, file):
    emodb.rename(tmp_path / "emodb")
    (checked.results / file).write_text("?\n")
    assert not checked.has_moved(tmp_path / "emodb")
    (checked.results / file).unlink()
    assert not checked.has_moved(tmp_path / "emodb")


def test_a_list_moves_with_its_audio_whatever_the_folders(tmp_path):
    """Audio beside and above the list, some named by absolute paths; the list alone may move as well."""
    here = tmp_path / "corpora" / "mine"
    trees.tones(tmp_path / "corpora", ["mine/wav/one.wav", "mine/wav/two.wav", "other/three.wav"])
    far = trees.tones(tmp_path / "far", ["four.wav"]) / "four.wav"
    rows = ["wav/one.wav,sad,a", "wav/two.wav,sad,b", "../other/three.wav,angry,c"]
    for listed, moved in ((rows, True), ([*rows, f"{far},sad,d"], False)):  # what is elsewhere did not move along
        (here / "mine.csv").write_text("\n".join(["path,label,speaker", *listed]))
        results = tmp_path / f"results{len(listed)}"
        checked = Checked(own.from_manifest("mine", here / "mine.csv"), here, results)
        assert not checked.has_moved(here)
        there = tmp_path / f"moved{len(listed)}"
        shutil.copytree(tmp_path / "corpora", there)
        assert checked.has_moved(there / "mine", own.from_manifest("mine", there / "mine" / "mine.csv")) == moved


def test_a_map_of_numbers_and_words_has_a_digest():
    assert places.digest([{0: "angry", "bliss": "happy"}]) == places.digest([{"bliss": "happy", "0": "angry"}])
