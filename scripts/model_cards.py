"""The model card of every checkpoint of the study."""

from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from nnpm import corpora
from nnpm.corpora import pools
from nnpm.files import read_manifest, write_text
from nnpm.reporting import metrics, model_card, summaries
from nnpm.reporting.study import Study
from nnpm.training.header import Header
from nnpm.workflow.job import job

with job(snakemake.log[0]):
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    study = Study(**params.study)
    as_source, as_target = (
        {
            name: model_card.Part(
                corpora.get(name, params.manifests.get(name)), read_manifest(manifest, labelled=is_source, alone=False)
            )
            for name, manifest in zip(params.corpora, files.manifests, strict=True)
            if name in used
        }
        for is_source, used in (
            (True, {name for source in params.learned for name in pools.members(source)}),
            (False, params.targets),
        )
    )
    versions = {name: version(name) for name in ("torch", "librosa", "numpy")}
    found = []
    for checkpoint, measured in zip(files.runs, files.metrics, strict=True):
        run = metrics.load_run(measured)
        found.append((checkpoint, run["splits"]["test"], run["target"]))
    for checkpoint, measured in zip(files.pretrained, files.pretrained_metrics, strict=True):
        name = Path(checkpoint).stem
        found.append((checkpoint, summaries.load_pretrained(measured, name)[name]["test"], None))
    of_seeds = defaultdict(list)  # of runs and pretrained backbones that differ only in the seed
    for checkpoint, scores, _ in found:
        if scores:
            of_seeds[Path(checkpoint).parent.parent].append(scores["ua"])
    for card, (checkpoint, scores, target) in zip([*output.runs, *output.pretrained], found, strict=True):
        path = Path(checkpoint)
        over_seeds = of_seeds[path.parent.parent]
        header, adapted_to = Header.read(path), as_target[target] if target else None
        terms = params.terms.get(header.features.front_end, "")
        sources = [as_source[name] for name in pools.members(header.run["source"])]
        made = model_card.Card(path.name, header, scores, over_seeds, sources, adapted_to, params.pretraining, terms)
        write_text(card, model_card.render(made, study, versions))
