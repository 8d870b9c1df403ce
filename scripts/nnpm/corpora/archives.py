"""Unpacking of zip archives, whose published checksums were verified before."""

import shutil
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

from nnpm.errors import InputError

#: What zipfile raises for a file that is not a zip, is cut short, is encrypted, or is compressed in an unknown way.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip into `folder`, replacing what an interrupted call left there.

    Raises `InputError` if the archive is damaged or names a path outside the folder, or if the disk is full; the folder
    is removed then.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if PureWindowsPath(name).anchor or ".." in PureWindowsPath(name).parts:  # Unix or Windows
                    raise InputError(f"{archive}: the name {name!r} points outside its folder; report it to the owner")
            opened.extractall(folder)
    except (OSError, *_DAMAGED) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            fault = f"cannot be unpacked into {folder} ({error.strerror}); solve this, then try again"
        else:
            words = " ".join(str(error).split()) or type(error).__name__
            fault = f"damaged or cut short ({words}); delete it and fetch it again"
        raise InputError(f"{archive}: {fault}") from None
