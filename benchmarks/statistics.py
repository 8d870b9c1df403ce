"""How often equal methods are marked, and intervals hold the truth. `python -m benchmarks.statistics` prints it."""

import pandas as pd

from benchmarks import simulation

TRUTHS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.95)
#: The share of the variance that is the seed's, by name: UA then varies by 5 points between seeds, by 10, or by 17.
SPREADS = {"": 0.03, ", large": 0.1, ", dominant": 0.3}
LEVELS = ((5, ""), (5, ", large"), (5, ", dominant"), (3, ""), (1, ""))
DESIGNS = (
    simulation.by_utterance("34 utterances", (13, 6, 4, 11)),
    simulation.by_utterance("132 utterances", (33,) * 4),
    simulation.urdu(),
    simulation.by_speaker(10, 40),
    simulation.by_speaker(5, 20),
    simulation.by_speaker(8, 12),
    simulation.by_speaker(12, 12),
)
#: Test sets by name; scores of several are means over them.
TEST_SETS = {design.name: (design,) for design in DESIGNS} | {"mean of the first four": DESIGNS[:4]}


def rows(studies: int = 2_000) -> list[dict[str, str]]:
    """One row per test set and number of seeds."""
    found = []
    for name, designs in TEST_SETS.items():
        for seeds, level in LEVELS:
            spread = SPREADS[level]
            reference, best = simulation.false_marks(designs, studies // 2, seeds, spread)
            of_one = 0.0 if seeds == 1 else spread  # one model's own accuracy is what its interval is of
            score, recall = (
                [100 * simulation.coverage(designs, truth, studies, seeds, of_one, groups) for truth in TRUTHS]
                for groups in ((0, 1, 2, 3), (2,))
            )
            difference = simulation.coverage_of_difference(designs, studies, seeds, of_one)
            found.append(
                {
                    "test set": name,
                    "seeds": f"{seeds}{level}",
                    "marks, reference": f"{100 * reference:.1f}",
                    "marks, best": f"{100 * best:.1f}",
                    "UA": " ".join(f"{each:.0f}" for each in score),
                    "recall": " ".join(f"{each:.0f}" for each in recall),
                    "difference": f"{100 * difference:.0f}",
                }
            )
    return found


if __name__ == "__main__":
    print(pd.DataFrame(rows()).to_markdown(index=False, disable_numparse=True))
