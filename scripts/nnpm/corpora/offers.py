"""What a corpus's owner offers for download: its addresses, size and checksum.

A checksum is the owner's, such as "md5:bc69..."; with it, a mirror is as good as the owner's own place. Adapters are
imported while the workflow is planned, so this uses the standard library only.
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
        """The owner's name for the file."""
        return Path(urlsplit(self.urls[0]).path).name


@dataclass(frozen=True)
class Archive(File):
    """A file to be unpacked.

    `folder` is where its files belong, below the corpus's folder; "" for that folder itself. `around` is a folder that
    may enclose all files of the archive, and is removed; "" if there is none.
    """

    folder: str = ""
    around: str = ""


@dataclass(frozen=True)
class Listing:
    """Files published one by one, with the same paths below each of the `bases` as below the corpus's folder.

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
