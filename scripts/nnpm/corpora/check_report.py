"""The report on a corpus, `check.md`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from nnpm import CLASSES
from nnpm.corpora import leakage, splits
from nnpm.corpora.base import Corpus, is_audio
from nnpm.corpora.manifest import Check


def to_markdown(check: Check, corpus: Corpus) -> str:
    """The report on a corpus."""
    manifest = check.manifest
    sections = {
        "Warnings": _bullets(check.warnings),
        "Labels": _labels(manifest, corpus),
        "Splits": _counts(manifest, "split", [part for part in splits.SPLITS if part in set(manifest["split"])]),
        "Leakage": _leakage(check),
        "Audio": _audio(manifest, check.duration),
        "Speakers": _counts(manifest, "speaker", sorted(set(manifest["speaker"]))),
        "Other emotions, left out": _table(["emotion", "files"], check.left_out.items()),
        "Unreadable files, left out": _table(["file", "fault"], check.unreadable),
        "Byte-identical files": _groups(leakage.same_bytes(manifest)),
        "The same sound in files that differ": _groups(check.twins),
    }
    about = {
        "language": corpus.language,
        "owner": corpus.owner,
        "from": corpus.url,
        "terms": corpus.terms,
        "citation": corpus.citation,
        "found as": _found_as(corpus, manifest),
    }
    head = f"# {corpus.title}, {check.role}\n\n" + _bullets(f"{key}: {value}" for key, value in about.items() if value)
    nothing = "None.\n"
    return head + "".join(f"\n## {title}\n\n{text or nothing}" for title, text in sections.items())


def _found_as(corpus: Corpus, manifest: pd.DataFrame) -> str:
    """The example of a file, ending as the files that were found do; an own corpus's manifest as it is."""
    example = Path(corpus.layout)
    if not is_audio(example):
        return corpus.layout
    endings = dict.fromkeys(Path(path).suffix for path in manifest["path"])
    return corpus.layout.removesuffix(example.suffix) + " or ".join(sorted(endings))


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


def _leakage(check: Check) -> str:
    """What training shares with the utterances held out, and how speakers and labels go together."""
    manifest = check.manifest
    rows = [
        (f"{shared.split}, {shared.held_out}", len(shared.speakers), _share(shared), ", ".join(shared.speakers))
        for shared in leakage.shared_speakers(manifest)
    ]
    return "\n".join(
        [
            _table(["splits", "speakers in both", "what they speak", "names"], rows)
            or "No speaker is in two splits.\n",
            _across("byte-identical files", leakage.across_splits(manifest, leakage.same_bytes(manifest))),
            _across("the same sound in files that differ", leakage.across_splits(manifest, check.twins)),
            *_voices(manifest),
        ]
    )


def _share(shared: leakage.Shared) -> str:
    share = 100 * shared.spoken / shared.total
    return f"{shared.spoken} of {shared.total} {shared.held_out} utterances, {share:.0f} %"


def _across(what: str, groups: Sequence[Sequence[str]]) -> str:
    if not groups:
        return f"In different splits, {what}: none.\n"
    return f"In different splits, {what}:\n\n{_groups(groups)}"


def _voices(manifest: pd.DataFrame) -> Iterable[str]:
    """Sentences on speakers who are heard with one emotion only, and on the speakers behind each test recall."""
    labelled = manifest.dropna(subset="label")
    if labelled.empty:
        return
    alike, several = leakage.one_label_speakers(manifest)
    if alike:
        count = int(labelled["speaker"].isin(alike).sum())
        yield (
            f"{len(alike)} of {several} speakers are heard with one emotion only and speak {count} of {len(labelled)} "
            "labelled utterances. Their voices and their emotions cannot be told apart: a model that recognises such a "
            f"speaker from training needs no emotion to be right in the test. They are {', '.join(alike)}.\n"
        )
    elif several:
        yield "No speaker of two utterances or more is heard with one emotion only.\n"
    test = labelled[labelled["split"] == splits.TEST]
    speakers = [(label, test.loc[test["label"] == label, "speaker"].nunique()) for label in CLASSES]
    yield f"Speakers in the test: {', '.join(f'{label} {count}' for label, count in speakers)}.\n"


def _groups(groups: Iterable[Sequence[str]]) -> str:
    return _bullets(", ".join(group) for group in groups)


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, nothing at all without rows."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    if not cells:
        return ""
    # Numbers stay the text they are: a speaker 1.50 is not 1.5.
    return pd.DataFrame(cells, columns=list(header)).to_markdown(index=False, disable_numparse=True) + "\n"
