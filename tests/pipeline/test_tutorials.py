"""The tutorials come to what they show, followed to the letter in a copy of this repository."""

from pathlib import Path

import pytest

import tutorial
from workspace import ROOT

PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_a_tutorial_comes_to_what_it_shows(tmp_path: Path, path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    folder = tutorial.clone(tmp_path / "clone")
    tutorial.follow(page, folder)
    named = tutorial.paths(page, "results")
    assert named
    assert [name for name in named if not (folder / name).exists()] == []


PAGE = """
What is said, `it.txt`:

```csv
a b
```

```sh
cat it.txt; printf '%s\\n' '| UA | angry 4 |' '|-----|' '| **75.0 ± 1.0** † | sad |' last
```

```text
a b
...
|--|
| 12.5 ± 0.0 | happy |
...
```
"""


def test_what_a_page_shows_is_compared(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    tutorial.follow(PAGE, tmp_path)
    assert (tmp_path / "it.txt").read_text() == "a b\n"
    for changed in (
        PAGE.replace("a b\n...\n|--|", "a b\n|--|"),  # lines that belong together stand together
        PAGE.replace("...\n```", "angry 5\n```"),
        PAGE.replace("| 12.5 ± 0.0 |", "| 12.5 |"),
        PAGE.replace("cat it.txt", "cat its.txt"),
        PAGE.replace("`it.txt`:", "it.txt:"),
    ):
        assert changed != PAGE
        with pytest.raises(AssertionError, match=r"^line \d+: "):
            tutorial.follow(changed, tmp_path)


def test_paths_are_those_of_the_text() -> None:
    page = (
        "`results/x/a.csv` and\n\n| a |\n|---|\n| `results/{name}/b`, `results/c`, `other/d` |\n\n```sh\nresults/e\n```"
    )
    assert tutorial.paths(page, "results") == ["results/x/a.csv", "results/c"]
