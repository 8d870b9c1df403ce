"""The environments of the rules hold the versions of requirements.lock."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def canonical(requirement):
    """The name of a requirement, as packages are compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=]", requirement)[0]).lower()


def locked():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonical(name): version for name, version in pairs}


def test_conda_environments_have_the_locked_versions():
    environments = sorted((ROOT / "envs").glob("*.yaml"))
    assert environments
    for path in environments:
        dependencies = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        packages = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
        for package in packages:
            name, version = package.split("==")
            assert locked()[canonical(name)] == version, f"{path.name}: {package}"


def test_what_the_package_needs_is_in_the_environment_and_in_the_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    environment = yaml.safe_load((ROOT / "envs" / "nnpm.yaml").read_text(encoding="utf-8"))
    packages = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert {canonical(name) for name in project["dependencies"]} == {canonical(p) for p in packages}
    extras = project["optional-dependencies"]
    everything = project["dependencies"] + extras["dev"] + extras["docs"] + extras["cluster"]
    assert {canonical(name) for name in everything} <= set(locked())
