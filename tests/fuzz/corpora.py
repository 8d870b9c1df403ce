"""Folders with odd names, annotation files, own manifests."""

import os
from pathlib import Path

from hypothesis import strategies as st

from nnpm import CLASSES, corpora
from nnpm.corpora import own
from nnpm.corpora.adapters.ekorpus import CORPUS as EKORPUS
from nnpm.corpora.adapters.iemocap import CORPUS as IEMOCAP
from tests.fuzz.engine import Parser, refused_or_right
from tests.fuzz.mutations import TEXT, edited

#: Audio files that each adapter takes, and what lies beside them.
NAMES = {
    "iemocap": ["Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"],
    "urdu": ["Angry/SM1_F10_A010.wav", "Happy/SF2_F1_H001.wav"],
    "ekorpus": ["105.wav", "105.TextGrid"],
    "shemo": ["female/F01A01.wav", "male/M02W11.wav"],
    "emodb": ["wav/03a01Fa.wav", "wav/16b10Lb.wav"],
    "ravdess": ["Actor_16/03-01-05-01-02-01-16.wav", "Actor_01/03-02-01-01-01-01-01.wav"],
    "cremad": ["AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1091_IEO_HAP_HI.wav"],
}


def right(clips: list[corpora.Clip]) -> None:
    """Clips that the rest of the library can use."""
    assert clips, "no clip and no complaint"
    assert len({clip.utterance for clip in clips}) == len(clips)
    for clip in clips:
        assert clip.speaker and clip.label in (None, *CLASSES) and clip.gender in (None, "f", "m")
        for text in (clip.path.as_posix(), clip.utterance, clip.speaker, clip.emotion or ""):
            text.encode("utf-8")  # as in the manifest


# --- File names -------------------------------------------------------------------------------------------------------

ODD_NAMES = [*TEXT, b".wav", b".WAV", b".flac", b".", b"~", b"*", b"?", b"\\", b"\n", "ä".encode(), "٣".encode(), b"0"]


@st.composite
def trees(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A corpus, and the paths of files in its folder."""
    corpus = draw(st.sampled_from(sorted(NAMES)))
    seeds = [name.encode() for name in NAMES[corpus]]
    return corpus, [*seeds[: draw(st.integers(0, 2))], *draw(st.lists(edited(seeds, ODD_NAMES, 64), max_size=3))]


def names(folder: Path, tree: tuple[str, list[bytes]]) -> None:
    corpus, paths = tree
    place = os.fsencode(folder / corpus)
    os.mkdir(place)  # noqa: PTH102
    evaluation = folder / corpus / "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
    if corpus == "iemocap":
        evaluation.parent.mkdir(parents=True)
        evaluation.write_text(EVALUATION, encoding="utf-8")
    for path in paths:
        whole = os.path.normpath(os.path.join(place, path.replace(b"\0", b"").lstrip(b"/")))  # noqa: PTH118
        if not whole.startswith(place + b"/"):
            continue
        try:
            os.makedirs(os.path.dirname(whole), exist_ok=True)  # noqa: PTH103, PTH120
            with open(whole, "wb") as file:  # noqa: PTH123
                file.write(SHORT.encode() if whole.lower().endswith(b".textgrid") else b"")
        except OSError:  # a name that is too long, a folder in the file's place
            continue
    with refused_or_right(folder):
        right(corpora.get(corpus).find(folder / corpus))
    with refused_or_right(folder):
        for name in corpora.files(corpora.get(corpus), folder):
            name.encode("utf-8")
    for block in corpora.missing({corpus: corpora.get(corpus)}, folder):
        assert corpus in block


# --- Annotation files -------------------------------------------------------------------------------------------------

SHORT = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n1\n'
    '"IntervalTier"\n"emotion"\n0\n1\n1\n0\n1\n"joy"\n'
)
LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = "mis on"
        intervals [2]:
            xmin = 1.5
            xmax = 2.5
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "emotion"
        xmin = 0
        xmax = 2.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2.5
            text = "anger"
"""
GRIDS = [text.encode(code) for text in (SHORT, LONG) for code in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")]
GRIDS += [SHORT.replace("\n", "\r\n").encode(), LONG.replace("\n", "\r\n").encode(), LONG.replace("\n", "\r").encode()]
GRIDS += [LONG.replace("IntervalTier", "TextTier").encode(), LONG.replace("mis on", "mis ön").encode("latin-1")]
PRAAT = [*TEXT, b'"IntervalTier"', b'"TextTier"', b"intervals [1]:", b"text =", b"xmin = ", b"<exists>", b"item [1]:"]


def text_grid(folder: Path, content: bytes) -> None:
    (folder / "105.wav").touch()
    path = folder / "105.TextGrid"
    path.write_bytes(content)
    with refused_or_right(path):
        right(EKORPUS.find(folder))


EVALUATION = (
    "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
    "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\nC-E2:\tNeutral;\t()\n"
    "A-E3:\tval 3; act 2; dom  2;\t()\n\n"
    "[10.0100 - 11.3925]\tSes01F_impro01_F001\txxx\t[2.5000, 2.5000, 2.5000]\nC-F1:\tAnger;\t(irritated)\n"
)
EVALUATIONS = [EVALUATION.encode(code) for code in ("utf-8", "utf-8-sig", "utf-16")]
EVALUATIONS += [EVALUATION.replace("\n", "\r\n").encode(), EVALUATION.replace("irritated", "irrité").encode("latin-1")]


def evaluation(folder: Path, content: bytes) -> None:
    scene = folder / "Session1" / "sentences" / "wav" / "Ses01F_impro01"
    scene.mkdir(parents=True)
    (scene / "Ses01F_impro01_F000.wav").touch()
    path = folder / "Session1" / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with refused_or_right(path):
        right(IEMOCAP.find(folder))


# --- Own manifests ----------------------------------------------------------------------------------------------------

ROWS = (
    'path,label,speaker,gender,split\na.wav,angry,01,f,train\n"b, c.wav",Happy,"x ""y""",Male,test\nä.wav,,02,,train\n'
)
MANIFESTS = [ROWS.encode(code) for code in ("utf-8", "utf-8-sig", "utf-16", "latin-1")]
MANIFESTS += [ROWS.replace("\n", "\r\n").encode(), ROWS.replace(",", ";").encode(), b"path,speaker\na.wav,1\n"]
CELLS = st.sampled_from(
    ["", "a.wav", "b, c.wav", "ä.wav", "./a.wav", "../a.wav", "/a.wav", "sad", "f", "train", "a" * 300]
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A manifest whose cells are any text."""
    columns = draw(st.permutations(["path", "speaker", *draw(st.sets(st.sampled_from(["label", "gender", "split"])))]))
    rows = draw(
        st.lists(st.lists(st.one_of(CELLS, st.text(max_size=12)), min_size=len(columns), max_size=len(columns)))
    )
    lines = [columns, *rows]
    quoted = [",".join(f'"{cell}"' if draw(st.booleans()) else cell for cell in line) for line in lines]
    return "\n".join(quoted).encode("utf-8", "surrogatepass")


def own_manifest(folder: Path, content: bytes) -> None:
    for name in ("a.wav", "b, c.wav", "ä.wav"):
        (folder / name).touch()
    path = folder / "mine.csv"
    path.write_bytes(content)
    corpus = own.from_manifest("mine", path)
    with refused_or_right(path, folder):
        right(corpus.find(folder))
        assert str(path) in corpora.files(corpus, folder)


PARSERS = [
    Parser("file names of all adapters", trees(), names),
    Parser("TextGrid", edited(GRIDS, PRAAT, 600), text_grid),
    Parser("IEMOCAP evaluation", edited(EVALUATIONS, [*TEXT, b"[1 - 2]", b"ang", b"\t"], 400), evaluation),
    Parser("own manifest, edited", edited(MANIFESTS, [*TEXT, b"path", b"a.wav", b"../", b"/"], 200), own_manifest),
    Parser("own manifest, any cells", tables(), own_manifest),
]
