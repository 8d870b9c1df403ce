"""Zip archives, each of them checked against its published checksum before it comes here."""

import shutil
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

from nnpm.errors import InputError

#: What zipfile raises for a file that is no zip, is cut short, is encrypted, or is packed in a way unknown to it.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip into `folder`, in place of what an interrupted call left there.

    Raises `InputError` for an archive that is damaged or names a path outside the folder, and for a full disk; nothing
    of the folder is left then.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if PureWindowsPath(name).anchor or ".." in PureWindowsPath(name).parts:  # of any system's paths
                    raise InputError(f"{archive}: the name {name!r} leads out of its folder; report it to the owner")
            opened.extractall(folder)
    except (OSError, *_DAMAGED) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            fault = f"cannot be unpacked into {folder} ({error.strerror}); mend that and try again"
        else:
            words = " ".join(str(error).split()) or type(error).__name__
            fault = f"damaged or cut short ({words}); delete it and fetch it again"
        raise InputError(f"{archive}: {fault}") from None
