"""A file is fetched whole and as it was published, or not at all: a local server has the faults of real ones."""

import hashlib
import io
import os
import resource
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tqdm import tqdm

from file_server import Answer, Server, changing, cut, endless, page, redirect, shorter, stalled, without_ranges, zeros
from nnpm import progress
from nnpm.corpora import downloads
from nnpm.corpora.offers import File
from nnpm.errors import InputError

CONTENT = os.urandom(3_000_000)
PATH, MIRROR = "/files/corpus.zip", "/mirror/corpus.zip"


@pytest.fixture
def file(server: Server) -> File:
    """CONTENT at one place."""
    url, checksum = server.offer(PATH, CONTENT)
    return File((f"{url}?download=1",), checksum, len(CONTENT))


@pytest.fixture
def mirrored(server: Server, file: File) -> File:
    """CONTENT at two places."""
    return replace(file, urls=(*file.urls, server.offer(MIRROR, CONTENT)[0]))


def fetch(file: File, folder: Path) -> str:
    with downloads.connect() as connection, progress.bar(total=file.size) as bar:
        return downloads.fetch(file, folder / "corpus.zip", connection, bar)


def fetches(file: File, folder: Path) -> str:
    """The file is there, whole, and nothing beside it."""
    place = fetch(file, folder)
    assert (folder / "corpus.zip").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["corpus.zip"]
    return place


def refuses(file: File, folder: Path, *words: str) -> None:
    """One line that names every place; nothing that could be taken for the file."""
    with pytest.raises(InputError) as caught:
        fetch(file, folder)
    line = str(caught.value)
    assert "\n" not in line
    for word in (*file.urls, *words, "by hand"):
        assert word in line
    assert not (folder / "corpus.zip").exists()


def test_a_file_is_fetched_once_and_again_when_it_is_spoilt(server: Server, file: File, tmp_path: Path) -> None:
    """Its checksum may be an MD5: Zenodo publishes no other."""
    fetches(file, tmp_path / "new")
    fetches(replace(file, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}"), tmp_path / "new")
    assert server.ranges == [None]
    (tmp_path / "new" / "corpus.zip").write_bytes(b"spoilt")
    fetches(file, tmp_path / "new")


# --- Faults that may pass ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [page(500), page(429), cut, without_ranges], ids=["500", "429", "cut", "no ranges"])
def test_what_passes_is_tried_again_and_told(
    server: Server, file: File, tmp_path: Path, fault: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults[PATH] = [cut, fault]
    fetches(file, tmp_path)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == len(server.ranges) - 1 and all(PATH in line and "; trying again" in line for line in told)


def test_a_server_says_how_long_to_wait(
    server: Server, file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.faults[PATH] = [page(429, Retry_After="7"), page(503, Retry_After="86400")]
    fetches(file, tmp_path)
    assert waits == [7, downloads.MAX_WAIT]


def test_a_cut_file_goes_on_where_it_stopped(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [cut, page(500), page(500), page(500)]
    refuses(file, tmp_path, "the server answered 500", "resumes where it stopped")
    fetches(file, tmp_path)
    first, *others = server.ranges
    assert first is None and len(set(others)) == 1
    assert len(CONTENT) // 4 < int(str(others[0]).strip("bytes=-")) <= len(CONTENT) // 2


def test_a_file_that_changed_between_two_parts_is_fetched_anew(server: Server, file: File, tmp_path: Path) -> None:
    server.contents[PATH] = os.urandom(len(CONTENT))
    server.faults[PATH] = [changing(CONTENT, cut)]
    fetches(file, tmp_path)
    assert len(server.ranges) == 3 and server.ranges[0] is server.ranges[2] is None


@pytest.mark.parametrize("kept", [b"of another version", CONTENT[:-1] + b"x", CONTENT + b"more"])
def test_a_part_of_another_file_is_thrown_away(server: Server, file: File, tmp_path: Path, kept: bytes) -> None:
    (tmp_path / ".corpus.zip.part").write_bytes(kept)
    fetches(file, tmp_path)
    assert server.ranges[-1] is None


def test_a_server_that_says_nothing(
    server: Server, file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", (0.3, 0.3))
    server.faults[PATH] = [stalled(2)] * 3
    refuses(file, tmp_path, "the connection failed (timed out)")
    fetches(file, tmp_path)


def test_nobody_is_there(server: Server, file: File, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.server_close()
    refuses(file, tmp_path, "the connection failed (Connection refused)")
    assert capsys.readouterr().err.count("trying again") == 2


def test_without_a_network_it_ends_at_once(file: File, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server whose name nobody knows is not asked again and again."""
    refuses(replace(file, urls=("https://nowhere.invalid/corpus.zip",)), tmp_path, "check the network")
    assert "trying again" not in capsys.readouterr().err


# --- Faults that stay -------------------------------------------------------------------------------------------------

STAYING: list[tuple[Answer, str]] = [
    (page(403), "answered 403 Forbidden"),
    (page(200), "a web page came"),
    (zeros, "does not have the checksum sha256:"),
    (shorter, f"'{len(CONTENT) - 1}' bytes are offered, but {len(CONTENT)} were published"),
    (endless, "more than the published 3000000 bytes"),
    (redirect("http://192.0.2.1/corpus.zip"), "leads to an address without https"),
    (redirect("http://127.0.0.1@192.0.2.1/corpus.zip"), "leads to an address without https"),
    (redirect("file:///etc/passwd"), "leads to an address without https"),
]


@pytest.mark.parametrize(("fault", "words"), STAYING)
def test_what_is_not_the_file_is_not_saved_and_the_next_place_is_tried(
    server: Server,
    mirrored: File,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Answer,
    words: str,
) -> None:
    server.always |= {"files": fault, "mirror": page(404)}
    refuses(mirrored, tmp_path, words, "answered 404")
    assert [path for path, _ in server.requests] == [PATH, MIRROR] and not list(tmp_path.iterdir())
    told = capsys.readouterr().err
    assert mirrored.urls[0] in told and words in told and told.endswith("; trying the next place\n")
    del server.always["mirror"]
    assert fetches(mirrored, tmp_path) == mirrored.urls[1]


@pytest.mark.parametrize("url", ["http://example.org/corpus.zip", "http://localhost@example.org/corpus.zip"])
def test_http_is_refused(server: Server, tmp_path: Path, url: str) -> None:
    refuses(File((url,), "md5:0", 1), tmp_path, "without https")


def test_a_full_disk(file: File, tmp_path: Path) -> None:
    """The system refuses the second megabyte; what is there stays, and is gone on from."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(InputError, match=r"corpus.zip: cannot be written \(File too large\); solve this"):
            fetch(file, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "corpus.zip").exists()
    fetches(file, tmp_path)


# --- Several places ---------------------------------------------------------------------------------------------------


def test_the_first_place_is_enough(server: Server, mirrored: File, tmp_path: Path) -> None:
    assert fetch(mirrored, tmp_path) == mirrored.urls[0]
    assert [path for path, _ in server.requests] == [PATH]


@pytest.mark.parametrize("right", [True, False])
def test_the_next_place_goes_on_where_the_first_stopped(
    server: Server, mirrored: File, tmp_path: Path, right: bool
) -> None:
    """What the first one began wrongly is fetched anew."""
    server.contents[PATH] = CONTENT if right else os.urandom(len(CONTENT))
    server.faults[PATH] = [cut, page(403)]
    fetches(mirrored, tmp_path)
    assert [path for path, _ in server.requests] == [PATH, PATH, MIRROR] + [MIRROR] * (not right)
    assert server.ranges[2] is not None and (right or server.ranges[3] is None)


# --- The bar ----------------------------------------------------------------------------------------------------------


class Bar(tqdm):  # type: ignore[type-arg]
    """Notes its positions, and the bytes that it takes for fetched just now."""

    def __init__(self, total: int) -> None:
        self.positions, self.came = [0.0], 0.0
        super().__init__(total=total, file=io.StringIO())

    def update(self, n: float | None = 1) -> bool | None:
        shown = super().update(n)
        self.positions.append(self.n)
        self.came += n or 0
        return shown


def test_the_bar_shows_the_bytes_that_are_there(server: Server, mirrored: File, tmp_path: Path) -> None:
    """Whatever was fetched twice, and from where; what an earlier call fetched is none of this one's speed."""
    server.contents[PATH] = os.urandom(len(CONTENT))
    server.faults[PATH] = [cut, without_ranges, page(403)]
    with downloads.connect() as connection, Bar(3 * len(CONTENT)) as bar:
        for name in ("corpus.zip", "corpus.zip", "other.zip"):
            (tmp_path / ".other.zip.part").write_bytes(CONTENT[:1_000_000])
            came = bar.came
            downloads.fetch(
                replace(mirrored, urls=mirrored.urls[::-1] if name == "other.zip" else mirrored.urls),
                tmp_path / name,
                connection,
                bar,
            )
        assert max(bar.positions) == bar.n == 3 * len(CONTENT) and bar.came - came == len(CONTENT) - 1_000_000
