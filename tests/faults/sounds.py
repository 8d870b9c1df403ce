"""Audio files: damaged, of odd formats, and what is no file at all. Each adapter gets some."""

import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.faults.case import OfCorpus
from tests.faults.valid import ONE

FETCH = "fetch "  # "it again", or "them again" where a file is one of several
SKIP = "skip_unreadable: true"


def one(corpus: str, spoil: Callable[[Path], object]) -> Callable[[Path], object]:
    """Spoil one audio file of the corpus."""
    return lambda folder: spoil(folder / ONE[corpus])


def bad(name: str, corpus: str, spoil: Callable[[Path], object], *words: str) -> OfCorpus:
    return OfCorpus(name, corpus, one(corpus, spoil), (Path(ONE[corpus]).name, *words, FETCH, SKIP))


def odd(name: str, corpus: str, spoil: Callable[[Path], object]) -> OfCorpus:
    return OfCorpus(name, corpus, one(corpus, spoil))


def samples(values: np.ndarray, rate: int = 16000, **kind: str) -> Callable[[Path], object]:
    return lambda path: soundfile.write(path, values, rate, **kind)


def header(place: int, content: bytes) -> Callable[[Path], object]:
    """Bytes of a WAV file's header: 20 format, 22 channels, 24 rate, 34 bits, 40 size of the data."""

    def spoil(path: Path) -> None:
        whole = bytearray(path.read_bytes())
        whole[place : place + len(content)] = content
        path.write_bytes(whole)

    return spoil


def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """Something else under the file's name."""

    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def with_value(value: float) -> Callable[[Path], object]:
    noise = NOISE.copy()
    noise[700] = value
    return samples(noise, subtype="FLOAT")


def listening(path: Path) -> None:
    """A socket."""
    os.mknod(path, stat.S_IFSOCK | 0o600)


def long(path: Path, title: str = "first", minutes: int = 30) -> None:
    """Silent but for a beep at the start; as FLAC, whatever the name says."""
    with soundfile.SoundFile(path, "w", 8000, 1, format="FLAC") as file:
        file.title = title
        file.write(NOISE[:800])
        for _ in range(minutes):
            file.write(np.zeros(60 * 8000, dtype=np.int16))


def two_alike(path: Path) -> None:
    """The same sound in files that differ."""
    long(path, minutes=2)
    long(path.with_name(path.name.replace("1.wav", "2.wav")), title="again", minutes=2)


NOISE = 0.1 * np.random.default_rng(0).standard_normal(1600)

SOUNDS = [
    bad("0 bytes", "emodb", lambda path: path.write_bytes(b""), "0 bytes"),
    bad("a truncated header", "urdu", lambda path: os.truncate(path, 20), "not audio"),
    bad("cut short", "shemo", lambda path: os.truncate(path, 2000), "cut short", "1956 of 3200 bytes"),
    bad("text", "ravdess", lambda path: path.write_text("no audio\n" * 99), "not audio"),
    bad("random bytes", "cremad", lambda path: path.write_bytes(os.urandom(4000)), "not audio"),
    bad("an unknown sample format", "iemocap", header(20, b"\x99\x99"), "not audio"),
    bad("samples of 99 bits", "ekorpus", header(34, b"\x63\x00"), "not audio"),
    bad("no channels", "own", header(22, b"\x00\x00"), "not audio"),
    bad("a header that promises 1.9 GB", "emodb", header(40, struct.pack("<I", 0x70000000)), "cut short"),
    bad("1 Hz", "urdu", header(24, struct.pack("<I", 1)), "1 Hz is not a rate of recorded speech"),
    bad("1000 Hz", "shemo", samples(NOISE, 1000), "1000 Hz is not a rate"),
    bad("2 GHz", "cremad", header(24, struct.pack("<I", 2_000_000_000)), "2000000000 Hz is not a rate"),
    bad("NaN", "ravdess", with_value(np.nan), "not finite"),
    bad("infinity", "iemocap", with_value(-np.inf), "not finite"),
    bad("1e30", "ekorpus", with_value(1e30), "a million times above full scale"),
    bad("silence", "own", samples(np.zeros(1600)), "silent, every sample is 0"),
    bad("a constant", "cremad", samples(np.full(1600, 0.25)), "silent, every sample is 0.25"),
    bad("channels that cancel", "emodb", samples(np.stack([NOISE, -NOISE], 1)), "silent"),
    bad("silent as far as it is used", "urdu", samples(np.r_[np.zeros(130_000), NOISE]), "silent in its first 7.5 s"),
    bad("one sample", "own", samples(np.array([0.3])), "only one sample in it"),
    bad("no samples", "shemo", samples(np.zeros(0)), "no samples"),
    bad("a link to nothing", "emodb", instead(lambda path: path.symlink_to("nothing.wav")), "No such file"),
    bad("a link to itself", "ravdess", instead(lambda path: path.symlink_to(path.name)), "symbolic links"),
    bad("a pipe that nobody writes", "cremad", instead(os.mkfifo), "not a file but a folder, pipe"),
    bad("a device", "iemocap", instead(lambda path: path.symlink_to("/dev/zero")), "not a file but a folder, pipe"),
    bad("a socket", "ekorpus", instead(listening), "not a file but a folder, pipe"),
    OfCorpus("a folder x.wav beside the files", "emodb", lambda folder: (folder / "wav" / "x.wav").mkdir()),
    odd("96 kHz", "emodb", samples(NOISE, 96000)),
    odd("8 channels", "urdu", samples(np.tile(NOISE[:, None], 8))),
    odd("8 bits", "shemo", samples(NOISE, subtype="PCM_U8")),
    odd("24 bits", "ravdess", samples(NOISE, subtype="PCM_24")),
    odd("32 bits", "own", samples(NOISE, subtype="PCM_32")),
    odd("mu-law", "ekorpus", samples(NOISE, subtype="ULAW")),
    odd("doubles", "cremad", samples(NOISE, subtype="DOUBLE")),
    odd("floats as large as 16-bit numbers", "ekorpus", samples(32767 * NOISE, subtype="FLOAT")),
    odd("ADPCM", "iemocap", samples(NOISE, subtype="IMA_ADPCM")),
    odd("MP3 under the name of a WAV", "own", samples(np.tile(NOISE, 9), format="MP3")),
    odd("a size that a pipe left open", "urdu", header(40, b"\xff\xff\xff\xff")),
    odd("another size that a pipe left open", "own", header(40, b"\xff\xff\xff\x7f")),
    odd("a wrong size around whole sound", "emodb", header(4, b"\x00\x00\x00\x00")),
    odd("two samples", "shemo", samples(np.array([0.3, -0.3]))),
    odd("half an hour", "ravdess", long),
    odd("two minutes of the same sound twice", "own", two_alike),
    odd("a link to a file elsewhere", "cremad", lambda path: path.symlink_to(path.rename(path.parents[1] / "other"))),
    OfCorpus(
        "unreadable files are left out if the config says so",
        "emodb",
        lambda folder: [
            instead(os.mkfifo)(folder / "wav" / "03a02Fa.wav"),
            os.truncate(folder / "wav/03a02Ta.wav", 99),
        ],
        utterances=6,
        changes={"skip_unreadable": True},
    ),
    OfCorpus(
        "every file unreadable",
        "urdu",
        lambda folder: [path.write_bytes(b"") for path in folder.glob("*/*.wav")],
        ("none of 8 audio files can be read", "0 bytes"),
        changes={"skip_unreadable": True},
    ),
]
