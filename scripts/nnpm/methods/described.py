"""What classifiers of functionals are given of a corpus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnpm.errors import REMEDY, InputError
from nnpm.features.egemaps import PREFIX
from nnpm.files import label_indices, of_split, pooled, read_csv, read_manifest

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Described:
    """Standardised functionals of a corpus, (utterances, functionals), and its manifest.

    `names` are the functionals' names; the original values are `mean` + `deviation` * `values`, both (functionals,). A
    pool has no mean and deviation of its own, since each of its corpora was standardised by itself: they are NaN.
    `kind` are which functionals (`features.table.FUNCTIONALS`). `sizes` are the numbers of utterances of
    the corpora of a pool, in order.
    """

    values: Array
    manifest: pd.DataFrame
    names: tuple[str, ...]
    mean: Array
    deviation: Array
    sizes: tuple[int, ...]
    kind: str = "own"

    @classmethod
    def load(
        cls,
        functionals: str | Path,
        manifest: str | Path,
        labelled: bool = False,
        alone: bool = True,
        kind: str = "own",
    ) -> "Described":
        """Read a corpus's files. Raises InputError unless both have the same utterances in the same order.

        `labelled` (True for a source) and `alone` are as for `files.read_manifest`.
        """
        table = read_csv(functionals, ("utterance",))
        rows = read_manifest(manifest, labelled, alone)
        if table["utterance"].tolist() != rows["utterance"].tolist():
            raise InputError(f"{functionals}: not the utterances of {manifest}: {REMEDY}")
        numbers = table.drop(columns="utterance").apply(pd.to_numeric, errors="coerce")
        values = numbers.to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError(f"{functionals}: holds values that are not finite: {REMEDY}")
        if not values.shape[1]:
            raise InputError(f"{functionals}: holds no functionals: {REMEDY}")
        return cls.of(values, rows, tuple(numbers), kind)

    @classmethod
    def of(
        cls, values: Array, manifest: pd.DataFrame, names: tuple[str, ...] | None = None, kind: str = "own"
    ) -> "Described":
        """Standardise functionals: subtract each one's mean over the corpus and divide by its deviation.

        All utterances of the corpus are used, as for the mels: no label is needed. A constant functional becomes 0.
        """
        mean, deviation = values.mean(axis=0), values.std(axis=0)
        varies = deviation > 1e-9 * np.abs(values).max(axis=0)
        deviation[~varies] = np.inf
        names = names or tuple(map(str, range(values.shape[1])))
        return cls((values - mean) / deviation, manifest, names, mean, deviation, (len(values),), kind)

    @classmethod
    def load_source(
        cls, corpora: Sequence[str], functionals: Sequence[str | Path], manifests: Sequence[str | Path]
    ) -> "Described":
        """Read the corpora of a source, labels included, and join them as `pool` does; a file per corpus, in order."""
        parts = {
            name: cls.load(path, manifest, labelled=True, alone=len(corpora) == 1)
            for name, path, manifest in zip(corpora, functionals, manifests, strict=True)
        }
        return cls.pool(parts)

    @classmethod
    def pool(cls, corpora: Mapping[str, "Described"]) -> "Described":
        """Join corpora, by name; one stays as it is. Raises InputError if training lacks a class (`files.pooled`)."""
        parts = list(corpora.values())
        if len(parts) == 1:
            return parts[0]
        values, unknown = np.concatenate([part.values for part in parts]), np.full(len(parts[0].names), np.nan)
        manifest = pooled({name: part.manifest for name, part in corpora.items()})
        sizes = tuple(len(part.values) for part in parts)
        return cls(values, manifest, parts[0].names, unknown, unknown, sizes, parts[0].kind)

    @property
    def training(self) -> npt.NDArray[np.bool_]:
        """Which utterances are for training, (utterances,)."""
        return of_split(self.manifest, "train")

    @property
    def views(self) -> list[npt.NDArray[np.bool_]]:
        """Which functionals, (functionals,), belong to each set that was measured by itself: one set, or two."""
        is_other = np.array([name.startswith(PREFIX) for name in self.names])
        return [view for view in (~is_other, is_other) if view.any()]

    def labelled_training(self) -> tuple[Array, npt.NDArray[np.int64]]:
        """Values, (training utterances, functionals), and labels, (training utterances,), of a labelled corpus."""
        return self.values[self.training], label_indices(self.manifest["label"][self.training])
