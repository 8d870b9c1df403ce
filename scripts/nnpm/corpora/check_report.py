"""The report on a corpus: what was found, its splits, what they share, and warnings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nnpm import CLASSES, pages
from nnpm.corpora import leakage, splits
from nnpm.corpora.base import Corpus, is_audio, relative
from nnpm.corpora.manifest import Check
from nnpm.files import SOURCE_SPLIT, of_split
from nnpm.pages import Bullets, Part, Section, Table


def to_markdown(check: Check, corpus: Corpus) -> str:
    """The report on a corpus as Markdown."""
    return pages.to_markdown(report(check, corpus), f"{corpus.title}, {roles(check)}")


def roles(check: Check) -> str:
    """What the corpus is used as, in words."""
    words = {"source": "source", "pooled": "source in pools", "target": "target"}
    return " and ".join(words[role] for role in check.roles)


def to_json(check: Check, corpus: Corpus) -> dict[str, Any]:
    """The report on a corpus as JSON: its warnings, and all sections."""
    return {"role": roles(check), "warnings": list(check.warnings), "sections": pages.to_json(report(check, corpus))}


def report(check: Check, corpus: Corpus) -> list[Section]:
    """The report on a corpus, section by section."""
    manifest = check.manifest
    listed = corpus.reading() if corpus.reading else None
    about = {
        "language": corpus.language,
        "owner": corpus.owner,
        "from": corpus.url,
        "terms": corpus.terms,
        "citation": corpus.citation,
        "found as": _found_as(corpus, manifest),
        "read as": listed.how if listed else "",
    }
    sections: dict[str, Iterable[Part]] = {
        "Warnings": _bullets(check.warnings),
        "Labels": _labels(manifest, corpus),
        **(
            {"Words of the list": _table(["label", "read as", "rows"], listed.words)} if listed and listed.words else {}
        ),
        "Splits": _splits(manifest, "split"),
        **({"Splits as a source": _splits(manifest, SOURCE_SPLIT)} if SOURCE_SPLIT in manifest else {}),
        "Leakage": _leakage(check),
        "Audio": _audio(manifest, check.duration),
        "Speakers": _counts(manifest, "speaker", sorted(set(manifest["speaker"]))),
        "Other emotions, left out": _table(["emotion", "files"], check.left_out.items()),
        "Known bad files, left out": _table(["file", "reason"], _below(check, check.flawed)),
        "Unreadable files, left out": _table(["file", "fault"], _below(check, check.unreadable)),
        "Byte-identical files": _groups(leakage.same_bytes(manifest)),
        "The same sound in files that differ": _groups(check.twins),
    }
    head = Section("", _bullets(f"{key}: {value}" for key, value in about.items() if value))
    return [head, *(Section(name, tuple(parts) or ("None.",)) for name, parts in sections.items())]


def _below(check: Check, files: Iterable[tuple[Path, str]]) -> Iterator[tuple[str, str]]:
    """Files by their names below the corpus's root, so that the report does not change by a move."""
    return ((relative(path, check.root), words) for path, words in files)


def _found_as(corpus: Corpus, manifest: pd.DataFrame) -> str:
    """The example file with the extensions that were found; "" for an own list, which may be renamed."""
    if corpus.manifest is not None:
        return ""
    example = Path(corpus.layout)
    if not is_audio(example):
        return corpus.layout
    endings = dict.fromkeys(Path(path).suffix for path in manifest["path"])
    return corpus.layout.removesuffix(example.suffix) + " or ".join(sorted(endings))


def _labels(manifest: pd.DataFrame, corpus: Corpus) -> Iterator[Part]:
    counts = Counter(manifest["label"].fillna("unlabelled"))
    unlabelled = counts["unlabelled"]
    names = [*CLASSES, "unlabelled"] if unlabelled else CLASSES
    header = ["label", "in use"]
    rows: list[list[object]] = [[name, counts[name]] for name in names] + [["all", len(manifest)]]
    if corpus.published:
        header.append("published")
        published = {**corpus.published, "all": sum(corpus.published.values())}
        rows = [[*row, published.get(str(row[0]), "")] for row in rows]
    yield from _table(header, rows)
    if unlabelled == len(manifest):
        yield "No utterance has a label: predictions are written, no score is claimed."
    elif unlabelled:
        yield f"{unlabelled} utterances have no label: predictions are written for them, scores leave them out."


def _splits(manifest: pd.DataFrame, column: str) -> tuple[Part, ...]:
    return _counts(manifest, column, [part for part in (*splits.SPLITS, splits.ALL) if part in set(manifest[column])])


def _counts(manifest: pd.DataFrame, column: str, values: Sequence[str]) -> tuple[Part, ...]:
    """A table of utterances by a column's values and by label."""
    labels = manifest["label"].fillna("unlabelled")
    names = [name for name in (*CLASSES, "unlabelled") if name in set(labels)]
    by_both = Counter(zip(manifest[column], labels, strict=True))
    rows = [(value, [by_both[value, name] for name in names]) for value in values]
    return _table([column, *names, "all"], [[value, *counts, sum(counts)] for value, counts in rows])


def _audio(manifest: pd.DataFrame, duration: float) -> Iterator[Part]:
    kinds = sorted(Counter(zip(manifest["sample_rate"], manifest["channels"], strict=True)).items())
    seconds = manifest["seconds"]
    yield from _table(
        ["rate in Hz", "channels", "files"], [[rate, channels, count] for (rate, channels), count in kinds]
    )
    yield (
        f"Seconds: shortest {seconds.min():.2f}, median {seconds.median():.2f}, longest {seconds.max():.2f}, "
        f"{seconds.sum() / 3600:.2f} h in all; {int((seconds > duration).sum())} of {len(manifest)} utterances are "
        f"longer than {duration:g} s and are cut."
    )
    padding = 1 - seconds.clip(upper=duration).mean() / duration
    yield (
        f"Padded to {duration:g} s each, {padding:.0%} of what the backbone reads is padding; with `features.padding: "
        "masked`, nothing is."
    )


def _leakage(check: Check) -> Iterator[Part]:
    """What the splits share, and whether speakers reveal labels."""
    manifest = check.manifest
    if splits.ALL in set(manifest["split"]):
        yield "As a target, every utterance is in training, without its label, and in the test (transductive)."
        if SOURCE_SPLIT not in manifest:
            yield from _voices(manifest)
            return
        yield "As a source:"
        manifest = manifest.assign(split=manifest[SOURCE_SPLIT])
    rows = [
        (f"{shared.split}, {shared.held_out}", len(shared.speakers), _share(shared), ", ".join(shared.speakers))
        for shared in leakage.shared_speakers(manifest)
    ]
    yield from _table(["splits", "speakers in both", "what they speak", "names"], rows) or (
        "No speaker is in two splits.",
    )
    for what, groups in (
        ("byte-identical files", leakage.same_bytes(manifest)),
        ("the same sound in files that differ", check.twins),
    ):
        across = leakage.across_splits(manifest, groups)
        yield f"In different splits, {what}:" + ("" if across else " none.")
        yield from _groups(across)
    yield from _voices(manifest)


def _share(shared: leakage.Shared) -> str:
    share = 100 * shared.spoken / shared.total
    return f"{shared.spoken} of {shared.total} {shared.held_out} utterances, {share:.0f} %"


def _voices(manifest: pd.DataFrame) -> Iterator[Part]:
    """Sentences on speakers with one emotion only, and on the number of test speakers per class."""
    labelled = manifest.dropna(subset="label")
    if labelled.empty:
        return
    alike, several = leakage.one_label_speakers(manifest)
    if alike:
        count = int(labelled["speaker"].isin(alike).sum())
        yield (
            f"{len(alike)} of {several} speakers are heard with one emotion only and speak {count} of {len(labelled)} "
            "labelled utterances. Their voices and their emotions cannot be told apart: a model that recognises such a "
            f"speaker from training needs no emotion to be right in the test. They are {', '.join(alike)}."
        )
    elif several:
        yield "No speaker of two utterances or more is heard with one emotion only."
    test = labelled[of_split(labelled, "test")]
    speakers = [(label, test.loc[test["label"] == label, "speaker"].nunique()) for label in CLASSES]
    yield f"Speakers in the test: {', '.join(f'{label} {count}' for label, count in speakers)}."


def _groups(groups: Iterable[Sequence[str]]) -> tuple[Part, ...]:
    return _bullets(", ".join(group) for group in groups)


def _bullets(lines: Iterable[str]) -> tuple[Part, ...]:
    """A list, or nothing if there are no lines."""
    found = tuple(lines)
    return (Bullets(found),) if found else ()


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[Part, ...]:
    """A table, or nothing if there are no rows."""
    cells = tuple(tuple(map(str, row)) for row in rows)
    return (Table(tuple(header), cells),) if cells else ()
