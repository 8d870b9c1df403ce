"""What results depend on does not depend on where jobs run: a profile that is named replaces the default one."""

from pathlib import Path

import pytest
import yaml

PROFILES = Path(__file__).parents[3] / "workflow" / "profiles"
DEFAULT = yaml.safe_load((PROFILES / "default" / "config.yaml").read_text(encoding="utf-8"))


def test_the_default_profile_decides_when_jobs_run_again() -> None:
    assert {"rerun-incomplete", "rerun-triggers", "max-checksum-file-size"} <= set(DEFAULT)


@pytest.mark.parametrize("profile", sorted(path.parent.name for path in PROFILES.glob("*/config.yaml")))
def test_every_profile_repeats_the_default_one(profile: str) -> None:
    settings = yaml.safe_load((PROFILES / profile / "config.yaml").read_text(encoding="utf-8"))
    assert {key: settings.get(key) for key in DEFAULT} == DEFAULT
