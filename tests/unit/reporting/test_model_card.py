"""Model cards: what a reader must find in them, and what must not be claimed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from markdown_it import MarkdownIt

import fake_study
from nnpm import corpora
from nnpm.methods.linear import LinearClassifier
from nnpm.reporting import model_card, paper
from nnpm.reporting.model_card import Card, Part, render
from nnpm.reporting.study import Study
from nnpm.training.header import Header
from small_study import make

STUDY = Study("open", "ravdess", note="A note.")
CONFUSION = [[10, 3, 0, 0], [6, 0, 0, 0], [1, 0, 3, 0], [11, 0, 0, 0]]
RUN = {
    **{"source": "ravdess", "target": "emodb", "method": "nnpm", "variant": "default", "seed": 7, "epoch": 50},
    "adaptation": {"learning_rate": 0.001, "freeze": 2, "threshold": 0.9},
}


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return Header.read(make(tmp_path_factory.mktemp("study"), dict(RUN)).checkpoint)


def part(name: str, manifest: Path | None = None) -> Part:
    splits = ["train"] * 5 + ["test"] * 2
    rows = pd.DataFrame({"split": splits, "speaker": list("aabbbcc"), "seconds": 3600.0})
    return Part(corpora.get(name, manifest), rows)


@pytest.fixture
def card(header: Header) -> Card:
    scores = fake_study.scores(CONFUSION)
    over_seeds = (scores["ua"], 0.25, 0.35)
    return Card(
        "backbone.safetensors", header, scores, over_seeds, [part("ravdess")], part("emodb"), {"learning_rate": 0.002}
    )


def page(card: Card, study: Study = STUDY) -> str:
    return render(card, study, {"torch": "9.9"})


def front(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(found, dict)
    return found


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_front_matter_is_what_model_hubs_read(card: Card) -> None:
    found = front(page(card, replace(STUDY, note="")))
    assert found["language"] == ["en", "de"] and found["datasets"] == ["ravdess", "emodb"]
    assert found["pipeline_tag"] == "audio-classification" and found["license"] == "other"
    (result,) = found["model-index"][0]["results"]
    assert result["dataset"] == {"name": "EMO-DB", "type": "emodb", "split": "test"}
    assert [metric["value"] for metric in result["metrics"]] == [round(card.scores[name], 4) for name in ("ua", "wa")]


def test_every_corpus_has_a_language_that_model_hubs_know() -> None:
    assert {corpora.get(name).language for name in corpora.NAMES} <= set(model_card._LANGUAGES)


def test_a_study_with_a_note_claims_nothing_where_it_is_not_read(card: Card) -> None:
    """Such as the toy study, of synthetic speech."""
    found = front(page(card))
    assert found["language"] == ["en", "de"] and not found.keys() & {"model-index", "datasets", "metrics"}


def test_links_lead_to_one_address(card: Card) -> None:
    assert "[EMO-DB](http://emodb.bilderbar.info) |" in page(card)
    assert "[RAVDESS](https://zenodo.org/records/1188976) |" in page(card)


def test_scores_stand_beside_what_guessing_gives_and_the_other_seeds(card: Card) -> None:
    text = words(page(card))
    assert "34 labelled test utterances of EMO-DB, seed 7, epoch 50" in text
    assert "| 38.0 % | 25.0 %, whatever is named |" in text  # (10/13 + 0 + 3/4 + 0) / 4
    assert "| 38.2 % | 38.2 %, by always naming the most frequent emotion |" in text  # 13 of 34, both
    assert "| recall of happy | 0.0 % | |" in text
    assert "3 seeds: mean 32.7 %, from 25.0 % to 38.0 %" in text


def test_the_papers_numbers_are_not_taken_for_ours(card: Card) -> None:
    printed = paper.TABLE1["nnpm"]["emodb"]
    sentence = f"The paper prints UA {printed.ua} % and WA {printed.wa} % for this method and target"
    assert f"{sentence}, with IEMOCAP as the source. Its code" in words(page(card))
    assert f"{sentence}. Its code" in words(page(replace(card, sources=[part("iemocap")])))
    other = replace(card, header=replace(card.header, run=card.header.run | {"method": "coral"}))
    assert "The paper prints" not in page(other)


@pytest.mark.parametrize(
    "changed", [{"variant": "threshold~0.4"}, {"adaptation": {"freeze": 0}}, {"adaptation": {"threshold": 0.5}}]
)
def test_the_papers_numbers_are_of_its_own_setting(card: Card, changed: dict[str, Any]) -> None:
    assert "The paper prints" not in page(replace(card, header=replace(card.header, run=card.header.run | changed)))


def test_columns_that_the_paper_swapped_are_put_right(card: Card) -> None:
    urdu = replace(card, header=replace(card.header, run=card.header.run | {"target": "urdu"}))
    sentence = "The paper prints UA 51.31 % and WA 54.55 % for this method and target"
    assert f"{sentence}, with IEMOCAP as the source, in swapped columns" in words(page(urdu))


def test_data_terms_and_settings_are_there(card: Card) -> None:
    text = page(card)
    for corpus in ("ravdess", "emodb"):
        about = corpora.get(corpus)
        assert all(value in text for value in (about.title, about.owner, about.terms, about.citation))
    assert "| EMO-DB | train | 5 | 2 |" in text and "| EMO-DB | test | 2 | 1 |" in text
    for setting in ("adaptation.learning_rate | 0.001", "pretraining.learning_rate | 0.002", "features.n_mels | 12"):
        assert f"| {setting} |" in text
    assert "adaptation.threshold | 0.9" in text and "backbone.hidden | 8" in text
    assert "without the target's labels" in words(text).replace("**", "") and "A note." in text


def test_a_target_without_labels_claims_nothing(card: Card) -> None:
    text = page(replace(card, scores=None), replace(STUDY, note=""))
    assert "model-index" not in front(text)
    assert "accuracy of this checkpoint on it is not known" in text and "UA" not in text


def test_an_own_corpus_is_described_by_what_is_known(card: Card, tmp_path: Path) -> None:
    text = page(replace(card, target=part("mine", tmp_path / "mine.csv")))
    assert front(text)["language"] == ["en"]
    assert "| own corpus mine | target, labels not used | not stated | not stated | not stated |" in text


def test_a_backbone_that_was_not_adapted_says_so(card: Card) -> None:
    run = {"source": "ravdess", "seed": 7, "epoch": 50, "pretraining": {"learning_rate": 0.002}}
    alone = replace(card, file="last.safetensors", target=None, header=replace(card.header, run=run))
    text = page(alone, replace(STUDY, note=""))
    found = front(text)
    assert found["datasets"] == ["ravdess"] and found["model-index"][0]["name"] == "SNSA, pretrained on RAVDESS"
    assert "not adapted to another corpus" in text and "test utterances of RAVDESS" in text
    assert 'Predictor.load("last.safetensors")' in text
    unadapted = replace(card, header=replace(card.header, run=card.header.run | {"method": "snsa-f"}))
    assert "It was not adapted: the checkpoint holds only the means" in page(unadapted)


def test_one_seed(card: Card) -> None:
    assert "One seed says little" in page(replace(card, over_seeds=card.over_seeds[:1]))


def test_a_classifier_of_functionals(card: Card) -> None:
    classifier = LinearClassifier(("a",), np.zeros((4, 1)), np.zeros(4), "both")
    run = {**card.header.run, "method": "nnpm-plus"}
    heard = {"sample_rate": 16000, "duration": 7.5}
    header = Header.of_classifier(classifier, None, heard, corpus="emodb", run=run)
    text = page(replace(card, header=header, file="classifier.json", over_seeds=[0.5]))
    assert "One linear map of own functionals and eGeMAPS" in text and "openSMILE is free for research" in text
    assert "functionals.kind | both" in text and "the target's labels" in text.replace("\n", " ")
    for other in ("backbone", "statistics=", "seed", "epoch", "pretrain", "n_mels"):
        assert other not in text, other


@pytest.mark.parametrize("method", ["lda", "source-only", "snsa-f"])
def test_a_method_that_does_not_adapt_claims_no_adaptation(card: Card, method: str) -> None:
    run = {**card.header.run, "method": method}
    header = replace(card.header, run=run)
    if method == "lda":
        classifier = LinearClassifier(("a",), np.zeros((4, 1)), np.zeros(4), "both")
        header = Header.of_classifier(
            classifier, None, {"sample_rate": 16000, "duration": 7.5}, corpus="emodb", run=run
        )
    text = words(page(replace(card, header=header), replace(STUDY, protocol="all")))
    for claim in ("adapted it", "adapted to, without", "whether adaptation is better"):
        assert claim not in text, claim
    assert "(transductive normalisation)" in text and "whether this model is better than chance" in text


def test_it_is_well_formed_markdown(card: Card) -> None:
    body = page(card).split("---\n", 2)[2]
    html = MarkdownIt("commonmark").enable("table").render(body)
    assert html.count("<h2>") == 8 and html.count("<table>") == 4
    assert "|" not in html and "{{" not in html


def test_every_corpus_of_a_pool_is_named_with_its_terms(card: Card) -> None:
    text = page(replace(card, sources=[part("cremad"), part("ravdess")]), replace(STUDY, note=""))
    assert "CREMA-D + RAVDESS to EMO-DB" in text and "pretrained on the labelled corpora CREMA-D + RAVDESS" in words(
        text
    )
    assert front(text)["datasets"] == ["cremad", "ravdess", "emodb"]
    assert text.count("source, labelled") == 2 and text.count("target, labels not used") == 1
    assert all(corpora.get(name).citation in text for name in ("cremad", "ravdess", "emodb"))


def test_a_transductive_score_is_named_so(card: Card) -> None:
    assert "(the transductive setting): new recordings may score lower" in words(
        page(card, replace(STUDY, protocol="all"))
    )
    assert "transductive" not in page(card)
    start = replace(card, header=replace(card.header, run=card.header.run | {"method": "snsa-f"}))
    text = words(page(start, replace(STUDY, protocol="all")))
    assert "adapted to, without their labels" not in text and "(transductive normalisation)" in text
