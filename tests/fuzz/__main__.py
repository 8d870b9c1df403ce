"""Feed all parsers for some minutes, in turns, and print how many examples each got and what was found.

    python -m tests.fuzz --minutes 60

A parser that was found wrong is fed again with other examples: one fault may hide another. The exit code is 1 if
anything was found; the smallest example of each finding is printed, with the seed that leads to it.
"""

import argparse
import collections
import faulthandler
import logging
import os
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from tests.fuzz import audio, configuration, corpora, results
from tests.fuzz.engine import Parser, feed, limit_memory

PARSERS: list[Parser] = [*audio.PARSERS, *corpora.PARSERS, *configuration.PARSERS, *results.PARSERS]
TURN = 10.0  # seconds that a parser is fed at a time


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--seed", type=int, default=None, help="of the examples; the time of the day unless given")
    arguments.add_argument("--only", default="", help="feed only parsers whose name holds this")
    given = arguments.parse_args()
    warnings.simplefilter("ignore")
    logging.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders of audio print what they think of it
    faulthandler.enable(sys.__stdout__)  # a library that ends the process shall say where
    limit_memory()
    start, number = time.monotonic(), given.seed if given.seed is not None else time.time_ns() % 2**32
    end = start + 60 * given.minutes
    parsers = [parser for parser in PARSERS if given.only in parser.name]
    tried: collections.Counter[str] = collections.Counter()
    found: collections.Counter[str] = collections.Counter()
    turn = min(TURN, 60 * given.minutes / len(parsers))
    while time.monotonic() < end:
        for parser in parsers:
            until = min(time.monotonic() + turn, end)
            while time.monotonic() < until:
                number += 1
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        feed(parser, Path(folder), 500, number, tried, until)
                    except Exception as error:
                        # Every example of a finding raises at the same place.
                        place = traceback.extract_tb(error.__traceback__)[-1]
                        what = f"{parser.name}: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
                        found[what] += 1
                        if found[what] == 1:
                            print(f"FOUND with seed {number}: {what}\n{traceback.format_exc()}", flush=True)
        print(
            f"{(time.monotonic() - start) / 60:.1f} min, {sum(tried.values())} examples, {len(found)} findings",
            flush=True,
        )
    for parser in parsers:
        print(f"{tried[parser.name]:>9}  {parser.name}")
    for what, times in found.items():
        print(f"FOUND {times} times: {what}")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
