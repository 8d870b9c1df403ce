"""Self-supervised front ends: tiny models of every architecture, and folders that are wrong."""

import hashlib
import json
import logging
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import transformers
from safetensors.torch import load_file, save_file

import nnpm
from features import tiny_models
from nnpm.errors import InputError
from nnpm.features import base, ssl
from nnpm.features.cache import fingerprint
from nnpm.features.settings import FeatureSettings

RANDOM = np.random.default_rng(0)
SIGNALS = [
    (0.1 * RANDOM.standard_normal(length) + 0.05).astype(np.float32) for length in (9000, 16000, 5000, 9000, 12345)
]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _batches_as_on_a_gpu(monkeypatch):
    """A minute of sound, so that several recordings share a batch."""
    monkeypatch.setitem(ssl.BATCH, "cpu", ssl.BATCH["cuda"])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folder of each tiny model, saved when it is first asked for."""
    base = tmp_path_factory.mktemp("models")
    return lambda name: base / name if (base / name).exists() else tiny_models.save(name, base / name)


@pytest.fixture
def copied(saved, tmp_path):
    """A layer-normed wav2vec 2.0 to break."""
    return shutil.copytree(saved("xls-r"), tmp_path / "model")


def front_end(folder, **changes):
    return ssl.SelfSupervised(
        FeatureSettings(**{"front_end": "speech", "model": str(folder), "duration": 1.0} | changes)
    )


def message(folder, **changes):
    """The message about a model that is refused: one line, which names it."""
    with pytest.raises(InputError) as caught:
        front_end(folder, **changes)
    assert len(str(caught.value)) < 700
    assert "\\n" not in str(caught.value)
    return str(caught.value)


def close(found, expected):
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def directly(name, folder, signal, layer):
    """The library's own states of one signal."""
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    given = extractor(signal, sampling_rate=16000, return_tensors="pt")
    given.pop("attention_mask", None)
    with torch.inference_mode():
        states = (model.encoder if name == "whisper" else model)(**given, output_hidden_states=True).hidden_states
    chosen = torch.stack(states).mean(dim=0) if layer == "mean" else states[layer]
    return chosen[0, : -(-len(signal) // 320) if name == "whisper" else None].numpy()


# --- Frames -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["mean", 0, 2])
@pytest.mark.parametrize("name", tiny_models.NAMES)
def test_frames_of_a_batch_are_those_of_the_library_for_each_signal(saved, name, layer):
    made = front_end(saved(name), layer=layer)
    together = made.measure(SIGNALS)
    for signal, found in zip(SIGNALS, together, strict=True):
        close(found, directly(name, saved(name), signal, layer))
        close(found, made.measure([signal])[0])
    for before, after in zip(together, front_end(saved(name), layer=layer).measure(SIGNALS), strict=True):
        np.testing.assert_array_equal(before, after)
    assert made.batched
    assert (made.sample_rate, made.channels) == (16000, 16)
    assert made.longest == len(together[1]) == (50 if name == "whisper" else 49)


@pytest.mark.parametrize("name", tiny_models.NAMES)
def test_signals_are_padded_together_only_where_it_changes_nothing(saved, monkeypatch, name):
    made, batches = front_end(saved(name)), []
    hidden = made._hidden
    monkeypatch.setattr(
        made, "_hidden", lambda inputs: batches.append([one.shape[-1] for one in inputs]) or hidden(inputs)
    )
    made.measure(SIGNALS)
    expected = {
        "xls-r": [[16000, 12345, 9000, 9000, 5000]],
        "wavlm-large": [[16000, 12345, 9000, 9000, 5000]],
        "whisper": [[3000] * 2, [3000] * 2, [3000]],
    }
    assert batches == expected.get(name, [[16000], [12345], [9000] * 2, [5000]])


@pytest.mark.parametrize("name", ["wav2vec2", "xls-r", "whisper"])
def test_odd_lengths(saved, name):
    """A short signal is padded to two frames; a long one is cut to the duration; none leaves no trace in another."""
    made = front_end(saved(name))
    empty, one, cut = made.measure([SIGNALS[0][:0], SIGNALS[0][:1], np.tile(SIGNALS[1], 2)])
    assert empty.shape == one.shape == (2, 16)
    assert np.isfinite(empty).all()
    close(cut, made.measure([SIGNALS[1]])[0])
    assert made.measure([]) == []


def test_a_signal_is_normalised_by_itself(saved):
    made = front_end(saved("xls-r"))
    loud = made.measure([signal * gain + gain for signal, gain in zip(SIGNALS, (1, 100, 2, 30, 0.5), strict=True)])
    for signal, found in zip(SIGNALS, loud, strict=True):
        np.testing.assert_allclose(found, made.measure([signal])[0], atol=1e-3)


def test_the_rate_is_the_extractors(tmp_path):
    made = front_end(tiny_models.save("xls-r", tmp_path / "model", rate=24000))
    assert made.sample_rate == 24000
    assert made.longest == 74
    assert made.measure([np.ones(30000, np.float32)])[0].shape == (74, 16)


def test_what_is_told_of_a_model(saved):
    folder = saved("xls-r")
    assert front_end(folder, layer=1, revision=COMMIT).about == {
        "model": str(folder),
        "revision": "",
        "architecture": "wav2vec2",
        "layer": 1,
        "weights": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "settings": hashlib.sha256(
            (folder / "config.json").read_bytes() + (folder / "preprocessor_config.json").read_bytes()
        ).hexdigest(),
        "transformers": transformers.__version__,
    }
    json.dumps(front_end(folder).about)


def test_another_normalisation_is_another_front_end(copied):
    """What an extraction that was killed has measured must not be taken for that of a mended model."""
    before = front_end(copied)
    file = copied / "preprocessor_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "do_normalize": False}))
    after = front_end(copied)
    assert before.about["weights"] == after.about["weights"] and before.about["settings"] != after.about["settings"]
    assert fingerprint(before, ["a"], "") != fingerprint(after, ["a"], "")


def test_nothing_is_printed_and_the_libraries_speak_afterwards_as_before(saved, capfd):
    level, bars = transformers.logging.get_verbosity(), transformers.utils.logging.is_progress_bar_enabled()
    capfd.readouterr()
    front_end(saved("wavlm-large")).measure(SIGNALS)
    assert capfd.readouterr() == ("", "")
    assert transformers.logging.get_verbosity() == level
    assert transformers.utils.logging.is_progress_bar_enabled() == bars


# --- Weights ----------------------------------------------------------------------------------------------------------


def rewritten(folder, change):
    """Change the named tensors of a folder's weights."""
    weights = load_file(folder / "model.safetensors")
    save_file(change(weights), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_a_checkpoint_of_pretraining_with_old_names_gives_the_same_frames(saved, copied):
    """Published checkpoints have a prefix, heads, names of weight norm of before PyTorch 2, and lack the mask."""
    norm = "encoder.pos_conv_embed.conv."
    old = {f"{norm}parametrizations.weight.original0": f"{norm}weight_g"}
    old[f"{norm}parametrizations.weight.original1"] = f"{norm}weight_v"

    def published(weights):
        assert set(old) < set(weights)
        del weights["masked_spec_embed"]
        found = {f"wav2vec2.{old.get(name, name)}": tensor for name, tensor in weights.items()}
        return found | {"quantizer.codevectors": torch.ones(1, 4, 2), "project_hid.weight": torch.ones(4, 16)}

    expected = front_end(saved("xls-r")).measure(SIGNALS)
    for found, each in zip(front_end(rewritten(copied, published)).measure(SIGNALS), expected, strict=True):
        np.testing.assert_array_equal(found, each)


def test_weights_of_half_precision_are_computed_in_single(saved, copied):
    rewritten(copied, lambda weights: {name: tensor.half() for name, tensor in weights.items()})
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))
    found, expected = (front_end(folder).measure(SIGNALS[:1])[0] for folder in (copied, saved("xls-r")))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_weights_in_several_files(saved, copied):
    (copied / "model.safetensors").unlink()
    tiny_models.model_of("xls-r").save_pretrained(copied, max_shard_size="10KB")
    parts = sorted(copied.glob("model-*.safetensors"))
    made = front_end(copied)
    assert len(parts) > 1
    assert made.about["weights"] == hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
    np.testing.assert_array_equal(made.measure(SIGNALS)[0], front_end(saved("xls-r")).measure(SIGNALS)[0])
    parts[0].unlink()
    assert f"no {parts[0].name}, which its index names" in message(copied)
    (copied / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../other.safetensors"}}')
    assert "no ../other.safetensors" in message(copied)


def test_missing_and_other_weights_are_not_drawn_at_random(copied):
    def without(weights):
        del weights["encoder.layers.1.attention.k_proj.weight"]
        return weights

    told = message(rewritten(copied, without))
    assert "for 1 parameters, such as encoder.layers.1.attention.k_proj.weight, which would be random" in told
    changed = json.loads((copied / "config.json").read_text()) | {"intermediate_size": 40}
    (copied / "config.json").write_text(json.dumps(changed))
    assert "for 7 parameters" in message(copied)


def test_weights_that_are_not_finite(copied, monkeypatch):
    def broken(weights):
        weights["encoder.layers.1.attention.k_proj.weight"][0, 0] = torch.nan
        return weights

    assert "not finite: its weights are damaged" in message(rewritten(copied, broken))


def test_frames_that_are_not_finite_name_the_recording(saved):
    signals = [*SIGNALS[:2], np.full(9000, np.nan, np.float32), *SIGNALS[2:]]
    for name in ("xls-r", "wav2vec2", "whisper"):
        made = front_end(saved(name))
        names = [f"{number}.wav" for number in range(len(signals))]
        with pytest.raises(InputError, match=r"2\.wav: front end 'speech' gives values that are not finite"):
            for frames, path in zip(made.measure(signals), names, strict=True):
                base.check(made, frames, path)


def test_weights_that_are_cut_off(copied):
    whole = (copied / "model.safetensors").read_bytes()
    for content in (whole[: len(whole) // 2], whole[:5], b""):
        (copied / "model.safetensors").write_bytes(content)
        assert f"{copied} has weights that cannot be loaded (" in message(copied)


def test_pickled_weights_are_refused_with_the_command_that_converts_them(copied):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    told = message(copied)
    assert "because they can run code" in told
    assert f"AutoModel.from_pretrained('{copied}').save_pretrained('FOLDER')" in told
    # The command works; a pickle would have to be trusted, so that the weights here are safe ones again.
    (copied / "pytorch_model.bin").rename(copied / "model.safetensors")
    code = told.partition('python -c "')[2].removesuffix('"').replace("'FOLDER'", repr(str(copied / "new")))
    (copied / "convert.py").write_text(code)
    runpy.run_path(str(copied / "convert.py"))
    front_end(copied / "new")


# --- Folders and settings ---------------------------------------------------------------------------------------------


def test_folders_that_are_no_models(copied, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "has no config.json" in message(tmp_path / "empty")
    (copied / "preprocessor_config.json").rename(copied / "aside")
    assert "has no preprocessor_config.json" in message(copied)
    (copied / "preprocessor_config.json").write_text("{")
    assert "has a preprocessor_config.json that cannot be used" in message(copied)
    (copied / "aside").replace(copied / "preprocessor_config.json")
    for content in ("{", "[]", "null", '{"a": 1}', '{"model_type": "mert_model"}', '{"model_type": ["x"]}', "\xff"):
        (copied / "config.json").write_text(content, encoding="latin-1")
        assert "has a config.json that cannot be used" in message(copied), content


@pytest.mark.parametrize("key", ["transformers_weights", "quantization_config"])
def test_configurations_that_ask_for_other_weights(copied, key):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {key: "pytorch_model.bin"}))
    assert f"has {key}" in message(copied)


def test_adapters_are_refused(copied):
    (copied / "adapter_config.json").write_text('{"base_model_name_or_path": "a/b"}')
    assert "has adapter_config.json" in message(copied)


def test_models_of_other_kinds_are_refused(tmp_path):
    """Text, frames of another rate than the convolutions say, and two extractors that do not belong to the model."""
    text = transformers.BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, vocab_size=8)
    sew = transformers.SEWConfig(
        **tiny_models.SIZES | {"conv_stride": (5, 2, 2, 2, 2, 2, 2), "conv_kernel": (10, *[3] * 6)}
    )
    for config in (text, sew):
        folder = tmp_path / config.model_type
        transformers.AutoModel.from_config(config).save_pretrained(folder)
        tiny_models.extractor_of("xls-r").save_pretrained(folder)
        told = message(folder)
        assert f"is of the type '{config.model_type}'" in told
        assert told.endswith("Whisper work")
    for model, extractor in (("xls-r", "whisper"), ("whisper", "xls-r")):
        folder = tiny_models.save(model, tmp_path / model)
        tiny_models.extractor_of(extractor).save_pretrained(folder)
        assert "does not work here" in message(folder)


def test_mels_of_whisper_of_another_size(saved, tmp_path):
    folder = shutil.copytree(saved("whisper"), tmp_path / "model")
    transformers.WhisperFeatureExtractor(feature_size=128).save_pretrained(folder)
    assert "(128, 3000) mels, config.json asks for (80, 3000)" in message(folder)


@pytest.mark.parametrize("rate", [0, -8000, 16000.5, "x", None])
def test_rates_that_are_none(copied, rate):
    settings = copied / "preprocessor_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"sampling_rate": rate}))
    assert f"the sampling_rate of preprocessor_config.json is {rate!r}" in message(copied)


def test_settings_of_a_configuration_that_change_no_frame(saved, copied):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"return_dict": False, "dtype": "float16"}))
    np.testing.assert_array_equal(*(front_end(folder).measure(SIGNALS[:1])[0] for folder in (copied, saved("xls-r"))))


def test_layers_that_there_are_not(saved):
    for name, layer in (("xls-r", 3), ("xls-r", -1), ("whisper", 3)):
        assert f"front_ends: layer {layer}, but {saved(name)} has the layers 0 to 2" in message(
            saved(name), layer=layer
        )


def test_durations_that_do_not_suit(saved):
    assert "features.duration: Whisper takes 30 s at most, not 30.5" in message(saved("whisper"), duration=30.5)
    assert "features.duration: 0.34 s are 16 frames" in message(saved("xls-r"), duration=0.34)
    assert front_end(saved("whisper"), duration=30.0).longest == 1500
    assert front_end(saved("xls-r"), duration=0.36).longest == 17


@pytest.mark.parametrize("model", ["", "xls-r", "/no/such/folder", "a/b/c", "./a", "../b", "a/..", "-a/b"])
def test_names_that_are_neither_folder_nor_model(model):
    assert f"front_ends: {model!r} is no folder here" in message(model)


@pytest.mark.parametrize("revision", ["", "main", COMMIT[1:], COMMIT.upper()])
def test_a_model_of_the_hub_needs_its_commit(revision):
    told = message("facebook/wav2vec2-xls-r-300m", revision=revision)
    assert told.startswith(f"front_ends: revision {revision!r}")
    assert told.endswith("https://huggingface.co/facebook/wav2vec2-xls-r-300m/commits/main")


def test_without_the_library(saved, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    told = "features.front_end: 'speech' needs the package transformers; pip install '.[ssl]', or transformers"
    assert message(saved("xls-r")) == told


OFFLINE = """
import sys
from nnpm.features import base, ssl, table
assert not {"torch", "transformers", "huggingface_hub"} & set(sys.modules)
from nnpm.errors import InputError
from nnpm.features.settings import FeatureSettings
for name in ("org/absent", "org/part", "org/pickled", "org/kept"):
    try:
        made = ssl.SelfSupervised(FeatureSettings(model=name, revision=sys.argv[1]))
        print(made.about["model"], made.about["revision"])
    except InputError as error:
        print(error)
"""


def test_without_a_network(saved, tmp_path):
    """Models in the cache of the hub are read; others end in one line, in a process that starts without libraries."""
    for name, left_out in (("part", "preprocessor_config.json"), ("pickled", "model.safetensors"), ("kept", "")):
        folder = tmp_path / "hub" / f"models--org--{name}" / "snapshots" / COMMIT
        shutil.copytree(saved("xls-r"), folder)
        (folder / left_out).is_file() and (folder / left_out).unlink()
    absent = tmp_path / "hub" / "models--org--pickled" / ".no_exist" / COMMIT
    absent.mkdir(parents=True)
    for name in ("model.safetensors", "model.safetensors.index.json"):
        (absent / name).touch()
    surroundings = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(Path(nnpm.__file__).parents[1])}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGINGFACE_"))}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, COMMIT], env=kept | surroundings, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    absent, part, pickled, kept = done.stdout.splitlines()
    for told, name in ((absent, "org/absent"), (part, "org/part")):
        assert told.startswith(f"front_ends: {name} cannot be fetched (")
        assert told.endswith(f"hf download {name} --revision {COMMIT}")
    assert f"AutoModel.from_pretrained('org/pickled', revision='{COMMIT}').save_pretrained('FOLDER')" in pickled
    assert kept == f"org/kept {COMMIT}"


@pytest.mark.parametrize("kind", ["wav2vec2", "unknown"])
def test_no_code_of_a_model_is_run(copied, tmp_path, monkeypatch, kind):
    marker = tmp_path / "marker"
    (copied / "code.py").write_text(f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass C: pass\n")
    names = {"AutoConfig": "code.C", "AutoModel": "code.C", "AutoFeatureExtractor": "code.C"}
    for file in ("config.json", "preprocessor_config.json"):
        written = json.loads((copied / file).read_text()) | {"auto_map": names}
        changes = {"model_type": kind, "attn_implementation": "org/kernel", "_attn_implementation": "org/kernel"}
        (copied / file).write_text(json.dumps(written | (changes if file == "config.json" else {})))
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asks"))
    if kind == "wav2vec2":
        assert front_end(copied)._model.config._attn_implementation == "sdpa"
    else:
        assert "contains custom code" in message(copied)
    assert not marker.exists()


# --- Memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xls-r", "whisper"])
@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError(), RuntimeError("[enforce fail] can't allocate memory: 8 bytes")]
)
def test_a_batch_that_does_not_fit_is_halved(saved, monkeypatch, caplog, name, error):
    caplog.set_level(logging.INFO, logger="nnpm")
    made = front_end(saved(name))
    expected, hidden, sizes = made.measure(SIGNALS), made._hidden, []

    def small(inputs):
        sizes.append(len(inputs))
        if len(inputs) > 1:
            raise error
        return hidden(inputs)

    monkeypatch.setattr(made, "_hidden", small)
    for found, each in zip(made.measure(SIGNALS), expected, strict=True):
        close(found, each)
    assert sizes == ([5, 2, 1, 1, 1, 1, 1] if name == "xls-r" else [2, 1, 1, 1, 1, 1])
    assert "too little memory for 60 s of sound at a time; trying 30 s" in caplog.text or name == "xls-r"
    assert "too little memory for 5 s of sound at a time; trying 2 s" in caplog.text or name == "whisper"
    sizes.clear()
    made.measure(SIGNALS)
    assert 5 not in sizes, "what fits is remembered"


def test_a_recording_that_does_not_fit_alone(saved, monkeypatch):
    made = front_end(saved("xls-r"))

    def none(inputs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(made, "_hidden", none)
    with pytest.raises(InputError, match=r"too little memory on 'cpu' for 1\.0 s of sound in .*; shorten"):
        made.measure(SIGNALS)


def test_other_errors_of_the_library_pass(saved, monkeypatch):
    made = front_end(saved("xls-r"))

    def other(inputs):
        raise RuntimeError("a kernel is missing")

    monkeypatch.setattr(made, "_hidden", other)
    with pytest.raises(RuntimeError, match="a kernel is missing"):
        made.measure(SIGNALS)


FORKED = """
import sys
from pathlib import Path
from nnpm.features import base, cache
from nnpm.features.recordings import Recording
from nnpm.features.settings import FeatureSettings
folder, model, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
settings = FeatureSettings(front_end="speech", model=model, duration=1.0, padding="masked")
recordings = [Recording(str(n), str(n), folder / f"{n}.wav") for n in range(16)]
front_end = base.load(settings, threads=1)
cache.write_cache(recordings, front_end, folder / f"{workers}.npy", folder / f"{workers}.json", threads=workers)
"""


def test_workers_of_a_machine_with_several_cores_write_what_one_writes(saved, tmp_path):
    """PyTorch's threads, if they worked before the process forks, would wait for each other for ever."""
    for number in range(16):
        soundfile.write(tmp_path / f"{number}.wav", SIGNALS[number % 5], 16000)
    environment = os.environ | {"OMP_NUM_THREADS": "4", "PYTHONPATH": str(Path(nnpm.__file__).parents[1])}
    for workers in ("1", "3"):
        command = [sys.executable, "-c", FORKED, str(tmp_path), str(saved("xls-r")), workers]
        subprocess.run(command, env=environment, check=True, timeout=240)
    for ending in ("npy", "json"):
        assert (tmp_path / f"1.{ending}").read_bytes() == (tmp_path / f"3.{ending}").read_bytes()
