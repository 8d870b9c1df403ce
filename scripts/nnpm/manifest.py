"""From a corpus to its manifest: every utterance in use, opened, hashed and given its split; and the report on it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from tqdm import tqdm

from nnpm import CLASSES, audio, splits
from nnpm.corpora.base import Clip, Corpus
from nnpm.errors import InputError

#: The manifest's columns. An unlabelled utterance has neither label nor emotion.
COLUMNS = (
    *("utterance", "path", "speaker", "gender", "label", "emotion", "split"),
    *("seconds", "sample_rate", "channels", "sha256"),
)
_NUMBERS = {"seconds": "float64", "sample_rate": "int64", "channels": "int64"}
_DTYPES = {name: _NUMBERS.get(name, "str") for name in COLUMNS}
_NAMED = 3  # files that a one-line error names before it only counts
_THREADS = 4  # decoding and hashing release Python's lock

Role = Literal["source", "target"]


@dataclass(frozen=True)
class Check:
    """A corpus as it was found.

    `duration` is the length in seconds to which features cut an utterance. `manifest` has one row an utterance in
    use (`COLUMNS`, sorted by utterance, missing text is NaN). `left_out` counts the clips of other emotions by the
    corpus's word, `unreadable` lists path and fault of the files that were excluded, `warnings` are lines that a
    user should read.
    """

    role: Role
    duration: float
    manifest: pd.DataFrame
    left_out: Mapping[str, int]
    unreadable: tuple[tuple[Path, str], ...]
    warnings: tuple[str, ...]


def build(
    corpus: Corpus,
    folder: Path,
    role: Role,
    *,
    duration: float,
    test_size: float,
    split_seed: int,
    skip_unreadable: bool,
) -> Check:
    """Find, open and split a corpus.

    `duration` is the length in seconds to which features cut an utterance; a file that is silent so far counts as
    unreadable. `test_size` is the fraction of a target's utterances drawn for its test set where no speakers are
    fixed. Raises `InputError` for whatever is wrong with the folder or the split, and for unreadable files unless
    `skip_unreadable` makes them exclusions.
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
    infos, unreadable = _inspect(used, duration)
    if unreadable and not skip_unreadable:
        raise InputError(_unreadable_line(corpus, unreadable))
    readable = [clip for clip in used if clip.path in infos]
    if not readable:
        raise InputError(f"{corpus.name}: none of {len(used)} audio files can be read, {_faults(unreadable)}")
    parts = (
        splits.source(corpus, readable, seed=split_seed)
        if role == "source"
        else splits.target(corpus, readable, test_size=test_size, seed=split_seed)
    )
    manifest = _frame(readable, parts, infos)
    return Check(
        role=role,
        duration=duration,
        manifest=manifest,
        left_out=dict(sorted(left_out.items())),
        unreadable=unreadable,
        warnings=tuple(_warnings(corpus, role, manifest, unreadable)),
    )


def _inspect(
    clips: Sequence[Clip], duration: float
) -> tuple[dict[Path, audio.AudioInfo], tuple[tuple[Path, str], ...]]:
    def outcome(clip: Clip) -> audio.AudioInfo | str:
        try:
            return audio.inspect(clip.path, duration)
        except InputError as error:
            return str(error).removeprefix(f"{clip.path}: ")

    infos: dict[Path, audio.AudioInfo] = {}
    faults: list[tuple[Path, str]] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        outcomes = tqdm(pool.map(outcome, clips), total=len(clips), disable=None, leave=False)
        for clip, found in zip(clips, outcomes, strict=True):
            if isinstance(found, str):
                faults.append((clip.path, found))
            else:
                infos[clip.path] = found
    return infos, tuple(faults)


def _frame(clips: Sequence[Clip], parts: Sequence[str], infos: Mapping[Path, audio.AudioInfo]) -> pd.DataFrame:
    rows = [
        (
            *(clip.utterance, clip.path.as_posix(), clip.speaker, clip.gender, clip.label, clip.emotion, part),
            *(info.seconds, info.sample_rate, info.channels, info.sha256),
        )
        for clip, part in zip(clips, parts, strict=True)
        for info in [infos[clip.path]]
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
    corpus: Corpus, role: Role, manifest: pd.DataFrame, unreadable: Sequence[tuple[Path, str]]
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
    fixed = (
        corpus.source_test_speakers + corpus.source_validation_speakers
        if role == "source"
        else corpus.test_speakers + corpus.validation_speakers
    )
    if absent := [speaker for speaker in fixed if speaker not in set(manifest["speaker"])]:
        yield f"speakers of the fixed split are absent: {', '.join(absent)}"
    for utterances in _duplicates(manifest):
        rows = manifest[manifest["utterance"].isin(utterances)]
        across = rows["split"].nunique() > 1
        contrary = rows["label"].nunique() > 1
        if across or contrary:
            how = " and ".join(
                words for true, words in ((across, "in different splits"), (contrary, "labelled differently")) if true
            )
            yield f"byte-identical files {how}: {', '.join(utterances)}"


def _duplicates(manifest: pd.DataFrame) -> list[list[str]]:
    """Groups of utterances whose files are the same bytes."""
    groups = manifest.groupby("sha256", sort=False)["utterance"].apply(list)
    return [group for group in groups if len(group) > 1]


def to_markdown(check: Check, corpus: Corpus) -> str:
    """The report on a corpus."""
    manifest = check.manifest
    sections = {
        "Warnings": _bullets(check.warnings),
        "Labels": _labels(manifest, corpus),
        "Splits": _counts(manifest, "split", [part for part in splits.SPLITS if part in set(manifest["split"])]),
        "Audio": _audio(manifest, check.duration),
        "Speakers": _shared_speakers(manifest) + _counts(manifest, "speaker", sorted(set(manifest["speaker"]))),
        "Other emotions, left out": _table(["emotion", "files"], check.left_out.items()),
        "Unreadable files, left out": _table(["file", "fault"], check.unreadable),
        "Byte-identical files": _bullets(", ".join(group) for group in _duplicates(manifest)),
    }
    about = {
        "language": corpus.language,
        "owner": corpus.owner,
        "from": corpus.url,
        "terms": corpus.terms,
        "citation": corpus.citation,
        "found as": corpus.layout,
    }
    head = f"# {corpus.title}, {check.role}\n\n" + _bullets(f"{key}: {value}" for key, value in about.items() if value)
    nothing = "None.\n"
    return head + "".join(f"\n## {title}\n\n{text or nothing}" for title, text in sections.items())


def _labels(manifest: pd.DataFrame, corpus: Corpus) -> str:
    counts = Counter(manifest["label"].fillna("unlabelled"))
    unlabelled = counts["unlabelled"]
    names = [*CLASSES, "unlabelled"] if unlabelled else CLASSES
    header = ["label", "in use"]
    rows: list[list[object]] = [[name, counts[name]] for name in names] + [["all", len(manifest)]]
    if corpus.published:
        header.append("published")
        published = {**corpus.published, "all": sum(corpus.published.values())}
        rows = [[*row, published.get(str(row[0]), "")] for row in rows]
    text = _table(header, rows)
    if unlabelled == len(manifest):
        text += "\nNo utterance has a label: predictions are written, no score is claimed.\n"
    elif unlabelled:
        text += f"\n{unlabelled} utterances have no label: predictions are written for them, scores leave them out.\n"
    return text


def _counts(manifest: pd.DataFrame, column: str, values: Sequence[str]) -> str:
    """A table of utterances by a column's values and by label."""
    labels = manifest["label"].fillna("unlabelled")
    names = [name for name in (*CLASSES, "unlabelled") if name in set(labels)]
    by_both = Counter(zip(manifest[column], labels, strict=True))
    rows = [(value, [by_both[value, name] for name in names]) for value in values]
    return _table([column, *names, "all"], [[value, *counts, sum(counts)] for value, counts in rows])


def _audio(manifest: pd.DataFrame, duration: float) -> str:
    kinds = sorted(Counter(zip(manifest["sample_rate"], manifest["channels"], strict=True)).items())
    seconds = manifest["seconds"]
    return _table(
        ["rate in Hz", "channels", "files"], [[rate, channels, count] for (rate, channels), count in kinds]
    ) + (
        f"\nSeconds: shortest {seconds.min():.2f}, median {seconds.median():.2f}, longest {seconds.max():.2f}, "
        f"{seconds.sum() / 3600:.2f} h in all; {int((seconds > duration).sum())} of {len(manifest)} utterances are "
        f"longer than {duration:g} s and are cut.\n"
    )


def _shared_speakers(manifest: pd.DataFrame) -> str:
    by_part = {part: set(rows["speaker"]) for part, rows in manifest.groupby("split")}
    test = by_part.get(splits.TEST, set())
    shared = sorted(test & by_part.get(splits.TRAIN, set()))
    if not shared:
        return "No speaker is both in training and in the test.\n\n"
    return f"{len(shared)} of the test's {len(test)} speakers are in training too: {', '.join(shared)}.\n\n"


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, nothing at all without rows."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    if not cells:
        return ""
    # Numbers stay the text they are: a speaker 1.50 is not 1.5.
    return pd.DataFrame(cells, columns=list(header)).to_markdown(index=False, disable_numparse=True) + "\n"
