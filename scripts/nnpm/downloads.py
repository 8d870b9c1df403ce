"""Corpora whose owners publish them for everyone, fetched over https and checked against the published checksum.

Only an adapter that names an archive (`Corpus.archive`) is fetched from; what a licence form or a request protects is
never touched.
"""

import http.client
import ipaddress
import logging
import shutil
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pooch
import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm

from nnpm import corpora
from nnpm.archives import unpack
from nnpm.corpora.base import Archive, Corpus
from nnpm.errors import InputError

#: Seconds until a server must have taken the connection, and between two pieces of an answer.
TIMEOUT = (20.0, 60.0)
#: Seconds before each further try.
WAITS = (2.0, 10.0, 30.0)
CHUNK = 2**18

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class _PassingError(Exception):
    """What may be gone at the next try."""


def fetch_missing(wanted: Iterable[Corpus], corpora_dir: Path) -> list[str]:
    """Fetch the absent corpora that are offered into their folders; returns the names of those that are not offered.

    Raises `InputError` if a file cannot be had or is not what was published, and if nothing that is absent is offered.
    """
    absent = []
    for corpus in wanted:
        if corpora.missing({corpus.name: corpus}, corpora_dir):
            absent.append(corpus)
        else:  # what a call left that was killed after it had unpacked
            shutil.rmtree(_downloads(corpus, corpora_dir), ignore_errors=True)
    others = [corpus.name for corpus in absent if corpus.archive is None]
    if others and len(others) == len(absent):
        raise InputError(f"{', '.join(others)}: not offered for download; a run of anything else says where to ask")
    for corpus in absent:
        if corpus.archive is not None:
            _fetch_corpus(corpus, corpus.archive, corpora_dir)
    return others


def _fetch_corpus(corpus: Corpus, archive: Archive, corpora_dir: Path) -> None:
    folder, downloads = corpus.place(corpora_dir), _downloads(corpus, corpora_dir)
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise InputError(f"{folder}: is there already, without what the corpus needs; move it away, then fetch again")
    unpack(fetch(archive, downloads), folder)
    shutil.rmtree(downloads)
    logging.info("%s: fetched from %s", corpus.name, archive.url)


def _downloads(corpus: Corpus, corpora_dir: Path) -> Path:
    return corpora_dir / f".{corpus.name}.download"


def fetch(archive: Archive, folder: Path) -> Path:
    """The file in `folder`, fetched unless it is there; it has its name only when it is whole and has its checksum.

    It goes on where an interrupted call stopped. A wrong whole, such as the begin of one version with the end of
    another, is deleted and fetched anew, once.
    """
    name = Path(urlsplit(archive.url).path).name
    download = _Download(archive, folder / f".{name}.part")
    try:
        for last in (False, True):
            try:
                pooch.retrieve(archive.url, archive.checksum, fname=name, path=folder, downloader=download)
                break
            except ValueError:  # pooch's word for a wrong checksum; it has deleted the file
                if last:
                    raise _fault(archive, f"what came has not the checksum {archive.checksum}", _CHANGED) from None
    except OSError as error:
        raise InputError(f"{folder}: {name} cannot be written ({error.strerror}); mend that and try again") from None
    return folder / name


_CHANGED = "its owner has changed it or somebody else did, nothing was kept: report it"
_LATER = "try again later, it goes on where it stopped"
_BY_HAND = "try again later, or fetch it by hand"


def _fault(archive: Archive, fault: str, remedy: str) -> InputError:
    return InputError(f"{archive.url}: {fault}; {remedy}")


def _words(error: BaseException) -> str:
    """What happened below all the layers that report it."""
    while error.__context__:
        error = error.__context__
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__


class _Download:
    """A downloader for pooch that tries several times and goes on with the part that is there."""

    def __init__(self, archive: Archive, part: Path) -> None:
        self.archive, self.part = archive, part

    def __call__(self, url: str, output_file: str, _pooch: object, check_only: bool = False) -> None:
        """Write the whole file to `output_file`; raises `InputError`, and `OSError` for a full disk."""
        for wait in (*WAITS, None):
            try:
                self._go_on()
                break
            except _PassingError as error:
                if wait is None:
                    raise _fault(self.archive, f"{error}, {len(WAITS) + 1} times", _LATER) from None
                logging.info("%s: %s; trying again in %g s", url, error, wait)
                time.sleep(wait)
        self.part.replace(output_file)

    def _go_on(self) -> None:
        """Ask for the bytes that are missing and append them."""
        done = self.part.stat().st_size if self.part.exists() else 0
        if done >= self.archive.size:
            return  # the checksum decides
        # Compressed on the way, it would have neither the size nor the positions that a range means.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
        try:
            with _session(self.archive) as session:
                request = session.get(self.archive.url, headers=headers, stream=True, timeout=TIMEOUT)
                with request as answer:
                    self._append(answer, self._start(answer, done))
        except requests.exceptions.SSLError as error:
            raise _fault(self.archive, f"no secure connection ({_words(error)})", "check network and clock") from None
        except requests.exceptions.Timeout:
            raise _PassingError(f"no answer within {TIMEOUT[1]:g} s") from None
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise _PassingError(f"the connection failed ({_words(error)})") from None
        except requests.exceptions.RequestException as error:
            raise _fault(self.archive, f"cannot be fetched ({_words(error)})", _LATER) from None

    def _start(self, answer: requests.Response, done: int) -> int:
        """The position in the file that an answer starts from; raises for one that is not this file."""
        status = answer.status_code
        said = f"the server answered {status} {http.client.responses.get(status, '')}".rstrip()
        if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _PassingError(said)
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.unlink()
            raise _PassingError("the server has no such part")
        if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            raise _fault(
                self.archive, f"the server answered {status} {answer.reason}", "try later, or fetch it by hand"
            )
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise _fault(self.archive, "a web page came instead of the file", _BY_HAND)
        size = self.archive.size
        start, range_ = 0, answer.headers.get("Content-Range", "")
        if status == HTTPStatus.PARTIAL_CONTENT:
            if range_ != f"bytes {done}-{size - 1}/{size}":
                self.part.unlink(missing_ok=True)
                raise _PassingError(f"the server sent another part ({range_!r})")
            start = done
        length = answer.headers.get("Content-Length", str(size - start))
        if length != str(size - start):
            raise _fault(self.archive, f"{length!r} bytes are offered where {size - start} were published", _CHANGED)
        return start

    def _append(self, answer: requests.Response, start: int) -> None:
        size = self.archive.size
        bar = tqdm(total=size, initial=start, unit="B", unit_scale=True, disable=None, leave=False)
        with bar, self.part.open("r+b" if start else "wb") as file:
            file.seek(start)
            for chunk in answer.iter_content(CHUNK):
                if file.tell() + len(chunk) > size:
                    self.part.unlink()
                    raise _fault(self.archive, f"more than the {size} bytes came that were published", _CHANGED)
                file.write(chunk)
                bar.update(len(chunk))
            if file.tell() < size:
                raise _PassingError("the connection ended early")


class _HttpsOnly(HTTPAdapter):
    """Sends to https alone, redirects included; a loopback host, which tests use, may redirect to another one."""

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.archive = archive

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """As `HTTPAdapter.send`."""
        url = str(request.url)
        among_loopback = _is_loopback(self.archive.url) and _is_loopback(url)
        if urlsplit(url).scheme != "https" and not among_loopback:
            raise _fault(self.archive, f"leads to {url}, which is not https", "nothing was fetched, report it")
        return super().send(request, *args, **options)


def _is_loopback(url: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False


def _session(archive: Archive) -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _HttpsOnly(archive))
    return session
