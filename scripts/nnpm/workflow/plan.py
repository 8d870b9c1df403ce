"""The plan: the runs of a study, the runs that each table and figure shows, and the paths of their files.

Imported while the workflow is planned, so it stays light: no torch, no pandas.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

from nnpm.corpora import pools
from nnpm.features import table as features
from nnpm.methods.table import METHODS, PROPOSED, UNADAPTED
from nnpm.workflow.variants import DEFAULT, Config, Variant, differing


class Run(NamedTuple):
    """One run, with the order of names used in paths, tables and code."""

    source: str
    target: str
    method: str
    variant: str
    seed: int

    @property
    def folder(self) -> str:
        """The folder of its files."""
        return f"runs/{self.source}/{self.target}/{self.method}/{self.variant}/seed~{self.seed}"


class Reading(NamedTuple):
    """A titled variant: a reading of what the paper leaves open, or a description of the speech."""

    title: str
    variant: Variant


class Plan:
    """The runs of a checked configuration. All paths begin with `root`, the folder of the study.

    `checked` marks a file that `check` writes for a corpus, as the rules that read it need it.
    """

    def __init__(
        self, config: Config, root: str = "", checked: Callable[[str, str], str] = lambda path, corpus: path
    ) -> None:
        self.config, self.root, self._checked = config, root, checked
        self.targets: list[str] = config["targets"]
        #: The sources as configured: corpora, pools, `pools.OTHERS`. Each has tables and figures of its own.
        self.sources = pools.listed(config["source"])
        self.corpora = list(
            dict.fromkeys([*(name for one in self.sources for name in pools.members(one)), *self.targets])
        )
        #: The sources of runs: corpora and pools, in which OTHERS is resolved.
        self.learned = list(dict.fromkeys(pair for one in self.sources for pair in self.pairs(one).values()))
        self.tables, self.figures = config["tables"], config["figures"]
        #: Every variant that can be in a path: those of the runs, and the parts of them that stages depend on.
        self.variants: dict[str, Variant] = {DEFAULT.name: DEFAULT}
        #: The runs that each table and figure of a source shows; those that are left out are absent.
        self.shown = {source: self._shown(source) for source in self.sources}
        self.runs = _unique(map(self.of_source, self.sources))

    def pairs(self, source: str) -> dict[str, str]:
        """The targets that go with a source of the configuration, each with the corpora that its runs learn from."""
        found = {target: pools.of_target(source, target, self.corpora) for target in self.targets}
        return {target: learned for target, learned in found.items() if learned}

    def of_source(self, source: str) -> list[Run]:
        """All runs from a source of the configuration."""
        return _unique(self.shown[source].values())

    @property
    def pools(self) -> list[str]:
        """The sources of runs that pool several corpora."""
        return [source for source in self.learned if len(pools.members(source)) > 1]

    def roles(self, corpus: str) -> list[str]:
        """What a corpus is used as: "source" alone, only "pooled" with others, "target"."""
        used = [pools.members(source) for source in self.learned]
        role = ["source"] if [corpus] in used else ["pooled"] if any(corpus in each for each in used) else []
        return role + ["target"] * (corpus in self.targets)

    def _shown(self, source: str) -> dict[str, list[Run]]:
        of = partial(self.of, source)
        tables, figures, targets = self.tables, self.figures, list(self.pairs(source))
        methods = tables["table1"]["methods"]
        shown = {"table1": of(targets, methods)}
        shown |= {target: of([target], methods) for target in targets}
        if table := tables["table2"]:
            shown["table2"] = of([table["target"]], table["methods"])
        if table := tables["table3"]:
            shown["table3"] = of([table["target"]], [PROPOSED], self.frozen.values())
        if table := tables["comparison"]:
            shown["comparison"] = of(targets, table["methods"])
        if table := tables["front_ends"]:
            shown["front_ends"] = of(targets, table["methods"], [each.variant for each in self.descriptions])
        if figure := figures["figure2"]:
            shown["figure2"] = of(figure["targets"], [PROPOSED], self.thresholds.values())
        if figure := figures["diagnostics"]:
            parts = [*methods, *(tables["comparison"] or {"methods": []})["methods"], *figure["methods"]]
            shown["diagnostics"] = of(targets, dict.fromkeys(parts))
        if figure := figures["sensitivity"]:
            variants, seeds = [reading.variant for reading in self.readings], figure.get("seeds")
            shown["sensitivity"] = of(figure["targets"], [PROPOSED], variants, seeds)
            shown["sensitivity_before"] = of(figure["targets"], [UNADAPTED], variants, seeds)
        return {name: runs for name, runs in shown.items() if runs}  # a pair of a corpus with itself has none

    def of(
        self,
        source: str,
        targets: Iterable[str],
        methods: Iterable[str],
        variants: Iterable[Variant] = (DEFAULT,),
        seeds: Sequence[int] | None = None,
    ) -> list[Run]:
        """All combinations from a source of the configuration, in this order, each run once.

        A method's variant names only settings that its result depends on; a method without random numbers has one run,
        with seed 0.
        """
        methods, variants, pairs = list(methods), list(variants), self.pairs(source)
        found = [
            Run(pairs[target], target, method, self._known(variant.of_method(method, self.config)), seed)
            for target in targets
            if target in pairs
            for method in methods
            for variant in variants
            for seed in ((seeds or self.config["seeds"]) if METHODS[method].seeded else [0])
        ]
        return list(dict.fromkeys(found))

    def _known(self, variant: Variant) -> str:
        parts = (variant.of_stage(stage, self.config) for stage in ("functionals", "features", "pretrained", "encoded"))
        for each in (variant, *parts):
            self.variants.setdefault(each.name, each)
        return variant.name

    def files(self, runs: Iterable[Run], file: str) -> list[str]:
        """This file of some runs, in their order."""
        return files_in((f"{self.root}{run.folder}" for run in runs), file)

    def manifest(self, corpus: str) -> str:
        """The manifest of a corpus."""
        return self.found(corpus, "manifest.csv")

    def found(self, corpus: str, file: str) -> str:
        """A file with what `check` has found in a corpus."""
        return self._checked(f"{self.root}corpora/{corpus}/{file}", corpus)

    def manifests(self, source: str) -> list[str]:
        """The manifest of each corpus of a source."""
        return [self.manifest(name) for name in pools.members(source)]

    def data_identity(self, names: Iterable[str], variant: str) -> list[str]:
        """Small files that change with the data; a run resumes only if they have not changed."""
        return [path for name in names for path in (self.features_file(name, variant, "json"), self.manifest(name))]

    @cached_property
    def frozen(self) -> dict[int, Variant]:
        """The variants of Table 3, by their number of frozen blocks."""
        return {count: self._changed("freeze", count) for count in self.tables["table3"]["freeze"]}

    @cached_property
    def thresholds(self) -> dict[float, Variant]:
        """The variants of Figure 2, by their threshold."""
        return {value: self._changed("threshold", value) for value in map(float, self.figures["figure2"]["thresholds"])}

    def _changed(self, key: str, value: float) -> Variant:
        return differing(self.config, {"adaptation": {key: value}})

    @cached_property
    def readings(self) -> list[Reading]:
        """The study's own reading, called default, then the configured ones; empty if the figure is left out.

        A reading with the same values as the study or as an earlier reading is not repeated.
        """
        figure = self.figures["sensitivity"]
        return self._titled("default", figure["readings"]) if figure else []

    @cached_property
    def descriptions(self) -> list[Reading]:
        """The study's own description of the speech, then the others of its table; empty if the table is left out."""
        table = self.tables["front_ends"]
        return self._titled(self.config["features"]["front_end"], table["variants"]) if table else []

    def _titled(self, own: str, variants: Mapping[str, Config]) -> list[Reading]:
        found = [Reading(own, DEFAULT)]
        for title, values in variants.items():
            variant = differing(self.config, values)
            if variant.name not in [reading.variant.name for reading in found]:
                found.append(Reading(title, variant))
        return found

    @property
    def compared(self) -> list[str]:
        """The methods of the matrix of sources and targets: those of Table 1 and of the comparison."""
        table1, comparison = self.tables["table1"], self.tables["comparison"] or {"methods": []}
        return list(dict.fromkeys([*table1["methods"], *comparison["methods"]]))

    @cached_property
    def across(self) -> list[Run]:
        """The runs of the matrix of sources and targets."""
        return _unique(self.of(source, self.targets, self.compared) for source in self.sources)

    @cached_property
    def within(self) -> dict[tuple[str, str, int], str]:
        """The predictions for each corpus from itself, by method, corpus, seed; only its held-out speakers count.

        They come from the pretrained backbone, or from a classifier that is given the corpus as its own target.
        """
        found: dict[tuple[str, str, int], str] = {}
        for corpus in (name for name in self.sources if name in self.targets):
            for method in self.compared:
                if METHODS[method].reads == "functionals":
                    run = Run(corpus, corpus, method, DEFAULT.name, 0)
                    found[method, corpus, 0] = f"{self.root}{run.folder}/predictions.csv"
                    continue
                for seed in self.config["seeds"]:
                    folder = self.pretrained_folder(corpus, DEFAULT.name, seed)
                    found[method, corpus, seed] = f"{folder}/predictions.csv"
        return found

    def watched(self, source: str) -> list[Run]:
        """The runs of a source with the study's own settings whose epochs can be chosen among."""
        shown = _unique(self.shown[source].get(name, []) for name in ("comparison", "table1", "table2"))
        return [run for run in shown if METHODS[run.method].reads == "frames"]

    @cached_property
    def with_backbone(self) -> list[Run]:
        """The runs that train a backbone, or use one."""
        return [run for run in self.runs if METHODS[run.method].reads == "frames"]

    @cached_property
    def with_checkpoint(self) -> list[Run]:
        """The runs that leave something that predicts alone."""
        return [run for run in self.runs if METHODS[run.method].checkpoint]

    @cached_property
    def pretrained(self) -> list[str]:
        """The folder of every pretrained backbone that a run starts from."""
        own = (folder for source in self.sources for folder in self.own_pretrained(source))
        folders = (self.pretrained_folder(run.source, run.variant, run.seed) for run in self.with_backbone)
        return list(dict.fromkeys([*own, *folders]))

    def own_pretrained(self, source: str) -> list[str]:
        """The folders of the backbones that were pretrained under the study's own settings, for one of its sources."""
        learned = dict.fromkeys(self.pairs(source).values())
        return [self.pretrained_folder(one, DEFAULT.name, seed) for one in learned for seed in self.config["seeds"]]

    @property
    def adapted(self) -> list[str]:
        """The checkpoint of each run in `with_checkpoint`."""
        return [f"{self.root}{run.folder}/{METHODS[run.method].checkpoint}" for run in self.with_checkpoint]

    @property
    def checkpoints(self) -> list[str]:
        """In each folder of `pretrained`, the checkpoint that runs start from."""
        return [f"{folder}/{self.config['pretraining']['checkpoint']}.safetensors" for folder in self.pretrained]

    def settings(self, variant: str) -> dict[str, Any]:
        """The whole configuration under a variant."""
        return self.variants[variant].settings(self.config)

    def stage(self, variant: str, stage: str) -> str:
        """The name of the part of a variant that a stage depends on."""
        return self.variants[variant].of_stage(stage, self.config).name

    def features_file(self, corpus: str, variant: str, ending: str = "npy") -> str:
        """The frames of a corpus, or (ending "json") their description."""
        return f"{self.root}features/{self.stage(variant, 'features')}/{corpus}.{ending}"

    def descriptions_of(self, corpora: Iterable[str], variant: str) -> list[str]:
        """The description of the frames of some corpora."""
        return [self.features_file(name, variant, "json") for name in corpora]

    def front_end(self, variant: str) -> features.Entry:
        """The row of the front end of a variant."""
        return features.of(self.settings(variant)["features"]["front_end"])

    def functionals(self, variant: str) -> features.Entry:
        """The row of the functionals of a variant."""
        return features.FUNCTIONALS[self.settings(variant)["functionals"]]

    def pooled_from(self, corpus: str, variant: str) -> dict[str, str]:
        """The files that functionals are pooled from; empty if they are measured from the sound."""
        if self.functionals(variant).name != "pooled":
            return {}
        return {
            "frames": self.features_file(corpus, variant),
            "description": self.features_file(corpus, variant, "json"),
        }

    def model_files(self, variant: str) -> list[str]:
        """The files of the front end's model, if that is a folder."""
        folder = Path(feature_settings(self.settings(variant)).get("model") or "-")
        return sorted(map(str, folder.glob("*.json"))) + sorted(map(str, folder.glob("*.safetensors")))

    def functionals_file(self, corpus: str, variant: str) -> str:
        """The functionals of a corpus."""
        return f"{self.root}features/{self.stage(variant, 'functionals')}/{corpus}.functionals.csv"

    def pretrained_folder(self, source: str, variant: str, seed: int | str) -> str:
        """The folder of a pretrained backbone."""
        return f"{self.root}pretrained/{source}/{self.stage(variant, 'pretrained')}/seed~{seed}"

    def checkpoint(self, source: str, variant: str, seed: int | str) -> str:
        """The pretrained backbone that a run starts from."""
        chosen = self.settings(variant)["pretraining"]["checkpoint"]
        return f"{self.pretrained_folder(source, variant, seed)}/{chosen}.safetensors"

    def inputs(self, corpora: Iterable[str], run: Any) -> list[str]:
        """What a run (fields as in `Run`) reads of some corpora: frames, or the output of the frozen blocks, if any."""
        if self.settings(run.variant)["adaptation"]["freeze"] == 0:
            return [self.features_file(name, run.variant) for name in corpora]
        folder = f"{self.root}encoded/{run.source}/{self.stage(run.variant, 'encoded')}/seed~{run.seed}"
        return [f"{folder}/{name}.npy" for name in corpora]


def files_in(folders: Iterable[str], file: str) -> list[str]:
    """This file in each folder."""
    return [f"{folder}/{file}" for folder in folders]


def _unique(parts: Iterable[Iterable[Run]]) -> list[Run]:
    return list(dict.fromkeys(run for part in parts for run in part))


def adaptation_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of adaptation: its section without the threshold, which is a setting of some methods."""
    section = {key: value for key, value in config["adaptation"].items() if key != "threshold"}
    return section | {"precision": config["precision"]}


def pretraining_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of pretraining, without the checkpoint: pretraining writes both, adaptation chooses."""
    section = {key: value for key, value in config["pretraining"].items() if key != "checkpoint"}
    return section | {"precision": config["precision"]}


def feature_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of frames, as `features.settings.FeatureSettings` takes them."""
    model = config["front_ends"].get(config["features"]["front_end"], {})
    return {**config["features"], **{key: value for key, value in model.items() if key != "terms"}}


def heard(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of recordings that functionals are measured from."""
    return {name: config["features"][name] for name in ("sample_rate", "duration")}


def method_settings(method: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a method reads beside those of adaptation, as `methods.base.MethodSettings` takes them."""
    found: dict[str, Any] = {}
    for name in METHODS[method].settings:
        found |= {name: config["adaptation"][name]} if name in config["adaptation"] else dict(config[name])
    return found
