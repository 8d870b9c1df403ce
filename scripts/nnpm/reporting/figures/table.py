"""The declaration of every figure: its title, caption and inputs.

The workflow reads this table while it is planned, so it imports only the standard library. Each figure is drawn by the
module of the same name in this folder.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One figure.

    `title` and `caption` may name the target as "{target}". A figure is drawn `per_target`, or once for all targets.
    `needs` are the names of its inputs (see `base.Given`). They come from the runs that `shows` names: those of a
    table, of Figure 2 or of the diagnostic figures.
    """

    name: str
    title: str
    caption: str
    per_target: bool
    needs: tuple[str, ...]
    shows: str = "diagnostics"

    @property
    def file(self) -> str:
        """The path of the module that draws it, relative to `scripts/`."""
        return f"nnpm/reporting/figures/{self.name}.py"


_ENTRIES = (
    Entry(
        "figure2",
        "Figure 2: UA against the similarity threshold",
        "UA of the paper's method against the similarity threshold. The band is the 95 % interval of the mean.",
        False,
        ("metrics", "predictions"),
        "figure2",
    ),
    Entry(
        "gains",
        "What each method gains in UA",
        "Difference in UA of each method from the reference of the comparison, in points, with its 95 % interval. "
        "Filled: beyond chance, by the paired tests of the table (p < 0.05, corrected).",
        False,
        ("tests",),
        "comparison",
    ),
    Entry(
        "curves",
        "Training curves on {target}",
        "Training on {target} over the epochs: test UA (reads labels, for evaluation only), UA on held-out source "
        "utterances, and how many classes are predicted. Lines are means over seeds. Bands go from the lowest to the "
        "highest seed.",
        True,
        ("metrics", "histories"),
    ),
    Entry(
        "confusion",
        "Confusion matrices on {target}",
        "Test utterances of {target} by true and predicted class, summed over seeds. UA is the mean over seeds, with "
        "its 95 % interval in square brackets.",
        True,
        ("metrics", "predictions"),
    ),
    Entry(
        "recall",
        "Recall of each class on {target}",
        "Recall of each class on {target}: mean over seeds with its 95 % interval.",
        True,
        ("metrics", "predictions"),
    ),
    Entry(
        "embedding",
        "Embeddings of the source and of {target} before and after adaptation",
        "Embeddings of the source and of {target} before and after adaptation, of one seed: the two principal "
        "components of the L2-normalised embeddings.",
        True,
        (
            *("source", "source_manifests", "source_descriptions", "target", "target_manifest", "target_description"),
            *("before", "after"),
        ),
    ),
    Entry(
        "memory",
        "The memory over the epochs",
        "The memory over the epochs: positives per target utterance, the purity of positives and hard negatives beside "
        "chance (reads labels, for evaluation only), similarities, and predicted classes. Lines are means over seeds. "
        "Bands go from the lowest to the highest seed.",
        False,
        ("metrics", "histories", "source_manifests", "target_manifests"),
    ),
)

FIGURES = {entry.name: entry for entry in _ENTRIES}
