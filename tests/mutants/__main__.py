"""Do the tests notice a change? `python -m tests.mutants` runs each module's tests on every mutant of the module.

Modules and their tests are in pyproject.toml, `[tool.mutants]`; mutants that no test can kill in equivalent.toml.
"""

import argparse
import sys
import time
import tomllib
from pathlib import Path

import pandas as pd

from tests.mutants.mutate import mutants
from tests.mutants.survive import survivors

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def main() -> None:
    """Print what is not as equivalent.toml says, then a row a module; exit with 1 if there is anything."""
    configured: dict[str, list[str]] = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutants"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(configured)}; default: all")
    chosen = parser.parse_args().modules or list(configured)
    if unknown := set(chosen) - set(configured):
        parser.error(f"pyproject.toml names no tests for {', '.join(sorted(unknown))}")
    known = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    rows = []
    for name in chosen:
        started = time.perf_counter()
        path = Path(f"scripts/nnpm/{name}.py")
        made = list(mutants(path))
        alive = [(mutant.before, mutant.after) for mutant in survivors(name, path, made, configured[name])]
        equivalent = {(entry["before"], after) for entry in known.get(name, []) for after in entry["after"]}
        new, in_vain = [change for change in alive if change not in equivalent], equivalent - set(alive)
        for said, changes in (("survived", new), ("listed in vain, it does not survive", sorted(in_vain))):
            for before, after in changes:
                print(f"{name}: {said}\n  - {before}\n  + {after}", flush=True)
        minutes = (time.perf_counter() - started) / 60
        killed = len(made) - len(alive)
        rows.append((name, len(made), killed, len(alive) - len(new), len(new), len(in_vain), minutes))
    columns = ["module", "mutants", "killed", "equivalent", "survived", "listed in vain", "minutes"]
    table = pd.DataFrame(rows, columns=columns)
    print(table.to_markdown(index=False, floatfmt=".1f"))
    sys.exit(bool(table[["survived", "listed in vain"]].to_numpy().any()))


if __name__ == "__main__":
    main()
