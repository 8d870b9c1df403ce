"""Command line: `python -m nnpm.toy DIRECTORY [--seed 0] [--utterances N | --size paper]`."""

import argparse
import sys
from pathlib import Path

from nnpm import toy
from nnpm.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Write the corpora, print a line for each, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nnpm.toy", description="Write synthetic corpora.")
    parser.add_argument("directory", type=Path, help="where to; one folder a corpus is made in it")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other sounds (default 0)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--utterances", type=int, metavar="N", help="about so many of the four classes in each corpus")
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
