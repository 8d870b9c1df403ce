import base64
import dataclasses
import hashlib
import math
import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

import fake_study as fake
from nnpm import CLASSES, pages, templates
from nnpm.corpora.base import Corpus
from nnpm.errors import InputError
from nnpm.pages import Bullets, Section, Table
from nnpm.reporting import comparison, report, summaries, tables
from nnpm.reporting.drawing import Illustration, Words
from nnpm.reporting.metrics import metrics_frame
from nnpm.reporting.readings import readings, stated
from nnpm.reporting.study import Study

NOTE = "Toy corpora: <b>synthetic</b> sound."
NUMBERS = "epoch,purity\n1,0.5\n"
FIGURE2 = "target,threshold,mean,low,high,seeds,paper\nemodb,0.9,43.21,40,50,3,50.57\n"
SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"
CHECK = [
    Section("", (Bullets(("terms: research & <b>study</b>",)),)),
    Section("Labels", (Table(("label", "in use"), (("a | b", "3"),)), "In all 3.")),
]
CHOICE = [Section("", ("UA after the epoch that is chosen.", Table(("Target", "IM"), (("URDU", "41.7 (3)"),))))]
READ = [Section("URDU", (Table(("Reading", "UA"), (("no negatives", "38.2"),), frozenset({(0, 1)})),))]


def illustration(name: str, numbers: str = NUMBERS, target: str = "") -> Illustration:
    return Illustration(Words(name, "Purity <of> positives", "It falls.", "Means <over> seeds.", target), SVG, numbers)


def corpus(name: str) -> Corpus:
    return Corpus(
        name,
        f"{name} <title>",
        "German",
        "owner",
        "https://example.org",
        "terms",
        "citation",
        "wav/*.wav",
        find=lambda folder: [],
        published={"angry": 2, "happy": 0, "sad": 0, "neutral": 1},
    )


@pytest.fixture(scope="module")
def context() -> report.Context:
    (metrics, evidence), study = fake.frames(fake.runs()), Study("paper", "iemocap", note=NOTE)
    targets = list(fake.SIZES)
    manifest = pd.DataFrame(
        {"utterance": ["a", "b"], "speaker": ["1", "2"], "label": ["angry", None], "split": ["train", "test"]}
    )
    return report.Context(
        study=study,
        targets=targets,
        methods=fake.METHODS,
        metrics=metrics,
        evidence=evidence,
        tables=[
            tables.table1(metrics, evidence, fake.METHODS, targets, study),
            tables.table2(metrics, evidence, "emodb", ["nnpm"], ["fluda", "dann", "al"], study),
            tables.table3(metrics, evidence, "emodb", fake.FROZEN, study),
        ],
        comparison=comparison.comparison(metrics, evidence, fake.METHODS, targets, "snsa-f", study),
        figures=[illustration("memory"), illustration("figure2", FIGURE2), illustration("sensitivity")],
        choice=pages.to_json(CHOICE),
        sensitivity=pages.to_json(READ),
        pretrained=[fake.pretrained(seed) for seed in fake.SEEDS],
        source_predictions=pd.concat(
            fake.predictions(fake.run("iemocap", "", seed, [[9, 1, 1, 1]] * 4)).assign(source="iemocap", seed=seed)
            for seed in fake.SEEDS
        ),
        findings=pd.DataFrame(
            [["Topic", "a claim", "1 %", "2 < 3", "does not follow"]],
            columns=["topic", "claim", "printed", "arithmetic", "verdict"],
        ),
        corpora=[report.CorpusPart(corpus("emodb"), "target", manifest, pages.to_json(CHECK))],
        settings=fake.SETTINGS,
        versions={"torch": "2.13.0"},
        machine={"processor": "two cores"},
    )


@pytest.fixture(scope="module")
def html(context: report.Context) -> str:
    return report.render(context)


class Page(HTMLParser):
    """Checks that every tag is closed in order; gathers resources, headings and ids."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())


def test_the_page_is_whole_and_needs_nothing_else(html: str) -> None:
    page = Page(html)
    assert not page.open
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "object", "base", "form"}
    assert [attrs["src"][:26] for _, attrs in page.tags if attrs.get("src")] == ["data:image/svg+xml;base64,"] * 3
    assert "url(" not in html and "@import" not in html
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    links = [attrs for tag, attrs in page.tags if tag == "a"]
    assert len(ids) == len(set(ids))
    inside = {f"#{name}" for name in ids}
    assert all(link["href"] in inside or link["href"].startswith("data:text/csv") for link in links)
    assert {link["download"] for link in links if "download" in link} >= {"table1.csv", "emodb.csv", "memory.csv"}


def test_the_page_runs_its_own_script_and_style_and_nothing_else(html: str) -> None:
    page = Page(html)
    (policy,) = [str(attrs["content"]) for tag, attrs in page.tags if tag == "meta" and "http-equiv" in attrs]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'" and allowed["img-src"] == "data:" and "media-src" not in allowed
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"
    assert [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)] == []


def test_the_numbers_behind_a_figure_are_in_the_page(html: str) -> None:
    (uri,) = re.findall('download="memory.csv" href="data:text/csv;charset=utf-8;base64,([^"]*)"', html)
    assert base64.b64decode(uri).decode() == NUMBERS


def test_intervals_are_drawn(html: str, context: report.Context) -> None:
    plots = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    (emodb,) = [plot for plot in plots if ">EMO-DB, UA<" in plot and "Table 1" in plot]
    cell = context.tables[0].cell("NNPM", "EMO-DB", "UA")
    low, mean, high, printed = (f"{150 + 2 * cell[name]:.1f}" for name in ("low", "mean", "high", "paper"))
    assert f'x1="{low}" x2="{high}"' in emodb and f'cx="{mean}"' in emodb and f'd="M{printed} ' in emodb
    assert emodb.count('class="range"') == len(fake.METHODS)


def test_it_can_be_read_without_eyes(html: str) -> None:
    page = Page(html)
    assert '<html lang="en">' in html
    assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img")
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_figure_stands_with_its_target(context: report.Context) -> None:
    figures = [illustration("curves-emodb", target="emodb"), illustration("memory")]
    html = report.render(dataclasses.replace(context, figures=figures))
    of_target, across = html.index('download="curves-emodb.csv"'), html.index('download="memory.csv"')
    assert html.index(">EMO-DB</h3>") < of_target < html.index('<h2 id="figures">') < across


def test_what_differs_from_the_paper_is_named(context: report.Context) -> None:
    settings = {**context.settings, "source": "ravdess", "targets": ["emodb", "urdu", "shemo", "ekorpus"]}
    rows = {row["topic"]: row["followed"] for row in stated(settings)}
    assert [topic for topic, followed in rows.items() if not followed] == ["Source corpus"]
    assert "follows all" in report.render(context)
    html = report.render(dataclasses.replace(context, settings=settings))
    assert "differs in 1" in html and "<code>source: ravdess</code>" in html


def test_it_shows_every_part(html: str, context: report.Context) -> None:
    cell = context.tables[0].cell("NNPM", "EMO-DB", "UA")
    assert f"{cell['mean']:.1f} ± {cell['std']:.1f}" in html
    assert html.count("as stated</td>") == len(stated(context.settings))
    for words in (
        "paper 50.57",
        "cited by the paper",
        ">34.9</td>",
        "50.6 (its own)",
        f"[{cell['low']:.1f}, {cell['high']:.1f}]",
        "All methods compared",
        "Mean over targets",
        "The best of each column against every other",
        "Purity &lt;of&gt; positives",
        "N = 2",
        "460,004 parameters",
        "a claim",
        "write_rate",
        "hard_negative_ratio: 0.01",
        "published 2",
        "torch",
        "two cores",
        "training, NNPM",
        "<strong>Purity &lt;of&gt; positives.</strong> Means &lt;over&gt; seeds.",
        "41.7 (3)</td>",
        "<strong>38.2</strong></td>",
        ">43.2</td>",
        "a | b</td>",
        "<h3>Labels</h3>",
        "<li>terms: research &amp; &lt;b&gt;study&lt;/b&gt;</li>",
        '<a href="#choice">',
        '<a href="#sensitivity">',
        "10 min 00 s",
    ):
        assert words in html
    assert html.count('class="matrix"') == 16


def test_the_source_has_its_interval(html: str) -> None:
    section = html[html.index('<h2 id="source">') : html.index('<h2 id="corpora">')]
    assert "over utterances, in the mean over seeds as well" in section
    assert section.count('class="interval"') == len(fake.SEEDS) + 1  # the last checkpoints, and their mean
    assert '<th scope="row">IEMOCAP</th>\n      <td>mean</td>' in section.partition("<tfoot>")[2] and " ± " in section


def test_the_methods_are_those_of_every_run(context: report.Context) -> None:
    right, wrong = [[9, 0, 0, 0]] * 4, [[0, 9, 0, 0]] * 4
    runs = [fake.run("emodb", method, 0, right) for method in fake.METHODS]
    metrics, evidence = fake.frames([*runs, fake.run("emodb", "dann", 0, wrong), fake.run("emodb", "svm", 0, wrong)])
    html = report.render(dataclasses.replace(context, metrics=metrics, evidence=evidence, targets=["emodb"]))
    assert "<dd>SNSA-F, Functionals + SVM, SNSA-wo-SL, SNSA-wo-HL, NNPM, DANN</dd>" in html


def test_everything_is_escaped(html: str) -> None:
    assert "&lt;b&gt;synthetic&lt;/b&gt;" in html and "<b>" not in html
    assert "2 &lt; 3" in html and "emodb &lt;title&gt;" in html and "research &amp; &lt;b&gt;study" in html


def test_the_same_context_gives_the_same_page(html: str, context: report.Context) -> None:
    assert report.render(context) == html


def test_an_unlabelled_target_with_one_seed(context: report.Context) -> None:
    metrics, evidence = fake.frames(fake.run("mine", method, 0, None, source="ravdess") for method in fake.METHODS)
    study = Study("own", "ravdess")
    own = dataclasses.replace(
        context,
        study=study,
        targets=["mine"],
        metrics=metrics,
        evidence=evidence,
        tables=[tables.table1(metrics, evidence, fake.METHODS, ["mine"], study)],
        comparison=comparison.comparison(metrics, evidence, fake.METHODS, ["mine"], "snsa-f", study),
    )
    html = report.render(own)
    assert "so there is no score" in html and "nothing to compare" in html


def test_brief_pairs_the_seeds() -> None:
    right = [[13, 0, 0, 0], [0, 6, 0, 0], [0, 0, 4, 0], [0, 0, 0, 11]]
    angry = [[13, 0, 0, 0], [6, 0, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]]
    runs = [
        fake.run("emodb", "snsa-f", 0, angry),
        fake.run("emodb", "nnpm", 0, right),
        fake.run("emodb", "snsa-f", 1, right),
        fake.run("emodb", "nnpm", 1, angry),
        fake.run("emodb", "nnpm", 2, right),
    ]
    (brief,) = summaries.brief(*fake.frames(runs), ["emodb"], Study("x", "iemocap"))
    assert (brief.difference, brief.better, brief.seeds, brief.utterances) == (0, 1, 2, 34)
    assert (brief.low, brief.high) == (-100, 100)  # two seeds say next to nothing of how seeds vary
    assert math.isnan(brief.p) and brief.unit == "utterances"
    assert brief.printed == pytest.approx(50.57 - 31.25)


def test_confusion_adds_up_the_seeds() -> None:
    runs = metrics_frame(
        fake.run("emodb", "nnpm", seed, [[13, 0, 0, 0], [6, 0, 0, 0], [4, 0, 0, 0], [11, 0, 0, 0]]) for seed in (0, 1)
    )
    (confusion,) = summaries.confusions(runs, "emodb", ["nnpm"], Study("x", "iemocap"))
    assert confusion.counts[CLASSES.index("neutral")].tolist() == [22, 0, 0, 0]
    assert confusion.share(3, 0) == 1
    assert confusion.correct == pytest.approx(13 / 34)


def test_a_study_without_the_figure(context: report.Context) -> None:
    html = report.render(dataclasses.replace(context, figures=(), comparison=None, choice=(), sensitivity=()))
    assert 'id="choice"' not in html and 'id="sensitivity"' not in html
    assert "figure2" not in html and "<img" not in html and "All methods" not in html


def test_with_several_sources_each_page_has_the_matrix_and_leads_to_the_others(context: report.Context) -> None:
    several = dataclasses.replace(
        context,
        study=dataclasses.replace(context.study, titles={"iemocap": "IEMOCAP", "emodb": "EMO-DB"}),
        matrix=illustration("matrix"),
        matrix_page=pages.to_json(READ),
        pages={"report.html": "iemocap", "report-emodb+urdu.html": "emodb+urdu", "report-others.html": "others"},
        pools=pages.to_json(CHECK),
    )
    page = Page(report.render(several))
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert "report-emodb%2Burdu.html" in links and "report-others.html" in links and "#matrix" in links
    assert "report.html" not in links, "this page"
    assert not page.open and [attrs["id"] for _, attrs in page.tags if attrs.get("id") == "matrix"]
    html = report.render(several)
    assert ">all other corpora</a>" in html and '<strong aria-current="page">IEMOCAP</strong>' in html
    assert "Pools of corpora" in html and "Pools of corpora" not in report.render(context)


def test_a_reading_without_its_key_is_named() -> None:
    with pytest.raises(InputError, match=r"config: memory\.update is missing"):
        readings({})


@pytest.mark.parametrize(("seconds", "text"), [(8.34, "8.3 s"), (245, "4 min 05 s"), (7800, "2 h 10 min")])
def test_durations(seconds: float, text: str) -> None:
    assert templates.duration(seconds) == text
