"""How the samples of a file are got: from libsndfile, or from the program ffmpeg for what libsndfile cannot decode."""

import math
import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from nnpm import containers
from nnpm.errors import InputError

#: Lowest and highest rate in Hz: lower ones keep no speech, no recorder uses higher ones.
RATES = (4_000, 768_000)
#: Notes on a file that is used all the same.
SHORT = "less than 10 ms of the sound that the header promises is missing: used as it is"
OPEN_SIZE = "the header says that there is no sound, as of a recorder that was stopped: read to the end of the file"
#: Ends the message on a file that only ffmpeg decodes.
INSTALL = (
    "only the program ffmpeg decodes it; install that (apt-get install ffmpeg, brew install ffmpeg, or "
    "conda install -c conda-forge ffmpeg), or convert the file to WAV or FLAC"
)

_BLOCK = 1 << 18  # samples read at a time, all channels together: no header can ask for more memory
_SHORT = 0.010  # seconds that a faulty writer may leave out at the end
_FRAMES = 0.1  # seconds; the last frames of an MP3 need not all give sound

# libsndfile's log of a header that promises more bytes than the file has: "data : 32000 (should be 15978)".
# Only the size of the sample data is checked; that of the container (RIFF, FORM) is often wrong in whole files.
_SIZES = re.compile(r"^\s*(?:data|SSND|Data Size|riff|Riff size)\s*: (\d+) \(should be (\d+)\)", flags=re.MULTILINE)
_STREAMED = 0x7FFFF000  # programs that write into a pipe put this or more for a size they cannot know

# Only files of these kinds: a playlist would make ffmpeg read others.
_DEMUXERS = "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,ogg,tta,w64,wav,wv"
_FFMPEG = (
    *("ffmpeg", "-nostdin", "-v", "error", "-threads", "1"),
    *("-protocol_whitelist", "file,pipe", "-format_whitelist", _DEMUXERS),
)
_TO_PIPE = ("-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "-")  # AU has no size that a long file would exceed
_CUT = re.compile(r"Invalid data|prematurely|partial file|moov atom not found")


@dataclass
class Source:
    """An open file of sound. `notes` are remarks on a file that is used all the same, see `finish`."""

    path: Path
    file: soundfile.SoundFile
    decoder: subprocess.Popen[bytes] | None = None
    said: BinaryIO | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def rate(self) -> int:
        """Frames per second."""
        return int(self.file.samplerate)

    def blocks(
        self, start: float = 0.0, end: float | None = None, first: float = math.inf
    ) -> Iterator[npt.NDArray[np.float32]]:
        """Yield the file, or what is from `start` to `end` seconds of it, in blocks of bounded size.

        Shape (some frames, channels). A block ends after `first` frames. Raises InputError for a segment that the file
        does not have.
        """
        size = max(1, _BLOCK // self.file.channels)
        wanted = math.inf
        if start or end is not None:
            skipped = self._seek(start, end, size)
            wanted = math.inf if end is None else max(1, round(end * self.rate) - skipped)
        left = first  # a block ends there, so that no more is decoded
        while wanted > 0 and len(block := self._decode(int(min(size, wanted, left)))):
            wanted, left = wanted - len(block), left - len(block)
            left = left if left > 0 else math.inf
            yield block
        if not self.file.seekable() and 1 < wanted < math.inf:
            raise self._no_segment(start, end, end - wanted / self.rate if end else 0.0)

    def finish(self, frames: int) -> None:
        """Compare the `frames` that were read with what the file promised, once all of it was read.

        Adds to `notes`; raises InputError if it is cut short.
        """
        if self.said is not None and self.decoder is not None:
            status, words = self.decoder.wait(), _said(self.said)
            if status or _CUT.search(words):
                raise InputError(f"{self.path}: damaged or cut short ({_reason(words)}); fetch it again")
        promised = self.file.frames if self.file.seekable() else frames
        for match in _SIZES.finditer(self.file.extra_info):
            size, there = map(int, match.groups())
            if there < size < _STREAMED and (there == 0 or frames / self.rate * (size / there - 1) > _SHORT):
                raise InputError(f"{self.path}: cut short, {there} of {size} bytes of sound are there; fetch it again")
            if there < size < _STREAMED:
                self.notes.append(SHORT)
        mpeg = self.file.subtype.startswith("MPEG")  # in a WAV, its length is an estimate
        if (promised - frames) / self.rate > (_FRAMES if mpeg else _SHORT) and (self.file.format == "MP3" or not mpeg):
            raise InputError(f"{self.path}: cut short, {frames} of {promised} samples are there; fetch it again")
        if frames < promised and not mpeg:
            self.notes.append(SHORT)
        if frames:
            self.notes += containers.pages(self.path)

    def _seek(self, start: float, end: float | None, size: int) -> int:
        """Go to `start`, by decoding what is before it where the length is not known; returns the frames before it."""
        if start < 0 or (end is not None and end <= start):
            raise self._no_segment(start, end, self.file.frames / self.rate if self.file.seekable() else None)
        first = round(start * self.rate)
        if self.file.seekable():
            seconds = self.file.frames / self.rate
            if start >= seconds or (end is not None and end > seconds + 1 / self.rate):
                raise self._no_segment(start, end, seconds)
            self.file.seek(first)
            return first
        left = first
        while left > 0 and len(block := self._decode(min(size, left))):
            left -= len(block)
        if left:
            raise self._no_segment(start, end, (first - left) / self.rate)
        return first

    def _no_segment(self, start: float, end: float | None, seconds: float | None) -> InputError:
        upto = "its end" if end is None else f"{end:g} s"
        length = "" if seconds is None else f" in its {seconds:.2f} s"
        return InputError(f"{self.path}: no segment from {start:g} s to {upto}{length}; correct start and end")

    def _decode(self, frames: int) -> npt.NDArray[np.float32]:
        """The next frames, shape (up to frames, channels)."""
        try:
            block: npt.NDArray[np.float32] = self.file.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise InputError(f"{self.path}: damaged or cut short ({_words(error)}); fetch it again") from error
        return block


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file of sound, by libsndfile if it can and else by ffmpeg.

    Raises InputError if it is no file, empty, not audio or of an absurd rate, and if only ffmpeg, which is not
    installed, could decode it.
    """
    _check_file(path)
    with ExitStack() as stack:
        source = _opened(path, stack)
        lowest, highest = RATES
        if not lowest <= source.rate <= highest:
            raise InputError(
                f"{path}: {source.rate} Hz is not a rate of recorded speech ({lowest} to {highest}); fetch it again"
            )
        yield source


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except OSError as error:  # a broken link, links in a circle, a folder of another user
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check its name and its permissions, or fetch it again"
        ) from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe waits for its other end
        raise InputError(f"{path}: not a file but a folder, pipe, socket or device; remove it")
    if status.st_size == 0:
        raise InputError(f"{path}: empty, 0 bytes; fetch it again")


def _opened(path: Path, stack: ExitStack) -> Source:
    try:
        # As bytes: soundfile encodes text strictly, and file names need not be text.
        file = stack.enter_context(soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else path))
    except soundfile.LibsndfileError as error:
        return _by_ffmpeg(path, stack, _words(error))
    source = Source(path, file)
    if file.format == "MP3":
        with containers.mapped(path) as content:
            index, follows = containers.mpeg_index(content)
        if follows:
            source.notes.append(containers.JOINED)
        if not index:  # the length is guessed from the first frames, and libsndfile reads no further; of a pipe it does
            with suppress(soundfile.LibsndfileError):
                pipe = _piped(path, stack)
                source = Source(path, stack.enter_context(soundfile.SoundFile(pipe, closefd=False)))
    if file.frames == 0 and file.format == "WAV":
        content = stack.enter_context(containers.mapped(path))
        if place := containers.size_of_data(content):
            content[place : place + 4] = b"\xff\xff\xff\xff"
            source = Source(path, stack.enter_context(soundfile.SoundFile(content)), notes=[OPEN_SIZE])
    return source


def _by_ffmpeg(path: Path, stack: ExitStack, refusal: str) -> Source:
    """`refusal` is why libsndfile does not decode it."""
    known = containers.needs_ffmpeg(path)
    if shutil.which("ffmpeg"):
        said = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        decoder = stack.enter_context(
            subprocess.Popen(
                [*_FFMPEG, "-i", f"file:{path}", *_TO_PIPE],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                bufsize=0,
            )
        )
        stack.callback(decoder.kill)  # it may not be read to its end
        assert decoder.stdout is not None
        try:
            file = stack.enter_context(soundfile.SoundFile(decoder.stdout.fileno(), closefd=False))
            return Source(path, file, decoder, said)
        except soundfile.LibsndfileError:
            decoder.stdout.close()  # else it would wait for a reader of what it has decoded
            decoder.wait()
            words = _said(said)
        if "matches no streams" in words:
            raise InputError(f"{path}: no sound in it; leave it out")
        if known:
            raise InputError(f"{path}: damaged or cut short ({_reason(words)}); fetch it again")
    elif known:
        raise InputError(f"{path}: {INSTALL}")
    raise InputError(f"{path}: not audio, or damaged ({refusal}); fetch it again or leave it out")


def _piped(path: Path, stack: ExitStack) -> int:
    """A pipe, as a file descriptor, out of which the bytes of the file come; closed with the stack."""
    out, into = os.pipe()
    stack.callback(os.close, out)

    def feed() -> None:
        with suppress(OSError), os.fdopen(into, "wb", buffering=0) as pipe, path.open("rb") as stream:
            shutil.copyfileobj(stream, pipe)

    threading.Thread(target=feed, daemon=True).start()
    return out


def _said(stream: BinaryIO) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace").strip()


def _reason(words: str) -> str:
    """What ffmpeg said first of all, without its own addresses."""
    return re.sub(r"^\[[^]]*\]\s*", "", words.splitlines()[0]) if words else "ffmpeg failed"


def _words(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip().rstrip(".")
