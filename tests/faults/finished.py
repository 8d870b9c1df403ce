"""Files of a finished study: caches, checkpoints, tables, scores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.faults import damage, reading
from tests.faults.case import OfResults
from tests.faults.damage import array, cell, content, cut, empty, garbage, pickled, set_to, table, tensors
from tests.faults.reading import CLASSIFIED, ENCODED, FUNCTIONALS, LAST, MANIFEST, MELS, PRETRAINED, RUN, SOURCE

AGAIN = "delete it"


def of(file: str, makes: str, read: Callable[[Path], object], *cases: tuple[Any, ...]) -> list[OfResults]:
    """Cases of one file: name, how it is spoilt, words; its own name is among the words."""
    short = "/".join(Path(file).parts[-2:])
    return [
        OfResults(f"{short}, {name}", file, spoil, makes, read, (short, *words) if words else ())
        for name, spoil, *words in cases
    ]


FINISHED = [
    *of(
        MELS,
        ENCODED,
        reading.encode,
        ("cut", cut, "is not a feature cache", AGAIN),
        ("a pickle", pickled, "is not a feature cache", AGAIN),
        ("empty", empty, "is not a feature cache", AGAIN),
        ("random bytes", garbage, "is not a feature cache", AGAIN),
        ("pickled objects", damage.pickled_array, "is not a feature cache", AGAIN),
        ("a ZIP archive", damage.archive, "is not a feature cache", AGAIN),
        ("doubles", array(lambda mels: mels.astype(np.float64)), "float64", AGAIN),
        ("whole numbers", array(lambda mels: mels.astype(np.int16)), "int16", AGAIN),
        ("one dimension", array(lambda mels: mels[0, 0]), "of shape", AGAIN),
        ("two dimensions", array(lambda mels: mels[0]), "unknown lengths", AGAIN),
        ("transposed", array(np.asfortranarray), "transposed", AGAIN),
        ("other bands", array(lambda mels: mels[:, :, :7]), "has 7 channels, the backbone takes", AGAIN),
    ),
    *of(
        ENCODED,
        f"{RUN}/metrics.json",
        reading.adapt,
        ("cut", cut, "is not a feature cache", AGAIN),
        ("an utterance less", array(lambda mels: mels[:-1]), "utterances, but", "manifest.csv has", AGAIN),
        ("other filters", array(lambda mels: mels[:, :, :3]), "has 3 channels, the backbone takes", AGAIN),
    ),
    *of(
        LAST,
        ENCODED,
        reading.encode,
        ("cut", cut, "no checkpoint of this backbone", AGAIN),
        ("empty", empty, "no checkpoint of this backbone", AGAIN),
        ("random bytes", garbage, "no checkpoint of this backbone", AGAIN),
        ("a pickle", pickled, "no checkpoint of this backbone", AGAIN),
        ("without settings", damage.nameless, "no checkpoint of this backbone", AGAIN),
        ("other bands", damage.other_model(filters=7), "of another backbone, with filters 7, not", AGAIN),
        ("other hidden units", damage.other_model(hidden=5), "of another backbone, with hidden 5, not", AGAIN),
        ("other names", tensors(damage.renamed), "attention.w1.weight is missing", AGAIN),
        ("a tensor less", tensors(damage.one_less), "is missing", AGAIN),
        ("half precision", tensors(damage.halved), "float16", AGAIN),
    ),
    *of(
        f"{RUN}/resume.safetensors",
        f"{RUN}/metrics.json",
        reading.resumed,
        ("random bytes", garbage),
        ("a pickle", pickled),
        ("empty", empty),
        ("of another run", damage.resume_of("that")),
        ("of other tensors", damage.resume_of("this")),
        ("an object for the history", damage.history_of("{}")),
        ("an epoch that is missing", damage.history_of('[{"epoch": 2, "seconds": 1.0}]')),
    ),
    *of(
        MANIFEST,
        f"{RUN}/metrics.json",
        reading.adapt,
        ("no column of splits", table(lambda frame: frame.drop(columns="split")), "no column 'split'", AGAIN),
        ("an unknown split", cell("split", "dev"), "row 2 has split 'dev'", AGAIN),
        ("an unknown class", cell("label", "calm"), "row 2 has label 'calm'", AGAIN),
        ("no speaker", cell("speaker", ""), "row 2 has speaker ''", AGAIN),
        ("a row twice", damage.twice, "is listed twice", AGAIN),
        ("no test", table(lambda frame: frame.assign(split="train")), "no utterance has the split test", AGAIN),
        ("a row less", table(lambda frame: frame.iloc[1:]), "manifest.csv has"),
        ("random bytes", garbage, "not a table", AGAIN),
        ("empty", empty, "not a table", AGAIN),
        ("a value too many", damage.too_many, "not a table", AGAIN),
    ),
    *of(
        SOURCE,
        f"{PRETRAINED}/metrics.json",
        reading.source_manifest,
        ("a label lost", cell("label", ""), "has no label", AGAIN),
        ("nobody to watch", table(lambda frame: frame[frame["split"] != "validation"]), "the split validation", AGAIN),
    ),
    *of(
        "corpora/emodb/audio.csv",
        FUNCTIONALS,
        reading.listed,
        ("no hashes", table(lambda frame: frame.drop(columns="sha256")), "no column 'sha256'", AGAIN),
        ("an utterance lost", table(lambda frame: frame[1:]), "does not name the utterances", AGAIN),
        ("random bytes", garbage, "not a table", AGAIN),
    ),
    *of(
        FUNCTIONALS,
        f"{CLASSIFIED}/metrics.json",
        reading.described,
        ("other utterances", cell("utterance", "x"), "not the utterances of", AGAIN),
        ("text", cell("pitch_mean", "high"), "not finite", AGAIN),
        ("infinity", cell("pitch_mean", "inf"), "not finite", AGAIN),
        ("an utterance less", table(lambda frame: frame.iloc[:-1]), "not the utterances of", AGAIN),
        ("no names", table(lambda frame: frame.drop(columns="utterance")), "no column 'utterance'", AGAIN),
        ("names alone", table(lambda frame: frame[["utterance"]]), "no functionals", AGAIN),
    ),
    *of(
        f"{RUN}/predictions.csv",
        "tables/table1.md",
        reading.scores,
        ("no predictions", table(lambda frame: frame.drop(columns="predicted")), "no column 'predicted'", AGAIN),
        ("an unknown class", cell("predicted", "calm"), "row 2 has predicted 'calm'", AGAIN),
        ("random bytes", garbage, "not a table", AGAIN),
    ),
    *of(
        f"{RUN}/metrics.json",
        "tables/table1.md",
        reading.scores,
        ("cut", cut, "not a run's metrics.json", AGAIN),
        ("a pickle", pickled, "not a run's metrics.json", AGAIN),
        ("brackets", lambda path: path.write_text("[" * 100_000), "not a run's metrics.json", AGAIN),
        ("a list", content(lambda _: []), "not a run's metrics.json", AGAIN),
        ("no seed", content(lambda found: {key: found[key] for key in found if key != "seed"}), "'seed'", AGAIN),
        ("text for a number", set_to(epoch="last"), "epoch is 'last'", AGAIN),
    ),
    *of(
        f"{RUN}/history.csv",
        "figures/curves-emodb.svg",
        reading.epochs,
        ("random bytes", garbage, "not a table", AGAIN),
        ("text for a number", cell("epoch", "last"), "epoch is not a number", AGAIN),
    ),
    *of(
        f"{PRETRAINED}/metrics.json",
        "tables/source.md",
        reading.source,
        ("cut", cut, "holds no JSON object", AGAIN),
        ("no last epoch", set_to(last={}), "'epoch'", AGAIN),
        ("text for a number", set_to(seconds="long"), "seconds is 'long'", AGAIN),
    ),
    *of(f"{PRETRAINED}/predictions.csv", "tables/source.md", reading.source, ("empty", empty, "not a table", AGAIN)),
    *of("corpora/emodb/check.json", "report.html", reading.report, ("cut", cut, "holds no JSON object", AGAIN)),
    *of("figures/memory.json", "report.html", reading.report, ("no title", set_to(title=None), "title is None", AGAIN)),
    *of("figures/memory.svg", "report.html", reading.report, ("random bytes", garbage, "not text", AGAIN)),
    *of("tables/audit.csv", "report.html", reading.report, ("random bytes", garbage, "not a table", AGAIN)),
]
