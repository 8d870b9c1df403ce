"""What classifiers score if they read the embeddings z of a backbone, beside functionals or instead of them.

`python -m benchmarks.embeddings config/open.yaml --into FOLDER` reads a finished study and writes two tables, UA in
percent over all utterances of a target:

- inputs.csv: with own functionals, eGeMAPS, z, and their unions. The backbone was trained on most of the source's
  utterances that it describes here.
- held_out.csv: with a backbone that was trained on half of the source's speakers. The classifier learns from the
  speakers whom the backbone has not heard (held out), or from those that it was trained on (heard), or has no z (none).
  Both halves take turns, and their probabilities are averaged, so that all rows know as many utterances.
"""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from benchmarks import finished
from benchmarks.leave_one_language_out import accuracy, part, sources
from nnpm.corpora import pools
from nnpm.evaluation import inference
from nnpm.features.egemaps import PREFIX
from nnpm.files import write_csv
from nnpm.methods import discriminant, nnpm_plus, svm
from nnpm.methods.described import Described
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.training import checkpoints, devices
from nnpm.training.domain import Domain, load_inputs
from nnpm.training.pretraining import PretrainingSettings, pretrain
from nnpm.workflow import plan
from nnpm.workflow.plan import Plan

_Z = "z_"  # begins the names of embeddings
_INPUTS = {
    "own": ("",),
    "eGeMAPS": (PREFIX,),
    "both": ("", PREFIX),
    "z": (_Z,),
    "own and z": ("", _Z),
    "eGeMAPS and z": (PREFIX, _Z),
    "both and z": ("", PREFIX, _Z),
}
#: Inputs, how the backbone knows the classifier's utterances, and the beginnings of the names of what is read.
_HEARD = [
    *((name, "none", _INPUTS[name]) for name in ("own", "both")),
    *((name, hearing, _INPUTS[name]) for name in ("z", "own and z", "both and z") for hearing in ("heard", "held out")),
]
_CLASSIFIERS: Mapping[str, Any] = {"svm": svm, "before": discriminant, "after": nnpm_plus}


def by_inputs(
    corpora: Mapping[str, Described], embedded: Mapping[str, Described], single: str, targets: Sequence[str]
) -> pd.DataFrame:
    """One row per description, source and target: UA of the SVM, and before and after adaptation.

    `embedded` are the corpora with z, by the backbone of the single source; that of a pool knows other corpora.
    """
    rows = []
    for target in targets:
        for kind, wanted in _INPUTS.items():
            given = embedded if _Z in wanted else corpora
            for name, source in sources(given, single, target):
                if name == pools.OTHERS and _Z in wanted:
                    continue
                source, its = only(source, wanted), finished.as_target(only(given[target], wanted))
                scores = {column: accuracy(each.classify(source, its), its) for column, each in _CLASSIFIERS.items()}
                rows.append({"inputs": kind, "source": name, "target": target} | scores)
    return pd.DataFrame(rows)


def by_hearing(study: Plan, corpora: Mapping[str, Described], single: str, targets: Sequence[str]) -> pd.DataFrame:
    """One row per seed, description and target, with z of half the source's speakers: held out, heard, or none."""
    rows = []
    named = dict.fromkeys([single, *targets])
    for seed in study.config["seeds"]:
        turns = []
        for trained in halves(corpora[single].manifest):
            backbone = trained_on(study, single, trained, seed)
            turns.append((trained, {name: with_embeddings(study, name, backbone, corpora[name]) for name in named}))
        for target, (inputs, hearing, wanted) in itertools.product(targets, _HEARD):
            row: dict[str, Any] = {"seed": seed, "inputs": inputs, "z": hearing, "target": target}
            pairs = []
            for trained, embedded in turns:
                known = np.flatnonzero(trained if hearing == "heard" else ~trained)
                source = only(labelled(part(embedded[single], known)), wanted)
                pairs.append((source, finished.as_target(only(embedded[target], wanted))))
            for column, classifier in _CLASSIFIERS.items():
                found = [classifier.classify(*pair) for pair in pairs]
                mean = np.mean([each.probabilities for each in found], axis=0)
                row[column] = accuracy(replace(found[0], probabilities=mean), corpora[target])
            rows.append(row)
    return pd.DataFrame(rows)


def halves(manifest: pd.DataFrame) -> list[npt.NDArray[np.bool_]]:
    """Two masks, (utterances,), of every other speaker: women and men are divided alike."""
    speakers = manifest[["gender", "speaker"]].drop_duplicates().sort_values(["gender", "speaker"])["speaker"]
    first = manifest["speaker"].isin(speakers.iloc[::2]).to_numpy()
    return [first, ~first]


def labelled(corpus: Described) -> Described:
    """A corpus of which every utterance is for training."""
    return replace(corpus, manifest=corpus.manifest.assign(split="train"))


def trained_on(study: Plan, source: str, rows: npt.NDArray[np.bool_], seed: int) -> SNSA:
    """The backbone after pretraining, as in the study, on these utterances of a source."""
    domain = Domain.load_source(
        *([source], [study.features_file(source, "default")], study.manifests(source), finished.CPU),
        descriptions=study.descriptions_of([source], "default"),
    )
    domain = replace(domain, manifest=domain.manifest.assign(split=np.where(rows, "train", "validation")))
    settings = study.settings("default")
    sizes = BackboneSettings(**settings["backbone"], channels=domain.channels)
    with tempfile.TemporaryDirectory() as folder:
        resume = Path(folder) / "resume.safetensors"
        kept = PretrainingSettings(**plan.pretraining_settings(settings))
        return pretrain(domain, kept, sizes, seed=seed, resume=resume, identity="").last


def only(corpus: Described, wanted: Sequence[str]) -> Described:
    """A corpus with the functionals of some sets, which are named by the beginnings of their names."""
    of = [next((prefix for prefix in (PREFIX, _Z) if name.startswith(prefix)), "") for name in corpus.names]
    kept = np.isin(of, wanted)
    parts = {part: getattr(corpus, part)[kept] for part in ("mean", "deviation")}
    return replace(corpus, values=corpus.values[:, kept], names=tuple(np.array(corpus.names)[kept]), **parts)


def with_embeddings(study: Plan, corpus: str, backbone: SNSA, functionals: Described) -> Described:
    """Functionals with the embedding of each utterance beside them."""
    description = study.features_file(corpus, "default", "json")
    inputs = load_inputs(study.features_file(corpus, "default"), description=description)
    z, _ = inference.infer(backbone, inputs, torch.arange(len(inputs)))
    own = Described.of(z.numpy().astype(float), functionals.manifest)
    return replace(
        functionals,
        values=np.hstack([functionals.values, own.values]),
        names=(*functionals.names, *(f"{_Z}{number}" for number in range(z.shape[1]))),
        mean=np.concatenate([functionals.mean, own.mean]),
        deviation=np.concatenate([functionals.deviation, own.deviation]),
    )


def main(study: Plan, into: Path) -> None:
    """Write the tables of a finished study."""
    single, targets = study.sources[0], study.targets
    corpora = finished.described(study, study.corpora)
    devices.prepare("cpu", 1, "float32")
    backbone = checkpoints.load_backbone(study.checkpoint(single, "default", 0))
    with threadpool_limits(1, user_api="blas"):  # as in a study
        named = dict.fromkeys([single, *targets])
        embedded = {name: with_embeddings(study, name, backbone, corpora[name]) for name in named}
        write_csv(into / "inputs.csv", by_inputs(corpora, embedded, single, targets).round(3))
        write_csv(into / "held_out.csv", by_hearing(study, corpora, single, targets).round(3))


if __name__ == "__main__":
    main(*finished.asked(__doc__))
