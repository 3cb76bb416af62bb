"""The arrays of an .npz file from a stranger: read within the file's own size, or refused.

NumPy's own reader believes what a file declares.  Here everything declared is compared with the size of the file before
any room is made for it, and a member is never read beyond what it declared.
"""

from __future__ import annotations

import math
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from paretoscope.errors import DataError, quote

_INFLATION: Final = 10  # a compressed member may hold so many times the bytes of its file
_SMALL: Final = 1 << 26  # bytes; up to here, inflation does no harm
_CHUNK: Final = 1 << 20  # bytes read at once; the directory of a few members is shorter
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # no others are inflated piece by piece
_PREFIX: Final = b"\x93NUMPY\x01\x00"
_DESCRIPTION: Final = re.compile(
    rb"\{'descr': '([^']{1,20})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,18}, ?)*(?:\d{1,18})?)\), \} *\n"
)
# What `zipfile` raises on damaged files.
_UNREADABLE: Final = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
)


def read_arrays(path: Path, wanted: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Read the arrays of an .npz file, which holds these and no others.

    Parameters
    ----------
    path : Path
    wanted : mapping from str to str
        The type of each array, as NumPy writes it, such as ``"<f8"``.

    Returns
    -------
    dict from str to ndarray
        In C order, of any shape.

    Raises
    ------
    DataError
        If the file is missing, is no .npz file, is damaged or encrypted, or holds other arrays, or far more than its
        size.
    """
    try:
        # A pipe would be waited for, and a device may have no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refusal(path, "something that is no file on a disk", "a file written with --save")
        with path.open("rb") as stream, zipfile.ZipFile(_Sipped(stream)) as archive:
            members = _members(path, archive, wanted, os.fstat(stream.fileno()).st_size)
            return {name: _read_array(path, archive, members[name], name, kind) for name, kind in wanted.items()}
    except FileNotFoundError:
        raise _refusal(path, "no such file", "a result written with --save or EfficiencyDraws.save") from None
    except DataError:
        raise
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise _refusal(path, f"no saved result ({quote(reason)})", "a file written with --save") from error


def _refusal(path: Path, found: str, expected: str) -> DataError:
    return DataError(f"{path}: found {found}; expected {expected}; save it again")


class _Sipped:
    """A stream that gives no more than a chunk at once, since `zipfile` reads a whole directory, however long."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(min(size, _CHUNK + 1) if size >= 0 else _CHUNK + 1)
        if len(content) > _CHUNK:
            raise zipfile.BadZipFile("a directory of more than a megabyte")
        return content


def _members(path: Path, archive: zipfile.ZipFile, wanted: Mapping[str, str], size: int) -> dict[str, zipfile.ZipInfo]:
    """The members that hold the wanted arrays, none of them read yet."""
    found = archive.infolist()
    if sorted(member.filename for member in found) != sorted(f"{name}.npy" for name in wanted):
        shown = ", ".join(quote(member.filename) for member in found[:4]) + (", ..." if len(found) > 4 else "")
        raise _refusal(path, f"no saved result: members {shown or 'none'}", f"{', '.join(wanted)}, each once")
    for member in found:
        if member.flag_bits & _ENCRYPTED:
            raise _refusal(path, f"no saved result: member {member.filename} is encrypted", "it readable")
        if member.compress_type not in _METHODS:
            raise _refusal(path, f"no saved result: member {member.filename} is packed in a rare way", "it as it was")
    declared = sum(member.file_size for member in found)
    if declared > max(_INFLATION * size, _SMALL):
        raise _refusal(path, f"{declared} bytes declared in {size}", f"at most {_INFLATION} times as many")
    return {member.filename.removesuffix(".npy"): member for member in found}


def _read_array(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, kind: str) -> NDArray[Any]:
    with archive.open(member) as stream:
        prefix = stream.read(len(_PREFIX) + 2)
        length = int.from_bytes(prefix[len(_PREFIX) :], "little")
        description = _DESCRIPTION.fullmatch(stream.read(length))
        if not prefix.startswith(_PREFIX) or description is None:
            raise _refusal(path, f"no saved result: {name} is no plain array", f"an array of type {kind}")
        found, fortran, sizes = description.group(1).decode("latin-1"), description.group(2), description.group(3)
        shape = tuple(int(part) for part in sizes.split(b",") if part.strip())
        if found != kind or (fortran == b"True" and len(shape) > 1):
            order = " in Fortran's order" if fortran == b"True" else ""
            raise _refusal(path, f"{name} of type {quote(found)}{order}", f"type {kind!r}, row by row")
        dtype = np.dtype(kind)
        n_bytes = math.prod(shape) * dtype.itemsize
        if len(prefix) + length + n_bytes != member.file_size:
            n_stored = member.file_size - len(prefix) - length
            raise _refusal(path, f"{name} of shape {quote(str(shape))} in {n_stored} bytes", f"{n_bytes} bytes")
        values = np.empty(math.prod(shape), dtype)
        room, position = values.view(np.uint8), 0
        while position < n_bytes and (chunk := stream.read(_CHUNK)):
            room[position : position + len(chunk)] = np.frombuffer(chunk, np.uint8)
            position += len(chunk)
        if position < n_bytes:
            raise _refusal(path, f"{position} of {n_bytes} bytes of {name}", "all of them")
    return values.reshape(shape)
