"""A made-up study with the largest tables there are: every method on four targets, and a check of many speakers."""

import numpy as np
import pandas as pd

from nnpm import CLASSES, corpora, pages
from nnpm.methods.table import METHODS as TABLE
from nnpm.pages import Bullets, Section, Table
from nnpm.reporting import audit, comparison, drawing, report, tables
from nnpm.reporting.study import Study
from tests.unit import fake_study as fake

METHODS = list(TABLE)
TARGETS = list(fake.SIZES)
SIZE = 12  # utterances of a class: enough for a table as wide as any, and quick to test
SPEAKERS = [f"M{number:02d}" for number in range(87)]
CHECK = [
    Section("", (Bullets(("found as: female/F01A01.wav",)),)),
    Section("Leakage", (Table(("splits", "names"), (("train, test", ", ".join(SPEAKERS)),)),)),
    Section("Speakers", (Table.of([{"speaker": name, "angry": i, "all": 2 * i} for i, name in enumerate(SPEAKERS)]),)),
]
FIGURE2 = drawing.Illustration(
    drawing.Words("figure2", "Figure 2", "UA against the threshold.", "UA by threshold."),
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 5'/>",
    "target,threshold,mean,low,high,seeds,paper\nshemo,0.9,30,20,40,2,28.19\nemodb,0.9,40,30,50,2,50.57\n",
)


def drawn(generator: np.random.Generator) -> list[list[int]]:
    """A confusion matrix drawn at random."""
    rows: list[list[int]] = generator.multinomial(SIZE, [0.4, 0.3, 0.2, 0.1], size=4).tolist()
    return rows


def context() -> report.Context:
    """The report's content; drawn at random, always the same."""
    generator = np.random.default_rng(0)
    study = Study("large", "ravdess", note="Every number here is drawn at random, and so means nothing at all.")
    runs = [
        fake.run(target, method, seed, drawn(generator), source="ravdess")
        for target in TARGETS
        for method in METHODS
        for seed in ((0, 1) if TABLE[method].seeded else (0,))
    ]
    metrics, evidence = fake.frames(runs)
    shown = {"methods": METHODS, "targets": TARGETS, "reference": "snsa-f", "study": study}
    source = pd.concat(
        fake.predictions(fake.run("ravdess", "", seed, [[9, 1, 1, 1]] * 4)).assign(seed=seed) for seed in fake.SEEDS
    )
    manifest = pd.DataFrame(
        {"utterance": SPEAKERS, "speaker": SPEAKERS, "label": [CLASSES[i % 4] for i in range(87)], "split": "train"}
    )
    return report.Context(
        study=study,
        targets=TARGETS,
        methods=METHODS,
        metrics=metrics,
        evidence=evidence,
        tables=[tables.table1(metrics, evidence, METHODS, TARGETS, study)],
        comparison=comparison.comparison(metrics, evidence, **shown),
        figures=[FIGURE2],
        pretrained=[fake.pretrained(seed) for seed in fake.SEEDS],
        source_predictions=source,
        findings=audit.audit(),
        corpora=[
            report.CorpusPart(corpora.get(name), "target", manifest, pages.to_json(CHECK))
            for name in ("shemo", "emodb")
        ],
        settings=fake.SETTINGS,
        versions={"torch": "2.13.0"},
        machine={"system": "Linux-" + 12 * "long-"},
    )
