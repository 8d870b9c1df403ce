"""Do the tests notice a change? `python -m tests.mutants` runs each module's tests on every mutant of the module.

Modules and their tests are in pyproject.toml, `[tool.mutants]`.
"""

import argparse
import time
import tomllib
from pathlib import Path

import pandas as pd

from tests.mutants.mutate import mutants
from tests.mutants.survive import survivors


def main() -> None:
    """Print the mutants that no test noticed, then one row per module."""
    configured: dict[str, list[str]] = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutants"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(configured)}; default: all")
    chosen = parser.parse_args().modules or list(configured)
    if unknown := set(chosen) - set(configured):
        parser.error(f"pyproject.toml names no tests for {', '.join(sorted(unknown))}")
    rows = []
    for name in chosen:
        started, path = time.perf_counter(), Path(f"scripts/nnpm/{name}.py")
        made, alive = list(mutants(path)), 0
        for mutant in survivors(name, path, made, configured[name]):
            alive += 1
            print(f"{name}: survived\n  - {mutant.before}\n  + {mutant.after}", flush=True)
        rows.append((name, len(made), len(made) - alive, alive, (time.perf_counter() - started) / 60))
    table = pd.DataFrame(rows, columns=["module", "mutants", "killed", "survived", "minutes"])
    print(table.to_markdown(index=False, floatfmt=".1f"))


if __name__ == "__main__":
    main()
