"""Settings of front ends. Imported while the workflow is planned, so without librosa and NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The fewest frames that the backbone takes: two blocks of kernel 3 and pool 3 leave one step of 17 (`model.backbone`).
SHORTEST = 17


@dataclass(frozen=True)
class FeatureSettings:
    """What frames are made by; the defaults are the paper's where it states one.

    `front_end` is its name in the study. `padding` is "paper" (zeros up to `duration`, which the backbone reads as
    well) or "masked" (real frames only). Each front end reads its own ones of the others.

    Mels: `normalisation` is "speech" (relative to the utterance and the corpus, see `mels.Mels`) or "padded" (decibels
    over a fixed floor, standardised over all frames: the plainest reading of the paper).

    Self-supervised models: `model` is a hub id or a folder, `revision` the hub's commit, `layer` the number of a
    hidden layer or "mean", the mean over all of them.
    """

    front_end: str = "mels"
    padding: str = "paper"
    sample_rate: int = 16000  # Hz; a self-supervised model has its own
    duration: float = 7.5  # seconds; longer utterances are cut at the end
    window: str = "hann"
    win_length: int = 400  # samples
    n_fft: int = 512  # samples
    hop_length: int = 160  # samples
    n_mels: int = 128
    normalisation: str = "speech"
    dynamic_range: float = 60.0  # dB below the utterance's loudest mel value where the floor lies
    dtype: str = "float32"
    model: str = ""
    revision: str = ""
    layer: int | str = "mean"

    @property
    def samples(self) -> int:
        """Samples of an utterance of `duration` (120,000)."""
        return round(self.duration * self.sample_rate)

    @property
    def frames(self) -> int:
        """Centred frames of mels of an utterance of `duration` (751)."""
        return 1 + self.samples // self.hop_length


def stored(frames: int) -> int:
    """The frames that a cache without padding holds of an utterance of so many: enough for the backbone."""
    return max(frames, SHORTEST)


def contradictions(features: Mapping[str, Any]) -> list[str]:
    """Return the contradictions between settings of mels that are each valid; empty for another front end."""
    found: list[str] = []
    if features["front_end"] != "mels":
        return found
    if features["win_length"] > features["n_fft"]:
        found.append(f"features.win_length: {features['win_length']} is longer than n_fft, {features['n_fft']}")
    frames = 1 + round(features["duration"] * features["sample_rate"]) // features["hop_length"]
    bands, bins = features["n_mels"], features["n_fft"] // 2 + 1
    if bands > bins:
        found.append(f"features.n_mels: {bands} bands, but n_fft {features['n_fft']} gives only {bins} frequencies")
    if frames * bands > 1 << 28:
        found.append(f"features: {frames} frames of {bands} bands per utterance, more than 1 GiB; lengthen hop_length")
    if frames < SHORTEST:
        found.append(f"features.duration: {frames} frames are too few for the backbone, which needs {SHORTEST}")
    return found
