"""What the splits share: speakers, files, sounds; and speakers whose voices reveal a label.

All functions take a manifest (`manifest.COLUMNS`). They find equal bytes and equal samples, but no copies that were
resampled, compressed with loss, cut or padded.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd

from nnpm import audio
from nnpm.corpora import splits
from nnpm.corpora.base import NOBODY, Clip, is_file


@dataclass(frozen=True)
class Shared:
    """Speakers in two splits, in order; `spoken` of the `total` utterances of the split `held_out` are theirs."""

    split: str
    held_out: str
    speakers: tuple[str, ...]
    spoken: int
    total: int


def shared_speakers(manifest: pd.DataFrame) -> list[Shared]:
    """Return each pair of splits that share speakers, as far as they are known; the second (by SPLITS) is held out."""
    parts = {part: rows["speaker"] for part, rows in manifest.groupby("split")}
    found = []
    for split, held_out in combinations([part for part in splits.SPLITS if part in parts], 2):
        here = parts[held_out]
        if speakers := sorted((set(parts[split]) & set(here)) - {NOBODY}):
            found.append(Shared(split, held_out, tuple(speakers), int(here.isin(speakers).sum()), len(here)))
    return found


def one_label_speakers(manifest: pd.DataFrame) -> tuple[list[str], int]:
    """Return the speakers with one label only, and how many have two labelled utterances or more.

    In a corpus with a single label nobody can have two, so the list is empty.
    """
    known = manifest[manifest["speaker"] != NOBODY]
    spoken = known.dropna(subset="label").groupby("speaker")["label"].agg(["size", "nunique"])
    several = spoken[spoken["size"] > 1]
    if manifest["label"].nunique() < 2:
        return [], len(several)
    return sorted(several.index[several["nunique"] == 1]), len(several)


def same_bytes(manifest: pd.DataFrame) -> list[list[str]]:
    """Groups of utterances whose files are the same bytes."""
    groups = manifest.groupby("sha256", sort=False)["utterance"].apply(list)
    return [group for group in groups if len(group) > 1]


def same_sound(manifest: pd.DataFrame, root: Path) -> list[list[str]]:
    """Groups of utterances with the same samples in files that differ: in container, header or number of channels.

    Paths are relative to `root`. Channels are averaged, as for features. Only files of equal rate and length are read
    again, block by block, in some two milliseconds each.
    """
    found = []
    for _, rows in manifest.groupby(["sample_rate", "seconds"], sort=False):
        if rows["sha256"].nunique() == 1:
            continue
        sounds = [
            audio.sound(root / path, *audio.bounds(start, end))
            for path, start, end in zip(rows["path"], rows["start"], rows["end"], strict=True)
        ]
        for _, alike in rows.groupby(sounds, sort=False):
            if alike["sha256"].nunique() > 1:
                found.append(list(alike["utterance"]))
    return found


def across_splits(manifest: pd.DataFrame, groups: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """The groups of utterances that are in more than one split."""
    split = manifest.set_index("utterance")["split"]
    return [group for group in groups if split[list(group)].nunique() > 1]


def warnings(manifest: pd.DataFrame, twins: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield warnings to read before any score; `twins` are the groups of `same_sound`."""
    for shared in shared_speakers(manifest):
        if (shared.split, shared.held_out) == (splits.TRAIN, splits.TEST):
            yield from _speaker_warnings(manifest, shared)
    for what, groups in (("byte-identical files", same_bytes(manifest)), ("the same sound in other files", twins)):
        for utterances in groups:
            if faults := _faults(manifest[manifest["utterance"].isin(utterances)]):
                yield f"{what} {faults}: {', '.join(utterances)}"


def other_emotions(manifest: pd.DataFrame, root: Path, left_out: Sequence[Clip]) -> Iterator[str]:
    """Yield a warning for each file in use that is byte-identical to one whose emotion is left out.

    Paths of the manifest are relative to `root`. Only files of the same size are read.
    """
    whole = manifest[manifest["start"].isna() & manifest["end"].isna()]
    sizes = {(root / path).stat().st_size for path in whole["path"]} if left_out else set()
    named = {row.sha256: f"{row.utterance} ({row.label})" for row in whole.itertuples()}
    for clip in left_out:
        if clip.start is None and clip.end is None and is_file(clip.path) and clip.path.stat().st_size in sizes:
            with clip.path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            if sha256 in named:
                yield (
                    f"byte-identical files labelled differently: {named[sha256]}, {clip.utterance} ({clip.emotion}, "
                    "left out)"
                )


def _speaker_warnings(manifest: pd.DataFrame, shared: Shared) -> Iterator[str]:
    test = manifest[manifest["split"] == splits.TEST]
    yield (
        f"{len(shared.speakers)} of the test's {test['speaker'].nunique()} speakers are in training too and speak "
        f"{shared.spoken} of its {shared.total} utterances: scores do not tell what happens with new speakers"
    )
    alike, several = one_label_speakers(manifest)
    if known := sorted(set(alike) & set(shared.speakers)):
        spoken = int(test["speaker"].isin(known).sum())
        yield (
            f"labels leak through speakers: {len(alike)} of {several} speakers are heard with one emotion only, and "
            f"{len(known)} of them, in training as well, speak {spoken} of the test's {len(test)} utterances: to know "
            "the voice is to know the emotion"
        )


def _faults(rows: pd.DataFrame) -> str:
    """How the splits or labels of identical utterances differ; "" if they do not."""
    across, contrary = rows["split"].nunique() > 1, rows["label"].nunique() > 1
    return " and ".join(
        words for true, words in ((across, "in different splits"), (contrary, "labelled differently")) if true
    )
