"""Downloads of openly published files over https, checked against a pinned checksum.

`requests` talks to servers, urllib3's `Retry` waits and retries, `pooch` computes checksums, `tqdm` draws the bar. This
module adds what they lack: several places per file, resuming an interrupted download, and refusing a web page or a
wrong size before it is stored.
"""

import logging
import sys
from pathlib import Path
from typing import Any, Self

import pooch
import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, RequestException
from tqdm import tqdm
from urllib3.exceptions import MaxRetryError, NameResolutionError
from urllib3.util import Retry

from nnpm.corpora.offers import File
from nnpm.errors import InputError

PLACES = ("https://",)  # how addresses and redirects must begin
TIMEOUT = (20.0, 60.0)  # seconds to connect, and between two pieces of an answer
#: Retries of a request; the first comes at once, the others after 2, 4 and 8 times `BACKOFF` seconds.
RETRIES, BACKOFF = 4, 2.0
PASSING = (408, 429, 500, 502, 503, 504)  # status codes that are retried
MAX_WAIT = 120  # seconds that a server may ask to wait
CHUNK = 2**18

_CHANGED = "its owner or somebody else has changed it; nothing was kept: report it"
_REMEDY = "check the network and its proxy, try again later (it resumes where it stopped), or fetch it by hand"

Connection = requests.Session


class _RefusalError(Exception):
    """Says why a place cannot give the file."""


class _Retry(Retry):
    """Logs each retry. Does not retry if the server's name is unknown, as without a network."""

    def increment(self, method: Any = None, url: Any = None, *given: Any, **what: Any) -> Self:
        """As `Retry.increment`."""
        error, response = what.get("error"), what.get("response")
        if isinstance(error, NameResolutionError):
            raise MaxRetryError(what["_pool"], url, error) from error
        further = super().increment(method, url, *given, **what)
        fault = f"the server answered {response.status}" if response else _words(error)
        tell(f"{what['_pool'].host}{url}: {fault}; trying again")
        return further


def connect() -> Connection:
    """Return a session that sends to `PLACES` only, and retries after faults that may pass."""
    retry = _Retry(RETRIES, other=0, status_forcelist=PASSING, raise_on_status=False)  # other: no secure connection
    retry = retry.new(backoff_factor=BACKOFF, retry_after_max=MAX_WAIT)
    session = requests.Session()
    session.adapters.clear()
    for place in PLACES:
        session.mount(place, HTTPAdapter(max_retries=retry))
    # Compression would change the size, and the positions that a range refers to.
    session.headers["Accept-Encoding"] = "identity"
    return session


def tell(text: str) -> None:
    """Write `text` to the log and to the terminal, above a progress bar."""
    logging.info("%s", text)
    tqdm.write(text, file=sys.stderr)


def fetch(file: File, path: Path, connection: Connection, bar: "tqdm[Any]") -> str:
    """Fetch the file to `path` unless it is there; only a complete file with its checksum gets that name.

    The places are tried in order. Each resumes where the last one, or an interrupted call, stopped. Returns the address
    that gave the file; raises `InputError` if none did, or if the disk is full or read-only.
    """
    begun, faults = int(bar.n), {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for url in file.urls:
            try:
                if not (path.exists() and _is_right(path, file)):
                    part = path.with_name(f".{path.name}.part")
                    _complete(part, file, url, connection, bar, begun)
                    part.replace(path)
                bar.n = bar.last_print_n = begun + file.size
                return url
            except _RefusalError as fault:
                faults[url] = fault
                if len(faults) < len(file.urls):
                    tell(f"{url}: {fault}; trying the next place")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); solve this, then try again") from None
    told = ", ".join(f"{url}: {fault}" for url, fault in faults.items())
    raise InputError(f"{path.name} could not be fetched, {told}; {_REMEDY}")


def _complete(part: Path, file: File, url: str, connection: Connection, bar: "tqdm[Any]", begun: int) -> None:
    """Fetch the bytes that `part` lacks; starts again if the checksum is wrong, as with pieces of two versions."""
    for _ in range(RETRIES + 1):
        done = part.stat().st_size if part.exists() else 0
        bar.n = bar.last_print_n = begun + done  # not counted in the rate
        try:
            if done < file.size:
                asked = {"Range": f"bytes={done}-"} if done else {}
                with connection.get(url, headers=asked, stream=True, timeout=TIMEOUT) as answer:
                    _append(part, file.size, done, answer, bar)
            if _is_right(part, file):
                return
            part.unlink()
            fault = f"the content does not have the checksum {file.checksum}, {_CHANGED}"
            if not done:
                break
        except InvalidSchema as error:
            raise _RefusalError(f"leads to an address without https ({error}); nothing fetched: report it") from None
        except RequestException as error:
            fault = f"the connection failed ({_words(error)})"
            if isinstance(error.args[0], MaxRetryError):  # `_Retry` has tried again
                break
        tell(f"{url}: {fault}; trying again")
    raise _RefusalError(fault)


def _append(part: Path, size: int, done: int, answer: requests.Response, bar: "tqdm[Any]") -> None:
    """Write an answer's bytes after the `done` ones, or from the start if it is the whole file."""
    start = done if answer.status_code == 206 else 0
    length = answer.headers.get("Content-Length", str(size - start))
    if answer.status_code not in (200, 206):
        raise _RefusalError(f"the server answered {answer.status_code} {answer.reason}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise _RefusalError("a web page came instead of the file")
    if length != str(size - start):
        raise _RefusalError(f"{length!r} bytes are offered, but {size - start} were published, {_CHANGED}")
    bar.n = bar.last_print_n = bar.n - done + start
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        for chunk in answer.iter_content(CHUNK):
            if stream.tell() + len(chunk) > size:
                part.unlink()
                raise _RefusalError(f"more than the published {size} bytes came, {_CHANGED}")
            stream.write(chunk)
            bar.update(len(chunk))


def _is_right(path: Path, file: File) -> bool:
    algorithm, _, digest = file.checksum.partition(":")
    return bool(pooch.file_hash(str(path), alg=algorithm) == digest)


def _words(error: Any) -> str:
    """The system's own message, from the innermost error."""
    while error.__context__:
        error = error.__context__
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
