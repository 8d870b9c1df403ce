"""Checks of the paper's statements about its numbers: repeated rows, margins, gains and totals."""

import itertools
from collections.abc import Iterator
from fractions import Fraction

from nnpm import CLASSES
from nnpm.methods.table import PROPOSED, title
from nnpm.reporting import paper
from nnpm.reporting.audit.accuracies import random_test_size
from nnpm.reporting.audit.arithmetic import Finding, exact, whole_number
from nnpm.reporting.paper import Gain

#: Topic of the checks of one table against another.
TABLES = "Tables 1, 2 and 3 beside each other"


def tables() -> Iterator[Finding]:
    """Find rows of Table 3 that are also printed in Table 1."""
    for frozen, scores in paper.TABLE3.items():
        same = [method for method, row in paper.TABLE1.items() if row[paper.TABLE3_TARGET] == scores]
        titles = ", ".join(title(method) for method in same)
        own = same == [PROPOSED] and frozen == paper.FREEZE
        yield Finding(
            TABLES,
            f"Table 3, N = {frozen}",
            f"UA {scores.ua:.2f}, WA {scores.wa:.2f}",
            f"identical to Table 1's {titles}"
            + (", which is the same model" if own else ", which is another method" if same else ""),
            "holds" if own else "note",
        )
    ua, short = paper.TABLE1[PROPOSED][paper.TABLE2_TARGET].ua, paper.TABLE2[PROPOSED]
    yield Finding(
        TABLES,
        f"Table 2's {title(PROPOSED)} is Table 1's",
        f"{short:.1f} and {ua:.2f}",
        f"{ua:.2f} rounds to {float(round(exact(ua), 1))}",
        "holds" if round(exact(ua), 1) == exact(short) else "does not follow",
    )
    yield from map(_best_row, ("UA", "WA"))


def _best_row(metric: str) -> Finding:
    """Give the margin of the paper's method over the best other row, for each corpus."""
    margins = {}
    for target, printed in paper.PRINTED_CORPUS_TITLES.items():
        column = {method: exact(getattr(row[target], metric.lower())) for method, row in paper.TABLE1.items()}
        margins[printed] = column.pop(PROPOSED) - max(column.values())
    mean = float(sum(margins.values()) / len(margins))
    return Finding(
        TABLES,
        f"{title(PROPOSED)}'s margin over the best other row, {metric}",
        "best overall, worse than SNSA-wo-SL on Urdu",
        ", ".join(f"{printed} {float(margin):+.2f}" for printed, margin in margins.items()) + f"; mean {mean:+.2f}",
        "note",
    )


def gains() -> Iterator[Finding]:
    """Compare each claimed gain with the two numbers it names, and with every other pair of Table 1."""
    for gain in paper.GAINS:
        computed, calculation = _calculated(gain, gain.better[1], gain.worse[1])
        follows = _within(computed, gain.value)
        words = [calculation]
        if not follows:
            others = "; ".join(_pairs_giving(gain))
            only = f"only unrelated cells of Table 1 give it ({others})" if others else "no pair of Table 1 gives it"
            words.append(only)
            if _is_one_digit_apart(gain.value, f"{float(computed):.{_decimals(gain)}f}"):
                words.append("one digit away from the printed claim")
        if gain.target == "urdu":
            better, worse = (
                getattr(unswapped(str(name), gain.target), gain.metric.lower()) for name, _ in (gain.better, gain.worse)
            )
            words.append("with the swapped columns put right " + _calculated(gain, better, worse)[1])
        if gain.better == (PROPOSED, paper.TABLE2[PROPOSED]):
            full = paper.TABLE1[PROPOSED]["emodb"].ua
            words.append("from Table 1's value " + _calculated(gain, full, gain.worse[1])[1])
        verdict = "holds" if follows else "does not follow"
        yield Finding("Claimed gains", _sentence(gain), f"{gain.value} %", "; ".join(words), verdict)


def _sentence(gain: Gain) -> str:
    """Return the claim of a gain as one line."""
    better, worse = (f"N = {name}" if isinstance(name, int) else title(name) for name, _ in (gain.better, gain.worse))
    kind = "relative" if gain.relative else "absolute"
    where = f" (Table {gain.table})" if gain.table > 1 else ""
    return f"{better} over {worse}, {kind} {gain.metric}, {paper.PRINTED_CORPUS_TITLES[gain.target]}{where}"


def _decimals(gain: Gain) -> int:
    return len(gain.value.partition(".")[2])


def _gain(better: float, worse: float, relative: bool) -> Fraction:
    """Return the gain in points, or in percent of the worse value."""
    difference = exact(better) - exact(worse)
    return difference / exact(worse) * 100 if relative else difference


def _calculated(gain: Gain, better: float, worse: float) -> tuple[Fraction, str]:
    """Return what a gain is between two numbers, and the calculation with the claim's decimals."""
    value = _gain(better, worse, gain.relative)
    operation = f"{better} / {worse} - 1" if gain.relative else f"{better:.2f} - {worse:.2f}"
    return value, f"{operation} = {float(value):.{_decimals(gain)}f}" + (" %" if gain.relative else "")


def _within(computed: Fraction, printed: str) -> bool:
    """Tell whether a computed gain rounds to the printed one at its own decimals."""
    step = Fraction(1, 10 ** len(printed.partition(".")[2]))
    return abs(computed - Fraction(printed)) <= step / 2


def _pairs_giving(gain: Gain) -> Iterator[str]:
    """Yield every pair of Table 1's numbers with the claimed gain."""
    cells = [
        (f"{title(method)} {paper.PRINTED_CORPUS_TITLES[target]} {metric}", value)
        for method, row in paper.TABLE1.items()
        for target, scores in row.items()
        for metric, value in zip(("UA", "WA"), scores, strict=True)
    ]
    for (better, high), (worse, low) in itertools.permutations(cells, 2):
        if _within(_gain(high, low, gain.relative), gain.value):
            yield f"{better} over {worse}"


def unswapped(method: str, target: str) -> paper.Scores:
    """A row of Table 1, with swapped columns corrected."""
    ua, wa = paper.TABLE1[method][target]
    if target not in paper.FOUR_CLASS_UTTERANCES:  # EMO-DB, whose test speaker is fixed
        return paper.Scores(ua, wa)
    size = random_test_size(paper.FOUR_CLASS_UTTERANCES[target])
    swapped = whole_number(wa, size) is None and whole_number(ua, size) is not None
    return paper.Scores(wa, ua) if swapped else paper.Scores(ua, wa)


def _is_one_digit_apart(first: str, second: str) -> bool:
    """Tell whether two numbers of the same length differ in exactly one digit."""
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1


def totals() -> Iterator[Finding]:
    """Add up the parts that the text names."""
    for total in paper.TOTALS:
        added = sum(map(exact, total.parts), Fraction())
        yield Finding(
            "Totals in the text",
            total.sentence,
            f"{total.total:,g}{total.unit}",
            " + ".join(f"{part:,g}" for part in total.parts) + f" = {float(added):,g}{total.unit}",
            "holds" if added == exact(total.total) else "does not follow",
        )
    joy, utterances = paper.EKORPUS_UTTERANCES[CLASSES.index("happy")], sum(paper.EKORPUS_UTTERANCES)
    yield Finding(
        "Totals in the text",
        "Estonian: share of joy",
        "1.7 %",
        f"public inventories: {joy} of {utterances:,} = {100 * joy / utterances:.1f} %",
        "does not follow",
    )
