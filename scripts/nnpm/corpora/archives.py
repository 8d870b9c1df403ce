"""Archives of others, unpacked without trust in what they say of themselves.

An archive names its files and their sizes as it likes. What leaves the folder, is no plain file, would be written
twice or grows without end is refused, and a folder appears whole or not at all.
"""

import bz2
import gzip
import lzma
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, NamedTuple, cast

from nnpm.errors import CONTROL, InputError

#: Files and folders of one archive; the largest corpus has about ten thousand.
MAX_MEMBERS = 100_000
#: Folders above one file, its own name included.
MAX_DEPTH = 20
#: Bytes that one archive may unpack to, far more than a corpus of speech.
MAX_BYTES = 32 * 2**30
#: Unpacked bytes a byte of the archive; speech has two or three, the densest deflate a thousand.
MAX_RATIO = 100
#: Bytes at once, which also bounds the headers of a tar: its reader takes a header whole into memory.
CHUNK = 2**20

_TARS = {".tar": open, ".gz": gzip.open, ".tgz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_CORRUPT = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, ValueError, OverflowError, NotImplementedError, struct.error),
)


class _Member(NamedTuple):
    """A file, or a folder, whose stream is None."""

    name: str
    stream: IO[bytes] | None


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .zip, .tar, .tar.gz, .tgz, .tar.bz2 or .tar.xz into `folder`, which must be new or empty.

    Raises `InputError` for an archive that is damaged or that is refused (the limits are above). `folder` is then as
    it was; what a killed process leaves in its temporary sibling is removed by the next one.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; move it away, then unpack {archive} again")
    try:
        allowed = min(MAX_BYTES, MAX_RATIO * archive.stat().st_size)
        with _replacing_folder(folder) as temporary:
            _write(archive, temporary, allowed)
    except (*_CORRUPT, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # without a number it is gzip's or bz2's complaint
            fault = f"cannot be unpacked into {folder} ({error.strerror}); mend that and try again"
        else:
            fault = f"damaged or cut short ({_words(error)}); delete it and fetch it again"
        raise InputError(f"{archive}: {fault}") from None


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _replacing_folder(folder: Path) -> Iterator[Path]:
    """A temporary sibling that becomes `folder` if the block ends without an exception."""
    temporary = folder.with_name(f".{folder.name}.part")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if temporary.exists():
        shutil.rmtree(temporary)
    temporary.mkdir()
    try:
        yield temporary
        if folder.is_dir():
            folder.rmdir()  # empty, and Windows replaces no folder
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(archive: Path, folder: Path, allowed: int) -> None:
    names = _Names(archive)
    members = _zip_members(archive) if archive.suffix.lower() == ".zip" else _tar_members(archive, allowed)
    written = 0
    for number, member in enumerate(members):
        if number == MAX_MEMBERS:
            raise _refused(archive, f"more than {MAX_MEMBERS:,} members")
        path = folder / names.add(member)
        if member.stream is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with member.stream as stream, path.open("xb") as file:
            while chunk := stream.read(CHUNK):
                written += len(chunk)
                if written > allowed:
                    raise _too_large(archive)
                file.write(chunk)


def _refused(archive: Path, fault: str) -> InputError:
    return InputError(f"{archive}: refused, {fault}; nothing was unpacked, get the archive from its owner")


def _too_large(archive: Path) -> InputError:
    return _refused(archive, f"it unpacks to more than {MAX_BYTES:,} bytes or {MAX_RATIO} times its size")


class _Names:
    """The names so far, so that none leaves the folder and no two are one on any file system."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.spellings: dict[str, str] = {}
        self.files: set[str] = set()

    def add(self, member: _Member) -> PurePosixPath:
        """The member's path below the folder; raises `InputError` if it is no such path."""
        name, path, as_windows = member.name, PurePosixPath(member.name), PureWindowsPath(member.name)
        if as_windows.anchor or ".." in as_windows.parts or "\\" in name:
            raise _refused(self.archive, f"the name {name!r} leads out of its folder")
        if CONTROL.search(name):
            raise _refused(self.archive, f"the name {name!r} holds control characters")
        if len(path.parts) > MAX_DEPTH:
            raise _refused(self.archive, f"a name is more than {MAX_DEPTH} folders deep")
        for above in [*path.parents][-2::-1]:
            self._take(above, is_file=False)
        self._take(path, is_file=member.stream is not None)
        return path

    def _take(self, path: PurePosixPath, *, is_file: bool) -> None:
        spelling = path.as_posix()
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", spelling).casefold())
        seen = key in self.spellings
        other = self.spellings.setdefault(key, spelling)
        if other != spelling or key in self.files or (is_file and seen):
            raise _refused(self.archive, f"the name {spelling!r} is used twice (or is {other!r} in other letters)")
        if is_file:
            self.files.add(key)


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive was not made on Unix
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refused(archive, f"{info.filename!r} is a link or a device")
            if info.flag_bits & 1:
                raise _refused(archive, f"{info.filename!r} is encrypted")
            yield _Member(info.filename, None if info.is_dir() else opened.open(info))


def _tar_members(archive: Path, allowed: int) -> Iterator[_Member]:
    if archive.suffix.lower() not in _TARS:
        raise InputError(f"{archive}: neither .zip nor {', '.join(_TARS)}; unpack it by hand")
    with cast(Any, _TARS[archive.suffix.lower()])(archive, "rb") as plain:
        bounded = _Bounded(plain, archive, allowed)
        with tarfile.open(fileobj=cast(IO[bytes], bounded), mode="r:") as opened:
            headers = cast(Any, opened).members
            while info := opened.next():
                if not (info.isreg() or info.isdir()) or info.issparse():
                    raise _refused(archive, f"{info.name!r} is a link, a device or a sparse file")
                try:
                    tarfile.data_filter(info, "/")  # the standard library's own judgement
                except tarfile.FilterError as error:
                    raise _refused(archive, _words(error)) from None
                yield _Member(info.name, None if info.isdir() else opened.extractfile(info))
                headers.clear()  # it would keep all of them
            bounded.seek(opened.offset)
            if bounded.read(tarfile.BLOCKSIZE) != bytes(
                tarfile.BLOCKSIZE
            ):  # tarfile takes a damaged header for the end
                raise tarfile.ReadError("a header is missing or damaged")


class _Bounded:
    """What tarfile reads through: neither more in all than `allowed`, headers included, nor a large piece at once."""

    def __init__(self, file: IO[bytes], archive: Path, allowed: int) -> None:
        self.file, self.archive = file, archive
        self.allowed = allowed + CHUNK  # a tar of small files is larger than they are

    def tell(self) -> int:
        return self.file.tell()

    def seek(self, offset: int) -> int:
        if offset > self.allowed:
            raise _too_large(self.archive)
        return self.file.seek(offset)

    def read(self, size: int) -> bytes:
        if not 0 <= size <= CHUNK or self.tell() + size > self.allowed:
            raise _too_large(self.archive)
        return self.file.read(size)
