"""The Jinja environment of the templates beside this file, for the report and the model cards."""

from pathlib import Path
from typing import Any

import jinja2


def environment(**options: Any) -> jinja2.Environment:
    """Return an environment that escapes values, refuses undefined names and leaves no blank lines for tags."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
