"""Input files are read within limits; output files appear whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from paretoscope.errors import DataError

_CHUNK = 1 << 20


def read_at_most(path: Path, largest: int, *, remedy: str) -> bytes:
    """Return a file's content; a device or a pipe, which may have no end, is read until it is too much.

    Raises
    ------
    DataError
        If the file holds more than `largest` bytes.
    OSError, ValueError
        As `Path.open`.
    """
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if stat.S_ISREG(status.st_mode) and status.st_size <= largest:
            return stream.read()
        parts, size = [], status.st_size if stat.S_ISREG(status.st_mode) else 0
        while size <= largest and (part := stream.read(_CHUNK)):
            parts.append(part)
            size += len(part)
    if size > largest:
        raise DataError(f"{path}: found more than {largest} bytes; expected at most {largest}; {remedy}")
    return b"".join(parts)


def check_destination(path: Path) -> None:
    """Raise DataError where no file can be written."""
    if not path.name or path.is_dir():
        raise DataError(f"{path}: found a folder; expected the name of a file to write")
    if not path.parent.is_dir():
        raise DataError(f"{path}: cannot be written (no such folder); expected a folder that exists and is writable")


@contextmanager
def write_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """Write beside the file and put it in its place once everything is on disk.

    Raises
    ------
    DataError
        If the folder does not exist or cannot be written to, the path is a folder, or the disk is full.
    """
    path = Path(path)
    check_destination(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror}); expected a folder that exists and is writable"
        ) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path}: could not be written whole ({error.strerror}); nothing was changed") from error
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
