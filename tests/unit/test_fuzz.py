"""A few examples for each parser that `make fuzz` feeds for an hour, always the same ones."""

from collections import Counter

import pytest

from tests.fuzz.__main__ import PARSERS
from tests.fuzz.engine import feed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_what_is_damaged_is_refused_and_what_is_read_is_right(parser, tmp_path):
    tried = Counter()
    feed(parser, tmp_path, 25, random_seed=0, tried=tried)
    assert tried[parser.name] >= 20
