"""A corpus is fetched whole and as it was published, or not at all: a local server has the faults of real ones."""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import test_archives
import trees
from nnpm import corpora, downloads
from nnpm.corpora.base import Archive
from nnpm.errors import InputError

CONTENT = os.urandom(3_000_000)


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT, with ranges; the server's `faults` are used up first, one a request."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range"))
        faults = self.server.faults
        (faults.pop(0) if faults else whole)(self)

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[Callable[[Handler], None]] = []
        self.ranges: list[str | None] = []
        self.content = CONTENT

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of these tests."""

    def archive(self, content: bytes = CONTENT, name: str = "corpus.zip") -> Archive:
        url = f"http://127.0.0.1:{self.server_port}/files/{name}?download=1"
        return Archive(url, f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))


def whole(handler: Handler) -> None:
    content = handler.server.content
    if wanted := handler.headers.get("Range"):
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        place = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send(content[start:], 206, Content_Range=place)
    else:
        handler.send(content, Content_Type="application/zip")


def without_ranges(handler: Handler) -> None:
    handler.send(handler.server.content)


def cut(handler: Handler) -> None:
    """Half of what it promises, then the connection is gone."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])
    handler.close_connection = True


def page(status: int) -> Callable[[Handler], None]:
    return lambda handler: handler.send(b"<html>No.</html>", status, Content_Type="text/html; charset=utf-8")


def redirect(url: str) -> Callable[[Handler], None]:
    return lambda handler: handler.send(b"", 302, Location=url)


def wrong(handler: Handler) -> None:
    handler.send(bytes(len(CONTENT)))


def wrong_length(handler: Handler) -> None:
    handler.send(CONTENT[:-1])


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    with contextlib.suppress(ConnectionError):
        for _ in range(3):
            handler.wfile.write(CONTENT)


def another_part(handler: Handler) -> None:
    handler.send(CONTENT[10:], 206, Content_Range=f"bytes 10-{len(CONTENT) - 1}/{len(CONTENT)}")


def slow(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[:1000])
    time.sleep(2)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "WAITS", (0.0, 0.0))
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


def fetched(server: Server, folder: Path) -> None:
    """The file is there, whole, and nothing beside it."""
    path = downloads.fetch(server.archive(), folder)
    assert path == folder / "corpus.zip" and path.read_bytes() == CONTENT
    assert list(folder.iterdir()) == [path]


def refuses(archive: Archive, folder: Path, *words: str) -> None:
    """One line; nothing that could be taken for the file."""
    with pytest.raises(InputError) as caught:
        downloads.fetch(archive, folder)
    line = str(caught.value)
    assert line.startswith(archive.url) and "\n" not in line
    for word in words:
        assert word in line
    assert not (folder / "corpus.zip").exists() and not list(folder.glob("tmp*"))


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    fetched(server, tmp_path / "new")
    fetched(server, tmp_path / "new")
    assert server.ranges == [None]


def test_a_checksum_may_be_md5(server: Server, tmp_path: Path) -> None:
    """Zenodo publishes no other."""
    archive = server.archive()
    md5 = hashlib.md5(CONTENT).hexdigest()
    assert downloads.fetch(Archive(archive.url, f"md5:{md5}", archive.size), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "fault", [page(500), page(503), page(429), cut, another_part], ids=lambda fault: fault.__name__
)
def test_what_passes_is_tried_again(server: Server, tmp_path: Path, fault: Callable[[Handler], None]) -> None:
    server.faults = [fault, fault]
    if fault is another_part:
        (tmp_path / ".corpus.zip.part").write_bytes(CONTENT[:1000])
    fetched(server, tmp_path)
    assert len(server.ranges) == 3


def test_a_cut_file_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.faults = [cut, page(500), page(500)]
    refuses(server.archive(), tmp_path, "500", "3 times", "goes on where it stopped")
    fetched(server, tmp_path)
    first, *others = server.ranges
    assert first is None and len(set(others)) == 1
    assert len(CONTENT) // 4 < int(str(others[0]).strip("bytes=-")) <= len(CONTENT) // 2


def test_a_server_without_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    server.faults = [cut, without_ranges]
    fetched(server, tmp_path)


@pytest.mark.parametrize("kept", [b"of another version", CONTENT[:-1] + b"x", CONTENT + b"more"])
def test_a_part_of_another_file_is_thrown_away(server: Server, tmp_path: Path, kept: bytes) -> None:
    (tmp_path / ".corpus.zip.part").write_bytes(kept)
    fetched(server, tmp_path)
    assert server.ranges[-1] is None


def test_a_part_that_the_server_does_not_have(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".corpus.zip.part").write_bytes(CONTENT[:1000])
    server.faults = [page(416)]
    fetched(server, tmp_path)
    assert server.ranges == ["bytes=1000-", None]


def test_a_spoilt_file_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / "corpus.zip").write_bytes(b"spoilt")
    fetched(server, tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_saved(server: Server, tmp_path: Path, status: int) -> None:
    server.faults = [page(status)]
    refuses(server.archive(), tmp_path, f"answered {status}", "by hand")
    assert len(server.ranges) == 1 and not list(tmp_path.iterdir())


def test_a_web_page_is_not_saved(server: Server, tmp_path: Path) -> None:
    server.faults = [page(200)]
    refuses(server.archive(), tmp_path, "a web page came", "by hand")
    assert not list(tmp_path.iterdir())


def test_wrong_bytes_are_not_kept(server: Server, tmp_path: Path) -> None:
    server.faults = [wrong, wrong]
    refuses(server.archive(), tmp_path, "has not the checksum sha256:", "report it")
    assert len(server.ranges) == 2 and not list(tmp_path.iterdir())


def test_another_length_is_refused_before_anything_is_written(server: Server, tmp_path: Path) -> None:
    server.faults = [wrong_length]
    refuses(server.archive(), tmp_path, f"'{len(CONTENT) - 1}' bytes", str(len(CONTENT)))
    assert not list(tmp_path.iterdir())


def test_a_file_without_end_is_stopped(server: Server, tmp_path: Path) -> None:
    server.faults = [endless]
    refuses(server.archive(), tmp_path, "more than the 3000000 bytes")
    assert not list(tmp_path.iterdir())


def test_a_server_that_says_nothing(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", (0.3, 0.3))
    server.faults = [slow, slow, slow]
    refuses(server.archive(), tmp_path, "timed out", "3 times")
    fetched(server, tmp_path)


def test_nobody_is_there(server: Server, tmp_path: Path) -> None:
    archive = server.archive()
    server.server_close()
    refuses(archive, tmp_path, "connection failed (Connection refused), 3 times", "try again later")


@pytest.mark.parametrize("url", ["http://192.0.2.1/corpus.zip", "http://127.0.0.1@192.0.2.1/corpus.zip"])
def test_a_redirect_out_of_https_is_refused(server: Server, tmp_path: Path, url: str) -> None:
    server.faults = [redirect(url)]
    refuses(server.archive(), tmp_path, "192.0.2.1/corpus.zip, which is not https")


@pytest.mark.parametrize("url", ["http://example.org/corpus.zip", "http://localhost@example.org/corpus.zip"])
def test_http_is_refused(tmp_path: Path, url: str) -> None:
    refuses(Archive(url, "md5:0", 1), tmp_path, "which is not https")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/corpus.zip"])
def test_a_redirect_to_something_else_is_refused(server: Server, tmp_path: Path, url: str) -> None:
    server.faults = [redirect(url)]
    refuses(server.archive(), tmp_path, "cannot be fetched")


def test_a_full_disk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads._Download, "_append", full)
    with pytest.raises(InputError, match=r"corpus.zip cannot be written \(No space left on device\); mend"):
        downloads.fetch(server.archive(), tmp_path)
    assert not (tmp_path / "corpus.zip").exists()


# --- Corpora ----------------------------------------------------------------------------------------------------------


def offered(server: Server, folder: Path, name: str = "ravdess") -> corpora.Corpus:
    """A corpus of one file in a zip on the server."""
    wav = trees.tone(folder / "made" / "1.wav").read_bytes()
    packed = test_archives.write(folder / "made" / "corpus.zip", {"Actor_01/03-01-01-01-01-01-01.wav": wav})
    server.content = packed.read_bytes()
    return trees.corpus(name, archive=server.archive(server.content))


def test_what_is_missing_is_fetched_and_unpacked(server: Server, tmp_path: Path) -> None:
    corpus, place = offered(server, tmp_path), tmp_path / "corpora"
    assert downloads.fetch_missing([corpus, trees.corpus("iemocap")], place) == ["iemocap"]
    clips = corpora.get("ravdess").find(place / "ravdess")
    assert [clip.utterance for clip in clips] == ["03-01-01-01-01-01-01"]
    assert [path.name for path in place.iterdir()] == ["ravdess"], "the archive is not kept"
    assert downloads.fetch_missing([corpus], place) == [] and len(server.ranges) == 1


def test_nothing_is_offered(tmp_path: Path) -> None:
    names = ("iemocap", "urdu")
    with pytest.raises(InputError, match=r"^iemocap, urdu: not offered for download"):
        downloads.fetch_missing(map(corpora.get, names), tmp_path)


def test_a_users_own_files_are_left_alone(server: Server, tmp_path: Path) -> None:
    corpus = offered(server, tmp_path)
    (tmp_path / "ravdess").mkdir()
    (tmp_path / "ravdess" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there already, without what the corpus needs; move it away"):
        downloads.fetch_missing([corpus], tmp_path)
    assert [path.name for path in (tmp_path / "ravdess").iterdir()] == ["notes.txt"]


def test_what_is_offered_is_open_and_pinned() -> None:
    """Forms and requests are between a user and the owner; a checksum stands here as it was published."""
    archives = {name: corpora.get(name).archive for name in corpora.NAMES}
    assert {name for name, archive in archives.items() if archive} == {"ravdess"}
    for name, archive in archives.items():
        if archive:
            algorithm, _, digest = archive.checksum.partition(":")
            assert len(digest) == {"md5": 32, "sha256": 64}[algorithm] and set(digest) <= set("0123456789abcdef")
            assert archive.url.startswith("https://") and archive.size > 0
            block = corpora.missing({name: corpora.get(name)}, Path("nowhere"))[0]
            assert "snakemake --cores 1 download" in block
        else:
            assert "download" not in corpora.missing({name: corpora.get(name)}, Path("nowhere"))[0].lower()
