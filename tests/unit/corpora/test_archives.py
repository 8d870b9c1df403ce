"""An archive of anyone is unpacked whole and inside its folder, or refused in one line with nothing left."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnpm.corpora import archives
from nnpm.corpora.archives import unpack
from nnpm.errors import InputError

FILES = {"Actor_01/03-01.wav": os.urandom(3000), "Actor_02/süß.wav": b"RIFF" * 100, "README": b""}
FORMATS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def write(path: Path, files: dict[str, bytes]) -> Path:
    """An archive of these files, in the format that its name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in files.items():
                opened.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    else:
        kind = {".gz": "gz", ".tgz": "gz", ".bz2": "bz2", ".xz": "xz"}.get(path.suffix, "")
        with tarfile.open(path, f"w:{kind}") as opened:
            for name, content in files.items():
                add(opened, name, content=content)
    return path


def add(opened: tarfile.TarFile, name: str, content: bytes = b"", **fields: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    opened.addfile(info, io.BytesIO(content))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refuses(archive: Path, *words: str) -> None:
    """One line that names the archive; neither the folder nor anything else has appeared."""
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        unpack(archive, archive.parent / "out")
    line = str(caught.value)
    assert line.startswith(f"{archive}: ") and "\n" not in line
    for word in words:
        assert word in line
    assert sorted(archive.parent.rglob("*")) == before


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_was_packed_is_unpacked(tmp_path: Path, suffix: str) -> None:
    archive = write(tmp_path / f"corpus{suffix}", FILES)
    (tmp_path / "new").mkdir()  # an empty folder is as good as none
    unpack(archive, tmp_path / "new")
    assert tree(tmp_path / "new") == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == [archive.name, "new"]


def test_a_folder_that_tar_packed_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / "inner.tar", FILES)
    with tarfile.open(tmp_path / "corpus.tar", "w") as opened:
        opened.add(tmp_path / "inner.tar", "./inner.tar")
        add(opened, "./", type=tarfile.DIRTYPE)
        add(opened, "./folder/", type=tarfile.DIRTYPE, mode=0)
    unpack(tmp_path / "corpus.tar", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["folder", "inner.tar"]
    assert os.access(tmp_path / "out" / "folder", os.R_OK | os.X_OK), "modes come from the user, not from the archive"


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
@pytest.mark.parametrize(
    "name",
    [
        *("../out.wav", "a/../../out.wav", "a/..", "/tmp/out.wav", "//host/share/out.wav"),
        *("C:\\out.wav", "C:out.wav", "..\\out.wav", "a\\b.wav"),
        *("a\nb.wav", "a\x1b[2Jb.wav", "a/" * 30 + "b.wav"),
    ],
)
def test_names_that_lead_out_or_deceive(tmp_path: Path, suffix: str, name: str) -> None:
    refuses(write(tmp_path / f"corpus{suffix}", {"first.wav": b"1", name: b"2"}), "refused")


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("a.wav", "A.wav"), ("s\u00fc.wav", "su\u0308.wav"), ("strasse", "stra\u00dfe"), ("a/b.wav", "a/./b.wav")),
        *(("a", "a/b.wav"), ("a/b.wav", "a"), ("a/b.wav", "A/c.wav")),
    ],
)
def test_names_that_are_one_somewhere(tmp_path: Path, suffix: str, first: str, second: str) -> None:
    refuses(write(tmp_path / f"corpus{suffix}", {first: b"1", second: b"2"}), "used twice")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as opened:
        opened.writestr("a.wav", "1")
        opened.writestr("a.wav", "2")
    refuses(tmp_path / "corpus.zip", "'a.wav'", "used twice")


LINKS = {
    "symbolic link": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
    "link inside": {"type": tarfile.SYMTYPE, "linkname": "first.wav"},
    "hard link": {"type": tarfile.LNKTYPE, "linkname": "first.wav"},
    "device": {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5},
    "pipe": {"type": tarfile.FIFOTYPE},
}


@pytest.mark.parametrize("kind", LINKS)
def test_tar_members_that_are_no_plain_files(tmp_path: Path, kind: str) -> None:
    with tarfile.open(tmp_path / "corpus.tar", "w") as opened:
        add(opened, "first.wav", b"1")
        add(opened, "second.wav", **LINKS[kind])
    refuses(tmp_path / "corpus.tar", "refused", "'second.wav'", "link")


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o010666])
def test_zip_members_that_are_no_plain_files(tmp_path: Path, mode: int) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as opened:
        info = zipfile.ZipInfo("link.wav")
        info.external_attr = mode << 16
        opened.writestr(info, "/etc/passwd")
    refuses(tmp_path / "corpus.zip", "refused", "link")


def test_an_encrypted_member(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "corpus.zip", {"a.wav": b"1"}).read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    (tmp_path / "corpus.zip").write_bytes(content)
    refuses(tmp_path / "corpus.zip", "encrypted")


# --- Bombs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tar.bz2", ".tar.xz"])
def test_a_bomb_of_one_file(tmp_path: Path, suffix: str) -> None:
    refuses(write(tmp_path / f"corpus{suffix}", {"a.wav": bytes(30_000_000)}), "refused", "100 times its size")


def test_more_bytes_in_all_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write(tmp_path / "corpus.zip", {f"{number}.wav": os.urandom(1000) for number in range(11)})
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    refuses(archive, "more than 10,000 bytes")


def test_more_members_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    unpack(write(tmp_path / "ten.zip", {f"{number}.wav": b"1" for number in range(10)}), tmp_path / "ten")
    refuses(write(tmp_path / "eleven.zip", {f"{number}.wav": b"1" for number in range(11)}), "more than 10 members")


def test_a_size_that_lies_does_not_count(tmp_path: Path) -> None:
    """A zip whose directory says that ten million zeros are one byte: what is read decides, and the sum is wrong."""
    archive = write(tmp_path / "corpus.zip", {"a.wav": bytes(10_000_000)})
    content = bytearray(archive.read_bytes())
    for signature, sizes in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(signature) + sizes
        content[place : place + 4] = (1).to_bytes(4, "little")
    archive.write_bytes(content)
    refuses(archive)


def test_a_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "corpus.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as opened:
        info = tarfile.TarInfo("a.wav")
        info.pax_headers = {"comment": "x" * 20_000_000}
        opened.addfile(info)
    refuses(tmp_path / "corpus.tar.gz", "refused")


def test_a_header_of_negative_size(tmp_path: Path) -> None:
    """It would let the reader go round in circles."""
    info = tarfile.TarInfo("folder")
    info.type = tarfile.XHDTYPE
    info.size = -1024
    (tmp_path / "corpus.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    refuses(tmp_path / "corpus.tar")


# --- Damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_cut_short(tmp_path: Path, suffix: str) -> None:
    archive = write(tmp_path / f"corpus{suffix}", FILES)
    content = archive.read_bytes()
    end_of_first_file = [512 + 3072] if suffix == ".tar" else []
    for size in (0, 1, len(content) // 2, *end_of_first_file):
        archive.write_bytes(content[:size])
        refuses(archive, "damaged or cut short", "fetch it again")


@pytest.mark.parametrize("suffix", FORMATS)
def test_not_an_archive(tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"corpus{suffix}"
    archive.write_text("<html>503 Service Unavailable</html>" * 100, encoding="utf-8")
    refuses(archive, "damaged or cut short")


def test_a_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    archive = write(tmp_path / "corpus.tar", FILES)
    content = bytearray(archive.read_bytes())
    content[content.rindex(b"README")] ^= 1
    archive.write_bytes(content)
    refuses(archive, "damaged")


def test_an_unknown_format(tmp_path: Path) -> None:
    (tmp_path / "corpus.rar").write_bytes(b"Rar!")
    refuses(tmp_path / "corpus.rar", "neither .zip nor .tar", "by hand")


def test_no_such_archive(tmp_path: Path) -> None:
    refuses(tmp_path / "corpus.zip", "No such file")


# --- Whole or not at all ----------------------------------------------------------------------------------------------


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    archive = write(tmp_path / "corpus.zip", FILES)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.wav").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"is not empty; move it away"):
        unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {"mine.wav": b"mine"}


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    archive = write(tmp_path / "corpus.zip", {f"{number}.wav": os.urandom(200) for number in range(20_000)})
    code = "import sys; from pathlib import Path; from nnpm.archives import unpack; unpack(*map(Path, sys.argv[1:]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(archive), str(tmp_path / "out")], env=with_library())
    while not (tmp_path / ".out.part" / "100.wav").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / ".out.part").exists() and not (tmp_path / "out").exists()
    write(archive, FILES)
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES and not (tmp_path / ".out.part").exists()


def with_library() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(archives.__file__).parents[2])}


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write(tmp_path / "corpus.zip", FILES)

    def full(*_: object, **__: object) -> Iterator[None]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    refuses(archive, "No space left on device")
