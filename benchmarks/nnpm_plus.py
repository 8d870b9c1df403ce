"""One picture of NNPM-plus: the utterances of a target and the classes' slots, before and after adaptation.

`python -m benchmarks.nnpm_plus config/open.yaml --into FOLDER` draws nnpm-plus.png for the last source and the target
URDU of a finished study. Colours are the true emotions, which the method does not see.
"""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from benchmarks import finished
from benchmarks.leave_one_language_out import accuracy
from nnpm import CLASSES
from nnpm.corpora.pools import members
from nnpm.files import label_indices
from nnpm.methods import discriminant
from nnpm.methods.described import Described
from nnpm.methods.discriminant import Discriminant
from nnpm.methods.nnpm_plus import Settings, adapted, speakers_of, views_agree_more
from nnpm.reporting import drawing, palette
from nnpm.workflow.plan import Plan

TARGET = "urdu"


def main(study: Plan, into: Path) -> None:
    """Draw the picture of a finished study."""
    source_name = study.pairs(study.sources[-1])[TARGET]
    corpora = finished.described(study, (*members(source_name), TARGET))
    target = finished.as_target(corpora.pop(TARGET))
    memory, settings = discriminant.memory(Described.pool(corpora)), Settings()
    weight = settings.full if views_agree_more(memory, target) else settings.careful
    speakers = speakers_of(memory, target)
    before = Discriminant.of(memory, settings.start)
    after = adapted(memory, target.values, weight, speakers=speakers)
    plane = np.linalg.svd(after.weight - after.weight.mean(axis=1, keepdims=True), full_matrices=False)[0][:, :2]
    labels, places = label_indices(target.manifest["label"]), target.values @ plane
    with matplotlib.rc_context(drawing.FONT):
        figure = Figure(figsize=(drawing.WIDTH, 4.0), layout="constrained")
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        for axes, found, name in zip(panels, (before, after), ("before", "after"), strict=True):
            drawing.plain(axes)
            predicted = found.scores(target.values).argmax(axis=1)
            for label, emotion in enumerate(CLASSES):
                colour = palette.CLASS_COLOURS[emotion]
                axes.scatter(*places[labels == label].T, s=8, color=colour, alpha=0.5, linewidths=0)
                slot = places[predicted == label].mean(axis=0)
                axes.scatter(*slot, s=150, marker="X", color=colour, edgecolor="black", linewidth=1, zorder=3)
                axes.annotate(emotion, slot, xytext=(8, 6), textcoords="offset points", weight="bold", zorder=4)
            ua = accuracy(discriminant.classified(found, target), target)
            axes.set_title(f"{name} adaptation: UA {ua:.0f} %")
            axes.set_xticks([])
            axes.set_yticks([])
    into.mkdir(parents=True, exist_ok=True)
    drawing.save(figure, into / "nnpm-plus.png", "png", "NNPM-plus before and after adaptation")


if __name__ == "__main__":
    main(*finished.asked(__doc__))
