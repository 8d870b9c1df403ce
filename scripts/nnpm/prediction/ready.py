"""The model that comes with the package: the memory of NNPM-plus, of open corpora, which adapts to what it is given.

`ready.json` holds what NNPM-plus keeps of its sources (`discriminant.ClassMemory`): no audio, no utterance. With few
recordings it is used as it is. Of about thirty, standardised by themselves, NNPM-plus learns as from a target.
docs/ready.md says how it was made and measured; `benchmarks.ready` makes it.
"""

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from nnpm import CLASSES
from nnpm.errors import InputError
from nnpm.methods import nnpm_plus
from nnpm.methods.discriminant import SHRINKAGE, ClassMemory, Discriminant
from nnpm.methods.linear import LinearClassifier
from nnpm.prediction import ADAPT

Array = npt.NDArray[np.float64]

#: Recordings from which adapting helps; so many count as much in mean and deviation as the corpora's own.
ENOUGH = 30
#: The share of one emotion above which the recordings are taken for this emotion alone.
ALONE = 0.7
#: By which scores are multiplied, so that probabilities are as often right as they say: as it is, and adapted.
CALIBRATION = {False: 0.105, True: 0.227}
#: Probability of the most likely emotion below which a label is unsure.
UNSURE = 0.45

RATE, SECONDS = 16_000, 7.5  # of the sounds that functionals are measured from
FILE = Path(__file__).with_name("ready.json")


class Fitted(NamedTuple):
    """A classifier for some recordings, whether it was adapted to them, and why, in words.

    `voices` is True if the speakers' voices were taken off.
    """

    classifier: LinearClassifier
    adapted: bool
    said: str
    voices: bool = False


@dataclass(frozen=True)
class ReadyModel:
    """The memory of standardised functionals of some corpora.

    `names` are the functionals; `mean` and `deviation`, (functionals,), standardise a recording of which nothing else
    is known: the corpora's mean, and the root of their mean variance. `about` names corpora, terms, and what was
    measured.
    """

    names: tuple[str, ...]
    memory: ClassMemory
    mean: Array
    deviation: Array
    about: Mapping[str, Any]

    @classmethod
    def of(
        cls, corpora: Mapping[str, tuple[Array, npt.NDArray[np.int64]]], names: tuple[str, ...], **about: Any
    ) -> Self:
        """The model of labelled corpora, by name: functionals as measured, (utterances, functionals), and labels."""
        means = {name: values.mean(axis=0) for name, (values, _) in corpora.items()}
        deviations = {name: values.std(axis=0) for name, (values, _) in corpora.items()}
        each = [
            ClassMemory.of((values - means[name]) / deviations[name], np.eye(len(CLASSES))[labels])
            for name, (values, labels) in corpora.items()
        ]
        mean = np.mean(list(means.values()), axis=0)
        deviation = np.sqrt(np.mean(np.square(list(deviations.values())), axis=0))
        return cls(names, reduce(operator.add, each), mean, deviation, {"corpora": list(corpora), **about})

    @classmethod
    def read(cls, path: Path = FILE) -> Self:
        """Read what `written` returned. Raises InputError if it is damaged."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            names, width = tuple(found["names"]), len(found["names"])
            upper = np.triu_indices(width)
            sizes = {"counts": (len(CLASSES),), "sums": (len(CLASSES), width), "products": upper[0].shape}
            sizes |= {"mean": (width,), "deviation": (width,)}
            arrays = {name: np.array(found[name], dtype=np.float64) for name in sizes}
            if odd := [name for name, size in sizes.items() if arrays[name].shape != size]:
                raise ValueError(f"{odd[0]} of another size than the names say")
            products = np.zeros((width, width))
            products[upper] = arrays["products"]
            products += np.triu(products, 1).T
            memory = ClassMemory(arrays["counts"], arrays["sums"], products)
            return cls(names, memory, arrays["mean"], arrays["deviation"], found["about"])
        except (OSError, LookupError, TypeError, ValueError) as error:
            raise InputError(f"{path}: damaged ({error}); install nnpm again") from None

    def written(self) -> str:
        """The model as JSON: the upper triangle of what is symmetric, five decimals."""
        upper = self.memory.products[np.triu_indices(len(self.names))]
        content = {"about": dict(self.about), "names": self.names, "counts": self.memory.counts.round(5).tolist()}
        content |= {"mean": [float(f"{v:.6g}") for v in self.mean]}
        content |= {"deviation": [float(f"{v:.6g}") for v in self.deviation]}
        content |= {"sums": self.memory.sums.round(5).tolist(), "products": upper.round(5).tolist()}
        return json.dumps(content, separators=(",", ":")) + "\n"

    def as_it_is(self) -> LinearClassifier:
        """The classifier of recordings of which nothing else is known."""
        return self._linear(Discriminant.of(self.memory, SHRINKAGE), self.mean, self.deviation, adapted=False)

    def adapted(self, values: Array, speakers: Sequence[str | None] | None = None) -> LinearClassifier:
        """The classifier of recordings like these: functionals as measured, (recordings, functionals), unlabelled.

        They are standardised by their mean and deviation, as if `ENOUGH` recordings of the corpora were among them,
        and count in the same way in NNPM-plus beside its careful weight. `speakers` names who speaks each, None where
        that is not known.
        """
        return self._adapted(values, speakers)[0]

    def _adapted(self, values: Array, speakers: Sequence[str | None] | None) -> tuple[LinearClassifier, bool]:
        """The same, and whether voices were taken off."""
        count, center = len(values), values.mean(axis=0)
        share = count / (count + ENOUGH)
        mean = share * center + (1 - share) * self.mean
        between = share * (1 - share) * np.square(center - self.mean)
        variance = share * values.var(axis=0) + (1 - share) * np.square(self.deviation) + between
        deviation = np.sqrt(variance)
        weight, standardised = nnpm_plus.Settings().careful * share, (values - mean) / deviation
        told = None if speakers is None else nnpm_plus.told_speakers(self.memory, standardised, speakers)
        found = nnpm_plus.adapted(self.memory, standardised, weight, speakers=told)
        return self._linear(found, mean, deviation, adapted=True), told is not None

    def fit(
        self,
        values: Array,
        adapt: str = "auto",
        recordings: int | None = None,
        speakers: Sequence[str | None] | None = None,
    ) -> Fitted:
        """The classifier for recordings, (recordings, functionals) as measured; `adapt` is one of ADAPT.

        If some are parts of a long one, `recordings` is the number of all. `speakers` are as for `adapted`.
        """
        if adapt not in ADAPT:
            raise InputError(f"adapt: {adapt!r} is none of {', '.join(map(repr, ADAPT))}")
        plain, count = self.as_it_is(), len(values)
        if adapt == "off":
            return Fitted(plain, False, "not adapted, as asked: labels are those of the model as it is")
        if not count:
            return Fitted(plain, False, "not adapted: what was heard may be no speech" if recordings else "")
        these = _counted(count, "recording")
        if recordings not in (None, count):
            these = f"{_counted(count, 'part')} of {_counted(recordings, 'recording')}"
        if count < 2 or (adapt == "auto" and count < ENOUGH):
            leans = " and ".join(f"{name!r}" for name in self.about["leans"])
            return Fitted(plain, False, f"only {these}: labels are those of the model as it is; it leans to {leans}")
        shares = np.bincount(plain.scores(values).argmax(axis=1), minlength=len(CLASSES)) / count
        if adapt == "auto" and shares.max() > ALONE:
            heard = f"{CLASSES[int(shares.argmax())]!r} in {100 * shares.max():.0f} % of {these}"
            why = f"the model as it is hears {heard}, and adapting would divide one emotion among four"
            return Fitted(plain, False, f"not adapted: {why}")
        few = f"; fewer than {ENOUGH} gain little" if count < ENOUGH else ""
        classifier, voices = self._adapted(values, speakers)
        return Fitted(classifier, True, f"adapted to {these}, without labels{few}", voices)

    def _linear(self, found: Discriminant, mean: Array, deviation: Array, adapted: bool) -> LinearClassifier:
        """The classifier of functionals as measured, with calibrated probabilities."""
        scale = CALIBRATION[adapted]
        return LinearClassifier.for_measured(scale * found.weight.T, scale * found.bias, mean, deviation, self.names)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def check_run(run: Mapping[str, Any], name: object) -> None:
    """Raise InputError, starting with `name`, if a header's run is not that of a model that was saved."""
    about = run["model"] if isinstance(run["model"], dict) else {}
    named = isinstance(about.get("corpora"), list) and all(isinstance(each, str) for each in about["corpora"])
    told = isinstance(run.get("adapted"), bool) and isinstance(run.get("said"), str)
    if not (named and told and all(isinstance(about.get(key), str) for key in ("version", "terms"))):
        raise InputError(f"{name}: its header is damaged (of what model it is); adapt it again with --save-adapted")
