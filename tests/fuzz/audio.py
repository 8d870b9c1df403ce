"""Audio files of every container and sample format, with spoilt headers."""

import io
from pathlib import Path

import numpy as np
import soundfile

from nnpm import audio
from nnpm.features.mels import log_mels, moments
from nnpm.features.settings import FeatureSettings
from tests.fuzz.engine import Parser, refused_or_right
from tests.fuzz.mutations import edited

SECONDS, RATE = 0.05, 16000
FEATURES = [FeatureSettings(duration=SECONDS, n_mels=20, normalisation=kind) for kind in ("speech", "padded")]


def encoded(kind: str, subtype: str | None = None, channels: int = 1, rate: int = 16000) -> bytes:
    """Noise of a twentieth of a second."""
    noise = 0.1 * np.random.default_rng(0).standard_normal((rate // 20, channels))
    stream = io.BytesIO()
    soundfile.write(stream, noise, rate, subtype=subtype, format=kind)
    return stream.getvalue()


WAV = [encoded("WAV", subtype) for subtype in ("PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM")]
WAV += [encoded("WAV", channels=8), encoded("WAV", rate=96000), encoded("WAVEX"), encoded("RF64")]
OTHERS = [encoded(kind) for kind in ("FLAC", "OGG", "AIFF", "AU", "CAF", "W64", "NIST", "MP3")]
OTHERS += [encoded("OGG", "OPUS"), encoded("FLAC", channels=2), encoded("AIFF", "FLOAT"), encoded("CAF", "ALAC_16")]


def inspect(folder: Path, content: bytes) -> None:
    path = folder / "x.wav"
    path.write_bytes(content)
    with refused_or_right(path):
        info = audio.inspect(path, SECONDS)
        assert info.seconds > 0 and info.sample_rate > 0 and info.channels > 0 and len(info.sha256) == 64
        samples = audio.read(path, RATE, SECONDS)
        assert np.isfinite(samples).all() and len(samples), "accepted, but nothing to hear"
        for settings in FEATURES:
            mels = log_mels(samples, settings)
            assert np.isfinite(mels).all() and np.isfinite(moments(mels, settings)).all()


def read(folder: Path, content: bytes) -> None:
    path = folder / "x.wav"
    path.write_bytes(content)
    with refused_or_right(path):
        samples = audio.read(path, RATE, SECONDS)
        assert samples.ndim == 1 and samples.dtype == np.float32 and len(samples) <= SECONDS * RATE


PARSERS = [
    Parser("audio.inspect of WAV", edited(WAV), inspect),
    Parser("audio.inspect of other formats", edited(OTHERS), inspect),
    Parser("audio.read of WAV", edited(WAV), read),
    Parser("audio.read of other formats", edited(OTHERS), read),
]
