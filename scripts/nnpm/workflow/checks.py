"""What the rule `check` depends on, corpus by corpus, and whether a corpus has only moved since."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nnpm import corpora
from nnpm.corpora import Corpus
from nnpm.errors import InputError
from nnpm.workflow import places, session


class Checks:
    """The checks of a study's corpora; each corpus's files are searched once per call of Snakemake.

    `code` gives the digest of the code that checks a corpus, by its name, and `roles` what it is used as.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        configured: Mapping[str, Corpus],
        code: Callable[[str], str],
        roles: Callable[[str], list[str]],
    ) -> None:
        self._config, self._corpora, self._code, self._roles = config, configured, code, roles
        self._place = Path(config["corpora_dir"])
        self.files: Callable[[str], list[str]] = cache(self._files)
        self.fingerprint: Callable[[str], str] = cache(self._fingerprint)
        self.has_moved: Callable[[str], bool] = cache(self._has_moved)

    def settings(self, name: str) -> dict[str, Any]:
        """The settings of `check` that its results depend on."""
        config = self._config
        return {
            "roles": self._roles(name),
            "duration": config["features"]["duration"],
            "test_size": config["splits"]["test_size"],
            "split_seed": config["splits"]["seed"],
            "protocol": config["splits"]["protocol"],
            "skip_unreadable": config["skip_unreadable"],
        }

    def _files(self, name: str) -> list[str]:
        """Every file that a corpus is read from; stops with a list of what is missing."""
        return session.corpus_files(name, self._corpora, self._place, self._config["name"])

    def files_there(self, name: str) -> list[str]:
        """The files of a corpus; none if it is missing or cannot be read, which is no fault before it is needed."""
        try:
            absent = corpora.missing({name: self._corpora[name]}, self._place)
            return [] if absent else corpora.files(self._corpora[name], self._place)
        except InputError:
            return []

    def _root(self, name: str) -> Path:
        return corpora.root(self._corpora[name], self._place / name, self.files(name))

    def _fingerprint(self, name: str) -> str:
        """A digest of all that decides what `check` finds: files, settings, code; neither dates nor places."""
        try:
            content = corpora.content(self.files(name), self._root(name))
        except InputError as error:
            session.stop(error)
        entry = places.without(self._config)["manifests"].get(name)
        return places.digest([content, entry, self.settings(name), self._code(name)])

    def _has_moved(self, name: str) -> bool:
        """Whether the corpus lies elsewhere than `check` has seen it, and is the same in all else."""
        folder = Path("results", self._config["name"], "corpora", name)
        if not (folder / "fingerprint.txt").exists():
            return False
        return places.has_moved(folder, self.fingerprint(name), self.files(name), self._root(name))
