"""From a corpus to its manifest: every utterance in use, opened, hashed and given its split."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

import pandas as pd

from nnpm import CLASSES, audio, progress
from nnpm.corpora import base, leakage, splits
from nnpm.corpora.base import Clip, Corpus
from nnpm.errors import InputError
from nnpm.files import SOURCE_SPLIT, of_split

#: The manifest's columns. An unlabelled utterance has neither label nor emotion. A corpus that is source and target has
#: one more: `split` is its split as a target, SOURCE_SPLIT that as a source.
COLUMNS = (
    *("utterance", "path", "start", "end", "speaker", "gender", "label", "emotion", "split"),
    *("seconds", "sample_rate", "channels", "sha256"),
)
_NUMBERS = {"start": "float64", "end": "float64", "seconds": "float64", "sample_rate": "int64", "channels": "int64"}
_DTYPES = {name: _NUMBERS.get(name, "str") for name in COLUMNS}
_SEVERAL = 10  # so many utterances of one length are no coincidence
_NAMED = 3  # unreadable files that an error names; the others are counted

#: What a corpus is used as: a source alone, a source only together with others, a target.
Role = Literal["source", "pooled", "target"]


@dataclass(frozen=True)
class Check:
    """The result of checking a corpus.

    `duration` is the length in seconds to which features cut an utterance. `manifest` has one row per utterance in use
    (`COLUMNS`, sorted by utterance, missing values are NaN). Paths are relative to `root`, the corpus's folder, so that
    a corpus that moves keeps its manifest. `left_out` counts the clips of other emotions, each named by the corpus's
    word, `unreadable` lists path and fault of the files that were excluded, `twins` are the groups of
    utterances of `leakage.same_sound`, `warnings` are lines that a user should read. `flawed` lists path and reason of
    the files that `Corpus.flawed` names, which are left out.
    """

    roles: tuple[Role, ...]
    duration: float
    root: Path
    manifest: pd.DataFrame
    left_out: Mapping[str, int]
    unreadable: tuple[tuple[Path, str], ...]
    twins: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    flawed: tuple[tuple[Path, str], ...] = ()

    @property
    def paths(self) -> pd.DataFrame:
        """Where the audio of each utterance lies now: utterance, path."""
        paths = [(self.root / path).as_posix() for path in self.manifest["path"]]
        return pd.DataFrame({"utterance": self.manifest["utterance"], "path": paths})


def build(
    corpus: Corpus,
    folder: Path,
    roles: Sequence[Role],
    *,
    duration: float,
    test_size: float,
    split_seed: int,
    protocol: splits.Protocol = "paper",
    skip_unreadable: bool,
    threads: int = 1,
) -> Check:
    """Find, open and split a corpus.

    `duration` is the length in seconds to which features cut an utterance. `test_size` is the fraction of a target that
    is drawn for its test set, by utterances or by speakers (`protocol`, see `splits.target`). `threads` files are read
    at a time. Raises `InputError` if the folder or the split is wrong, and for unreadable files unless
    `skip_unreadable` excludes them.
    """
    found = corpus.find(folder)
    flawed = [clip for clip in found if clip.utterance in corpus.flawed]
    clips = [clip for clip in found if clip.utterance not in corpus.flawed]
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
    parts = {}
    if "target" in roles:
        parts["split"] = splits.target(corpus, readable, test_size=test_size, seed=split_seed, protocol=protocol)
    if "source" in roles or "pooled" in roles:
        drawn = splits.source(corpus, readable, seed=split_seed, pooled="source" not in roles)
        parts[SOURCE_SPLIT if parts else "split"] = drawn
    root = base.root(corpus, folder, [clip.path for clip in clips])
    manifest = _frame(readable, parts, infos, root)
    twins = tuple(map(tuple, leakage.same_sound(manifest, root)))
    warnings = [
        *(corpus.reading().warnings if corpus.reading else ()),
        *_warnings(corpus, roles, protocol, manifest, used, flawed, unreadable),
        *_sound_warnings(readable, infos, duration),
        *leakage.warnings(manifest, twins),
        *(f"as a source: {line}" for line in _source_warnings(manifest, twins)),
        *leakage.other_emotions(manifest, root, [clip for clip in clips if clip.label is None and clip.emotion]),
    ]
    return Check(
        roles=tuple(roles),
        duration=duration,
        root=root,
        manifest=manifest,
        left_out=dict(sorted(left_out.items())),
        unreadable=unreadable,
        twins=twins,
        warnings=tuple(warnings),
        flawed=tuple((clip.path, corpus.flawed[clip.utterance]) for clip in flawed),
    )


def _source_warnings(manifest: pd.DataFrame, twins: Sequence[Sequence[str]]) -> list[str]:
    """The warnings about the split as a source that those about the split as a target do not have."""
    if SOURCE_SPLIT not in manifest:
        return []
    as_target = set(leakage.warnings(manifest, twins))
    as_source = leakage.warnings(manifest.assign(split=manifest[SOURCE_SPLIT]), twins)
    return [line for line in as_source if line not in as_target]


def _inspect(
    clips: Sequence[Clip], duration: float, threads: int
) -> tuple[dict[str, audio.AudioInfo], tuple[tuple[Path, str], ...]]:
    def outcome(clip: Clip) -> audio.AudioInfo | str:
        try:
            return audio.inspect(clip.path, duration, clip.start or 0.0, clip.end)
        except InputError as error:
            fault = str(error).removeprefix(f"{clip.path}: ")
            return fault if clip.start is None and clip.end is None else f"{clip.annotation} lists {fault}"

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


def _frame(
    clips: Sequence[Clip], parts: Mapping[str, Sequence[str]], infos: Mapping[str, audio.AudioInfo], root: Path
) -> pd.DataFrame:
    rows = [
        (
            *(clip.utterance, base.relative(clip.path, root), clip.start, clip.end),
            *(clip.speaker, clip.gender, clip.label, clip.emotion, ""),
            *(info.seconds, info.sample_rate, info.channels, info.sha256),
        )
        for clip in clips
        for info in [infos[clip.utterance]]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(_DTYPES).assign(**parts)


def _faults(unreadable: Sequence[tuple[Path, str]]) -> str:
    named = ", ".join(f"{path} ({fault.split(';')[0]})" for path, fault in unreadable[:_NAMED])
    return named + (f" and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else "")


def _unreadable_line(corpus: Corpus, unreadable: Sequence[tuple[Path, str]]) -> str:
    files = "1 unreadable file" if len(unreadable) == 1 else f"{len(unreadable)} unreadable files"
    remedies = {fault.partition("; ")[2] for _, fault in unreadable}
    remedy = remedies.pop() if len(remedies) == 1 else "fetch them again"
    return f"{corpus.name}: {files}: {_faults(unreadable)}; {remedy}, or set skip_unreadable: true to leave them out"


def _sound_warnings(clips: Sequence[Clip], infos: Mapping[str, audio.AudioInfo], duration: float) -> Iterator[str]:
    """Yield one line per kind of file that is used although something is odd about it, with their number."""
    paths: dict[str, list[Path]] = {}
    for clip in clips:
        for note in infos[clip.utterance].notes:
            paths.setdefault(note, []).append(clip.path)
    for note, found in sorted(paths.items()):
        yield f"{len(found)} of {len(clips)} files, first {found[0].name}: {note}"
    seconds = [infos[clip.utterance].seconds for clip in clips]
    if 2 * (long := sum(each > duration for each in seconds)) > len(seconds):
        yield (
            f"{long} of {len(seconds)} utterances are longer than {duration:g} s, and only their first {duration:g} s "
            f"are heard; half of all have {median(seconds):.1f} s or more: cut long recordings into utterances"
        )


def _warnings(
    corpus: Corpus,
    roles: Sequence[Role],
    protocol: splits.Protocol,
    manifest: pd.DataFrame,
    used: Sequence[Clip],
    flawed: Sequence[Clip],
    unreadable: Sequence[tuple[Path, str]],
) -> Iterable[str]:
    if corpus.caveat:
        yield corpus.caveat
    counts, known = Counter(manifest["label"].dropna()), Counter(clip.label for clip in flawed)
    for label in CLASSES:
        if corpus.published and counts[label] + known[label] != corpus.published[label]:
            yield f"{label}: {counts[label]} utterances in use, {corpus.published[label]} published"
    labelled = manifest.dropna(subset="label")
    if len(labelled):
        for place, part in (("use", labelled), ("the test set", labelled[of_split(labelled, "test")])):
            if len(part) and (absent_labels := [label for label in CLASSES if label not in set(part["label"])]):
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
    if "source" in roles or "pooled" in roles:
        fixed += corpus.source_test_speakers + corpus.source_validation_speakers
    if "target" in roles and protocol == "paper":
        fixed += corpus.test_speakers + corpus.validation_speakers
    elif "target" in roles and leakage.shared_speakers(manifest):
        yield "the manifest's own split shares speakers, and splits.protocol: speakers does not change it"
    if "target" in roles and protocol == "all" and used[0].split is not None:
        yield "the list's own split is not used for the target, since splits.protocol is all: every utterance is scored"
    if absent := [speaker for speaker in dict.fromkeys(fixed) if speaker not in set(manifest["speaker"])]:
        yield f"speakers of the fixed split are absent: {', '.join(absent)}"
