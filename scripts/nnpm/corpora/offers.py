"""What a corpus's owner offers for download: where it lies, how large it is and which checksum it must have.

A checksum is the owner's, such as "md5:bc69..."; it is also what makes a mirror as good as the owner's own place.
Adapters state all this while the workflow is being planned, so it stays with the standard library.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class File:
    """One file of `size` bytes, the same at each of the `urls`, which are tried in that order."""

    urls: tuple[str, ...]
    checksum: str
    size: int

    @property
    def name(self) -> str:
        """What the owner calls the file."""
        return Path(urlsplit(self.urls[0]).path).name


@dataclass(frozen=True)
class Archive(File):
    """A file to be unpacked.

    `folder` is where its files belong below the corpus's folder, "" for there itself. `around` names a folder that the
    archive may have around all its files and that is left away; "" if it has none.
    """

    folder: str = ""
    around: str = ""


@dataclass(frozen=True)
class Listing:
    """Files that are published one by one: below each of the `bases` as below the corpus's folder.

    `table` is a CSV file of path, bytes and SHA-256; `size` is the sum of its bytes.
    """

    bases: tuple[str, ...]
    table: Path
    size: int

    def files(self) -> dict[str, File]:
        """Each file by its path below the corpus's folder."""
        with self.table.open(encoding="ascii", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return {row["path"]: self._file(row["path"], row["sha256"], int(row["bytes"])) for row in rows}

    def _file(self, path: str, sha256: str, size: int) -> File:
        return File(tuple(base + quote(path) for base in self.bases), f"sha256:{sha256}", size)


Offer = tuple[Archive, ...] | Listing


def total(offer: Offer) -> int:
    """Bytes to be fetched."""
    return offer.size if isinstance(offer, Listing) else sum(archive.size for archive in offer)
