"""What jobs leave for other jobs: caches, checkpoints, states to resume from, JSON and CSV files."""

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from safetensors.torch import save

from nnpm import files
from nnpm.methods.classical import Described
from nnpm.model.backbone import SNSA, BackboneSettings
from nnpm.reporting import metrics
from nnpm.training.checkpoints import Resumable, load_backbone
from nnpm.training.domain import Domain
from tests.fuzz.engine import Parser, refused_or_right
from tests.fuzz.mutations import EXTREME, TEXT, edited

ROWS, FRAMES, MELS = 4, 20, 5
CPU = torch.device("cpu")
SETTINGS = BackboneSettings(n_mels=MELS, filters=3, hidden=2, attention=2)

MANIFEST = (
    "utterance,path,speaker,gender,label,emotion,split,seconds,sample_rate,channels,sha256\n"
    + "".join(
        f"u{row},a/u{row}.wav,0{row},f,{label},{label},{split},1.5,16000,1,{row:064}\n"
        for row, (label, split) in enumerate(
            [("angry", "train"), ("happy", "train"), ("", "validation"), ("sad", "test")]
        )
    )
).encode()


# --- Arrays -----------------------------------------------------------------------------------------------------------


def npy(array: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


MELS_OF = np.random.default_rng(0).normal(size=(ROWS, FRAMES, MELS)).astype(np.float32)
ARRAYS = [npy(MELS_OF), npy(MELS_OF.astype(np.float16)), npy(MELS_OF, (2, 0)), npy(np.asfortranarray(MELS_OF))]
ARRAYS += [npy(MELS_OF.astype(">f4")), npy(MELS_OF[:3]), npy(MELS_OF[0]), npy(np.array([{}, []], dtype=object))]
HEADER = [
    b"(",
    b")",
    b"{",
    b"}",
    b"'<f8'",
    b"'|O'",
    b"'<i4'",
    b"True",
    b"-1",
    b"10**9",
    b"99999999999",
    b"4, 20, 5, 1",
    b"\n",
]


def array(folder: Path, content: bytes) -> None:
    path, manifest = folder / "x.npy", folder / "manifest.csv"
    path.write_bytes(content)
    manifest.write_bytes(MANIFEST)
    with refused_or_right(path):
        files.open_mels(path)
    with refused_or_right(path):
        domain = Domain.load(path, manifest, CPU)
        assert domain.inputs.ndim == 3 and len(domain.inputs) == len(domain.manifest)
        assert domain.inputs.dtype in (torch.float16, torch.float32)
        domain.inputs[-1].float().sum()  # a file that is too short for its header would end the process here


# --- Checkpoints ------------------------------------------------------------------------------------------------------


def small() -> SNSA:
    torch.manual_seed(0)
    return SNSA(SETTINGS)


def checkpoint(metadata: dict[str, str], **changes: torch.Tensor) -> bytes:
    return save({**small().state_dict(), **changes}, metadata)


KNOWN = {"settings": json.dumps(asdict(SETTINGS), sort_keys=True)}
CHECKPOINTS = [checkpoint(KNOWN), checkpoint({}), checkpoint({"settings": "[]"}), checkpoint({"settings": "{}"})]
CHECKPOINTS += [checkpoint(KNOWN, extra=torch.zeros(1)), checkpoint({"settings": json.dumps({"n_mels": 10**9})})]
CHECKPOINTS += [checkpoint(KNOWN, **{"classifier.bias": torch.zeros(4, dtype=torch.float16)})]
HISTORY = [{"epoch": 1, "source_loss": 0.5, "seconds": 1.0}]
STATES = [
    checkpoint({"identity": identity, "history": history})
    for identity in ("this", "that")
    for history in (json.dumps(HISTORY), "[]", "{", "{}", "[1]")
]
SAFETENSORS = [*EXTREME, *TEXT, b"F32", b"F16", b"[0,0]", b"settings", b"null", b"__metadata__", b"history"]


def backbone(folder: Path, content: bytes) -> None:
    path = folder / "x.safetensors"
    path.write_bytes(content)
    with refused_or_right(path):
        loaded = load_backbone(path)
        _, logits = loaded.eval()(torch.zeros(1, FRAMES, loaded.settings.n_mels))
        assert logits.shape == (1, 4) and logits.dtype == torch.float32


def resume(folder: Path, content: bytes) -> None:
    path, module = folder / "resume.safetensors", small()
    path.write_bytes(content)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    history = Resumable(path, "this", module).restore()
    assert isinstance(history, list) and all(isinstance(row, dict) and row["seconds"] >= 0 for row in history)
    if not history:
        for name, tensor in module.state_dict().items():
            assert torch.equal(tensor, before[name]), f"{name} changed, though nothing was restored"


# --- Tables and objects -----------------------------------------------------------------------------------------------

SCORES = {"utterances": 1, "ua": 1.0, "wa": 1.0, "recall": {"angry": None, "happy": None, "sad": 1.0, "neutral": None}}
SCORES["confusion"] = [[0] * 4, [0] * 4, [0, 0, 1, 0], [0] * 4]
RUN = {"source": "iemocap", "target": "emodb", "method": "nnpm", "variant": "default", "seed": 0}
METRICS = json.dumps(
    RUN | {"epoch": 2, "seconds": 1.5, "device": "cpu", "splits": {"test": SCORES}, "start": {}, "oracle": None}
).encode()
PREDICTIONS = b"utterance,speaker,split,label,predicted,angry,happy,sad,neutral\n" + b"".join(
    f"u{row},0{row},test,sad,sad,0.1,0.1,0.7,0.1\n".encode() for row in range(ROWS)
)
FUNCTIONALS = b"utterance,pitch_mean,level_p20\n" + b"".join(f"u{row},1.5,-{row}\n".encode() for row in range(ROWS))
SECOND_VIEW = b"utterance,angry,happy,sad,neutral\n" + b"".join(
    f"u{row},0.1,0.1,0.7,0.1\n".encode() for row in range(ROWS)
)
TABLES = [*TEXT, b"utterance", b"split", b"test", b"inf", b"nan", b"0x1p3", b"1_000"]


def json_object(folder: Path, content: bytes) -> None:
    path = folder / "x.json"
    path.write_bytes(content)
    with refused_or_right(path):
        assert isinstance(files.read_json(path), dict)


def run_metrics(folder: Path, content: bytes) -> None:
    path, predictions = folder / "metrics.json", folder / "predictions.csv"
    path.write_bytes(content)
    predictions.write_bytes(PREDICTIONS)
    with refused_or_right(path):
        metrics.metrics_frame([path])
        metrics.predictions_frame([path], [predictions])


def run_predictions(folder: Path, content: bytes) -> None:
    path, predictions = folder / "metrics.json", folder / "predictions.csv"
    path.write_bytes(METRICS)
    predictions.write_bytes(content)
    with refused_or_right(predictions):
        frame = metrics.predictions_frame([path], [predictions])
        assert frame["utterance"].map(type).eq(str).all() and frame["predicted"].map(type).eq(str).all()


def domain(folder: Path, content: tuple[str, bytes]) -> None:
    """Manifest or second view is spoilt, the mels are whole."""
    which, spoilt = content
    contents: dict[str, Any] = {"manifest": MANIFEST, "second_view": SECOND_VIEW, which: spoilt}
    (folder / "x.npy").write_bytes(ARRAYS[0])
    for name, whole in contents.items():
        (folder / f"{name}.csv").write_bytes(whole)
    with refused_or_right(*(folder / f"{name}.csv" for name in contents), folder / "x.npy"):
        loaded = Domain.load(folder / "x.npy", folder / "manifest.csv", CPU, second_view=folder / "second_view.csv")
        assert loaded.second_view is not None and loaded.second_view.shape == (ROWS, 4)
        assert torch.isfinite(loaded.second_view).all()
        assert {"utterance", "speaker", "split", "label"} <= set(loaded.manifest) and len(loaded.manifest) == ROWS
        assert set(loaded.manifest["split"]) <= {"train", "validation", "test"}


def functionals(folder: Path, content: bytes) -> None:
    path, manifest = folder / "emodb.csv", folder / "manifest.csv"
    path.write_bytes(content)
    manifest.write_bytes(MANIFEST)
    with refused_or_right(path):
        described = Described.load(path, manifest)
        assert np.isfinite(described.values).all() and described.values.shape[0] == ROWS
        assert described.values.shape[1] > 0


PARSERS = [
    Parser("feature cache (.npy)", edited(ARRAYS, [*EXTREME, *HEADER], 140), array),
    Parser("checkpoint (.safetensors)", edited(CHECKPOINTS, SAFETENSORS, 1600), backbone),
    Parser("state to resume from", edited(STATES, SAFETENSORS, 1600), resume),
    Parser("JSON object", edited([METRICS, b"[" * 20000, b'{"a":' * 20000], TEXT, 800), json_object),
    Parser("metrics.json", edited([METRICS], [*TEXT, b"null", b"[]", b"{}", b'""', b"1e400"], 800), run_metrics),
    Parser("predictions.csv", edited([PREDICTIONS], TABLES, 200), run_predictions),
    Parser("functionals", edited([FUNCTIONALS], TABLES, 100), functionals),
    Parser(
        "manifest.csv and second view",
        st.one_of(
            st.tuples(st.just("manifest"), edited([MANIFEST], TABLES, 500)),
            st.tuples(st.just("second_view"), edited([SECOND_VIEW], TABLES, 200)),
        ),
        domain,
    ),
]
