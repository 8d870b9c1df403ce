"""The constants of NNPM-plus, chosen on all languages but one and reported on that one, in turn.

`python -m benchmarks.leave_one_language_out config/open.yaml --into FOLDER` reads the functionals of a finished study
and writes five tables, UA in percent over all utterances of a target:

- leave_one_language_out.csv: for each target the constants that are best on the other targets, and what they give on
  it. To choose, its corpus is neither a target nor in a pool.
- proportions.csv: the constants in use, with targets that are thinned to other class frequencies, three draws each,
  and beside them targets of as many utterances in which all classes are equally frequent.
- speakers.csv: if the target's voices are taken off and if they are not, and classifiers of functionals that are
  standardised in each speaker.
- speakers_proportions.csv: targets whose speakers show emotions with other frequencies each.
- pairs.csv: from each corpus to each other one, how far two descriptions agree before and after, and what the full
  weight, the careful one and the choice between them give.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks import finished, thinning
from nnpm import CLASSES
from nnpm.corpora import pools
from nnpm.files import label_indices, write_csv
from nnpm.methods import discriminant, nnpm_plus, svm
from nnpm.methods.described import Described
from nnpm.methods.discriminant import Discriminant
from nnpm.methods.linear import Classified
from nnpm.methods.nnpm_plus import Settings
from nnpm.workflow.plan import Plan

#: Utterances of angry, happy, sad and neutral: as they are, one to four and back, EKorpus's and ShEMO's.
PROPORTIONS: Mapping[str, Sequence[int] | None] = {
    **{"as recorded": None, **thinning.FREQUENCIES},
    **{"EKorpus": (306, 271, 249, 338), "ShEMO": (1059, 201, 449, 1028)},
}
_ALIKE = Settings(between=-1.0)  # voices are never taken off
_MOST_LOST = -2.0  # points that a choice may lose in a language


CHOICES = [Settings(*each) for each in itertools.product((0.6, 0.8), (0.4, 0.6, 0.8), (1.0, 2.0), (0.25, 0.5, 2.0))]


def accuracy(classified: Classified, target: Described) -> float:
    """UA in percent over the labelled utterances of a target."""
    predicted, labels = classified.probabilities.argmax(axis=1), label_indices(target.manifest["label"])
    known = np.unique(labels[labels >= 0])
    return float(100 * np.mean([(predicted[labels == label] == label).mean() for label in known]))


def around(settings: Settings, source: Described, target: Described) -> tuple[float, float]:
    """UA in percent before and after adaptation."""
    before = discriminant.classified(Discriminant.of(discriminant.memory(source), settings.start), target)
    return accuracy(before, target), accuracy(nnpm_plus.classify(source, target, settings), target)


def sources(
    corpora: Mapping[str, Described], single: str, target: str, without: str = ""
) -> Iterator[tuple[str, Described]]:
    """The single source, and all corpora but the target and one that is left out."""
    yield single, corpora[single]
    yield pools.OTHERS, Described.pool({name: one for name, one in corpora.items() if name not in (target, without)})


def leave_one_out(corpora: Mapping[str, Described], single: str, targets: Sequence[str]) -> pd.DataFrame:
    """One row per target and source: the choice on the other targets, UA before and after it on this one."""
    rows = []
    heard = {name: finished.as_target(corpora[name]) for name in targets}
    alone = {(choice, t): around(choice, corpora[single], heard[t]) for choice in CHOICES for t in targets}
    for left in targets:
        scored = {
            choice: [
                alone[choice, target] if name == single else around(choice, source, heard[target])
                for target in targets
                if target != left
                for name, source in sources(corpora, single, target, left)
            ]
            for choice in CHOICES
        }
        safe = {choice: found for choice, found in scored.items() if min(b - a for a, b in found) >= _MOST_LOST}
        best = max(safe or scored, key=lambda choice: np.mean([after for _, after in scored[choice]]))
        for name, source in sources(corpora, single, left):
            before, after = around(best, source, heard[left])
            compared = {
                "svm": accuracy(svm.classify(source, heard[left]), heard[left]),
                "before": before,
                "after": after,
            }
            rows.append({"target": left, "source": name, **compared, **asdict(best), "safe": len(safe)})
    return pd.DataFrame(rows)


def by_proportions(corpora: Mapping[str, Described], single: str, targets: Sequence[str]) -> pd.DataFrame:
    """One row per class frequencies, source and target: UA before and after adaptation, mean over draws.

    The control has as many utterances, and equal classes.
    """
    rows = []
    for named, shares in PROPORTIONS.items():
        for target in targets:
            whole = finished.as_target(corpora[target])
            drawn = [thinned(whole, shares, seed) for seed in range(3)] if shares else [whole]
            most = min(len(one.manifest) for one in drawn)
            equal = [thinned(whole, thinning.EQUAL, seed, most) for seed in range(3)] if shares else [whole]
            for name, source in sources(corpora, single, target):
                row: dict[str, object] = {"frequencies": named, "source": name, "target": target}
                for kind, several in (("", drawn), ("equal_", equal)):
                    before, after = np.mean([around(Settings(), source, one) for one in several], axis=0)
                    row |= {f"{kind}before": before, f"{kind}after": after}
                rows.append(row)
    return pd.DataFrame(rows)


def by_speakers(corpora: Mapping[str, Described], single: str, targets: Sequence[str]) -> pd.DataFrame:
    """One row per source and target: UA of classifiers that do not know who speaks, and of those that do."""
    rows = []
    alike = {name: in_each_speaker(one) for name, one in corpora.items()}
    for target in targets:
        both = zip(sources(corpora, single, target), sources(alike, single, target), strict=True)
        whole, its = (finished.as_target(each[target]) for each in (corpora, alike))
        for (name, source), (_, same) in both:
            row: dict[str, object] = {"source": name, "target": target}
            for known, given, heard in (("", source, whole), ("_speakers", same, its)):
                row[f"svm{known}"] = accuracy(svm.classify(given, heard), heard)
                row[f"before{known}"] = accuracy(discriminant.classify(given, heard), heard)
            row["after"], row["after_speakers"] = (around(each, source, whole)[1] for each in (_ALIKE, Settings()))
            rows.append(row)
    return pd.DataFrame(rows)


def in_each_speaker(corpus: Described) -> Described:
    """A corpus whose functionals are standardised in each speaker; those of a lone utterance are 0."""
    values = corpus.values.copy()
    for rows in corpus.manifest.groupby("speaker").indices.values():
        own = values[rows] - values[rows].mean(axis=0)
        deviation = own.std(axis=0)
        values[rows] = own / np.where(deviation > 0, deviation, 1)
    return replace(corpus, values=values)


def by_speakers_proportions(corpora: Mapping[str, Described], single: str, targets: Sequence[str]) -> pd.DataFrame:
    """One row per frequencies, source and target: UA before adaptation, after it, and after it with voices left on."""
    rows = []
    for named, kept in thinning.OF_SPEAKERS.items():
        for target in targets:
            corpus = corpora[target]
            shown = corpus.manifest.groupby("speaker")["label"].nunique()
            if (shown < len(CLASSES)).mean() > 1 / 2:
                continue  # most speakers have not all emotions to draw from
            labels = label_indices(corpus.manifest["label"])
            speakers = np.unique(corpus.manifest["speaker"], return_inverse=True)[1]
            drawn = [
                thinning.rows_of_speakers(labels, speakers, kept, np.random.default_rng(seed)) for seed in range(3)
            ]
            parts = [finished.as_target(part(corpus, each)) for each in drawn]
            for name, source in sources(corpora, single, target):
                before, after = np.mean([around(Settings(), source, each) for each in parts], axis=0)
                left = np.mean([around(_ALIKE, source, each)[1] for each in parts])
                memory = discriminant.memory(source)
                told = np.mean([nnpm_plus.speakers_of(memory, each) is not None for each in parts])
                rows.append({"frequencies": named, "source": name, "target": target, "told": told})
                rows[-1] |= {"before": before, "after": after, "voices_left": left}
    return pd.DataFrame(rows)


def thinned(corpus: Described, shares: Sequence[int] | None, seed: int, most: float = np.inf) -> Described:
    """As many utterances of a corpus as allow these class frequencies, `most` at most, standardised by themselves."""
    if shares is None:
        return corpus
    kept = thinning.rows(label_indices(corpus.manifest["label"]), shares, np.random.default_rng(seed), most)
    return part(corpus, kept)


def part(corpus: Described, kept: npt.NDArray[np.intp]) -> Described:
    """Some utterances of a corpus, (utterances,), standardised by themselves."""
    measured = corpus.mean + np.where(np.isinf(corpus.deviation), 0, corpus.deviation) * corpus.values
    return Described.of(measured[kept], corpus.manifest.iloc[kept].reset_index(drop=True), corpus.names, corpus.kind)


def by_pairs(corpora: Mapping[str, Described]) -> pd.DataFrame:
    """One row per pair of corpora: agreement of two descriptions, and UA before and after, by weight and as chosen."""
    rows = []
    for (name, source), (other, corpus) in itertools.permutations(corpora.items(), 2):
        target = finished.as_target(corpus)
        memory = discriminant.memory(source)
        before, after = nnpm_plus.agreements(memory, target)
        row = {"source": name, "target": other, "agreement_before": before, "agreement_after": after}
        constants = Settings()
        row["before"], row["chosen"] = around(constants, source, target)
        for kind, weight in (("full", constants.full), ("careful", constants.careful)):
            row[kind] = around(replace(constants, full=weight, careful=weight), source, target)[1]
        rows.append(row)
    return pd.DataFrame(rows)


def main(study: Plan, into: Path) -> None:
    """Write the tables of a finished study."""
    single, targets = study.sources[0], study.targets
    corpora = finished.described(study, study.corpora)
    made = {
        "leave_one_language_out": lambda: leave_one_out(corpora, single, targets),
        "proportions": lambda: by_proportions(corpora, single, targets),
        "speakers": lambda: by_speakers(corpora, single, targets),
        "speakers_proportions": lambda: by_speakers_proportions(corpora, single, targets),
        "pairs": lambda: by_pairs(corpora),
    }
    with threadpool_limits(1, user_api="blas"):  # as in a study
        for name, make in made.items():
            write_csv(into / f"{name}.csv", make().round(3))


if __name__ == "__main__":
    main(*finished.asked(__doc__))
