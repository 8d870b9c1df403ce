"""Toy corpora: small synthetic stand-ins for the real ones, with the same folders and names.

They let every stage run without a licence or a download. Emotion changes pitch, level, tempo and spectral
tilt; the "language" of a corpus changes vowels, habitual pitch, recording channel, noise and how strongly each cue
expresses an emotion. So emotions can be learnt within a corpus, and less well across two.

The paper's corpora can also be made in full size, to measure how long its study takes.
"""

import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import soundfile

from nnpm.errors import InputError
from nnpm.toy import published
from nnpm.toy.annotations import ANNOTATIONS
from nnpm.toy.languages import LANGUAGES
from nnpm.toy.layouts import LAYOUTS, MOST, Take
from nnpm.toy.voice import Array, Transcript, person, speak

NAMES = tuple(LAYOUTS)

#: The approximate number of utterances of the four classes per corpus (at least one per speaker and class), None for
#: each corpus's default; "paper" for the paper's corpora only, as large as published.
Size = int | Literal["paper"] | None

README = "README.txt"
TITLE = "Toy corpora: synthetic sounds, not speech"
ABOUT = """
Every file in this folder was computed by nnpm.toy. Nobody speaks here: the folders imitate the layout and the
naming of real speech emotion corpora so that software can be tried without them. Results on these files say
nothing about real speech. The folder is replaced as a whole when the toy corpora are made again, as long as
it holds nothing but the files listed below.

Files:
"""


def write(directory: Path, seed: int = 0, utterances: Size = None) -> dict[str, int]:
    """Write corpora, `directory/{corpus}/...`, and return the number of audio files in each.

    A file's bytes depend only on `seed` and its plan, not on other files. The directory
    appears whole or not at all; an earlier toy tree is replaced.

    Raises:
        InputError: the directory holds anything but a toy tree or cannot be written, `utterances` is impossible.
    """
    directory = Path(directory).resolve()
    if isinstance(utterances, int) and not 1 <= utterances <= MOST:
        raise InputError(f"{utterances} utterances: a toy corpus has 1 to {MOST}; choose a number between")
    if seed < 0:
        raise InputError(f"seed {seed}: choose 0 or a positive number")
    _refuse_foreign(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{directory.name}-", dir=directory.parent) as scratch:
            new = Path(scratch) / "new"
            names = published.PLANS if utterances == "paper" else NAMES
            counts = {name: write_corpus(name, new / name, seed, utterances) for name in names}
            (new / README).write_text(TITLE + "\n" + ABOUT + "\n".join(_files(new)) + "\n", encoding="utf-8")
            if directory.exists():
                directory.rename(Path(scratch) / "old")
            new.rename(directory)
    except (OSError, soundfile.SoundFileError) as error:
        raise InputError(f"{directory}: cannot be written ({error}); choose another folder") from error
    return counts


def write_corpus(name: str, folder: Path, seed: int = 0, utterances: Size = None) -> int:
    """Write one corpus straight into `folder`; return the number of audio files."""
    said = []
    for take in published.takes(name) if utterances == "paper" else LAYOUTS[name].takes(utterances):
        samples, transcript = _record(name, take, seed)
        path = folder / take.path
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, take.sample_rate, subtype=take.subtype)
        said.append((take, transcript))
    if name in ANNOTATIONS:
        ANNOTATIONS[name](folder, said)
    return len(said)


def _record(name: str, take: Take, seed: int) -> tuple[Array, Transcript]:
    """Samples (frames, channels) of one file, with its own random numbers, so that order does not matter."""
    speaker = person(LANGUAGES[name], take.female, _generator(seed, name, take.speaker))
    rng = _generator(seed, name, take.path)
    syllables = max(1, take.syllables + int(rng.integers(-2, 3)))
    mono, transcript = speak(LANGUAGES[name], speaker, take.emotion, syllables, take.sample_rate, rng)
    # The second microphone is a little further away.
    balance = np.linspace(1.0, 0.7, take.channels)
    return mono[:, None] * balance, transcript


def _generator(seed: int, *names: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32("/".join(names).encode())])


def _files(directory: Path) -> list[str]:
    found = (path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(directory).as_posix() for path in found)


def _refuse_foreign(directory: Path) -> None:
    """Accept a folder only if each file in it was written by this module: real corpora are hard to get."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise InputError(f"{directory}: is a file; name a folder for the toy corpora")
    readme = directory / README
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    if text.startswith(TITLE):
        foreign = set(_files(directory)) - {README, *text.splitlines()}
    else:
        foreign = {path.name for path in directory.iterdir()}
    # Desktop systems leave hidden files behind; those do not count.
    foreign = {file for file in foreign if not Path(file).name.startswith(".")}
    if foreign:
        raise InputError(f"{directory}: {min(foreign)} is no toy file; name a new, an empty or a toy folder")
