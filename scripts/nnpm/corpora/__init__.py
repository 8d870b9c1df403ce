"""The corpora: one small module per corpus in `adapters`, `own` for a user's own lists.

An adapter is imported only when its corpus is used, so a change in it affects no other corpus.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnpm.corpora import adapters
from nnpm.corpora.absence import CHECK, missing, no_folder
from nnpm.corpora.base import Clip, Corpus, content, files, root
from nnpm.errors import InputError, suggest

__all__ = ["CHECK", "NAMES", "Clip", "Corpus", "content", "files", "get", "missing", "no_folder", "root"]

#: Every corpus with an adapter; a new module in `adapters` is found automatically.
NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(adapters.__path__)))


def get(name: str, manifest: Mapping[str, Any] | str | Path | None = None) -> Corpus:
    """Return the corpus `name`; `manifest` is its entry under `manifests`. Raises `InputError` for an unknown name."""
    if manifest is not None:
        from nnpm.corpora import own

        return own.from_manifest(name, manifest)
    if name not in NAMES:
        raise InputError(f"corpus {name!r}: unknown; {suggest(name, NAMES)} (own corpora are named under manifests)")
    corpus: Corpus = importlib.import_module(f"{adapters.__name__}.{name}").CORPUS
    return corpus


def title(name: str) -> str:
    """Return the title of a corpus as its owners write it, or its name if it has no adapter."""
    return get(name).title if name in NAMES else name
