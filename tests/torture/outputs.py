"""Whether two studies came to the same: every output byte by byte, but for how long things took."""

import io
import json
import re
from pathlib import Path

import pandas as pd


def outputs(results: Path) -> list[Path]:
    """The files of a study under their final names; logs, timings, and what only a resumed run reads, are no output."""
    found = (path.relative_to(results) for path in sorted(results.rglob("*")) if path.is_file())
    return [
        path
        for path in found
        if path.parts[0] not in ("logs", "benchmarks") and not path.name.endswith((".part", "resume.safetensors"))
    ]


def differing(results: Path, reference: Path, *, missing: bool = True) -> list[str]:
    """The outputs that are not those of `reference`, or are absent in one of the two (unless `missing` may be)."""
    here, there = set(outputs(results)), set(outputs(reference))
    found = here ^ there if missing else here - there
    found |= {path for path in here & there if timeless(results / path) != timeless(reference / path)}
    return sorted(map(str, found))


def timeless(path: Path) -> bytes:
    """The content of a file without the seconds that its making took."""
    content = path.read_bytes()
    if path.name in ("history.csv", "histories.csv", "metrics.csv"):
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
        return table.drop(columns="seconds").to_csv().encode()
    if path.name == "metrics.json":
        return json.dumps({key: value for key, value in json.loads(content).items() if key != "seconds"}).encode()
    if path.name == "report.html":
        return re.sub(rb'<td class="number time"[^>]*>[^<]*</td>', b"<td>time</td>", content)
    return content
