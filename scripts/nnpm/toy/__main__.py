"""Command line: `python -m nnpm.toy DIRECTORY [--seed 0] [--utterances N | --size paper]`."""

import argparse
import sys
from pathlib import Path

from nnpm import toy
from nnpm.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Write the corpora, print one line per corpus, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nnpm.toy", description="Write synthetic corpora.")
    parser.add_argument("directory", type=Path, help="output folder; gets one folder per corpus")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sounds (default 0)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--utterances", type=int, metavar="N", help="approximate number per corpus, of the four classes")
    size.add_argument("--size", dest="utterances", choices=["paper"], help="the paper's corpora, as large as published")
    options = parser.parse_args(arguments)
    try:
        counts = toy.write(options.directory, options.seed, options.utterances)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    for name, count in counts.items():
        print(f"{options.directory / name}: {count} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
