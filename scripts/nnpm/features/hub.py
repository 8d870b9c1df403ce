"""Loads speech models and their feature extractors from the Hugging Face hub or a local folder.

A model's files are data: weights are read from safetensors only, and no code that comes with a model is run.
"""

import hashlib
import importlib
import json
import logging
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nnpm.errors import InputError, is_no_memory
from nnpm.features.settings import FeatureSettings

WORKS = "wav2vec 2.0, XLS-R, HuBERT, WavLM, data2vec-audio and Whisper work"
_CONVERT = (
    'python -c "from transformers import AutoModel, AutoFeatureExtractor as F; AutoModel.from_pretrained({0})'
    ".save_pretrained('FOLDER'); F.from_pretrained({0}).save_pretrained('FOLDER')\""
)
#: Keys of config.json that make the library read other files, or need packages that change the arithmetic.
_REFUSED = ("transformers_weights", "quantization_config")


def library(front_end: str) -> Any:
    """The package transformers. Raises InputError if it is not installed."""
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise InputError(
            f"features.front_end: {front_end!r} needs the package transformers; pip install '.[ssl]', or transformers"
        ) from error


class Place:
    """Where a model's files are: a folder, or the hub. Raises InputError if it can be neither."""

    def __init__(self, settings: FeatureSettings) -> None:
        self.model = settings.model
        self.revision = "" if self.model and Path(self.model).is_dir() else settings.revision
        if self.model and Path(self.model).is_dir():
            return
        if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", self.model):
            raise InputError(
                f"front_ends: {self.model!r} is no folder here, and no model of the hub (organisation/name)"
            )
        if not re.fullmatch("[0-9a-f]{40}", self.revision):
            raise InputError(
                f"front_ends: revision {self.revision!r}, but {self.model!r} is no folder here, and a model of the hub "
                f"needs its commit, 40 hex digits: see https://huggingface.co/{self.model}/commits/main"
            )

    def wrong(self, fault: str) -> InputError:
        """What to raise about the model."""
        return InputError(f"front_ends: {self.model} {fault}")

    @contextmanager
    def trying(self, fault: str, remedy: str) -> Iterator[None]:
        """Turn any error but that of too little memory into an InputError of one line."""
        try:
            yield
        except Exception as error:
            if isinstance(error, InputError) or is_no_memory(error):
                raise
            reason = " ".join(str(error).split()) or type(error).__name__
            raise self.wrong(f"{fault} ({textwrap.shorten(reason, 250, placeholder=' ...')}){remedy}") from error

    def file(self, name: str) -> Path | None:
        """The path of a file, fetched from the hub if it is not in its cache; None if the model has no such file."""
        if not self.revision:
            return path if (path := Path(self.model) / name).is_file() else None
        import huggingface_hub as hub

        remedy = (
            "; check its name and commit, run hf auth login if it asks for an agreement, or fetch it once where "
            f"there is a network: hf download {self.model} --revision {self.revision}"
        )
        with self.trying("cannot be fetched", remedy):
            found = hub.try_to_load_from_cache(self.model, name, revision=self.revision)
            if found is hub._CACHED_NO_EXIST:
                return None
            try:
                return Path(found or hub.hf_hub_download(self.model, name, revision=self.revision))
            except hub.errors.RemoteEntryNotFoundError:
                return None


def load(place: Place, transformers: Any) -> tuple[Any, Any, list[Path]]:
    """The feature extractor, the model without its heads, on the CPU, and its files of weights."""
    import torch

    where = place.file("config.json")
    if where is None:
        raise place.wrong("has no config.json: give a model as save_pretrained of transformers writes it")
    safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}  # without the last it would ask
    folder = where.parent
    with place.trying("has a config.json that cannot be used", f"; {WORKS}"):
        written = dict(json.loads(where.read_text(encoding="utf-8")))
    other = [key for key in _REFUSED if key in written]
    if other or (folder / "adapter_config.json").exists():
        raise place.wrong(f"has {(*other, 'adapter_config.json')[0]}, which is not read: give a model of plain weights")
    with place.trying("has a config.json that cannot be used", f"; {WORKS}"):
        config = transformers.AutoConfig.from_pretrained(folder, **safe)
    if config.model_type != "whisper" and not getattr(config, "conv_kernel", None):  # before weights are fetched
        raise place.wrong(f"is of the type {config.model_type!r}, which cannot be used here; {WORKS}")
    config._attn_implementation = None  # it could name code on the hub
    if len(settings_of(place)) < 2:
        raise place.wrong("has no preprocessor_config.json: write it with AutoFeatureExtractor's save_pretrained")
    with place.trying("has a preprocessor_config.json that cannot be used", f"; {WORKS}"):
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder, **safe)
    extractor.dither = 0.0  # random
    weights = _weights(place)
    with place.trying("has weights that cannot be loaded", "; fetch or write them anew"):
        model, report = transformers.AutoModel.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # they are in the report
            output_loading_info=True,
            **safe,
        )
    misfits = {key if isinstance(key, str) else key[0] for key in report["mismatched_keys"]}
    # What masks in training is all that a model can do without, and many published ones lack it.
    if lost := misfits | {key for key in report["missing_keys"] if not key.endswith("masked_spec_embed")}:
        raise place.wrong(
            f"has no weights of the right shape for {len(lost)} parameters, such as {min(lost)}, which would be "
            "random; they belong to another model, or are incomplete"
        )
    return extractor, (model.encoder if config.model_type == "whisper" else model).eval(), weights


def settings_of(place: Place) -> list[Path]:
    """The files that say how the model and its normalisation are set, as far as they are there."""
    normalisation = place.file("preprocessor_config.json") or place.file("processor_config.json")
    return [path for path in (place.file("config.json"), normalisation) if path]


def _weights(place: Place) -> list[Path]:
    """The files of weights, in the order of their names."""
    if single := place.file("model.safetensors"):
        return [single]
    if index := place.file("model.safetensors.index.json"):
        with place.trying("has a damaged model.safetensors.index.json", "; fetch or write it anew"):
            names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        found = {name: place.file(name) for name in names if re.fullmatch(r"[\w.-]+\.safetensors", name)}
        if lost := [name for name in names if not found.get(name)]:
            raise place.wrong(f"has no {lost[0]}, which its index names; fetch or write it anew")
        return [path for path in found.values() if path]
    named = repr(place.model) + (f", revision={place.revision!r}" if place.revision else "")
    raise place.wrong(
        "has no model.safetensors, and pickled weights (pytorch_model.bin) are not read, because they can run code; "
        f"if you trust them, convert them and give the new folder: {_CONVERT.format(named)}"
    )


def sha256(paths: Sequence[Path]) -> str:
    """The checksum of files read one after the other; of one file, that which the hub shows."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the libraries' progress bars, log and warnings; what matters of them becomes an InputError."""
    bars = importlib.import_module("transformers.utils.logging")
    loggers = [logging.getLogger(name) for name in ("transformers", "huggingface_hub")]
    shown, levels = bars.is_progress_bar_enabled(), [logger.level for logger in loggers]
    bars.disable_progress_bar()
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if shown:
            bars.enable_progress_bar()
