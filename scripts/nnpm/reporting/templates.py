"""The templates beside this file, as the report and the model cards fill them."""

from pathlib import Path
from typing import Any

import jinja2


def environment(**options: Any) -> jinja2.Environment:
    """Values are escaped, a name that the template does not know is an error, and tags leave no blank lines."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
