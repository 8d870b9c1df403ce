"""EKorpus, the Estonian Emotional Speech Corpus (EEKK): read sentences, labelled by listeners.

Owner: Institute of the Estonian Language (EKI), Rene Altrov and Hille Pajupuu. Audio and labels are CC BY
3.0. Public inventories count 1,164 labelled sentences: 306 anger, 271 joy, 249 sadness, 338 neutral. File names do not
identify speakers, so all files count as one female reader. The owners call the speech natural rather than acted, though
it is read: nobody told the reader which emotion to show.

Each `{number}.wav` (44.1 kHz) has a Praat file `{number}.TextGrid` beside it; the first labelled interval of
its tier `emotion` is the label. A TextGrid without audio is skipped, so part of the corpus is enough.
"""

import re
from pathlib import Path

from nnpm.corpora.base import Clip, Corpus, check_unique, match_name, read_text
from nnpm.corpora.folders import audio_files
from nnpm.errors import InputError

_EXAMPLE = "105.wav with 105.TextGrid"
_NAME = re.compile(r"\d+")
_LABELS = {"anger": "angry", "joy": "happy", "sadness": "sad", "neutral": "neutral"}


def _find(folder: Path) -> list[Clip]:
    clips = []
    for path, grid in _pairs(folder):
        emotion = _emotion(grid)
        clips.append(Clip(path, "reader", emotion, _LABELS.get(emotion), "f", annotation=grid))
    return clips


def _list_files(folder: Path) -> list[Path]:
    """List the files without reading the TextGrids, which takes a second."""
    return [file for pair in _pairs(folder) for file in pair]


def _pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Each audio file with its TextGrid."""
    files = audio_files(folder, [], _EXAMPLE)
    check_unique((path.stem, path) for path in files)
    grids: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".textgrid" and not path.name.startswith("."):
            other = grids.setdefault(path.stem, path)
            if other is not path:
                raise InputError(f"{path}: a second label file beside {other}; remove one of them")
    for path in files:
        match_name(_NAME, path, "EKorpus", _EXAMPLE)
        if path.stem not in grids:
            raise InputError(f"{path}: its label file {path.stem}.TextGrid is missing; fetch the corpus again")
    return [(path, grids[path.stem]) for path in files]


def _emotion(path: Path) -> str:
    """The first label of the tier `emotion`; Praat writes UTF-8 or UTF-16, in a short or a long format."""
    from praatio.utilities.textgrid_io import parseTextgridStr  # here, as planning needs no TextGrid reader

    text = read_text(path)
    try:
        tiers = [(str(tier["name"]), tier["entries"]) for tier in parseTextgridStr(text)["tiers"]]
        words = [[str(entry[-1]).strip().lower() for entry in entries] for _, entries in tiers]
    except Exception as error:  # the reader raises IndexError, ValueError and more, by the damage
        raise InputError(f"{path}: not a readable TextGrid ({type(error).__name__}); fetch it again") from error
    for (name, _), labels in zip(tiers, words, strict=True):
        if name.strip().lower() == "emotion":
            if word := next(filter(None, labels), None):
                return word
            raise InputError(f"{path}: the tier emotion holds no label; fetch it again")
    names = ", ".join(name for name, _ in tiers) or "none"
    raise InputError(f"{path}: no tier named emotion (tiers: {names}); fetch it again, or add the tier in Praat")


CORPUS = Corpus(
    name="ekorpus",
    title="EKorpus",
    language="Estonian",
    owner="Institute of the Estonian Language (EKI), Rene Altrov and Hille Pajupuu",
    url=(
        "https://metashare.ut.ee/repository/browse/estonian-emotional-speech-corpus/"
        "4d42d7a8463411e2a6e4005056b40024a19021a316b54b7fb707757d43d1a889/, browsable at http://peeter.eki.ee:5000"
    ),
    terms="CC BY 3.0",
    citation=(
        "Altrov, R., Pajupuu, H.: Estonian Emotional Speech Corpus: theoretical base and implementation. "
        "4th International Workshop on Corpora for Research on Emotion Sentiment & Social Signals (ES3), "
        "Istanbul 2012, pp. 50-53"
    ),
    layout=_EXAMPLE,
    published={"angry": 306, "happy": 271, "sad": 249, "neutral": 338},
    find=_find,
    list_files=_list_files,
    natural=True,
    ask="nobody; download it from that page by hand (it is not fetched for you, as no checksum is published)",
)
