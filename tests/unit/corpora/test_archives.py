"""A zip is unpacked whole and inside its folder, or refused in one line with nothing left."""

import os
import zipfile
from pathlib import Path

import pytest

from nnpm.corpora.archives import unpack
from nnpm.errors import InputError

FILES = {"Actor_01/03-01.wav": os.urandom(3000), "Actor_02/süß.wav": b"RIFF" * 100, "README": b""}


def write(path: Path, files: dict[str, bytes]) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write(tmp_path / "corpus.zip", FILES)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refuses(archive: Path, *words: str) -> None:
    """One line that names the archive; nothing has appeared."""
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        unpack(archive, archive.parent / "out")
    line = str(caught.value)
    assert line.startswith(f"{archive}: ") and "\n" not in line
    for word in words:
        assert word in line
    assert sorted(archive.parent.rglob("*")) == before


def test_what_was_packed_is_unpacked_in_place_of_what_a_killed_call_left(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "half.wav").touch()
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES


@pytest.mark.parametrize("name", ["../out.wav", "a/../../out.wav", "/tmp/out.wav", "C:out.wav", "..\\out.wav"])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    refuses(write(tmp_path / "corpus.zip", {"first.wav": b"1", name: b"2"}), "points outside its folder")


def test_a_link_is_a_file_with_its_target_as_text(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as opened:
        info = zipfile.ZipInfo("link.wav")
        info.external_attr = 0o120777 << 16
        opened.writestr(info, "/etc/passwd")
    unpack(tmp_path / "corpus.zip", tmp_path / "out")
    assert not (tmp_path / "out" / "link.wav").is_symlink() and tree(tmp_path / "out") == {"link.wav": b"/etc/passwd"}


def test_damage(archive: Path) -> None:
    content = archive.read_bytes()
    flipped, encrypted = bytearray(content), bytearray(content)
    flipped[100] ^= 255
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[content.index(signature) + flags] |= 1
    for damaged in (b"", content[:1], content[: len(content) // 2], b"<html>503</html>" * 100, flipped, encrypted):
        archive.write_bytes(damaged)
        refuses(archive, "damaged or cut short", "fetch it again")


def test_a_full_disk(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    refuses(archive, "No space left on device")
