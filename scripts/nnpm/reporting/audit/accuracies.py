"""The printed accuracies against the size of their test sets."""

import math
from collections.abc import Iterator

from nnpm import CLASSES
from nnpm.methods.table import PROPOSED, title
from nnpm.reporting import paper
from nnpm.reporting.audit.arithmetic import Finding, by_chance, exact, smallest_size, solutions, whole_number


def random_test_size(utterances: int) -> int:
    """Return the size of the random test set: scikit-learn rounds the share of ``utterances`` up."""
    return -(-utterances * paper.TEST_SHARE_PERCENT // 100)


def emodb() -> Iterator[Finding]:
    """Solve each EMO-DB row for the number of correct utterances per class."""
    topic, sizes = "EMO-DB: 34 test utterances", paper.EMODB_TEST
    total, found = sum(sizes), {}
    for method, row in paper.TABLE1.items():
        scores = row["emodb"]
        found[method] = solutions(scores.ua, scores.wa, sizes)
        shown = "; ".join(
            f"{sum(counts)}/{total}: "
            + ", ".join(f"{label} {k}/{n}" for label, k, n in zip(CLASSES, counts, sizes, strict=True))
            for counts in found[method]
        )
        only = "one solution, " if len(found[method]) == 1 else f"{len(found[method])} solutions, "
        yield Finding(
            topic,
            f"{title(method)}: which utterances are right",
            f"UA {scores.ua:.2f}, WA {scores.wa:.2f}",
            only + shown if shown else "no combination of correct utterances gives the pair",
            "holds" if shown else "no solution",
        )
    happy = {counts[CLASSES.index("happy")] for every in found.values() for counts in every}
    yield Finding(
        topic,
        '"happy" is recognised',
        "not stated",
        f"{' or '.join(map(str, sorted(happy)))} of {sizes[CLASSES.index('happy')]} right in every row",
        "note",
    )
    printed = {method: row["emodb"].wa for method, row in paper.TABLE1.items()}
    second = max((method for method in printed if method != PROPOSED), key=printed.__getitem__)
    yield Finding(
        topic,
        f"{title(PROPOSED)} against {title(second)}",
        f"WA {printed[PROPOSED]:.2f} and {printed[second]:.2f}",
        f"a difference of {sum(found[PROPOSED][0]) - sum(found[second][0])} utterances out of {total}; "
        f"one utterance is worth {100 / total:.2f} points of WA",
        "note",
    )


def random_split(target: str) -> Iterator[Finding]:
    """Check which of the two columns of a corpus with a random split can be a weighted accuracy."""
    size, name = random_test_size(paper.FOUR_CLASS_UTTERANCES[target]), paper.PRINTED_CORPUS_TITLES[target]
    topic = f"{name}: {size} test utterances"
    for method, row in paper.TABLE1.items():
        ua, wa = (whole_number(value, size) for value in row[target])
        if wa is not None:
            verdict = "holds" if wa[1] else "holds by truncation"
        else:
            verdict = "no k/n" if ua is None else "columns swapped"
        yield Finding(
            topic,
            f"{title(method)}: the WA is k/{size}",
            f"UA {row[target].ua:.2f}, WA {row[target].wa:.2f}",
            f"UA {_as_fraction(row[target].ua, size)}; WA {_as_fraction(row[target].wa, size)}",
            verdict,
        )
    printed = tuple(row[target].wa for row in paper.TABLE1.values())
    if target != "urdu":
        smallest = smallest_size(printed)
        others = [
            paper.PRINTED_CORPUS_TITLES[other]
            for other, utterances in paper.FOUR_CLASS_UTTERANCES.items()
            if random_test_size(utterances) == smallest and other != target
        ]
        yield Finding(
            topic,
            "smallest test set on which all four WAs are possible",
            "WA " + ", ".join(f"{value:.2f}" for value in printed),
            f"{smallest} utterances" + "".join(f", the size of {other}'s test set" for other in others),
            "holds" if smallest <= size and all(whole_number(value, size) for value in printed) else "note",
        )
    else:
        equal = [title(m) for m, row in paper.TABLE1.items() if row[target].ua == row[target].wa]
        yield Finding(
            topic,
            "the split keeps the classes in proportion (100 utterances each)",
            "not stated",
            f"then UA = WA; this is so in {len(equal)} of {len(paper.TABLE1)} rows",
            "note",
        )
    yield Finding(
        topic,
        "how much a fit says",
        "",
        f"{100 * by_chance(size):.1f} % of all two-decimal percentages are k/{size} by chance",
        "note",
    )


def _as_fraction(printed: float, size: int) -> str:
    """Return the printed value as a fraction of the test set, in words if it is none."""
    match = whole_number(printed, size)
    if match is not None:
        k, rounded = match
        return f"{printed:.2f} = {k}/{size}" + ("" if rounded else f" ({100 * k / size:.4f}, truncated)")
    below = math.floor(exact(printed) * size / 100)
    near = ", ".join(f"{k}/{size} = {100 * k / size:.2f}" for k in (below, below + 1))
    return f"{printed:.2f} is no k/{size} (nearest {near})"
