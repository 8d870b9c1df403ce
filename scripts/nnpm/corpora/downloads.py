"""Files that their owners publish for everyone, fetched over https and checked against a pinned checksum.

`pooch` compares checksums and gives a file its name when it is whole, `requests` talks to servers, `tqdm` draws the
bar. Written here is what pooch has not: several places for one file, going on where an interrupted call stopped, waits
before what may pass is tried again, https alone through all redirects, and a web page or a wrong size refused before it
is stored.
"""

import http.client
import ipaddress
import logging
import socket
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pooch
import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm

from nnpm.corpora.offers import File
from nnpm.errors import InputError

#: Seconds until a server must have taken the connection, and between two pieces of an answer.
TIMEOUT = (20.0, 60.0)
#: Seconds before each further try.
WAITS = (2.0, 10.0, 30.0)
#: The longest that a server may ask to be waited for, in seconds.
MAX_WAIT = 120.0
CHUNK = 2**18

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_CHANGED = "its owner has changed it or somebody else did, nothing was kept: report it"
_LATER = "try again later, it goes on where it stopped"
_BY_HAND = "try again later, or fetch it by hand"
_NO_NETWORK = "check the network and its proxy, or fetch it by hand elsewhere"


class _PassingError(Exception):
    """What may be gone at the next try, after the seconds that the server asks for."""

    def __init__(self, fault: str, wait: float = 0.0) -> None:
        super().__init__(fault)
        self.wait = wait


class _RefusalError(Exception):
    """Why a place is given up, and what a user can do if no other has the file."""

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(fault)
        self.remedy = remedy


class Connection(requests.Session):
    """Sends to https alone, redirects included; a loopback host, which tests use, may redirect to another one."""

    def __init__(self) -> None:
        super().__init__()
        self.adapter = _HttpsOnly()
        for scheme in ("https://", "http://"):
            self.mount(scheme, self.adapter)

    def __enter__(self) -> Self:
        return self

    def ask(self, url: str, start: int) -> requests.Response:
        """The answer, its content not yet read, to a request for the file from its byte `start` on."""
        # Compressed on the way, it would have neither the size nor the positions that a range means.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        self.adapter.origin = url
        return self.get(url, headers=headers, stream=True, timeout=TIMEOUT)


class _HttpsOnly(HTTPAdapter):
    origin = ""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """As `HTTPAdapter.send`."""
        url = str(request.url)
        if urlsplit(url).scheme != "https" and not (_is_loopback(self.origin) and _is_loopback(url)):
            raise _RefusalError(f"leads to {url}, which is not https", "nothing was fetched, report it")
        return super().send(request, *args, **options)


def _is_loopback(url: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False


def tell(text: str) -> None:
    """Say it in the log and on the terminal, above a progress bar."""
    logging.info("%s", text)
    tqdm.write(text, file=sys.stderr)


def fetch(file: File, path: Path, connection: Connection, bar: "tqdm[Any]") -> str:
    """Fetch the file to `path` unless it is there; it has that name only when it is whole and has its checksum.

    The places are tried in their order. Each goes on where the last one, or an interrupted call, stopped. Returns the
    place that had it; raises `InputError` if none has, and for a disk that is full or read only.
    """
    pooch.get_logger().setLevel(logging.WARNING)  # `tell` says it in the project's words
    faults: list[tuple[str, _RefusalError]] = []
    start = int(bar.n)
    try:
        for number, url in enumerate(file.urls, start=1):
            try:
                _fetch_from(url, file, path, connection, bar, start)
                _jump(bar, start + file.size)
                return url
            except _RefusalError as fault:
                faults.append((url, fault))
                if number < len(file.urls):
                    tell(f"{url}: {fault}; trying the next place")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); mend that and try again") from None
    raise _failure(path, faults)


def _jump(bar: "tqdm[Any]", position: int) -> None:
    """Let the bar show so many bytes, those that did not come just now, and so say nothing of the rate."""
    if bar.n != position:
        bar.n = bar.last_print_n = position
        bar.refresh()


def _failure(path: Path, faults: list[tuple[str, _RefusalError]]) -> InputError:
    if len(faults) == 1:
        ((url, fault),) = faults
        return InputError(f"{url}: {fault}; {fault.remedy}")
    remedies = [fault.remedy for _, fault in faults]
    places = ", ".join(f"{url} ({fault})" for url, fault in faults)
    remedy = remedies[0] if len(set(remedies)) == 1 else _LATER if _LATER in remedies else _BY_HAND
    return InputError(f"{path.name}: not to be had at any of {len(faults)} places, {places}; {remedy}")


def _fetch_from(url: str, file: File, path: Path, connection: Connection, bar: "tqdm[Any]", position: int) -> None:
    """Fetch from one place; a wrong whole that came in parts may be two versions, and is fetched anew, once."""
    for _ in range(2):
        download = _Download(file, path.with_name(f".{path.name}.part"), connection, bar, position)
        try:
            pooch.retrieve(url, file.checksum, fname=path.name, path=path.parent, downloader=download)
            return
        except ValueError:  # pooch's word for a wrong checksum; it has deleted the file
            if not download.in_parts:
                break
            tell(f"{url}: the parts that came make another file; fetching all of it anew")
            _jump(bar, position)
    raise _RefusalError(f"what came has not the checksum {file.checksum}", _CHANGED)


class _Download:
    """A downloader for pooch that tries several times and goes on with the part that is there.

    `position` is the bar's at the file's first byte.
    """

    def __init__(self, file: File, part: Path, connection: Connection, bar: "tqdm[Any]", position: int) -> None:
        self.file, self.part, self.connection, self.bar, self.position = file, part, connection, bar, position
        self.in_parts = part.exists()

    def __call__(self, url: str, output_file: str, _pooch: object, check_only: bool = False) -> None:
        """Write the whole file to `output_file`; raises `_RefusalError`, and `OSError` for a full disk."""
        for wait in (*WAITS, None):
            try:
                self._go_on(url)
                break
            except _PassingError as error:
                if wait is None:
                    raise _RefusalError(f"{error}, {len(WAITS) + 1} times", _LATER) from None
                seconds = max(wait, error.wait)
                tell(f"{url}: {error}; trying again in {seconds:g} s")
                time.sleep(seconds)
        self.part.replace(output_file)

    def _go_on(self, url: str) -> None:
        """Ask for the bytes that are missing and append them."""
        done = self.part.stat().st_size if self.part.exists() else 0
        if done >= self.file.size:
            return  # the checksum decides
        try:
            with self.connection.ask(url, done) as answer:
                self._append(answer, self._start(answer, done))
        except requests.exceptions.SSLError as error:
            raise _RefusalError(f"no secure connection ({_words(error)})", "check network and clock") from None
        except requests.exceptions.Timeout:
            raise _PassingError(f"no answer within {TIMEOUT[1]:g} s") from None
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            if isinstance(_innermost(error), socket.gaierror):  # by far most often there is no network
                raise _RefusalError(f"its server is not known here ({_words(error)})", _NO_NETWORK) from None
            raise _PassingError(f"the connection failed ({_words(error)})") from None
        except requests.exceptions.RequestException as error:
            raise _RefusalError(f"cannot be fetched ({_words(error)})", _LATER) from None

    def _start(self, answer: requests.Response, done: int) -> int:
        """The position in the file that an answer starts from; raises for one that is not this file."""
        status, size = answer.status_code, self.file.size
        said = f"the server answered {status} {http.client.responses.get(status, '')}".rstrip()
        if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            asked = answer.headers.get("Retry-After", "")  # or a date, which no server here sends
            raise _PassingError(said, min(float(asked) if asked.isdecimal() else 0.0, MAX_WAIT))
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.unlink()
            raise _PassingError("the server has no such part")
        if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            raise _RefusalError(said, _BY_HAND)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise _RefusalError("a web page came instead of the file", _BY_HAND)
        start, range_ = 0, answer.headers.get("Content-Range", "")
        if status == HTTPStatus.PARTIAL_CONTENT:
            if range_ != f"bytes {done}-{size - 1}/{size}":
                self.part.unlink(missing_ok=True)
                raise _PassingError(f"the server sent another part ({range_!r})")
            start, self.in_parts = done, True
        length = answer.headers.get("Content-Length", str(size - start))
        if length != str(size - start):
            raise _RefusalError(f"{length!r} bytes are offered where {size - start} were published", _CHANGED)
        return start

    def _append(self, answer: requests.Response, start: int) -> None:
        size = self.file.size
        with self.part.open("r+b" if start else "wb") as file:
            file.seek(start)
            _jump(self.bar, self.position + start)
            for chunk in answer.iter_content(CHUNK):
                if file.tell() + len(chunk) > size:
                    self.part.unlink()
                    raise _RefusalError(f"more than the {size} bytes came that were published", _CHANGED)
                file.write(chunk)
                self.bar.update(len(chunk))
            if file.tell() < size:
                raise _PassingError("the connection ended early")


def _innermost(error: BaseException) -> BaseException:
    """What happened below all the layers that report it."""
    while error.__context__:
        error = error.__context__
    return error


def _words(error: BaseException) -> str:
    """The system's words for what happened."""
    error = _innermost(error)
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
