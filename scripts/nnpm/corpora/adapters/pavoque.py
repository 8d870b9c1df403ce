"""PAVOQUE: one German actor, neutral and in four styles.

Owner: Deutsches Forschungszentrum fuer Kuenstliche Intelligenz (DFKI). On GitHub, CC BY-NC-SA 4.0. Published
inventory: 5,442 utterances; 601 angry, 584 happy, 556 sad, 3,126 neutral, 575 of a poker player.

Each style is one long recording, `pavoque-angry.flac`, whose utterances `pavoque-angry.yaml` lists: prompt, text,
style, start and end in seconds. A prompt is said in several styles. Outtakes are left out.
"""

import re
from pathlib import Path

from nnpm.corpora.base import Clip, Corpus, read_text
from nnpm.corpora.folders import audio_files
from nnpm.corpora.named import WORDS
from nnpm.errors import InputError

_EXAMPLE = "pavoque-angry.flac with pavoque-angry.yaml"
_STYLES = re.compile(r"pavoque-(angry|happy|neutral|poker|sad)")
# The files also hold every phone, so that a reader of YAML would take minutes.
_UTTERANCE = re.compile(
    r"^- prompt: (\S+)$(?:\n  (?! *-).*)*?\n  style: (\w+)$(?:\n  (?! *-).*)*?\n  start: ([\d.]+)$\n  end: ([\d.]+)$",
    re.MULTILINE,
)


def _pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Each recording with its list of utterances."""
    files = [path for path in audio_files(folder, [], _EXAMPLE) if _STYLES.fullmatch(path.stem)]
    if not files:
        raise InputError(f"{folder}: no files like {_EXAMPLE}; put the corpus there as its owner lays it out")
    return [(path, path.with_suffix(".yaml")) for path in files]


def _find(folder: Path) -> list[Clip]:
    clips = []
    for path, listing in _pairs(folder):
        text = read_text(listing)
        found = _UTTERANCE.findall(text)
        if len(found) != text.count("- prompt:") or not found:
            raise InputError(f"{listing}: not a list of utterances with prompt, style, start and end; fetch it again")
        clips += [
            Clip(
                path,
                "roettig",
                style,
                WORDS.get(style),
                "m",
                annotation=listing,
                name=f"{style}/{prompt}",
                start=float(start),
                end=float(end),
            )
            for prompt, style, start, end in found
        ]
    return clips


CORPUS = Corpus(
    name="pavoque",
    title="PAVOQUE",
    language="German",
    owner="DFKI (Ingmar Steiner, Marc Schroeder, Annette Klepp)",
    url="https://github.com/marytts/pavoque-data/releases",
    terms="CC BY-NC-SA 4.0",
    citation=(
        "Steiner, I., Schroeder, M., Klepp, A.: The PAVOQUE corpus as a resource for analysis and synthesis of "
        "expressive speech. Phonetik und Phonologie im deutschsprachigen Raum 9 (2013)"
    ),
    layout=_EXAMPLE,
    published={"angry": 601, "happy": 584, "sad": 556, "neutral": 3126},
    find=_find,
    list_files=lambda folder: [file for pair in _pairs(folder) for file in pair],
    natural=False,
    ask="nobody; download the FLAC and YAML files of the five styles from that page by hand",
)
