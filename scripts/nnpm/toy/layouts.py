"""Which files each toy corpus holds: the real folders and names, with odd cases spread over the corpora.

Every function takes the number of utterances per speaker and class and returns the plan of its corpus. The adapters
in nnpm.corpora say where the naming comes from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Literal

LONG = 60  # syllables: longer than 7.5 s in any language and at any tempo


@dataclass(frozen=True)
class Take:
    """One audio file to be made: `path` relative to the corpus folder, its suffix names the format."""

    path: str
    speaker: str
    female: bool
    emotion: str  # a key of voice.EMOTIONS
    syllables: int = 8
    sample_rate: int = 16000
    channels: int = 1
    subtype: Literal["PCM_16", "PCM_24"] = "PCM_16"


@dataclass(frozen=True)
class Layout:
    """A corpus: its default number of four-class utterances, approximately, and the plan of its files."""

    utterances: int
    plan: Callable[[int], list[Take]]

    def takes(self, utterances: int | None = None) -> list[Take]:
        """The files; every speaker says each class equally often, at least once, about `utterances` in all."""
        speakers = len({take.speaker for take in self.plan(1)})
        return self.plan(max(1, round((utterances or self.utterances) / (4 * speakers))))


def iemocap(times: int) -> list[Take]:
    """Sessions with an improvised and a scripted dialog each; emotions are in the evaluation files only."""
    takes = []
    for session, female in product(range(1, 6), (True, False)):
        sex = "F" if female else "M"
        speaker = f"Ses{session:02d}{sex}"
        happy = ["happy", "excited"] * times
        turns = [e for n in range(times) for e in ("angry", happy[n], "sad", "neutral")]
        turns += ["frustration", "surprise", "disgust", "fear"]
        for number, emotion in enumerate(turns):
            wearer, scene = ("F", "impro01") if number % 8 < 4 else ("M", "script01_1")
            dialog = f"Ses{session:02d}{wearer}_{scene}"
            path = f"Session{session}/sentences/wav/{dialog}/{dialog}_{sex}{number:03d}.wav"
            takes.append(Take(path, speaker, female, emotion))
    takes[3] = replace(takes[3], syllables=LONG)
    return takes


def urdu(times: int) -> list[Take]:
    """Four folders; stereo at 44.1 kHz, one file of 24 bits."""
    takes = [
        Take(f"{folder}/{speaker}_F{number:02d}_{folder[0]}{number:03d}.wav", speaker, "F" in speaker, emotion)
        for folder, emotion in (("Angry", "angry"), ("Happy", "happy"), ("Neutral", "neutral"), ("Sad", "sad"))
        for speaker, number in product(("SM1", "SM2", "SM3", "SM5", "SF1", "SF2"), range(1, times + 1))
    ]
    takes = [replace(take, sample_rate=44100, channels=2) for take in takes]
    takes[1] = replace(takes[1], subtype="PCM_24")
    return takes


def ekorpus(times: int) -> list[Take]:
    """One woman at 44.1 kHz; the emotion is in the TextGrid beside each numbered file."""
    emotions = ("angry", "happy", "sad", "neutral")
    takes = [
        Take(f"{number * 7 + 10}.wav", "EKI", True, emotion, sample_rate=44100)
        for number, (_, emotion) in enumerate(product(range(times), emotions))
    ]
    takes[2] = replace(takes[2], syllables=LONG)
    return takes


def shemo(times: int) -> list[Take]:
    """Women and men at 44.1 kHz; as in the real corpus, anger and neutral speech prevail."""
    takes = []
    for female, number in product((True, False), (1, 3, 6)):
        sex, folder = ("F", "female") if female else ("M", "male")
        amounts = {"A": times + 1, "H": max(1, times - 1), "S": max(1, times - 1), "N": times + 1, "W": 1}
        if female:
            amounts["F"] = 1
        words = {"A": "angry", "H": "happy", "S": "sad", "N": "neutral", "W": "surprise", "F": "fear"}
        takes += [
            Take(
                f"{folder}/{sex}{number:02d}{letter}{n:02d}.wav",
                f"{sex}{number:02d}",
                female,
                words[letter],
                sample_rate=44100,
            )
            for letter, amount in amounts.items()
            for n in range(1, amount + 1)
        ]
    takes[0] = replace(takes[0], channels=2)
    takes[-2] = replace(takes[-2], syllables=LONG)
    return takes


def emodb(times: int) -> list[Take]:
    """The ten real speakers; one file is FLAC, one is long, one has 24 bits."""
    texts = [text + version for version, text in product("abcd", ("a01", "a02", "a04", "a05", "a07", "b01"))]
    texts = [text[:3] + "{}" + text[3:] for text in texts]
    emotions = {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"}
    others = {"L": "boredom", "A": "fear", "E": "disgust"}
    takes = []
    for speaker in ("03", "08", "09", "10", "11", "12", "13", "14", "15", "16"):
        said = list(product(emotions.items(), texts[:times])) + list(product(others.items(), ("b03{}a",)))
        takes += [
            Take(f"wav/{speaker}{text.format(letter)}.wav", speaker, speaker in ("08", "09", "13", "14", "16"), emotion)
            for (letter, emotion), text in said
        ]
    takes[0] = replace(takes[0], path=takes[0].path.replace(".wav", ".flac"))
    takes[1] = replace(takes[1], syllables=LONG)
    takes[2] = replace(takes[2], subtype="PCM_24")
    return takes


def ravdess(times: int) -> list[Take]:
    """All 24 actors at 48 kHz, some files stereo, and one song."""
    emotions = {1: "neutral", 3: "happy", 4: "sad", 5: "angry"}
    others = {2: "calm", 6: "fear", 7: "disgust", 8: "surprise"}
    takes = []
    for actor in range(1, 25):
        # Neutral speech has one intensity only.
        ways = {code: islice(product((1, 2) if code > 1 else (1,), (1, 2), (1, 2)), times) for code in sorted(emotions)}
        said = [(code, *way) for code, choice in ways.items() for way in choice]
        said.append((list(others)[actor % 4], 1, 1, 1))
        for code, intensity, statement, repetition in said:
            name = f"03-01-{code:02d}-{intensity:02d}-{statement:02d}-{repetition:02d}-{actor:02d}.wav"
            path = f"Actor_{actor:02d}/{name}"
            emotion = (emotions | others)[code]
            stereo = 1 + (actor == 5)
            takes.append(Take(path, f"{actor:02d}", actor % 2 == 0, emotion, 5, 48000, stereo))
    takes.append(Take("Actor_01/03-02-05-01-01-01-01.wav", "01", False, "angry", 8, 48000))
    return takes


def cremad(times: int) -> list[Take]:
    """Nine of the 91 actors, among them 1064-1073 and 1074-1091, who are held out where this is the source."""
    actors = {"1001": False, "1002": True, "1003": True, "1005": False}
    actors |= {"1064": False, "1073": True, "1074": True, "1077": False, "1091": True}
    emotions = {"ANG": "angry", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
    others = {"DIS": "disgust", "FEA": "fear"}
    sentences = ("DFA", "IOM", "ITH", "ITS", "IWL", "IWW", "MTI", "TAI", "TIE", "TSI", "WSI")
    takes = []
    for actor, female in actors.items():
        said = list(product(sentences[:times], emotions.items())) + [("IEO", item) for item in others.items()]
        for sentence, (code, emotion) in said:
            intensity = "HI" if sentence == "IEO" else "XX"  # only this sentence was said at graded intensities
            path = f"AudioWAV/{actor}_{sentence}_{code}_{intensity}.wav"
            takes.append(Take(path, actor, female, emotion, 6))
    return takes


LAYOUTS: Mapping[str, Layout] = {
    "iemocap": Layout(160, iemocap),
    "urdu": Layout(72, urdu),
    "ekorpus": Layout(64, ekorpus),
    "shemo": Layout(72, shemo),
    "emodb": Layout(80, emodb),
    "ravdess": Layout(96, ravdess),
    "cremad": Layout(72, cremad),
}
MOST = 384  # utterances of a corpus: beyond it, the texts of RAVDESS are exhausted
