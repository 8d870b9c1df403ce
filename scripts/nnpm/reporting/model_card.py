"""Model cards: a checkpoint's method, training data, scores, intended use and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from nnpm import CLASSES, templates
from nnpm.corpora.base import Corpus
from nnpm.features.table import FRONT_ENDS, FUNCTIONALS, short
from nnpm.features.table import Entry as FunctionalsEntry
from nnpm.files import of_split
from nnpm.methods.table import METHODS, Entry, title
from nnpm.reporting import paper
from nnpm.reporting.audit.statements import unswapped
from nnpm.reporting.study import DEFAULT, Study
from nnpm.training.header import Header

#: Languages as model hubs write them (ISO 639-1).
_LANGUAGES = {
    **{"Bangla": "bn", "English": "en", "Estonian": "et", "French": "fr", "German": "de", "Greek": "el"},
    **{"Italian": "it", "Kannada": "kn", "Mandarin": "zh", "Persian": "fa", "Polish": "pl", "Russian": "ru"},
    **{"Spanish": "es", "Urdu": "ur"},
}
_TAGS = ["speech-emotion-recognition", "cross-lingual", "unsupervised-domain-adaptation", "audio"]


@dataclass(frozen=True)
class Part:
    """A corpus in a checkpoint's training: its description and its manifest."""

    corpus: Corpus
    manifest: pd.DataFrame

    @property
    def splits(self) -> list[tuple[str, int, int]]:
        """Name, number of utterances and number of speakers of each split."""
        found = [(name, self.manifest[of_split(self.manifest, name)]) for name in ("train", "validation", "test")]
        return [(name, len(rows), rows["speaker"].nunique()) for name, rows in found if len(rows)]


@dataclass(frozen=True)
class Card:
    """A checkpoint: its file's name, its header, its test scores, and its corpora.

    `scores` are as `scoring.scores` gives them, None for a target without labels; `over_seeds` are the test UA of the
    same run with each of the study's seeds, including this one. `target` is None for a backbone that was only
    pretrained. `pretraining` are the study's pretraining settings, `model_terms`
    the licence of the front end's model as the configuration states it.
    """

    file: str
    header: Header
    scores: Mapping[str, Any] | None
    over_seeds: Sequence[float]
    sources: Sequence[Part]
    target: Part | None
    pretraining: Mapping[str, Any]
    model_terms: str = ""

    @property
    def reads(self) -> str:
        """What is read, in words."""
        about = self.header.front_end
        if (name := self.header.features.front_end) in FRONT_ENDS:
            return FRONT_ENDS[name].title
        layer = "the mean over all layers" if about["layer"] == "mean" else f"layer {about['layer']}"
        return f"{layer} of the self-supervised model {self.model}"

    @property
    def model(self) -> str:
        """The front end's model: its name and revision, or the checksum of its weights."""
        about = self.header.front_end
        known = f"revision {about['revision']}" if about["revision"] else f"SHA-256 of its weights {about['weights']}"
        return f"`{short(about['model'])}` ({about['architecture']}; {known})"

    @property
    def functionals(self) -> FunctionalsEntry | None:
        """The row of the functionals that are classified; None for a backbone."""
        classifier = self.header.classifier
        return FUNCTIONALS[classifier.kind] if classifier else None

    @property
    def parts(self) -> list[Part]:
        """All corpora in its training: the sources, then the target."""
        return [*self.sources, *([self.target] if self.target else [])]

    @property
    def source_title(self) -> str:
        """The titles of the sources, joined."""
        return " + ".join(part.corpus.title for part in self.sources)

    @property
    def tested(self) -> str:
        """The title of what was scored: the target, or the sources' held-out speakers."""
        return self.target.corpus.title if self.target else self.source_title

    @property
    def method(self) -> str:
        """The key of the method, "" for a backbone that was only pretrained."""
        return str(self.header.run.get("method", ""))

    @property
    def entry(self) -> Entry | None:
        """The method's row of the table; None for a backbone that was only pretrained."""
        return METHODS.get(self.method)

    @property
    def adapted(self) -> bool:
        """Whether the method adapts to the target."""
        return self.entry is not None and self.entry.adapts

    @property
    def title(self) -> str:
        """The card's title: method, source and target."""
        if self.target is None:
            return f"SNSA, pretrained on {self.source_title}"
        return f"{title(self.method)}, {self.source_title} to {self.target.corpus.title}"

    @property
    def module(self) -> str:
        """The file of the method, "" for a backbone that was not adapted."""
        return f"scripts/{self.entry.file}" if self.entry and self.entry.file else ""

    @property
    def settings(self) -> list[tuple[str, Any]]:
        """Name and value of every setting, as in the configuration."""
        run = self.header.run
        nested = {key: value for key, value in run.items() if isinstance(value, Mapping)}
        features = vars(self.header.features)
        if self.header.features.front_end in FRONT_ENDS:
            features = {name: value for name, value in features.items() if name not in ("model", "revision", "layer")}
        features |= {"model": short(features["model"])} if "model" in features else {}
        if self.functionals:
            heard = {name: features[name] for name in ("sample_rate", "duration")}
            nested = {"functionals": {"kind": self.functionals.name}, "features": heard} | nested
        else:
            nested = {"pretraining": self.pretraining, "features": features, "backbone": self.header.backbone} | nested
        return [(f"{part}.{name}", value) for part, values in nested.items() for name, value in values.items()]

    @property
    def printed(self) -> paper.Scores | None:
        """The paper's UA and WA in percent, with swapped columns corrected; None unless it reports this setting."""
        run, stated = self.header.run, {"freeze": paper.FREEZE, "threshold": paper.THRESHOLD}
        set_here = run.get("adaptation", {})
        main = run.get("variant") == DEFAULT and all(set_here.get(key, value) == value for key, value in stated.items())
        target = str(run.get("target"))
        return unswapped(self.method, target) if main and target in paper.TABLE1.get(self.method, {}) else None

    @property
    def is_printed_swapped(self) -> bool:
        """Whether the paper prints these two numbers in swapped columns."""
        return self.printed is not None and self.printed != paper.TABLE1[self.method][str(self.header.run["target"])]


def render(card: Card, study: Study, versions: Mapping[str, str]) -> str:
    """The card as Markdown with the front matter that model hubs read; the same arguments give the same text."""
    environment = templates.environment(Path(__file__).parent, keep_trailing_newline=True)
    environment.filters |= {
        "percent": lambda value: "—" if value is None else f"{100 * value:.1f} %",
        "method_title": title,
    }
    body = environment.get_template("model_card.md.j2").render(
        card=card,
        run=card.header.run,
        study=study,
        versions=versions,
        classes=CLASSES,
        commonest=max(map(sum, card.scores["confusion"])) / card.scores["utterances"] if card.scores else None,
        chance=1 / sum(value is not None for value in card.scores["recall"].values()) if card.scores else None,
        paper_source=study.title(paper.SOURCE),
        is_papers_source=[part.corpus.name for part in card.sources] == [paper.SOURCE],
        acted=all(part.corpus.natural is False for part in card.sources),
    )
    front = yaml.safe_dump(front_matter(card, study), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n{body}"


def front_matter(card: Card, study: Study) -> dict[str, Any]:
    """The metadata that model hubs read: languages, licence, task, tags, and the test scores.

    For a study with a note, such as the toy study, corpora and scores are left out, since hubs do not show the note.
    """
    languages = list(dict.fromkeys(filter(None, (_LANGUAGES.get(part.corpus.language) for part in card.parts))))
    front: dict[str, Any] = {"language": languages} if languages else {}
    front |= {
        "license": "other",
        "license_name": "as-the-training-corpora",
        "library_name": "nnpm",
        "pipeline_tag": "audio-classification",
        "tags": _TAGS,
    }
    if study.note:
        return front
    front |= {"datasets": [part.corpus.name for part in card.parts], "metrics": ["recall", "accuracy"]}
    if card.scores is None:
        return front
    metrics = [
        {"type": kind, "name": f"test {name.upper()}", "value": round(card.scores[name], 4)}
        for name, kind in (("ua", "recall"), ("wa", "accuracy"))
    ]
    name = card.target.corpus.name if card.target else card.header.corpus
    tested = {"name": card.tested, "type": name, "split": "test"}
    task = {"type": "audio-classification", "name": "speech emotion recognition, four classes"}
    return front | {
        "model-index": [{"name": card.title, "results": [{"task": task, "dataset": tested, "metrics": metrics}]}]
    }
