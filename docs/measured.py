"""Blocks of these pages that are made from measured results, the files in results/ and benchmarks/; see refresh.py."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nnpm import CLASSES, corpora
from nnpm.methods import table as methods

DOCS = Path(__file__).parent


def comparison(shown: Sequence[str] = tuple(methods.METHODS), study: str = "open") -> str:
    """UA of methods in a study, on each target and on average: mean, deviation, interval, mark."""
    cells = pd.read_csv(DOCS / "results" / study / "comparison.csv")
    titles = [methods.title(name) for name in shown]
    cells = cells[(cells["metric"] == "UA") & cells["row"].isin(titles)]
    cells = cells.assign(cell=[_cell(cell) for cell in cells.itertuples()])
    table = cells.pivot(index="row", columns="column", values="cell")
    ordered = table.loc[[title for title in titles if title in table.index], list(dict.fromkeys(cells["column"]))]
    return ordered.rename_axis("Method").reset_index().to_markdown(index=False) + "\n"


def _cell(cell: Any) -> str:
    return f"{_spread(cell.mean, cell.std)} [{cell.low:.1f}, {cell.high:.1f}]{' †' if cell.differs else ''}"


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.1f}" if math.isnan(deviation) else f"{mean:.1f} ± {deviation:.1f}"


def comparison_others() -> str:
    """The same with all other corpora as the source."""
    return comparison(study="open/others")


def comparison_paper() -> str:
    """The same with the paper's protocol."""
    return comparison(study="open-paper")


def left_out() -> str:
    """NNPM-plus with constants chosen on the other languages: UA of SVM, before and after adaptation."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "leave_one_language_out.csv")
    rows = []
    for source, part in table.groupby("source", sort=False):
        means = part[["svm", "before", "after"]].mean()
        mean = {"target": "mean", "SVM": means["svm"], "before": means["before"], "after": means["after"], "chosen": ""}
        for row in part.itertuples():
            chosen = f"{row.start:g}, {row.shrinkage:g}, {row.full:g}, {row.careful:g}"
            scores = {"SVM": row.svm, "before": row.before, "after": row.after, "chosen": chosen}
            rows.append({"source": _source(source), "target": corpora.title(row.target)} | scores)
        rows.append({"source": _source(source)} | mean)
    return pd.DataFrame(rows).to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1, 5]) + "\n"


def proportions() -> str:
    """What NNPM-plus gains where classes are not equally frequent."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "proportions.csv")
    table["source"] = table["source"].map(_source)
    keys = ["frequencies", "source"]
    titles = {name: corpora.title(name) for name in table["target"].unique()}
    gain, equal = table["after"] - table["before"], table["equal_after"] - table["equal_before"]
    table = table.assign(target=table["target"].map(titles), gain=gain, equal=equal)
    gains = table.pivot_table(index=keys, columns="target", values="gain", sort=False)
    means = table.groupby(keys, sort=False)[["before", "after", "gain", "equal"]].mean()
    means[["gain", "equal"]] = means[["gain", "equal"]].map("{:+.1f}".format)
    made = means.join(gains.map("{:+.1f}".format)).rename(columns={"equal": "gain, equal classes"}).reset_index()
    return made.to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1, *range(4, 10)]) + "\n"


def pairs() -> str:
    """NNPM-plus from each corpus to each other one, by the weight of the target."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "pairs.csv")
    for side in ("source", "target"):
        table[side] = table[side].map(corpora.title)
    table["agreement"] = [
        f"{a:.2f} → {b:.2f}" for a, b in zip(table["agreement_before"], table["agreement_after"], strict=True)
    ]
    shown = table[["source", "target", "agreement", "before", "full", "careful", "chosen"]]
    mean = shown[["before", "full", "careful", "chosen"]].mean()
    shown = pd.concat([shown, pd.DataFrame([{"source": "mean", "target": "", "agreement": "", **mean}])])
    return shown.to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1, 2]) + "\n"


def speakers() -> str:
    """What it is worth to know who speaks: UA per target, and the mean over targets."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "speakers.csv")
    titles = {"svm": "SVM", "before": "before", "after": "NNPM-plus"}
    columns = {
        f"{kind}{known}": f"{title}{told}"
        for kind, title in titles.items()
        for known, told in {"": "", "_speakers": ", speakers known"}.items()
    }
    table = table.assign(source=table["source"].map(_source), target=table["target"].map(corpora.title))
    means = table.groupby("source", sort=False)[list(columns)].mean().reset_index().assign(target="mean")
    shown = pd.concat([table, means]).sort_values("source", kind="stable", key=lambda names: names == "all others")
    shown = shown[["source", "target", *columns]].rename(columns=columns)
    return shown.to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1]) + "\n"


def speakers_proportions() -> str:
    """What NNPM-plus gains where each speaker shows emotions with other frequencies."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "speakers_proportions.csv")
    keys = ["frequencies", "source"]
    table = table.assign(source=table["source"].map(_source), target=table["target"].map(corpora.title))
    table = table.assign(gain=table["after"] - table["before"], kept=table["voices_left"] - table["before"])
    means = table.groupby(keys, sort=False)[["before", "gain", "kept"]].mean()
    means[["gain", "kept"]] = means[["gain", "kept"]].map("{:+.1f}".format)
    gains = table.pivot_table(index=keys, columns="target", values="gain", sort=False).map("{:+.1f}".format)
    told = table.groupby(keys, sort=False)["told"].mean().map("{:.0%}".format).rename("voices taken off")
    made = means.rename(columns={"kept": "gain, voices kept"}).join(told).join(gains).reset_index()
    texts = [place for place, name in enumerate(made) if name != "before"]
    return made.to_markdown(index=False, floatfmt=".1f", disable_numparse=texts) + "\n"


def held_out() -> str:
    """Embeddings of a backbone that has not heard the classifier's utterances: mean UA over seeds and targets."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "held_out.csv")
    means = table.groupby(["inputs", "z"], sort=False)[["svm", "before", "after"]].mean().reset_index()
    return means.rename(columns={"svm": "SVM", "z": "z of"}).to_markdown(index=False, floatfmt=".1f") + "\n"


def inputs() -> str:
    """NNPM-plus on several descriptions: mean UA over the targets."""
    table = pd.read_csv(DOCS / "results" / "nnpm-plus" / "inputs.csv")
    table["source"] = table["source"].map(_source)
    means = table.groupby(["source", "inputs"], sort=False)[["svm", "before", "after"]].mean().reset_index()
    return means.rename(columns={"svm": "SVM"}).to_markdown(index=False, floatfmt=".1f") + "\n"


def _source(name: str) -> str:
    return "all others" if name == "others" else corpora.title(name)


def summary() -> str:
    """The README's table: the paper's method and what it is compared with, from RAVDESS."""
    return comparison((methods.UNADAPTED, methods.PROPOSED, "nnpm-balanced", "svm", "lda", "nnpm-plus"))


def label_zero() -> str:
    """NNPM whose hard negatives are labelled 0 instead of -1."""
    return sensitivity("collapse")


def sensitivity(study: str = "open-paper") -> str:
    """NNPM under each reading: gain over SNSA-F per target, and the label-free criterion."""
    table = pd.read_csv(DOCS / "results" / study / "sensitivity.csv")
    targets = list(dict.fromkeys(table["target"]))
    rows = []
    for reading, part in table.groupby("reading", sort=False):
        percent = 100 * part.set_index("target")[["difference", "difference_low", "difference_high"]]
        gains = ["{:+.1f} [{:+.1f}, {:+.1f}]".format(*percent.loc[name]) for name in targets]
        rows.append(
            [reading, *gains, f"{part['im'].mean():.2f}", "{:g}".format(float(f"{part['positives'].mean():.2g}"))]
        )
    columns = ["reading", *(f"{corpora.title(name)}, gain" for name in targets), "IM", "positives"]
    made = pd.DataFrame(rows, columns=columns).to_markdown(index=False, disable_numparse=True)
    return made.replace(" -", " −").replace("[-", "[−")


def collapse() -> str:
    """NNPM's first epoch in the open study, mean over seeds: the target's matches before it and after it."""
    steps = pd.read_csv(DOCS / "results" / "collapse" / "collapse.csv")
    ends = steps[steps["step"].isin([0, steps["step"].max()])].drop(columns="seed")
    means = ends.groupby(["step", "target"]).mean()
    rows = []
    for target in dict.fromkeys(steps["target"]):
        before, after = (means.loc[step, target] for step in (0, steps["step"].max()))
        share = [100 * state["with_positives"] for state in (before, after)]
        rows.append(
            {
                "target": corpora.title(target),
                "positives per utterance": f"{before['positives']:.1f} → {after['positives']:.1f}",
                "utterances with positives (%)": "{:.0f} → {:.0f}".format(*share),
                "similarity: positives, hard negatives": "{similarity_positives:.3f}, "
                "{similarity_negatives:.3f}".format(**before),
                "slope: positives, hard negatives": "{slope_positives:.2f}, {slope_negatives:.2f}".format(**before),
                "class of most positives (%): positives, hard negatives": f"{100 * before['class_positives']:.0f}, "
                f"{100 * before['class_negatives']:.0f}",
            }
        )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"


def source_statistics() -> str:
    """UA of methods that are not adapted, with each target's own statistics and with the source's."""
    rows = [
        {
            "method": methods.title(row.method),
            "target": corpora.title(row.target),
            "own statistics": _spread(row.own, row.own_std),
            "the source's statistics": _spread(row.source, row.source_std),
            "difference": f"{row.difference:+.1f} [{row.low:+.1f}, {row.high:+.1f}]",
            "p, corrected": f"{row.p:.4f}, {row.corrected:.4f}",
        }
        for row in pd.read_csv(DOCS / "results" / "source-statistics" / "source_statistics.csv").itertuples()
    ]
    made = pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"
    return made.replace(" -", " −").replace("[-", "[−")


def speech() -> str:
    """How often the test for sounds without speech marks a clip, by kind; packages from lowest to highest."""
    table = pd.read_csv(DOCS / "results" / "speech" / "rates.csv")
    whole, parts = table[table["package"].isna()], table[table["package"].notna()]
    titles = {
        "speech": "speech",
        "prompts": "other speech",
        "other": "no speech",
        "tested speech": "speech, nothing fitted",
        "tested other": "no speech, nothing fitted",
        "synthetic": "synthetic, nothing fitted",
    }
    rows = []
    for role, title in titles.items():
        for row in whole[whole["role"] == role].itertuples():
            of = parts[(parts["role"] == role) & (parts["kind"] == row.kind)]["percent"]
            rows.append(
                {
                    "": title,
                    "kind": row.kind,
                    "folders": len(of),
                    "clips": row.clips,
                    "marked (%)": f"{row.percent:.1f} [{row.low:.1f}, {row.high:.1f}]",
                    "by folder (%)": f"{of.min():.0f} to {of.max():.0f}" if len(of) > 1 else "",
                }
            )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"


def benchmarks() -> str:
    """What `make bench` measured."""
    return (DOCS / "benchmarks" / "table.md").read_text(encoding="utf-8").strip()


def _ready(name: str) -> pd.DataFrame:
    table = pd.read_csv(DOCS / "results" / "ready" / f"{name}.csv")
    return table.assign(corpus=table["corpus"].map(corpora.title)) if "corpus" in table else table


def ready_scores() -> str:
    """The model of the package on corpora that it was made without, as it is and adapted."""
    table = _ready("scores")
    table = table[table["frequencies"] == "as recorded"]
    plain, adapted, known = (part.set_index("corpus") for _, part in table.groupby("model", sort=False))
    columns = {"recordings": adapted["recordings"], "UA as it is": plain["ua"], "UA adapted": adapted["ua"]}
    columns |= {"speakers known": known["ua"]}
    columns |= {label: adapted[f"recall_{label}"] for label in CLASSES}
    columns |= {"off, as it is": plain["calibration_error"], "off, adapted": adapted["calibration_error"]}
    columns |= {
        "sure": adapted["sure"],
        "right if sure": adapted["right_if_sure"],
        "if not": adapted["right_if_unsure"],
    }
    made = pd.DataFrame(columns)
    made.loc["mean"] = made.drop(columns="recordings").mean()
    made["recordings"] = [f"{count:.0f}" if count > 0 else "" for count in made["recordings"]]
    return made.reset_index().to_markdown(index=False, floatfmt=".1f", disable_numparse=[0, 1]) + "\n"


def ready_frequencies() -> str:
    """Targets whose classes are not equally frequent, per corpus: as it is and adapted."""
    table = _ready("scores")
    ua = table.pivot_table(index=["frequencies", "model"], columns="corpus", values="ua", sort=False)
    return ua.assign(mean=ua.mean(axis=1)).reset_index().to_markdown(index=False, floatfmt=".1f") + "\n"


def ready_sizes() -> str:
    """What it gets right of few recordings."""
    means = _ready("sizes").groupby("recordings")[["as it is", "adapted"]].mean().reset_index()
    means["recordings"] = means["recordings"].map(str)
    return means.to_markdown(index=False, floatfmt=".1f", disable_numparse=[0]) + "\n"


def ready_long() -> str:
    """Labels of long recordings, over the corpora."""
    table = _ready("long")
    counted = ["speech_labelled", "pauses_labelled", "sure", "right_if_sure"]
    means = table.groupby(["case", "model"], sort=False)[counted].mean()
    ua = table.pivot_table(index=["case", "model"], columns="corpus", values="ua", sort=False)
    shown = ua.assign(mean=ua.mean(axis=1)).join(means).reset_index()
    names = {"speech_labelled": "speech", "pauses_labelled": "pauses", "right_if_sure": "right if sure"}
    return shown.rename(columns=names).to_markdown(index=False, floatfmt=".1f") + "\n"


def ready_alone() -> str:
    """What it does with recordings of one emotion."""
    return _ready("alone").to_markdown(index=False, floatfmt=".0f") + "\n"


BLOCKS: Mapping[str, Callable[[], str]] = {
    "benchmarks": benchmarks,
    "collapse": collapse,
    "comparison": comparison,
    "comparison_others": comparison_others,
    "comparison_paper": comparison_paper,
    "held_out": held_out,
    "inputs": inputs,
    "label_zero": label_zero,
    "left_out": left_out,
    "pairs": pairs,
    "proportions": proportions,
    "ready_alone": ready_alone,
    "ready_frequencies": ready_frequencies,
    "ready_long": ready_long,
    "ready_scores": ready_scores,
    "ready_sizes": ready_sizes,
    "sensitivity": sensitivity,
    "source_statistics": source_statistics,
    "speakers": speakers,
    "speakers_proportions": speakers_proportions,
    "speech": speech,
    "summary": summary,
}
