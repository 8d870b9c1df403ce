"""Corpora that are declared by the names of their files: each on all names that were published.

Most names follow a rule. Those of seven corpora do not: `names.tsv.xz` lists them (corpus, path).
"""

import lzma
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

import trees
from nnpm import CLASSES, corpora
from nnpm.corpora import named
from nnpm.errors import InputError

LISTED = Path(__file__).with_name("names.tsv.xz")


def _listed(name: str) -> Iterator[str]:
    with lzma.open(LISTED, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        yield from (path for corpus, path in rows if corpus == name)


def _savee() -> Iterator[str]:
    for speaker, emotion in product(("DC", "JE", "JK", "KL"), ("a", "d", "f", "h", "n", "sa", "su")):
        for number in range(1, 31 if emotion == "n" else 16):
            yield f"AudioData/{speaker}/{emotion}{number:02}.wav"


def _cafe() -> Iterator[str]:
    for actor, emotion, intensity, sentence in product(range(1, 13), "CDJNPST", (1, 2), range(1, 7)):
        if (emotion, intensity) != ("N", 2):
            yield f"CaFE_48k/{emotion}/{intensity}/{actor:02}-{emotion}-{intensity}-{sentence}.wav"


def _subesco() -> Iterator[str]:
    emotions = ("ANGRY", "DISGUST", "FEAR", "HAPPY", "NEUTRAL", "SAD", "SURPRISE")
    for gender, actor, sentence, emotion, take in product("FM", range(1, 11), range(1, 11), emotions, range(1, 6)):
        odd = "]" if (gender, actor, sentence, emotion, take) == ("F", 2, 2, "SURPRISE", 3) else ""
        yield f"{gender}_{actor:02}_NAME_S_{sentence}_{emotion}_{take}{odd}.wav"


def _esd() -> Iterator[str]:
    for speaker, (block, emotion) in product(range(1, 21), enumerate(("Neutral", "Angry", "Happy", "Sad", "Surprise"))):
        for number in range(350):
            yield f"{speaker:04}/{emotion}/{speaker:04}_{350 * block + number + 1:06}.wav"


def _banglaser() -> Iterator[str]:
    for emotion, sentence, take, speaker in product(range(1, 6), range(1, 4), range(1, 4), range(1, 35)):
        if emotion < 5 or speaker <= 27:
            yield f"Actor_{speaker:02}/03-01-{emotion:02}-01-{sentence:02}-{take:02}-{speaker:02}.wav"


def _rule(pattern: str, *choices: object) -> Callable[[], Iterator[str]]:
    """Every combination of the choices, filled into a pattern."""
    return lambda: (pattern.format(*chosen) for chosen in product(*choices))  # type: ignore[call-overload]


NAMES: dict[str, Callable[[], Iterator[str]]] = {
    "emovo": _rule(
        "{0}/{1}-{0}-{2}.wav",
        ("f1", "f2", "f3", "m1", "m2", "m3"),
        ("dis", "gio", "neu", "pau", "rab", "sor", "tri"),
        ["b1", "b2", "b3", "d1", "d2", "l1", "l2", "l3", "l4", "n1", "n2", "n3", "n4", "n5"],
    ),
    "savee": _savee,
    "tess": _rule(
        "{}_{}_{}.wav",
        ("OAF", "YAF"),
        [chr(97 + number // 26) + chr(97 + number % 26) for number in range(200)],
        ("angry", "disgust", "fear", "happy", "neutral", "ps", "sad"),
    ),
    "cafe": _cafe,
    "subesco": _subesco,
    "esd_english": _esd,
    "esd_mandarin": _esd,
    "jlcorpus": _rule(
        "JL(wav+txt)/{}_{}_{}{}_{}.wav",
        ("female1", "female2", "male1", "male2"),
        (
            *("angry", "anxious", "apologetic", "assertive", "concerned"),
            *("encouraging", "excited", "happy", "neutral", "sad"),
        ),
        range(1, 16),
        "ab",
        (1, 2),
    ),
    "casia": _rule(
        "{}/{}/{}.wav",
        ("liuchanhg", "wangzhe", "zhaoquanyin", "zhaozuoxiang"),
        ("angry", "fear", "happy", "neutral", "sad", "surprise"),
        range(201, 251),
    ),
    "banglaser": _banglaser,
    "kannada": _rule("{:02}-{:02}-{:02}.wav", range(1, 14), range(1, 7), range(1, 7)),
    **{name: lambda name=name: _listed(name) for name in ("aesdd", "emovdb", "mead", "mesd", "nemo", "oreau", "resd")},
}
#: Files, speakers, women and men among them; known bad files that `NAMES` lacks.
EXPECTED = {
    "emovo": (588, 6, 3, 3),
    "savee": (480, 4, 0, 4),
    "tess": (2800, 2, 2, 0),
    "cafe": (936, 12, 6, 6),
    "subesco": (7000, 20, 10, 10),
    "esd_english": (35000, 10, 0, 0),
    "esd_mandarin": (35000, 10, 0, 0),
    "jlcorpus": (2400, 4, 2, 2),
    "casia": (1200, 4, 0, 0),
    "banglaser": (1467, 34, 17, 17),
    "kannada": (468, 13, 0, 0),
    "aesdd": (604, 6, 0, 0),
    "emovdb": (6887, 4, 2, 2),
    "mead": (31729, 48, 21, 27),
    "mesd": (862, 3, 1, 1),
    "nemo": (4481, 9, 4, 5),
    "oreau": (434, 32, 7, 25),
    "resd": (1396, 43, 0, 0),
}


def by_names(monkeypatch: pytest.MonkeyPatch, names: Iterator[str] | list[str]) -> None:
    """The corpus's folder holds these files, without a disk."""
    monkeypatch.setattr(named, "audio_files", lambda folder, levels, example: sorted(folder / name for name in names))


@pytest.mark.parametrize("name", NAMES)
def test_published_names_give_published_counts(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    corpus, (files, speakers, women, men) = corpora.get(name), EXPECTED[name]
    by_names(monkeypatch, NAMES[name]())
    clips = corpus.find(tmp_path)
    used = [clip for clip in clips if clip.label]
    counts = Counter(clip.label for clip in used)
    absent = Counter({"sad": 1} if name == "aesdd" else {})  # the known bad file, which the list lacks
    assert len(clips) == files
    assert {label: counts[label] + absent[label] for label in CLASSES} == corpus.published
    assert len({clip.speaker for clip in used}) == speakers
    genders = Counter(gender for _, gender in {(clip.speaker, clip.gender) for clip in used})
    assert (genders["f"], genders["m"]) == (women, men)
    assert len({clip.utterance for clip in clips}) == files


def test_every_declared_corpus_is_here() -> None:
    declared = {name for name in corpora.NAMES if isinstance(corpora.get(name), named.Named)}
    elsewhere = {"cremad", "emodb", "ravdess", "shemo", "urdu"}  # in test_corpora, with their splits
    assert declared == {*NAMES, *elsewhere, "emozionalmente", "meld"}


def test_layout_of_every_corpus_is_a_file_that_it_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in corpora.NAMES:
        corpus = corpora.get(name)
        if isinstance(corpus, named.Named) and corpus.labels is None:
            by_names(monkeypatch, [corpus.layout])
            assert corpus.find(tmp_path)[0].label in CLASSES


@pytest.mark.parametrize("deeper", ["", "EMOVO/", "download/EMOVO/"])
def test_files_may_lie_at_any_depth(deeper: str, tmp_path: Path) -> None:
    trees.touch(tmp_path, [f"{deeper}f1/rab-f1-b1.wav", f"{deeper}m2/gio-m2-n5.flac", ".cache/rab-f1-b9.wav"])
    clips = corpora.get("emovo").find(tmp_path)
    assert [(clip.speaker, clip.gender, clip.label) for clip in clips] == [("f1", "f", "angry"), ("m2", "m", "happy")]


def test_a_copy_in_another_folder_is_told(tmp_path: Path) -> None:
    trees.touch(tmp_path, ["OAF_back_angry.wav", "copy/OAF_back_angry.wav"])
    with pytest.raises(InputError, match=r"the same utterance name as .*copy"):
        corpora.get("tess").find(tmp_path)


def test_names_that_repeat_from_folder_to_folder_are_told_apart_by_it(tmp_path: Path) -> None:
    trees.touch(tmp_path, ["wangzhe/sad/201.wav", "wangzhe/angry/201.wav", "Liuchang/Sad/201.wav"])
    clips = corpora.get("casia").find(tmp_path)
    assert {clip.utterance for clip in clips} == {"wangzhe/sad/201", "wangzhe/angry/201", "Liuchang/Sad/201"}


def table(path: Path, header: str, *rows: str) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def test_labels_in_a_table(tmp_path: Path) -> None:
    trees.touch(tmp_path, ["audio/1.wav", "audio/2.wav", "audio/3.wav"])
    table(tmp_path / "samples.csv", "actor,emotion_expressed,file_name", "x,joy,1.wav", "y,neutrality,2.wav,more")
    clips = corpora.get("emozionalmente").find(tmp_path)
    assert [(clip.speaker, clip.label, clip.emotion) for clip in clips] == [
        ("x", "happy", "joy"),
        ("y", "neutral", "neutrality"),
        ("speaker", None, "without a label"),
    ]
    assert {clip.annotation for clip in clips[:2]} == {tmp_path / "samples.csv"}
    table(tmp_path / "samples.csv", "file,emotion", "1.wav,joy")
    with pytest.raises(InputError, match=r"samples\.csv: no column or value 'file_name'; fetch it again"):
        corpora.get("emozionalmente").find(tmp_path)
    (tmp_path / "samples.csv").unlink()
    with pytest.raises(InputError, match=r"samples\.csv: label file missing"):
        corpora.get("emozionalmente").find(tmp_path)


def test_parts_with_equal_names_and_a_table_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    header = "Sr No.,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID"
    table(tmp_path / "train_sent_emo.csv", header, '1,"Well, hi",Ross,anger,0,1', "2,no,Joey,joy,125,3")
    table(tmp_path / "dev_sent_emo.csv", header, "1,oh,Monica,sadness,0,1")
    table(tmp_path / "test_sent_emo.csv", header, "1,oh,Monica,surprise,0,1")
    names = ["train/train_splits/dia0_utt1.mp4", "train/train_splits/dia125_utt3.mp4"]
    names += ["dev_splits_complete/dia0_utt1.mp4", "dev_splits_complete/dia66_utt9.mp4"]
    names += ["output_repeated_splits_test/dia0_utt1.mp4", "output_repeated_splits_test/final_videos_testdia1_utt0.mp4"]
    by_names(monkeypatch, names)
    corpus = corpora.get("meld")
    assert {clip.utterance: (clip.label, clip.emotion) for clip in corpus.find(tmp_path)} == {
        "train_splits/dia0_utt1": ("angry", "anger"),
        "train_splits/dia125_utt3": ("happy", "joy"),
        "dev_splits_complete/dia0_utt1": ("sad", "sadness"),
        "dev_splits_complete/dia66_utt9": (None, "without a label"),
        "output_repeated_splits_test/dia0_utt1": (None, "surprise"),
        "final_videos_testdia1_utt0": (None, "without a label"),
    }
    assert "train_splits/dia125_utt3" in corpus.flawed


LIST = """- prompt: spike0001
  text: 'A sentence that
    goes on: and on'
  style: angry
  start: 0.0
  end: 2.34
  segments:
  - {lab: H#, end: 0.41}
- prompt: m0001
  text: Short.
  style: angry
  start: 2.34
  end: 5.94
  segments:
  - {lab: _, end: 0.41}
"""


def test_utterances_of_one_long_recording(tmp_path: Path) -> None:
    trees.touch(tmp_path, ["pavoque-angry.flac", "pavoque-outtakes.flac", "pavoque-sad.flac"])
    (tmp_path / "pavoque-angry.yaml").write_text(LIST, encoding="utf-8")
    (tmp_path / "pavoque-sad.yaml").write_text(LIST.replace("angry", "sad"), encoding="utf-8")
    corpus = corpora.get("pavoque")
    clips = corpus.find(tmp_path)
    assert [(clip.utterance, clip.label, clip.start, clip.end) for clip in clips] == [
        ("angry/spike0001", "angry", 0.0, 2.34),
        ("angry/m0001", "angry", 2.34, 5.94),
        ("sad/spike0001", "sad", 0.0, 2.34),
        ("sad/m0001", "sad", 2.34, 5.94),
    ]
    (tmp_path / "pavoque-sad.yaml").write_text(LIST.replace("  end: 5.94\n", ""), encoding="utf-8")
    with pytest.raises(InputError, match=r"pavoque-sad\.yaml: not a list of utterances .* fetch it again"):
        corpus.find(tmp_path)
