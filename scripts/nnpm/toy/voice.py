"""A synthetic voice, roughly like speech: syllables, formants, an intonation, an emotion and an accent.

A pulse train (the glottis) and noise (the breath) are cut into short overlapping spectra, each spectrum is
weighted by the formants, tilt and channel of its instant, and the frames are added up again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import istft, stft

Array = npt.NDArray[np.float64]

#: How each emotion differs from neutral speech: pitch (semitones), liveliness of the pitch (semitones),
#: rise of the pitch over the phrase (semitones), level (dB), tempo (octaves), spectral tilt (dB per octave).
EMOTIONS: Mapping[str, tuple[float, float, float, float, float, float]] = {
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "angry": (3.5, 2.0, -2.0, 7.0, 0.35, 3.5),
    "happy": (5.5, 2.4, 3.0, 3.0, 0.15, 1.0),
    "excited": (6.0, 2.6, 2.5, 4.0, 0.20, 1.3),
    "sad": (-2.5, -0.9, -1.0, -7.0, -0.50, -3.0),
    "fear": (7.0, 0.4, 1.0, 1.0, 0.40, 0.0),
    "surprise": (6.0, 2.0, 6.0, 2.0, 0.00, 0.5),
    "disgust": (-1.0, 0.3, -1.0, 0.0, -0.20, 0.8),
    "boredom": (-2.0, -1.0, 0.0, -4.0, -0.35, -1.5),
    "calm": (-1.0, -0.5, 0.0, -3.0, -0.20, -1.5),
    "frustration": (1.5, 0.6, -1.0, 3.0, 0.10, 1.2),
}

#: Standard deviations of the same six within an emotion: no two utterances are alike.
SPREAD = (1.0, 0.3, 0.8, 1.5, 0.08, 0.7)

#: Voicing, noise at the onset, noise at the release (all linear) and the noise's centre (Hz).
CONSONANTS: Mapping[str, tuple[float, float, float, float]] = {
    "t": (0.0, 0.0, 0.5, 4500.0),
    "k": (0.0, 0.0, 0.5, 2200.0),
    "s": (0.0, 0.5, 0.5, 6000.0),
    "f": (0.0, 0.25, 0.25, 4000.0),
    "v": (0.3, 0.15, 0.15, 3500.0),
    "m": (0.35, 0.0, 0.0, 1000.0),
    "n": (0.35, 0.0, 0.0, 1500.0),
    "l": (0.5, 0.0, 0.0, 2000.0),
}


@dataclass(frozen=True)
class Language:
    """The common properties of a corpus's speakers and recordings."""

    vowels: Mapping[str, tuple[float, float, float]]  # first three formants of a man, Hz
    pitch: float  # of a man, Hz; a woman speaks `FEMALE_PITCH` higher
    rate: float  # syllables per second of neutral speech
    cues: tuple[float, float, float, float, float, float]  # how strongly each column of EMOTIONS is expressed
    band: tuple[float, float]  # the recording channel lets these frequencies through, Hz
    colour: float  # its slope, dB per octave
    noise: float  # level of the recorder's noise, dB re full scale


@dataclass(frozen=True)
class Speaker:
    """One person: habitual pitch in Hz, tempo (1 = the language's), formants relative to a typical man's."""

    pitch: float
    tempo: float
    formants: float


@dataclass(frozen=True)
class Interval:
    """A word or phone, `start` to `end` in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """What was said when, in an utterance of `seconds`."""

    seconds: float
    words: tuple[Interval, ...]
    phones: tuple[Interval, ...]


FEMALE_PITCH = 10.0  # semitones above a man's
FEMALE_FORMANTS = 1.16
LEVEL = -31.0  # root mean square of neutral speech, dB re full scale
FORMANT_WIDTHS = np.array([90.0, 110.0, 150.0, 250.0, 350.0])  # Hz
FORMANT_GAINS = np.array([1.0, 0.8, 0.7, 0.5, 0.4])
UPPER_FORMANTS = (3500.0, 4600.0)  # Hz, the same for every vowel


def person(language: Language, female: bool, rng: np.random.Generator) -> Speaker:
    """Draw a speaker of a language."""
    pitch = language.pitch * 2 ** ((FEMALE_PITCH * female + rng.normal(0, 1.5)) / 12)
    tract = (FEMALE_FORMANTS if female else 1.0) * np.exp(rng.normal(0, 0.03))
    return Speaker(float(pitch), float(np.exp(rng.normal(0, 0.06))), float(tract))


def speak(
    language: Language,
    speaker: Speaker,
    emotion: str,
    syllables: int,
    sample_rate: int,
    rng: np.random.Generator,
) -> tuple[Array, Transcript]:
    """Say random syllables with an emotion of EMOTIONS: mono samples in -1..1 at `sample_rate` Hz."""
    expression = np.multiply(language.cues, EMOTIONS[emotion])
    pitch, liveliness, rise, level, tempo, tilt = expression + rng.normal(0, SPREAD)
    rate = language.rate * speaker.tempo * 2.0**tempo
    said = _text(language, syllables, rate, rng)

    accents = rng.normal(0, max(0.4, 1.4 + liveliness), syllables)
    sinking = np.linspace(0.0, -3.0, syllables)  # as it does through a phrase in every language
    melody = pitch + rise * np.linspace(-0.5, 1.5, syllables) + accents + sinking
    middles = [(vowel.start + vowel.end) / 2 for vowel in said.phones[1::2]]
    pulses = _pulses(middles, speaker.pitch * 2 ** (melody / 12), said.seconds, sample_rate, rng)

    frame = int(0.02 * sample_rate) // 2 * 2
    frequencies, times, voice = stft(pulses, sample_rate, nperseg=frame)
    breath = stft(rng.normal(size=pulses.size), sample_rate, nperseg=frame)[2]

    formants, voicing, hiss, centre = _articulation(language, speaker, said.phones, times)
    hz = np.maximum(frequencies, 50.0)[:, None]
    vowel = voicing * _resonance(hz, formants) * (hz / 500.0) ** ((tilt - 7.0) / 6.02)
    consonant = hiss * np.exp(-0.5 * (np.log2(hz / centre) / 0.5) ** 2)
    spectrum = (voice * vowel + breath * (0.06 * vowel + consonant)) * _channel(language, hz)
    sound = istft(spectrum, sample_rate, nperseg=frame)[1][: pulses.size]

    sound *= 10 ** ((LEVEL + level) / 20) / np.sqrt(np.mean(sound**2))
    sound += 10 ** (language.noise / 20) * rng.normal(size=sound.size)
    return np.tanh(sound), said  # a shout overdrives the recorder gently


def _text(language: Language, syllables: int, rate: float, rng: np.random.Generator) -> Transcript:
    """Words of one to three consonant-vowel syllables with short pauses between, silence at both ends."""
    words: list[Interval] = []
    phones: list[Interval] = []
    now = float(rng.uniform(0.08, 0.2))
    left = syllables
    while left:
        size = min(left, int(rng.integers(1, 4)))
        first = len(phones)
        for _ in range(size):
            length = float(np.exp(rng.normal(0, 0.15)) / rate)
            middle = now + length * rng.uniform(0.25, 0.4)
            phones.append(Interval(now, middle, str(rng.choice(list(CONSONANTS)))))
            phones.append(Interval(middle, now + length, str(rng.choice(list(language.vowels)))))
            now += length
        words.append(Interval(phones[first].start, now, "".join(phone.text for phone in phones[first:])))
        left -= size
        now += float(rng.uniform(0.02, 0.3) / rate)
    return Transcript(now + float(rng.uniform(0.05, 0.2)), tuple(words), tuple(phones))


def _pulses(nodes: list[float], f0: Array, seconds: float, sample_rate: int, rng: np.random.Generator) -> Array:
    """A glottal pulse train of unit power that follows the pitch `f0` (Hz) at `nodes` (seconds)."""
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    grid = np.arange(0.0, seconds + 0.01, 0.01)
    jitter = np.interp(time, grid, 1 + rng.normal(0, 0.012, grid.size))
    track = np.interp(time, nodes, f0) * jitter
    cycles = np.floor(np.cumsum(track) / sample_rate)
    return np.diff(cycles, prepend=0.0) * np.sqrt(sample_rate / track)


def _articulation(
    language: Language, speaker: Speaker, phones: tuple[Interval, ...], times: Array
) -> tuple[Array, Array, Array, Array]:
    """Formants (frames, 5) in Hz, and voicing, hiss and the hiss's centre (frames,) at the given times."""
    when: list[float] = []
    what: list[tuple[float, ...]] = []

    def aim(phone: Interval, part: float, *target: float) -> None:
        when.append(phone.start + part * (phone.end - phone.start))
        what.append(target)

    for consonant, vowel in zip(phones[::2], phones[1::2], strict=True):
        f1, f2, f3 = language.vowels[vowel.text]
        voicing, onset, release, centre = CONSONANTS[consonant.text]
        aim(consonant, 0.0, 0.5 * f1, f2, f3, 0.0, 0.0, centre)
        aim(consonant, 0.3, 0.5 * f1, f2, f3, voicing, onset, centre)
        aim(consonant, 0.8, 0.6 * f1, f2, f3, voicing, release, centre)
        aim(vowel, 0.15, f1, f2, f3, 1.0, 0.0, centre)
        aim(vowel, 0.8, f1, f2, f3, 0.9, 0.0, centre)
        aim(vowel, 1.0, f1, f2, f3, 0.0, 0.0, centre)
    tracks = np.stack([np.interp(times, when, column) for column in np.array(what).T], axis=1)
    upper = np.broadcast_to(UPPER_FORMANTS, (times.size, 2))
    formants = speaker.formants * np.concatenate([tracks[:, :3], upper], axis=1)
    return formants, tracks[:, 3], tracks[:, 4], tracks[:, 5]


def _resonance(hz: Array, formants: Array) -> Array:
    """Gain of the vocal tract (frequencies, frames) at frequencies (frequencies, 1) for formants (frames, 5)."""
    gain = np.zeros((hz.size, len(formants)))
    for formant, width, peak in zip(formants.T, FORMANT_WIDTHS, FORMANT_GAINS, strict=True):
        gain += peak / np.sqrt(1 + ((hz - formant) / (width / 2)) ** 2)
    return gain


def _channel(language: Language, hz: Array) -> Array:
    """Gain of microphone and recorder at the frequencies."""
    low, high = language.band
    edges = np.sqrt((1 + (low / hz) ** 4) * (1 + (hz / high) ** 4))
    return np.asarray((hz / 1000.0) ** (language.colour / 6.02) / edges)
