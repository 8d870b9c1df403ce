"""Kills everything at a chosen write. On PYTHONPATH, where every Python process imports it by this name as it starts.

TORTURE_PLAN names a JSON file, a list of [pattern, moment] still to come. The first process to give a file its final
name that fits a pattern strikes it out, and kills its whole session: "half" before the name is given, with the second
half of the content not yet on the disk, "whole" right after.
"""

import fnmatch
import json
import os
import signal
from pathlib import Path

_plan = Path(os.environ["TORTURE_PLAN"])
_replace = Path.replace


def _sabotaged(self: Path, target: Path) -> Path:
    waiting = json.loads(_plan.read_text())
    hit = next((one for one in waiting if fnmatch.fnmatch(str(target), one[0])), None)
    if hit is None:
        return _replace(self, target)
    _plan.write_text(json.dumps([one for one in waiting if one != hit]))
    if hit[1] == "half":
        os.truncate(self, self.stat().st_size // 2)
    else:
        _replace(self, target)
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("survived")


Path.replace = _sabotaged  # type: ignore[assignment, method-assign]
