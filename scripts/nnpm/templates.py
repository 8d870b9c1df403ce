"""What pages made from templates share: the Jinja environment, hashes for their policy, and times in words."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2


def environment(folder: Path, **options: Any) -> jinja2.Environment:
    """The templates of a folder: values are escaped, undefined names refused, and tags leave no blank lines."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )


def digest(text: str) -> str:
    """The hash of a script or style sheet for the Content-Security-Policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def duration(seconds: float) -> str:
    """Return seconds in the two units that suit them: "8.3 s", "4 min 05 s", "2 h 10 min"."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
