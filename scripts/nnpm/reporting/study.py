"""The facts about a study that captions name, and the selection of its runs for tables and figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from nnpm import corpora
from nnpm.corpora import pools

#: The variant of the study's own settings.
DEFAULT = "default"


@dataclass(frozen=True)
class Study:
    """The facts about a study that captions name.

    `source` is a corpus, several joined by "+", or `pools.OTHERS`. `note` is a sentence that every caption ends with,
    such as what toy data can and cannot show. `protocol` is how test sets are drawn. `description` is a sentence on the
    front end and the functionals, "" for the paper's. `titles` are those of the study's
    corpora, by name; a corpus that is not among them has its adapter's title.
    """

    name: str
    source: str
    note: str = ""
    protocol: str = "paper"
    titles: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    def title(self, corpus: str) -> str:
        """The title of a corpus, of several joined by "+", or of `pools.OTHERS`."""
        if corpus == pools.OTHERS:
            return "all other corpora"
        return " + ".join(self.titles.get(name) or corpora.title(name) for name in pools.members(corpus))

    def learned(self, target: str) -> str | None:
        """The corpora that the source stands for in runs to a target; None if the target is one of them."""
        return pools.of_target(self.source, target, self.titles)

    def runs(self, frame: pd.DataFrame, variant: str = DEFAULT) -> pd.DataFrame:
        """Return the rows of the runs from the study's source under one variant; `frame` has the columns of a run."""
        learned = {target: self.learned(target) for target in frame["target"].unique()}
        return frame[(frame["source"] == frame["target"].map(learned)) & (frame["variant"] == variant)]
