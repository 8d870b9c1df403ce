"""Words of lists and what they mean."""

import unicodedata

import pytest

from nnpm import CLASSES
from nnpm.corpora import labels
from nnpm.corpora.labels import OTHER, UNKNOWN, UNLABELLED
from nnpm.errors import InputError


def test_no_word_of_the_table_has_two_meanings():
    groups = {**labels._CLASSES, OTHER: labels._OTHERS, UNLABELLED: labels._UNLABELLED}
    meanings = {}
    for meaning, words in groups.items():
        for word in labels._keys(words):
            assert meanings.setdefault(word, meaning) == meaning, word
    assert set(groups) == {*CLASSES, OTHER, UNLABELLED}


@pytest.mark.parametrize(
    ("label", "words"),
    {
        "angry": (
            "anger",
            "ANGRY",
            "ang",
            "Ärger",
            "AERGER",
            "Arger",
            "rabbia",
            "colère",
            "Złość",
            "Öfke",
            "kızgın",
            "怒り",
        ),
        "happy": ("Happiness", "joy", "Freude", "exc", "fröhlich", "froehlich", "radość", "радость", "高兴", "khushi"),
        "sad": ("sadness", "Traurig", "tristeza", "smutek", "üzgün", "грусть", "悲伤", "gham", "kurbus"),
        "neutral": ("neu", "Neutralität", "neutralny", "nötr", "中性", "khonsa", " neutral "),
        OTHER: ("fear", "Angst", "excited", "pleasant-surprise", "xxx", "calm"),
        UNLABELLED: ("", "nan", "?", "Unlabelled", "N/A", "none"),
        UNKNOWN: ("zorgl", "angry_strong_7"),
    }.items(),
)
def test_words_of_several_languages_and_spellings(label, words):
    for word in words:
        for form in ("NFC", "NFD"):
            assert labels.meaning(unicodedata.normalize(form, word)) == label, word


def test_the_users_map_comes_first_then_the_lists_own_then_the_table():
    given = {"s": "Fear", "S": "sad", "12": "Happy"}
    found = labels.read(dict.fromkeys(["s", "S", "12", "anger", "neutral", "012"], "line 1"), {"anger": None}, given)
    assert found == {"s": OTHER, "S": "sad", "12": "happy", "012": "happy", "anger": OTHER, "neutral": "neutral"}
    assert labels.read({"01": "line 1", "2.0": "line 2"}, {1: "angry", 2: None}) == {"01": "angry", "2.0": OTHER}


def test_the_users_map_names_codes_or_what_they_say():
    given = {"e": "Excited", "12": "Bliss"}
    found = labels.read(dict.fromkeys(["e", "12", "0"], "line 1"), {"excited": "happy", "bliss": None, 0: "sad"}, given)
    assert found == {"e": "happy", "12": OTHER, "0": "sad"}
    assert labels.read({"e": "line 1"}, {"e": "angry", "excited": "happy"}, given) == {"e": "angry"}


def test_a_number_of_any_length_is_a_number():
    assert labels.key("0" * 9000 + "12.0") == "12" and labels.key("-00") == "0" and labels.key("-٣") == "-3"
    with pytest.raises(InputError, match="does not say which emotion it is"):
        labels.read({"7" * 9000: "line 1"})


@pytest.mark.parametrize(
    ("word", "label"),
    {
        **dict.fromkeys(("madness", "emotional", "curious", "danger"), OTHER),
        **dict.fromkeys(("malheureux", "unglücklich", "infelice", "ulykkelig", "несчастье", "sadly"), "sad"),
        **dict.fromkeys(("angered", "enraged"), "angry"),
        **dict.fromkeys(("gladly", "delight"), "happy"),
        **dict.fromkeys(("vrede", "room", "larger", "Freunde", "boots", "sorgen", "trieste"), UNKNOWN),
        "rõõm": "happy",
    }.items(),
)
def test_a_real_word_is_no_slip_and_no_class_by_chance(word, label):
    assert labels.meaning(word) == label
    if label != UNKNOWN:
        assert labels.read({word: "line 1"}) == {word: label}


@pytest.mark.parametrize("word", ["angray", "hapy", "hapyp", "Nuetral", "saddness", "Neutrl", "wütendd"])
def test_a_slip_is_told_and_not_left_out(word):
    with pytest.raises(InputError, match=r"^x\.csv: line 3: label .* did you mean \w+"):
        labels.read({word: "x.csv: line 3"})


@pytest.mark.parametrize("letters", ["AHNS", "ADFHNSCUOX", "WLEAFTN", "CTJPDSN"])
def test_letters_of_one_known_system_are_read(letters):
    found = labels.read(dict.fromkeys(letters, "line 1"))
    assert set(found.values()) >= {"angry", "happy", "sad", "neutral"}


@pytest.mark.parametrize("letters", ["ANS", "A", "AHNSQ", "WT"])
def test_letters_that_may_mean_several_emotions_are_refused(letters):
    with pytest.raises(InputError, match=r"does not say which emotion it is; .* for every letter"):
        labels.read(dict.fromkeys(letters, "line 1"))
