"""Sounds without speech are marked, a voice is not."""

import numpy as np
import pytest
from scipy.signal import chirp

from nnpm.features.functionals import functionals
from nnpm.features.speech import TERMS, may_not_be_speech, score
from nnpm.toy.languages import LANGUAGES
from nnpm.toy.voice import person, speak

RATE = 16000
TIME = np.arange(5 * RATE) / RATE


def measured(signal):
    return functionals(np.asarray(signal, dtype=np.float32), RATE)


def spoken(language, emotion, female, syllables=14):
    rng = np.random.default_rng(3)
    speaker = person(LANGUAGES[language], female, rng)
    return speak(LANGUAGES[language], speaker, emotion, syllables, RATE, rng)[0]


def chords():
    """Four chords of a second each, of decaying harmonics."""
    second = TIME[:RATE]
    notes = [(220, 277, 330), (196, 247, 294), (175, 220, 262), (196, 247, 330)]
    tones = [[np.sin(2 * np.pi * k * note * second) / k**2 for note in chord for k in (1, 2, 3)] for chord in notes]
    return np.concatenate([np.exp(-second) * sum(chord) for chord in tones])


WITHOUT_SPEECH = {
    "silence": np.zeros(5 * RATE),
    "white noise": np.random.default_rng(0).normal(size=5 * RATE),
    "rumble": np.cumsum(np.random.default_rng(0).normal(size=5 * RATE)),
    "tone": np.sin(2 * np.pi * 440 * TIME),
    "hum": sum(np.sin(2 * np.pi * 50 * k * TIME) / k for k in range(1, 9)),
    "chirp": chirp(TIME, 100, 5, 3000),
    "siren": np.sin(2 * np.pi * 800 * TIME + 400 * np.sin(2 * np.pi * 0.3 * TIME)),
    "clicks": np.where(np.arange(5 * RATE) % 7000 == 99, 1.0, 0.0),
    "chords": chords(),
    "one sample": np.ones(1),
}


@pytest.mark.parametrize("name", WITHOUT_SPEECH)
def test_sounds_without_speech_are_marked(name):
    assert may_not_be_speech(measured(WITHOUT_SPEECH[name]))


@pytest.mark.parametrize("emotion", ["neutral", "angry", "happy", "sad"])
@pytest.mark.parametrize(("language", "female"), [("iemocap", True), ("emodb", False), ("urdu", True)])
def test_a_voice_is_not_marked(language, emotion, female):
    assert not may_not_be_speech(measured(spoken(language, emotion, female)))


def test_a_voice_is_not_marked_in_weak_noise_nor_where_it_is_quiet():
    voice = spoken("emodb", "neutral", False)
    noise = np.random.default_rng(1).normal(size=len(voice)) * voice.std() / 10
    assert not may_not_be_speech(measured(voice + noise))
    assert score(measured(voice / 100)) == pytest.approx(score(measured(voice)), abs=0.05)


def test_a_voice_that_drowns_in_noise_comes_nearer_to_being_marked():
    voice = spoken("emodb", "neutral", False)
    noise = np.random.default_rng(1).normal(size=len(voice)) * voice.std()
    found = [score(measured(voice + noise * 10 ** (-decibels / 20))) for decibels in (30, 10, -10)]
    assert found == sorted(found)


def test_only_the_named_functionals_are_read():
    found = measured(chords())
    assert score({name: found[name] for name in TERMS}) == score(found)
