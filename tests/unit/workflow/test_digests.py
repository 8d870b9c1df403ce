"""Which modules a script rests on."""

import re
from pathlib import Path

import pytest

from nnpm.workflow import digests

SCRIPTS = Path(__file__).parents[3] / "scripts"


METHOD = {"model/memory.py", "model/objectives.py", "methods/base.py", "model/backbone.py", "training/epochs.py"}
#: What a script rests on, and words of what it must not rest on.
RESTS = {
    "adapt.py": (METHOD | {"__init__.py"}, "methods/dann reporting corpora toy features/mels"),
    "extract.py": (
        {"features/cache.py", "audio.py"},
        "features/mels features/ssl training model methods corpora/manifest",
    ),
    "check.py": ({"corpora/manifest.py"}, "corpora/adapters/emodb corpora/adapters/iemocap training"),
    "table.py": ({"reporting/paper.py"}, "training model"),
}


@pytest.mark.parametrize("script", RESTS)
def test_a_script_rests_on_what_it_uses_alone(script):
    found = {path.relative_to(SCRIPTS / "nnpm").as_posix() for path in digests.modules(SCRIPTS / script)}
    used, others = RESTS[script]
    assert used <= found
    assert [name for name in found if name.startswith(tuple(others.split()))] == []


def test_digest_changes_with_any_module_and_with_nothing_else(tmp_path, monkeypatch):
    package = tmp_path / "nnpm"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "used": "from nnpm import deeper\n",
        "deeper": "def f():\n    import nnpm.late\n",
        "late": "",
        "unused": "",
    }.items():
        (package / f"{name}.py").write_text(text)
    (tmp_path / "script.py").write_text("from nnpm.used import x\n")
    monkeypatch.setattr(digests, "PACKAGE", package)

    def digest():
        return digests.digest([tmp_path / "script.py"])

    before = digest()
    (package / "unused.py").write_text("changed = 1\n")
    assert digest() == before
    for name in ("used", "deeper", "late", "__init__"):
        (package / f"{name}.py").write_text((package / f"{name}.py").read_text() + "changed = 1\n")
        assert digest() != before, name
        before = digest()


def rules(directive):
    """The text of every rule that has a directive, those that others are derived from included."""
    texts = [path.read_text(encoding="utf-8") for path in (SCRIPTS.parent / "workflow" / "rules").glob("*.smk")]
    blocks = [block for text in texts for block in re.split(r"^ *(?=rule[ :]|use rule )", text, flags=re.MULTILINE)]
    has = re.compile(rf"^ +{directive}:$", flags=re.MULTILINE)
    found = [block for block in blocks if has.search(block)]
    assert len(found) == sum(len(has.findall(text)) for text in texts) > 15
    return found


def test_every_rule_with_outputs_runs_again_when_its_code_changes():
    """By this parameter alone: the profile leaves Snakemake's own look at scripts, by their dates, out."""
    with_outputs = [block for block in rules("script") if " output:" in block]
    assert [block.split(":")[0] for block in with_outputs if " code=" not in block] == []


def test_every_script_has_a_log_a_benchmark_and_an_environment():
    """But for what is to run whenever it is asked for: a benchmark is an output."""
    needed = (" log:", " benchmark:", " conda:")
    lacking = [block.split(":")[0] for block in rules("script") if not all(each in block for each in needed)]
    assert lacking == ["rule download"]
