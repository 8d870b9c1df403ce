"""Where corpora lie, kept apart from what they hold, so that a corpus that moves trains nothing anew."""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nnpm.corpora.lists.base import expanded
from nnpm.features.table import is_folder

#: The keys of an entry of `manifests` that say where a list and its audio lie.
_PLACES = ("path", "root")


def located(config: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that say where corpora lie, with `~` expanded.

    $NNPM_CORPORA_DIR overrides only the default of `corpora_dir`: a toy study must not read real speech.
    """
    elsewhere = os.environ.get("NNPM_CORPORA_DIR") if config["corpora_dir"] == defaults["corpora_dir"] else None
    return {
        "corpora_dir": expanded(elsewhere or config["corpora_dir"]),
        "manifests": {name: _replaced(entry, expanded) for name, entry in config["manifests"].items()},
        "front_ends": {
            name: {**entry, "model": _absolute(expanded(entry["model"]))}
            for name, entry in config["front_ends"].items()
        },
    }


def _absolute(model: str) -> str:
    """The folder of a model as a checkpoint can name it; a hub's name stays as it is."""
    return str(Path(model).absolute()) if is_folder(model) else model


def without(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration without places of corpora and models, which change no result; names stand for places."""
    entries = {
        name: _replaced({"path": entry} if isinstance(entry, str) else entry, partial(_name, name))
        for name, entry in config["manifests"].items()
    }
    models = {
        name: {**entry, "model": name if is_folder(entry["model"]) else entry["model"]}
        for name, entry in config["front_ends"].items()
    }
    kept = {key: value for key, value in config.items() if key != "corpora_dir"}
    return kept | {"manifests": entries, "front_ends": models}


def _name(name: str, _path: str) -> str:
    return name


def _replaced(entry: Any, change: Callable[[str], str]) -> Any:
    """An entry of `manifests`, a path or a mapping, with its paths changed."""
    if isinstance(entry, str):
        return change(entry)
    return {key: change(value) if key in _PLACES else value for key, value in entry.items()}


def digest(parts: Sequence[Any]) -> str:
    """SHA-256 of what JSON can hold."""
    plain = json.loads(json.dumps(parts))  # keys become text: a map of labels may have numbers beside words
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def has_moved(folder: Path, fingerprint: str, files: Iterable[str], root: Path) -> bool:
    """Whether a corpus lies elsewhere than `check` has found it, and `check` will find the same in it again.

    `folder` has what `check` has written, `fingerprint` stands for all that it depends on but dates and places, `files`
    are those of the corpus, below `root`. Audio is compared by its content, as another edition of a corpus may have the
    same sizes and older dates. A segment's cannot be, so that it counts as changed. False if `check` has not run yet.
    """
    try:
        if (folder / "fingerprint.txt").read_text(encoding="ascii").strip() != fingerprint:
            return False
        if {row["path"] for row in _rows(folder / "paths.csv")} <= set(files):
            return False
        return all(
            _sha256(root / found["path"]) == held["sha256"]
            for found, held in zip(_rows(folder / "manifest.csv"), _rows(folder / "audio.csv"), strict=True)
        )
    except (OSError, ValueError, KeyError, csv.Error):  # absent, or damaged: the jobs that read it say so
        return False


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
