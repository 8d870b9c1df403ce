"""The page of predictions: one HTML file that shows them, and plays the recordings beside it."""

import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import numpy as np
import pandas as pd

from nnpm import CLASSES, __version__, corpora, templates
from nnpm.errors import one_line
from nnpm.prediction.notes import SPEECH, Note

#: Allows the page its own script and styles, and audio from where the page lies; nothing else.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; media-src 'self' file:; "
    "base-uri 'none'; form-action 'none'"
)

#: Colours of the classes, told apart without red and green (Okabe & Ito).
COLOURS: Mapping[str, str] = {"angry": "#D55E00", "happy": "#E69F00", "sad": "#0072B2", "neutral": "#56B4E9"}


#: A row of the frame that `page` is given, with its `seconds`.
Segment = Mapping[Hashable, Any]


GOOD_FOR = (
    "Labels say how a voice sounds, not what a person feels. Do not decide about anyone by them.",
    "It is good for comparing groups of recordings of one kind, and for finding those worth hearing.",
    "Spontaneous speech, children, telephones and several speakers at a time were not measured.",
)
#: The range of UA on five corpora of acted speech, each by a model made without it.
MEASURED = (
    "On five corpora of acted speech, each by a model made without it, {} of 100 labels were right, each emotion "
    "counting the same; by chance 25."
)
RANGES = {False: "37 to 66", True: "40 to 82"}


@dataclass(frozen=True)
class About:
    """The model, in words: its name and version, how it was adapted, what it is and is not good for, its terms.

    `adapted` is a sentence, "" for none, and so is each of `good_for`.
    """

    model: str
    adapted: str
    good_for: Sequence[str]
    terms: str


@dataclass(frozen=True)
class Recording:
    """A row of the table of recordings.

    `link` is its address from the page. `label` is the class with the most time and `share` its share of the time;
    `means` are mean probabilities, weighted by time, in the order of CLASSES. `unsure` counts segments.
    """

    name: str
    link: str
    seconds: float
    label: str
    share: float
    means: Sequence[float]
    segments: int
    unsure: int
    notes: Sequence[str]


def about(run: Mapping[str, Any]) -> About:
    """What the page says of the model that comes with the package, from the run in its header (`Labeller.of`)."""
    model, said = run["model"], run["said"]
    made = f"version {model['version']}, of acted speech: {', '.join(map(corpora.title, model['corpora']))}"
    return About(
        model=f"the one that comes with nnpm {__version__} ({made})",
        adapted=f"{said[:1].upper()}{said[1:]}." if said else "",
        good_for=[MEASURED.format(RANGES[run["adapted"]]), *GOOD_FOR],
        terms=f"The model may be used under {model['terms']}.",
    )


def with_notes(hops: pd.DataFrame, notes: Iterable[Note]) -> pd.DataFrame:
    """The rows for `page` from those of `Labeller.hops` and the notes on the recordings."""
    said: dict[str, list[str]] = {}
    for note in notes:
        if note.kind != SPEECH:
            said.setdefault(note.sound, []).append(note.text)
    texts = []
    for path, first, speech in zip(hops["path"], ~hops["sound"].duplicated(), hops["speech"], strict=True):
        texts.append("; ".join([*(said.get(path, []) if first else []), *([] if speech else ["may be no speech"])]))
    return hops.assign(note=texts)


def page(rows: pd.DataFrame, about: About, place: Path) -> str:
    """Return the predictions as HTML; the same arguments give the same text.

    `rows` has one row per segment, in order: path, start and end in seconds, predicted, one probability per class,
    sure, note ("" for none), length (of the whole recording, in seconds). `place` is where the page will lie: the
    recordings are played from where they are now.
    """
    rows = rows.drop_duplicates(["path", "start", "end"])  # a file may be given twice
    rows = rows.assign(seconds=rows["end"] - rows["start"], note=rows["note"].map(one_line))
    groups: dict[str, list[Segment]] = {}  # by path; a groupby of pandas refuses paths that are not text
    for row in rows.to_dict("records"):
        groups.setdefault(row["path"], []).append(row)
    folder = _common_folder(groups)
    recordings = [_recording(path, segments, folder, place) for path, segments in groups.items()]
    made = _environment()
    style, script = (made.get_template(f"page.{kind}.j2").render(colours=COLOURS) for kind in ("css", "js"))
    html = made.get_template("page.html.j2").render(
        about=about,
        colours=COLOURS,
        policy=_POLICY.format(style=templates.digest(style), script=templates.digest(script)),
        classes=CLASSES,
        recordings=recordings,
        folder=one_line(folder),
        seconds=sum(each.seconds for each in recordings),
        shares=_shares(rows),
        several=any(each.segments > 1 for each in recordings),
        details={"classes": CLASSES, "recordings": [list(map(_listed, group)) for group in groups.values()]},
    )
    return html.encode("utf-8", "backslashreplace").decode("utf-8")  # bytes in a name that are not text


def _environment() -> jinja2.Environment:
    made = templates.environment(Path(__file__).parent)
    made.filters |= {
        "duration": lambda seconds: templates.duration(seconds) if seconds else "0 s",
        "percent": lambda share: f"{100 * share:.0f} %",
    }
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return made


def _common_folder(paths: Iterable[str]) -> str:
    """The folder that all recordings lie in, as their paths name it; "" if they name none."""
    try:
        return os.path.commonpath({str(Path(path).parent) for path in paths})
    except ValueError:  # some are absolute, others are not
        return ""


def _recording(path: str, segments: Sequence[Segment], folder: str, place: Path) -> Recording:
    times = np.array([row["seconds"] for row in segments], dtype=float)
    weights = times / times.sum() if times.any() else np.full(len(times), 1 / len(times))
    shares = np.bincount([CLASSES.index(row["predicted"]) for row in segments], weights, minlength=len(CLASSES))
    return Recording(
        name=one_line(os.path.relpath(path, folder) if folder else path),
        # A path from folder to folder never starts with a scheme: a colon is encoded as well.
        link=quote(os.fsencode(os.path.relpath(path, place.parent))),
        seconds=float(segments[0]["length"]),
        label=CLASSES[shares.argmax()],
        share=float(shares.max()),
        means=(weights @ [[float(row[name]) for name in CLASSES] for row in segments]).tolist(),
        segments=len(segments),
        unsure=sum(not row["sure"] for row in segments),
        notes=list(dict.fromkeys(row["note"] for row in segments if row["note"])),
    )


def _shares(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """One row per class, then "unsure": share of the time, seconds and segments. Unsure segments count there alone."""
    counted = rows["predicted"].where(rows["sure"].astype(bool), "unsure")
    names = [*CLASSES, "unsure"]
    table = rows.groupby(counted)["seconds"].agg(["sum", "size"]).reindex(names, fill_value=0)
    table["share"] = table["sum"] / (table["sum"].sum() or 1)
    return table.rename_axis("name").reset_index().to_dict("records")


def _listed(row: Segment) -> list[Any]:
    """A segment for the script: start, end, number of its class, 1 if sure, thousandths per class, its note if any."""
    times = [round(float(row[name]), 2) for name in ("start", "end")]
    thousandths = [round(1000 * float(row[name])) for name in CLASSES]
    return [*times, CLASSES.index(row["predicted"]), int(row["sure"]), *thousandths, *filter(None, [row["note"]])]
