"""A made-up study with the largest tables there are: every method on four targets, and a check of many speakers."""

import numpy as np
import pandas as pd

from nnpm import CLASSES, corpora
from nnpm.reporting import audit, comparison, figure2, paper, report, tables
from nnpm.reporting.tables import Study
from tests.unit import fake_study as fake

METHODS = list(paper.METHOD_TITLES)
TARGETS = list(fake.SIZES)
SIZE = 12  # utterances of a class: enough for a table as wide as any, and quick to resample
SPEAKERS = [f"M{number:02d}" for number in range(87)]
CHECK = (
    "# ShEMO, target\n\n- found as: female/F01A01.wav\n\n## Leakage\n\n| splits | names |\n|:---|:---|\n"
    f"| train, test | {', '.join(SPEAKERS)} |\n\n## Speakers\n\n| speaker | angry | all |\n|:---|:---|:---|\n"
    + "".join(f"| {name} | {number} | {2 * number} |\n" for number, name in enumerate(SPEAKERS))
)


def context() -> report.Context:
    """The report's content; drawn at random, always the same."""
    generator = np.random.default_rng(0)
    study = Study("large", "ravdess", note="Every number here is drawn at random, and so means nothing at all.")
    runs = [
        fake.run(target, method, seed, generator.multinomial(SIZE, [0.4, 0.3, 0.2, 0.1], size=4).tolist())
        for target in TARGETS
        for method in METHODS
        for seed in (0, 1)
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
        tests=comparison.tests(metrics, evidence, **shown),
        plotted=figure2.numbers(metrics, evidence, TARGETS, study),
        figure_svg="<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 5'/>",
        pretrained=[fake.pretrained(seed) for seed in fake.SEEDS],
        source_predictions=source,
        findings=audit.audit(),
        corpora=[report.CorpusPart(corpora.get(name), "target", manifest, CHECK) for name in ("shemo", "emodb")],
        settings=fake.SETTINGS,
        versions={"torch": "2.13.0"},
        machine={"system": "Linux-" + 12 * "long-"},
    )
