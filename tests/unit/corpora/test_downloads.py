"""A file is fetched whole and as it was published, or not at all: a local server has the faults of real ones."""

import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tqdm import tqdm

from file_server import (
    Answer,
    Server,
    another_part,
    changing,
    cut,
    endless,
    page,
    redirect,
    shorter,
    stalled,
    without_ranges,
    zeros,
)
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
    with downloads.Connection() as connection, progress.bar(total=file.size) as bar:
        return downloads.fetch(file, folder / "corpus.zip", connection, bar)


def fetches(file: File, folder: Path) -> None:
    """The file is there, whole, and nothing beside it."""
    fetch(file, folder)
    assert (folder / "corpus.zip").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["corpus.zip"]


def refuses(file: File, folder: Path, *words: str) -> str:
    """One line that names every place; nothing that could be taken for the file."""
    with pytest.raises(InputError) as caught:
        fetch(file, folder)
    line = str(caught.value)
    assert "\n" not in line
    for word in (*file.urls, *words):
        assert word in line
    assert not (folder / "corpus.zip").exists() and not list(folder.glob("tmp*"))
    return line


def test_a_file_is_fetched_once(server: Server, file: File, tmp_path: Path) -> None:
    fetches(file, tmp_path / "new")
    fetches(file, tmp_path / "new")
    assert server.ranges == [None]


def test_a_checksum_may_be_md5(file: File, tmp_path: Path) -> None:
    """Zenodo publishes no other."""
    fetches(replace(file, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}"), tmp_path)


# --- Faults that may pass ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [page(500), page(503), page(429), cut, another_part], ids=["500", "503", "429", "cut", "another part"]
)
def test_what_passes_is_tried_again_and_told(
    server: Server, file: File, tmp_path: Path, fault: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults[PATH] = [fault, fault]
    if fault is another_part:
        (tmp_path / ".corpus.zip.part").write_bytes(CONTENT[:1000])
    fetches(file, tmp_path)
    assert len(server.ranges) == 3
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and all(file.urls[0] in line and "trying again in 0 s" in line for line in told)


def test_a_server_says_how_long_to_wait(
    server: Server, file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.faults[PATH] = [page(429, Retry_After="7"), page(503, Retry_After="86400")]
    fetches(file, tmp_path)
    assert waits == [7, downloads.MAX_WAIT]


def test_a_cut_file_goes_on_where_it_stopped(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [cut, page(500), page(500)]
    refuses(file, tmp_path, "500", "3 times", "goes on where it stopped")
    fetches(file, tmp_path)
    first, *others = server.ranges
    assert first is None and len(set(others)) == 1
    assert len(CONTENT) // 4 < int(str(others[0]).strip("bytes=-")) <= len(CONTENT) // 2


def test_a_killed_call_goes_on_where_it_stopped(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [stalled(20, sent=len(CONTENT) // 2)]
    code = (
        "from pathlib import Path; from nnpm import downloads, progress; from nnpm.offers import File\n"
        "with downloads.Connection() as connection, progress.bar(total=0) as bar:\n"
        f"    downloads.fetch({file!r}, Path({str(tmp_path / 'corpus.zip')!r}), connection, bar)"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path})
    part = tmp_path / ".corpus.zip.part"
    try:
        wait_for(lambda: part.exists() and part.stat().st_size > len(CONTENT) // 4)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    begun = part.stat().st_size
    fetch(file, tmp_path)
    assert (tmp_path / "corpus.zip").read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={begun}-"]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_server_without_ranges_begins_anew(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [cut, without_ranges]
    fetches(file, tmp_path)


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


def test_a_part_that_the_server_does_not_have(server: Server, file: File, tmp_path: Path) -> None:
    (tmp_path / ".corpus.zip.part").write_bytes(CONTENT[:1000])
    server.faults[PATH] = [page(416)]
    fetches(file, tmp_path)
    assert server.ranges == ["bytes=1000-", None]


def test_a_spoilt_file_is_replaced(file: File, tmp_path: Path) -> None:
    (tmp_path / "corpus.zip").write_bytes(b"spoilt")
    fetches(file, tmp_path)


def test_a_server_that_says_nothing(
    server: Server, file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", (0.3, 0.3))
    server.faults[PATH] = [stalled(2)] * 3
    refuses(file, tmp_path, "timed out", "3 times")
    fetches(file, tmp_path)


def test_nobody_is_there(server: Server, file: File, tmp_path: Path) -> None:
    server.server_close()
    refuses(file, tmp_path, "connection failed (Connection refused), 3 times", "try again later")


# --- Faults that stay -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_saved(server: Server, file: File, tmp_path: Path, status: int) -> None:
    server.faults[PATH] = [page(status)]
    refuses(file, tmp_path, f"answered {status}", "by hand")
    assert len(server.ranges) == 1 and not list(tmp_path.iterdir())


def test_a_web_page_is_not_saved(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [page(200)]
    refuses(file, tmp_path, "a web page came", "by hand")
    assert not list(tmp_path.iterdir())


def test_wrong_bytes_are_not_kept(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [zeros]
    refuses(file, tmp_path, "has not the checksum sha256:", "report it")
    assert len(server.ranges) == 1 and not list(tmp_path.iterdir())


def test_another_length_is_refused_before_anything_is_written(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [shorter]
    refuses(file, tmp_path, f"'{len(CONTENT) - 1}' bytes", str(len(CONTENT)))
    assert not list(tmp_path.iterdir())


def test_a_file_without_end_is_stopped(server: Server, file: File, tmp_path: Path) -> None:
    server.faults[PATH] = [endless]
    refuses(file, tmp_path, "more than the 3000000 bytes")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["http://192.0.2.1/corpus.zip", "http://127.0.0.1@192.0.2.1/corpus.zip"])
def test_a_redirect_out_of_https_is_refused(server: Server, file: File, tmp_path: Path, url: str) -> None:
    server.faults[PATH] = [redirect(url)]
    refuses(file, tmp_path, "192.0.2.1/corpus.zip, which is not https")


@pytest.mark.parametrize("url", ["http://example.org/corpus.zip", "http://localhost@example.org/corpus.zip"])
def test_http_is_refused(tmp_path: Path, url: str) -> None:
    refuses(File((url,), "md5:0", 1), tmp_path, "which is not https")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/corpus.zip"])
def test_a_redirect_to_something_else_is_refused(server: Server, file: File, tmp_path: Path, url: str) -> None:
    server.faults[PATH] = [redirect(url)]
    refuses(file, tmp_path, "cannot be fetched")


def test_a_full_disk(file: File, tmp_path: Path) -> None:
    """The system refuses the second megabyte; what is there stays, and is gone on from."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(InputError, match=r"corpus.zip: cannot be written \(File too large\); mend that"):
            fetch(file, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "corpus.zip").exists()
    fetches(file, tmp_path)


# --- Several places ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "words", "requests"),
    [
        (page(403), "answered 403 Forbidden", 1),
        (page(404), "answered 404 Not Found", 1),
        (page(200), "a web page came", 1),
        (page(500), "answered 500 Internal Server Error, 3 times", 3),
        (zeros, "has not the checksum", 1),
        (shorter, "bytes are offered", 1),
        (redirect("http://192.0.2.1/corpus.zip"), "which is not https", 1),
    ],
)
def test_the_next_place_is_tried(
    server: Server,
    mirrored: File,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Answer,
    words: str,
    requests: int,
) -> None:
    server.always["files"] = fault
    assert fetch(mirrored, tmp_path) == mirrored.urls[1]
    assert [path for path, _ in server.requests] == [PATH] * requests + [MIRROR]
    assert (tmp_path / "corpus.zip").read_bytes() == CONTENT
    told = capsys.readouterr().err.splitlines()[-1]
    assert mirrored.urls[0] in told and words in told and told.endswith("; trying the next place")


def test_the_first_place_is_enough(server: Server, mirrored: File, tmp_path: Path) -> None:
    assert fetch(mirrored, tmp_path) == mirrored.urls[0]
    assert [path for path, _ in server.requests] == [PATH]


def test_the_next_place_goes_on_where_the_first_stopped(server: Server, mirrored: File, tmp_path: Path) -> None:
    server.faults[PATH] = [cut, page(403)]
    fetches(mirrored, tmp_path)
    (path, asked) = server.requests[-1]
    assert path == MIRROR and asked is not None


def test_what_the_first_place_began_wrongly_is_fetched_anew(server: Server, mirrored: File, tmp_path: Path) -> None:
    server.contents[PATH] = os.urandom(len(CONTENT))
    server.faults[PATH] = [cut, page(403)]
    fetches(mirrored, tmp_path)
    assert [path for path, _ in server.requests] == [PATH, PATH, MIRROR, MIRROR] and server.ranges[-1] is None


def test_no_place_has_it(server: Server, mirrored: File, tmp_path: Path) -> None:
    server.faults[PATH], server.faults[MIRROR] = [page(403)], [zeros]
    line = refuses(mirrored, tmp_path, "corpus.zip: not to be had at any of 2 places", "403", "has not the checksum")
    assert line.endswith("try again later, or fetch it by hand") and not list(tmp_path.iterdir())


def test_no_place_has_the_published_file(server: Server, mirrored: File, tmp_path: Path) -> None:
    server.faults[PATH], server.faults[MIRROR] = [shorter], [zeros]
    assert refuses(mirrored, tmp_path).endswith("nothing was kept: report it")


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
    """Whatever was fetched twice, and from where."""
    server.contents[PATH] = os.urandom(len(CONTENT))
    server.faults[PATH] = [cut, page(403)]
    with downloads.Connection() as connection, Bar(3 * len(CONTENT)) as bar:
        for name in ("corpus.zip", "corpus.zip", "other.zip"):
            downloads.fetch(mirrored, tmp_path / name, connection, bar)
        assert max(bar.positions) == bar.n == 3 * len(CONTENT)


def test_what_an_earlier_call_fetched_is_none_of_this_ones_speed(file: File, tmp_path: Path) -> None:
    (tmp_path / ".corpus.zip.part").write_bytes(CONTENT[:1_000_000])
    with downloads.Connection() as connection, Bar(len(CONTENT)) as bar:
        downloads.fetch(file, tmp_path / "corpus.zip", connection, bar)
        assert (bar.n, bar.came) == (len(CONTENT), len(CONTENT) - 1_000_000)


def test_without_a_network_it_ends_at_once(file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose name nobody knows is not asked again and again."""
    monkeypatch.setattr(downloads.time, "sleep", lambda seconds: pytest.fail("it waits"))
    away = replace(file, urls=("https://nowhere.invalid/corpus.zip", "https://mirror.invalid/corpus.zip"))
    with pytest.raises(InputError, match=r"not known here .*check the network"):
        fetch(away, tmp_path)
