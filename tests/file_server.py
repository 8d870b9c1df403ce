"""A server on this machine that has the faults of real ones, for what is downloaded."""

import contextlib
import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Serves the server's `contents` by path, with ranges; the path's `faults` are used up first, one a request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each small answer takes 40 ms
    server: "Server"

    def do_GET(self) -> None:
        self.path = self.path.partition("?")[0]
        self.server.requests.append((self.path, self.headers.get("Range")))
        faults = self.server.faults[self.path]
        answer = faults.pop(0) if faults else self.server.always.get(self.path.split("/")[1], whole)
        with contextlib.suppress(ConnectionError):  # a client that hangs up is part of these tests
            answer(self)

    @property
    def content(self) -> bytes:
        return self.server.contents[self.path]

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """`always` answers for all that lies below a first folder, once the faults of a path are used up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.contents: dict[str, bytes] = {}
        self.faults: defaultdict[str, list[Answer]] = defaultdict(list)
        self.always: dict[str, Answer] = {}
        self.requests: list[tuple[str, str | None]] = []

    def handle_error(self, *_: object) -> None:
        pass

    @property
    def ranges(self) -> list[str | None]:
        return [asked for _, asked in self.requests]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def offer(self, path: str, content: bytes) -> tuple[str, str]:
        """Serve it there; returns its address and checksum."""
        self.contents[path] = content
        return self.url(path), f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


# --- Answers ----------------------------------------------------------------------------------------------------------


def whole(handler: Handler) -> None:
    if handler.path not in handler.server.contents:
        page(404)(handler)
    elif wanted := handler.headers.get("Range"):
        start, size = int(wanted.removeprefix("bytes=").rstrip("-")), len(handler.content)
        handler.send(handler.content[start:], 206, Content_Range=f"bytes {start}-{size - 1}/{size}")
    else:
        handler.send(handler.content, Content_Type="application/zip")


def without_ranges(handler: Handler) -> None:
    handler.send(handler.content)


def page(status: int, **headers: str) -> Answer:
    return lambda handler: handler.send(b"<html>No.</html>", status, Content_Type="text/html; charset=utf-8", **headers)


def redirect(url: str) -> Answer:
    return lambda handler: handler.send(b"", 302, Location=url)


def zeros(handler: Handler) -> None:
    """As many bytes as the file has, all wrong."""
    handler.send(bytes(len(handler.content)))


def shorter(handler: Handler) -> None:
    handler.send(handler.content[:-1])


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(3):
        handler.wfile.write(handler.content)


def cut(handler: Handler) -> None:
    """Half of what it promises, then the connection is gone."""
    _begin(handler, len(handler.content) // 2)
    handler.close_connection = True


def stalled(seconds: float, sent: int = 1000) -> Answer:
    """So many bytes, then nothing for so long."""

    def answer(handler: Handler) -> None:
        _begin(handler, sent)
        time.sleep(seconds)

    return answer


def changing(content: bytes, answer: Answer) -> Answer:
    """Answer so; from the next request on, the file has other content."""

    def changed(handler: Handler) -> None:
        answer(handler)
        handler.server.contents[handler.path] = content

    return changed


def _begin(handler: Handler, sent: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(handler.content)))
    handler.end_headers()
    handler.wfile.write(handler.content[:sent])
    handler.wfile.flush()
