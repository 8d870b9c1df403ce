"""Frames of self-supervised speech models, from the Hugging Face hub or a local folder.

Which layer describes what is in Pasad, Chou & Livescu, ASRU 2021.
"""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nnpm.errors import InputError, is_no_memory
from nnpm.features.base import Array, FrontEnd
from nnpm.features.hub import WORKS, Place, library, load, quiet, settings_of, sha256
from nnpm.features.settings import SHORTEST, FeatureSettings

log = logging.getLogger(__name__)

#: Padded sound of a batch, in seconds, until the device's memory turns out to be too small for it. A CPU is as fast
#: with less, and each of its workers needs the memory.
BATCH = {"cuda": 60.0, "cpu": 15.0}


class SelfSupervised(FrontEnd):
    """Hidden states of a model that reads samples through convolutions (wav2vec 2.0 and kin), or of Whisper's encoder.

    `layer` of the settings is an index of the hidden states (0 is the input of the first transformer layer, the last
    one the output of the last layer), or "mean" for the mean of all. The features are float32.
    """

    batched: ClassVar[bool] = True

    def __init__(self, settings: FeatureSettings, device: str = "cpu", threads: int | None = None) -> None:
        """Load the model. Raises InputError if it is missing, damaged, of another kind, or too coarse or too short."""
        transformers = library(settings.front_end)
        super().__init__(settings, _chosen_device(device, threads))
        self._seconds = BATCH[self.device]
        with quiet():
            self._place = Place(settings)
            self._extractor, self._model, weights = load(self._place, transformers)
            self._measure_geometry()
        self._model.to(self.device)
        self.about = {
            "model": settings.model,
            "revision": self._place.revision,
            "architecture": self._model.config.model_type,
            "layer": settings.layer,
            "weights": sha256(weights),
            "settings": sha256(settings_of(self._place)),
            "transformers": transformers.__version__,
        }

    def measure(self, signals: Sequence[Array]) -> list[Array]:
        """The frames of mono signals, each (samples,) -> (frames, channels), not yet standardised.

        A signal is cut to the settings' duration; one that is too short for two frames is padded with zeros at its end.
        Raises InputError if a single recording does not fit into memory.
        """
        import torch

        sizes = [self._size(signal) for signal in signals]
        order = sorted(range(len(signals)), key=lambda index: -sizes[index])  # too little memory shows at once
        found: dict[int, Array] = {}
        while len(found) < len(signals):
            batch = self._next_batch(order, len(found), sizes)
            try:
                with quiet():
                    states = self._hidden([self._input(signals[index][: self._samples]) for index in batch])
                values = self._chosen(states).cpu().numpy()
            except (RuntimeError, MemoryError) as error:
                if not (isinstance(error, torch.OutOfMemoryError) or is_no_memory(error)):
                    raise
                seconds = len(batch) * sizes[batch[0]] / self.sample_rate
                if len(batch) == 1:
                    raise InputError(
                        f"front_ends: too little memory on {self.device!r} for {seconds:.1f} s of sound in "
                        f"{self._place.model}; shorten features.duration or use a smaller model"
                    ) from error
                self._seconds = seconds / 2
                log.info("too little memory for %.0f s of sound at a time; trying %.0f s", seconds, self._seconds)
                continue
            for index, frames in zip(batch, values, strict=True):
                found[index] = frames[: self._frames(signals[index])].copy()  # a view would keep the whole batch
        return [found[index] for index in range(len(signals))]

    def _measure_geometry(self) -> None:
        """Set rate, channels, lengths, and whether padding changes nothing; raises InputError if they do not suit."""
        kind, duration, layer = self._model.config.model_type, self.settings.duration, self.settings.layer
        with self._place.trying(f"is of the type {kind!r} and does not work here", f"; {WORKS}"):
            self.sample_rate = self._extractor.sampling_rate
            if type(self.sample_rate) is not int or self.sample_rate <= 0:
                raise ValueError(f"the sampling_rate of preprocessor_config.json is {self.sample_rate!r}")
            self._samples = round(duration * self.sample_rate)
            self._fixed = 0  # samples that the extractor pads every signal to
            if kind == "whisper":
                hop = self._extractor.hop_length * self._model.conv1.stride[0] * self._model.conv2.stride[0]
                self._fixed, self._convolutions = self._extractor.n_samples, [(1, hop)]  # ceil(samples / hop) frames
            else:
                config = self._model.config
                self._convolutions = list(zip(config.conv_kernel, config.conv_stride, strict=True))
            self._least, self.longest = self._samples_of(2), self._count(self._samples)
            layers = self._try()
        if self._fixed and self._samples > self._fixed:
            limit = self._fixed / self.sample_rate
            raise InputError(f"features.duration: Whisper takes {limit:g} s at most, not {duration:g}")
        if self.longest < SHORTEST:
            raise InputError(
                f"features.duration: {duration:g} s are {self.longest} frames of {self._place.model}, too few for the "
                f"backbone, which needs {SHORTEST}"
            )
        if isinstance(layer, int) and not 0 <= layer < layers:
            raise InputError(f"front_ends: layer {layer}, but {self._place.model} has the layers 0 to {layers - 1}")

    def _try(self) -> int:
        """Set `channels` and whether padding changes nothing, by a measurement of noise; return the number of states.

        Normalisation over time (group norm) and stacked convolutions carry padding into the frames of the signal, even
        with an attention mask. It is measured on the CPU, where no rounding of a GPU hides behind the tolerance.
        """
        random, sizes = np.random.default_rng(0), [self._samples_of(frames) for frames in (20, 31)]
        inputs = [self._input(random.standard_normal(size, dtype=np.float32)) for size in sizes]
        if self._fixed:  # signals of equal length need no test, and half a minute of sound takes long on a CPU
            expected = (
                self._model.config.num_mel_bins,
                self._model.config.max_source_positions * self._model.conv2.stride[0],
            )
            if inputs[0].shape != expected:
                raise ValueError(
                    f"preprocessor_config.json gives {inputs[0].shape} mels, config.json asks for {expected}"
                )
            self._pads, self.channels = False, self._model.config.d_model
            return len(self._model.layers) + 1
        alone = [self._hidden([one]) for one in inputs]
        self.channels = alone[0][0].shape[-1]
        for states, frames in zip(alone, (20, 31), strict=True):
            if {state.shape for state in states} != {(1, frames, self.channels)}:
                raise ValueError("its layers differ in their number of frames from its convolutions")
            if not all(state.isfinite().all() for state in states):
                raise self._place.wrong("gives values that are not finite: its weights are damaged; fetch them anew")
        together = self._hidden(inputs)
        self._pads = all(
            (state[index, : own.shape[1]] - own[0]).abs().max() <= 1e-5 * own.abs().max()
            for index, states in enumerate(alone)
            for state, own in zip(together, states, strict=True)
        )
        return len(together)

    def _count(self, samples: int) -> int:
        for kernel, stride in self._convolutions:
            samples = (samples - kernel) // stride + 1
        return samples

    def _samples_of(self, frames: int) -> int:
        """The fewest samples that give so many frames."""
        for kernel, stride in reversed(self._convolutions):
            frames = (frames - 1) * stride + kernel
        return frames

    def _frames(self, signal: Array) -> int:
        return self._count(max(min(len(signal), self._samples), self._least))

    def _size(self, signal: Array) -> int:
        """Samples that the model computes for a signal."""
        return self._fixed or max(min(len(signal), self._samples), self._least)

    def _next_batch(self, order: Sequence[int], start: int, sizes: Sequence[int]) -> list[int]:
        """The recordings that are computed together, from one place on in their order of falling size."""
        size = sizes[order[start]]
        batch = order[start : start + max(1, int(self._seconds * self.sample_rate / size))]
        return [index for index in batch if self._pads or sizes[index] == size]

    def _input(self, signal: Array) -> Array:
        """What the model takes for a signal, normalised by itself: (samples,), or (mels, frames) for Whisper."""
        if not len(signal):
            signal = np.zeros(self._least, dtype=np.float32)  # it has no mean
        made = self._extractor(signal, sampling_rate=self.sample_rate, return_tensors="np")
        one: Array = made[self._model.main_input_name][0].astype(np.float32, copy=False)
        return one if self._fixed else np.pad(one, (0, max(0, self._least - len(one))))

    def _hidden(self, inputs: Sequence[Array]) -> tuple[Any, ...]:
        """The hidden states of all layers, each (inputs, frames, channels)."""
        import torch

        from nnpm.precision import products_in

        longest = max(one.shape[-1] for one in inputs)
        batch = torch.zeros((len(inputs), *inputs[0].shape[:-1], longest))
        mask = torch.zeros((len(inputs), longest), dtype=torch.int64)
        for index, one in enumerate(inputs):
            batch[index, ..., : one.shape[-1]] = torch.from_numpy(one)
            mask[index, : one.shape[-1]] = 1
        device = self._model.device
        given = {} if mask.all() else {"attention_mask": mask.to(device)}
        with torch.inference_mode(), products_in("ieee"):
            made = self._model(
                **{self._model.main_input_name: batch.to(device)}, **given, output_hidden_states=True, return_dict=True
            )
        states: tuple[Any, ...] = made.hidden_states
        return states

    def _chosen(self, states: tuple[Any, ...]) -> Any:
        return sum(states) / len(states) if self.settings.layer == "mean" else states[int(self.settings.layer)]


def _chosen_device(device: str, threads: int | None) -> str:
    """The device of "auto", "cpu" or "cuda". Raises InputError for a GPU that is not there."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)  # before any work: a process whose threads have worked hangs when it is forked
    if device == "cpu" or not torch.cuda.is_available():
        if device == "cuda":
            raise InputError("device: 'cuda', but PyTorch sees no GPU; set it to auto or cpu")
        return "cpu"
    return "cuda"
