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
    extras = project["optional-dependencies"]
    study = project["dependencies"] + extras["study"]
    assert {canonical(name) for name in study} == {canonical(p) for p in packages}
    everything = [*study, *extras["dev"], *extras["docs"], *extras["cluster"]]
    assert {canonical(name) for name in everything if "[" not in name} <= set(locked())


def test_every_place_names_the_same_versions_of_python():
    """README's oldest and newest are those that CI tries."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [entry.rpartition(" ")[2] for entry in project["classifiers"] if "Python :: 3." in entry]
    minors = [int(version.partition(".")[2]) for version in named]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert project["requires-python"] == f">=3.{minors[0]},<3.{minors[-1] + 1}"
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == [named[0], named[-1]]
    words = f"Python {', '.join(named[:-1])} or {named[-1]}"
    assert f"You need {words}, pip and make." in (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f'not (3, {minors[0]}) <= sys.version_info < (3, {minors[-1] + 1}) and "{words} is needed' in makefile
