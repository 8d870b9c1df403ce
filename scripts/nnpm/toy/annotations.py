"""The label files of the corpora whose audio names do not carry the emotion."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from praatio import textgrid

from nnpm.toy.layouts import Take
from nnpm.toy.voice import Interval, Transcript

Said = Sequence[tuple[Take, Transcript]]

# The code and word of each emotion in IEMOCAP; "xxx" are turns on which the raters did not agree.
IEMOCAP = {
    "angry": ("ang", "Anger"),
    "happy": ("hap", "Happiness"),
    "excited": ("exc", "Excited"),
    "sad": ("sad", "Sadness"),
    "neutral": ("neu", "Neutral state"),
    "frustration": ("fru", "Frustration"),
    "surprise": ("sur", "Surprise"),
    "fear": ("fea", "Fear"),
    "disgust": ("xxx", "Other"),
}
EKORPUS = {"angry": "anger", "happy": "joy", "sad": "sadness", "neutral": "neutral"}


def iemocap(folder: Path, said: Said) -> None:
    """`dialog/EmoEvaluation/*.txt`, one file per dialog, with lines that a reader has to skip."""
    dialogs: dict[str, list[tuple[Take, Transcript]]] = defaultdict(list)
    for take, transcript in said:
        path = PurePosixPath(take.path)
        dialogs[f"{path.parts[0]}/dialog/EmoEvaluation/{path.parent.name}"].append((take, transcript))
    for dialog, turns in dialogs.items():
        lines = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
        votes = []
        now = 5.0
        for take, transcript in turns:
            turn = PurePosixPath(take.path).stem
            code, word = IEMOCAP[take.emotion]
            lines.append(f"[{now:.4f} - {now + transcript.seconds:.4f}]\t{turn}\t{code}\t[2.5000, 3.0000, 2.5000]")
            lines += [f"C-E{rater}:\t{word};\t()" for rater in (2, 3)] + ["C-E4:\tOther;\t(mixed)"]
            lines += [f"C-{turn[-4]}1:\t{word};\t()", "A-E3:\tval 2; act 3; dom  2;\t()", ""]
            votes.append(f"{turn} :{word}; ()")
            now += transcript.seconds + 1.0
        file = folder / f"{dialog}.txt"
        raters = file.parent / "Categorical"
        raters.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        (raters / f"{file.stem}_e2_cat.txt").write_text("\n".join(votes) + "\n", encoding="utf-8")
        file.with_name(f"._{file.name}").write_bytes(b"\x00\x05\x16\x07Mac OS X\xff")


def ekorpus(folder: Path, said: Said) -> None:
    """A TextGrid beside each file, with the tiers emotion, sentence, words and phonemes."""
    for take, transcript in said:
        whole = (transcript.phones[0].start, transcript.phones[-1].end)
        sentence = " ".join(word.text for word in transcript.words)
        grid = textgrid.Textgrid(0, transcript.seconds)
        for name, intervals in {
            "emotion": (Interval(*whole, EKORPUS[take.emotion]),),
            "sentence": (Interval(*whole, sentence),),
            "words": transcript.words,
            "phonemes": transcript.phones,
        }.items():
            entries = [(part.start, part.end, part.text) for part in intervals]
            grid.addTier(textgrid.IntervalTier(name, entries, 0, transcript.seconds))
        path = (folder / take.path).with_suffix(".TextGrid")
        grid.save(str(path), format="long_textgrid", includeBlankSpaces=True)


ANNOTATIONS: Mapping[str, Callable[[Path, Said], None]] = {"iemocap": iemocap, "ekorpus": ekorpus}
