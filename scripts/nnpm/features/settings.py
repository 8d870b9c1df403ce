"""Settings of mel-spectrograms. Imported while the workflow is planned, so without librosa and NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FeatureSettings:
    """Settings of a mel-spectrogram; the defaults are the paper's where it states one.

    `normalisation` is "speech" (relative to the utterance and the corpus, see `mels.levelled`) or "padded" (decibels
    over a fixed floor, standardised over all frames, padding included: the plainest reading of the paper).
    """

    sample_rate: int = 16000  # Hz
    duration: float = 7.5  # seconds, cut or zero-padded at the end
    window: str = "hann"
    win_length: int = 400  # samples
    n_fft: int = 512  # samples
    hop_length: int = 160  # samples
    n_mels: int = 128
    normalisation: str = "speech"
    dynamic_range: float = 60.0  # dB below the utterance's loudest mel value where the floor lies
    dtype: str = "float32"

    @property
    def samples(self) -> int:
        """Samples of an utterance after cutting or padding (120,000)."""
        return round(self.duration * self.sample_rate)

    @property
    def frames(self) -> int:
        """Centred frames of an utterance (751)."""
        return 1 + self.samples // self.hop_length


def contradictions(features: Mapping[str, Any]) -> list[str]:
    """Return the contradictions between settings of mels that are each valid."""
    found = []
    if features["win_length"] > features["n_fft"]:
        found.append(f"features.win_length: {features['win_length']} is longer than n_fft, {features['n_fft']}")
    frames = 1 + round(features["duration"] * features["sample_rate"]) // features["hop_length"]
    bands, bins = features["n_mels"], features["n_fft"] // 2 + 1
    if bands > bins:
        found.append(f"features.n_mels: {bands} bands, but n_fft {features['n_fft']} gives only {bins} frequencies")
    if frames * bands > 1 << 28:
        found.append(f"features: {frames} frames of {bands} bands per utterance, more than 1 GiB; lengthen hop_length")
    if frames < 17:  # model.steps_after: two blocks of kernel 3 and pool 3 leave one step of 17 frames
        found.append(f"features.duration: {frames} frames are too few for the backbone, which needs 17")
    return found
