"""From a corpus to its manifest: every utterance in use, opened, hashed and given its split."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from nnpm import CLASSES, audio, progress
from nnpm.corpora import leakage, splits
from nnpm.corpora.base import Clip, Corpus
from nnpm.errors import InputError

#: The manifest's columns. An unlabelled utterance has neither label nor emotion.
COLUMNS = (
    *("utterance", "path", "start", "end", "speaker", "gender", "label", "emotion", "split"),
    *("seconds", "sample_rate", "channels", "sha256"),
)
_NUMBERS = {"start": "float64", "end": "float64", "seconds": "float64", "sample_rate": "int64", "channels": "int64"}
_DTYPES = {name: _NUMBERS.get(name, "str") for name in COLUMNS}
_SEVERAL = 10  # so many utterances of one length are no coincidence
_NAMED = 3  # unreadable files that an error names; the others are counted

Role = Literal["source", "target"]


@dataclass(frozen=True)
class Check:
    """The result of checking a corpus.

    `duration` is the length in seconds to which features cut an utterance. `manifest` has one row per utterance in use
    (`COLUMNS`, sorted by utterance, missing values are NaN). Paths are relative to `root`, the corpus's folder, so that
    a corpus that moves keeps its manifest. `left_out` counts the clips of other emotions, each named by the corpus's
    word, `unreadable` lists path and fault of the files that were excluded, `twins` are the groups of
    utterances of `leakage.same_sound`, `warnings` are lines that a user should read.
    """

    role: Role
    duration: float
    root: Path
    manifest: pd.DataFrame
    left_out: Mapping[str, int]
    unreadable: tuple[tuple[Path, str], ...]
    twins: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]

    @property
    def paths(self) -> pd.DataFrame:
        """Where the audio of each utterance lies now: utterance, path."""
        paths = [(self.root / path).as_posix() for path in self.manifest["path"]]
        return pd.DataFrame({"utterance": self.manifest["utterance"], "path": paths})


def build(
    corpus: Corpus,
    folder: Path,
    role: Role,
    *,
    duration: float,
    test_size: float,
    split_seed: int,
    protocol: splits.Protocol = "paper",
    skip_unreadable: bool,
    threads: int = 1,
) -> Check:
    """Find, open and split a corpus.

    `duration` is the length in seconds to which features cut an utterance; a file that is silent up to there counts as
    unreadable. `test_size` is the fraction of a target that is drawn for its test set, by utterances or by speakers
    (`protocol`, see `splits.target`). `threads` files are read at a time. Raises `InputError` if the folder or the
    split is wrong, and for unreadable files unless `skip_unreadable` excludes them.
    """
    clips = corpus.find(folder)
    used = sorted(
        (clip for clip in clips if clip.label is not None or clip.emotion is None), key=lambda clip: clip.utterance
    )
    left_out = Counter(clip.emotion for clip in clips if clip.label is None and clip.emotion is not None)
    if not used:
        raise InputError(
            f"{corpus.manifest or folder}: no utterance is {', '.join(CLASSES)}; "
            f"all {len(clips)} have other labels ({', '.join(sorted(left_out)[:5])})"
        )
    infos, unreadable = _inspect(used, duration, threads)
    if unreadable and not skip_unreadable:
        raise InputError(_unreadable_line(corpus, unreadable))
    readable = [clip for clip in used if clip.utterance in infos]
    if not readable:
        raise InputError(f"{corpus.name}: none of {len(used)} audio files can be read, {_faults(unreadable)}")
    parts = (
        splits.source(corpus, readable, seed=split_seed)
        if role == "source"
        else splits.target(corpus, readable, test_size=test_size, seed=split_seed, protocol=protocol)
    )
    root = _root(folder, readable)
    manifest = _frame(readable, parts, infos, root)
    twins = tuple(map(tuple, leakage.same_sound(manifest, root)))
    warnings = [
        *(corpus.reading().warnings if corpus.reading else ()),
        *_warnings(corpus, role, protocol, manifest, unreadable),
        *leakage.warnings(manifest, twins),
    ]
    return Check(
        role=role,
        duration=duration,
        root=root,
        manifest=manifest,
        left_out=dict(sorted(left_out.items())),
        unreadable=unreadable,
        twins=twins,
        warnings=tuple(warnings),
    )


def _inspect(
    clips: Sequence[Clip], duration: float, threads: int
) -> tuple[dict[str, audio.AudioInfo], tuple[tuple[Path, str], ...]]:
    def outcome(clip: Clip) -> audio.AudioInfo | str:
        try:
            return audio.inspect(clip.path, duration, clip.start or 0.0, clip.end)
        except InputError as error:
            return str(error).removeprefix(f"{clip.path}: ")

    infos: dict[str, audio.AudioInfo] = {}
    faults: list[tuple[Path, str]] = []
    with ThreadPoolExecutor(threads) as pool:  # decoding and hashing release Python's lock
        outcomes = progress.bar(pool.map(outcome, clips), total=len(clips))
        for clip, found in zip(clips, outcomes, strict=True):
            if isinstance(found, str):
                faults.append((clip.path, found))
            else:
                infos[clip.utterance] = found
    return infos, tuple(faults)


def _root(folder: Path, clips: Sequence[Clip]) -> Path:
    """The folder that all files lie in: the corpus's own, or for a list of files elsewhere the one they share."""
    if all(clip.path.is_relative_to(folder) for clip in clips):
        return folder
    return Path(os.path.commonpath([clip.path.parent for clip in clips]))


def _frame(
    clips: Sequence[Clip], parts: Sequence[str], infos: Mapping[str, audio.AudioInfo], root: Path
) -> pd.DataFrame:
    rows = [
        (
            *(clip.utterance, clip.path.relative_to(root).as_posix(), clip.start, clip.end),
            *(clip.speaker, clip.gender, clip.label, clip.emotion, part),
            *(info.seconds, info.sample_rate, info.channels, info.sha256),
        )
        for clip, part in zip(clips, parts, strict=True)
        for info in [infos[clip.utterance]]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(_DTYPES)


def _faults(unreadable: Sequence[tuple[Path, str]]) -> str:
    named = ", ".join(f"{path} ({fault.split(';')[0]})" for path, fault in unreadable[:_NAMED])
    return named + (f" and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else "")


def _unreadable_line(corpus: Corpus, unreadable: Sequence[tuple[Path, str]]) -> str:
    files = "1 unreadable file" if len(unreadable) == 1 else f"{len(unreadable)} unreadable files"
    return (
        f"{corpus.name}: {files}: {_faults(unreadable)}; "
        "fetch them again, or set skip_unreadable: true to leave them out"
    )


def _warnings(
    corpus: Corpus,
    role: Role,
    protocol: splits.Protocol,
    manifest: pd.DataFrame,
    unreadable: Sequence[tuple[Path, str]],
) -> Iterable[str]:
    counts = Counter(manifest["label"].dropna())
    for label in CLASSES:
        if corpus.published and counts[label] != corpus.published[label]:
            yield f"{label}: {counts[label]} utterances in use, {corpus.published[label]} published"
    labelled = manifest.dropna(subset="label")
    if len(labelled):
        for place, part in (("use", labelled), ("the test set", labelled[labelled["split"] == splits.TEST])):
            if absent_labels := [label for label in CLASSES if label not in set(part["label"])]:
                yield f"no utterance in {place} is {' or '.join(absent_labels)}: UA is the mean over the other classes"
    if unreadable:
        yield f"{len(unreadable)} unreadable files are left out"
    lengths = manifest["seconds"].round(2).unique()
    if len(lengths) == 1 and len(manifest) >= _SEVERAL:
        yield (
            f"all {len(manifest)} utterances are {lengths[0]:.2f} s long: they were cut or padded to one length "
            "before, and are not the utterances that were spoken"
        )
    fixed: tuple[str, ...] = ()
    if role == "source":
        fixed = corpus.source_test_speakers + corpus.source_validation_speakers
    elif protocol == "paper":
        fixed = corpus.test_speakers + corpus.validation_speakers
    elif leakage.shared_speakers(manifest):
        yield "the manifest's own split shares speakers, and splits.protocol: speakers does not change it"
    if absent := [speaker for speaker in fixed if speaker not in set(manifest["speaker"])]:
        yield f"speakers of the fixed split are absent: {', '.join(absent)}"
