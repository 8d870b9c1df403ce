"""The page of predictions as text; tests/browser opens it."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pandas as pd
import pytest

from nnpm import CLASSES
from nnpm.prediction.page import COLOURS, About, page
from nnpm.reporting import palette

ABOUT = About(
    "nnpm-x 1.0",
    "Adapted to these 3 recordings, without labels.",
    ["Good for comparing groups.", "Not for decisions about people."],
    "Research only.",
)
ODD = [
    *("a b.wav", "a#1.wav", "why?.wav", "50%25.wav", "ärger/übung.wav", '"it\'s".wav', "a&amp;b.wav", "a\nb\t.wav"),
    *("javascript:alert(1).wav", "http:/example.org/x.wav", "<script>alert(1)<.script>.wav", "-x;y=z,@&+.wav"),
    *("\udcff\udcfe.wav", "\u202egnp.wav", "back\\slash.wav", "{{ 7 * 7 }}.wav", "data:text/html,<b>.wav"),
]


def segment(path: str, start: float, end: float, values: Sequence[float], sure: bool = True, note: str = "") -> dict:
    predicted = CLASSES[max(range(4), key=values.__getitem__)]
    row = {"path": path, "start": start, "end": end, "predicted": predicted, "sure": sure, "note": note}
    return row | dict(zip(CLASSES, values, strict=True))


def html(*rows: Mapping[str, Any], place: str = "page.html", about: About = ABOUT) -> str:
    lengths = {path: max(row["end"] for row in rows if row["path"] == path) for path in {row["path"] for row in rows}}
    frame = pd.DataFrame([{**row, "length": lengths[row["path"]]} for row in rows], dtype=object)
    return page(frame, about, Path(place))  # columns of objects: text would refuse what is no text


SHORT = segment("x/short.wav", 0, 2, [0.1, 0.2, 0.3, 0.4])
LONG = [
    segment("x/long.wav", 0, 10, [0.6, 0.2, 0.1, 0.1]),
    segment("x/long.wav", 10, 20, [0.1, 0.7, 0.1, 0.1], sure=False, note="may not be speech"),
    segment("x/long.wav", 20, 24, [0.1, 0.6, 0.2, 0.1]),
]


class Tags(HTMLParser):
    """Checks that every tag is closed in order; gathers tags and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())


def cells(text: str, table: str) -> list[list[str]]:
    """The text of a table's body."""
    (body,) = re.findall(rf'<table class="{table}".*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    rows = re.findall("<tr>(.*?)</tr>", body, re.DOTALL)
    found = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub("<.*?>", "", cell)).split()) for cell in row] for row in found]


def links(text: str) -> list[str]:
    return [str(attributes["href"]) for tag, attributes in Tags(text).tags if tag == "a"][1:]  # after the skip link


def details(text: str) -> dict[str, Any]:
    (found,) = re.findall('<script type="application/json" id="details">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def test_the_page_is_whole_and_loads_nothing() -> None:
    tags = Tags(html(SHORT, *LONG)).tags
    assert not {tag for tag, _ in tags} & {"link", "img", "iframe", "object", "embed", "base", "form", "audio"}
    assert not [attributes for _, attributes in tags if {"src", "style"} & set(attributes)]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]


def test_it_runs_its_own_script_and_style_and_nothing_else() -> None:
    text = html(SHORT, *LONG)
    (policy,) = [str(each["content"]) for tag, each in Tags(text).tags if tag == "meta" and "http-equiv" in each]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'" and allowed["media-src"] == "'self' file:"
    for tag in ("script", "style"):
        (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"


def test_what_the_model_is_comes_first() -> None:
    text = html(SHORT, *LONG)
    head = unescape(re.sub("<.*?>", "", text.partition("<main>")[0].partition("<body>")[2]))
    assert "Predicted emotions: 2 recordings" in head and "26.0 s of sound from x" in head
    for words in (ABOUT.model, ABOUT.adapted, *ABOUT.good_for):
        assert words in head
    assert ABOUT.terms in text.partition("<footer")[2]


def test_shares_are_of_the_time_and_leave_out_what_is_unsure() -> None:
    assert cells(html(SHORT, *LONG), "shares") == [
        ["angry", "38 %", "", "10.0 s", "1"],
        ["happy", "15 %", "", "4.0 s", "1"],
        ["sad", "0 %", "", "0 s", "0"],
        ["neutral", "8 %", "", "2.0 s", "1"],
        ["unsure", "38 %", "", "10.0 s", "1"],
    ]


def test_a_recording_has_the_label_with_the_most_time_and_means_over_time() -> None:
    assert cells(html(SHORT, *LONG), "recordings") == [
        ["short.wav", "2.0 s", "neutral", "10 %", "20 %", "30 %", "40 %"],
        [
            *("long.wav", "24.0 s", "happy 58 % of the time 1 of 3 segments unsure may not be speech"),
            *("31 %", "48 %", "12 %", "10 %"),
        ],
    ]


def test_a_short_recording_is_marked_unsure() -> None:
    (row,) = cells(html(SHORT | {"sure": False, "note": "hum"}), "recordings")
    assert row[2] == "neutral unsure hum"


def test_many_notes_are_counted() -> None:
    (row,) = cells(html(*(segment("a", i, i + 1, [1, 0, 0, 0], note=f"n{min(i, 4)}") for i in range(9))), "recordings")
    assert row[2] == "angry 100 % of the time n0 n1 n2 2 more notes"


def test_the_script_gets_every_segment() -> None:
    assert details(html(SHORT, *LONG)) == {
        "classes": list(CLASSES),
        "recordings": [
            [[0.0, 2.0, 3, 1, 100, 200, 300, 400]],
            [
                [0.0, 10.0, 0, 1, 600, 200, 100, 100],
                [10.0, 20.0, 1, 0, 100, 700, 100, 100, "may not be speech"],
                [20.0, 24.0, 1, 1, 100, 600, 200, 100],
            ],
        ],
    }


def test_segments_may_lie_apart_or_last_no_time() -> None:
    text = html(segment("a.wav", 5, 10, [1, 0, 0, 0]), segment("a.wav", 50, 60, [0, 1, 0, 0]))
    assert cells(text, "recordings")[0][1:3] == ["1 min 00 s", "happy 67 % of the time"]
    (row,) = cells(html(segment("a.wav", 0, 0, [0.2, 0.8, 0, 0])), "recordings")
    assert row == ["a.wav", "0 s", "happy", "20 %", "80 %", "0 %", "0 %"]


def test_a_file_given_twice_is_one_recording() -> None:
    assert html(*LONG, *LONG) == html(*LONG)


def test_one_short_recording_has_no_shares() -> None:
    text = html(SHORT)
    assert "Predicted emotions: 1 recording<" in text and 'class="shares"' not in text
    assert 'class="shares"' in html(*LONG)


@pytest.mark.parametrize("name", ODD)
def test_an_address_leads_to_its_file(tmp_path: Path, name: str) -> None:
    recording, place = tmp_path / "sound" / name, tmp_path / "out" / "page.html"
    recording.parent.mkdir(parents=True)
    recording.touch()
    text = html(segment(str(recording), 0, 1, [1, 0, 0, 0]), place=str(place))
    assert text.encode().decode() == text
    (link,) = links(text)
    address = urlsplit(link)
    assert not (address.scheme or address.netloc or address.query or address.fragment)
    assert link.isascii() and not set(link) & set("\"'<>&: \\")
    (tmp_path / "out").mkdir()
    assert (tmp_path / "out" / os.fsdecode(unquote_to_bytes(link))).samefile(recording)


@pytest.mark.parametrize(
    ("path", "place", "link"),
    [
        ("a.wav", "page.html", "a.wav"),
        ("x/a.wav", "x/page.html", "a.wav"),
        ("x/a.wav", "y/page.html", "../x/a.wav"),
        ("./x//a.wav", "page.html", "x/a.wav"),
        ("../a.wav", "page.html", "../a.wav"),
        ("//x/a.wav", "/y/page.html", "../x/a.wav"),
    ],
)
def test_an_address_starts_at_the_page(path: str, place: str, link: str) -> None:
    assert links(html(segment(path, 0, 1, [1, 0, 0, 0]), place=place)) == [link]


def test_an_address_may_lead_out_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    row = segment("x/a.wav", 0, 1, [1, 0, 0, 0])
    assert links(html(row, place=str(tmp_path / "page.html"))) == ["work/x/a.wav"]


@pytest.mark.parametrize(
    ("paths", "names", "folder"),
    [
        (["x/a.wav", "x/y/b.wav"], ["a.wav", "y/b.wav"], "x"),
        (["a.wav", "x/b.wav"], ["a.wav", "x/b.wav"], ""),
        (["/x/a.wav", "x/b.wav"], ["/x/a.wav", "x/b.wav"], ""),
        (["../x/a.wav"], ["a.wav"], "../x"),
    ],
)
def test_names_leave_out_the_folder_that_all_lie_in(paths: list[str], names: list[str], folder: str) -> None:
    text = html(*(segment(path, 0, 1, [1, 0, 0, 0]) for path in paths))
    assert [row[0] for row in cells(text, "recordings")] == names
    assert re.findall('of sound from </span><span class="file">(.*?)<', text) == ([folder] if folder else [])


def test_names_notes_and_words_stay_text() -> None:
    plain = [tag for tag, _ in Tags(html(SHORT | {"note": "x"}, LONG[0])).tags]
    for hostile in ("<script>alert(1)</script>", "</script><script>alert(1)</script>", '"><img src=x onerror=y>'):
        about = About(hostile, hostile, [hostile, hostile], hostile)
        rows = [SHORT | {"path": f"x/{hostile}.wav", "note": hostile}, LONG[0]]
        text = html(*rows, about=about)
        assert [tag for tag, _ in Tags(text).tags] == plain
        assert details(text)["recordings"][0][0][-1] == hostile
        assert "<img" not in text and "<script>alert" not in text


def test_what_is_no_text_is_escaped() -> None:
    text = html(segment("a\n\x00\udcff.wav", 0, 1, [1, 0, 0, 0], note="\udcff\x1b"), about=About("\ud800", "", [], ""))
    assert text.encode("utf-8") and not re.search("[\x00-\x09\x0b-\x1f]", text)
    assert cells(text, "recordings")[0][:3] == ["a\\n\\x00\\udcff.wav", "1.0 s", "angry \\udcff\\x1b"]


def test_it_stays_small() -> None:
    few, many = (html(*(SHORT | {"path": f"folder/speaker_{i:04}.wav"} for i in range(n))) for n in (1000, 2000))
    assert len(many) - len(few) < 600 * 1000
    assert len(html(*(segment("a.wav", i, i + 1, [0.123, 0.321, 0.3, 0.256]) for i in range(500)))) < 60_000


def test_colours_are_those_of_the_figures() -> None:
    assert dict(COLOURS) == dict(palette.CLASS_COLOURS)
