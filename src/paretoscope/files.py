"""Input files are read within limits; output files appear whole or not at all, streams and devices are written to."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from paretoscope.errors import DataError

_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISSOCK, "a socket"), (stat.S_ISBLK, "a disk (block device)"))
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
        if stat.S_ISREG(status.st_mode) and status.st_size > largest:
            raise _too_large(str(path), largest, remedy)
        return read_stream(stream, str(path), largest, remedy=remedy)


def read_stream(stream: IO[bytes], name: str, largest: int, *, remedy: str) -> bytes:
    """Return all that a stream holds, unless that is too much.

    Raises
    ------
    DataError
        If it is more than `largest` bytes.
    """
    parts, size = [], 0
    while size <= largest and (part := stream.read(_CHUNK)):
        parts.append(part)
        size += len(part)
    if size > largest:
        raise _too_large(name, largest, remedy)
    return b"".join(parts)


def _too_large(name: str, largest: int, remedy: str) -> DataError:
    return DataError(f"{name}: found more than {largest} bytes; expected at most {largest}; {remedy}")


def check_destination(path: Path, *, kept: bool = False) -> None:
    """Raise DataError where nothing can be written: a folder, a socket, a disk, a link to itself, no such folder.

    Parameters
    ----------
    path : Path
    kept : bool
        Whether the file is read and added to as well, so that a stream or a device will not do.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except (OSError, ValueError) as error:
        reason = "a link to itself" if getattr(error, "errno", None) == errno.ELOOP else _reason(error)
        raise DataError(f"{path}: cannot be written ({reason}); expected the name of a file; give another") from None
    for is_kind, found in _KINDS:
        if mode is not None and is_kind(mode):
            raise DataError(f"{path}: found {found}; expected the name of a file to write")
    if mode is not None and (not stat.S_ISREG(mode) or _own_stream(path) is not None):
        if kept:
            raise DataError(f"{path}: found a stream or a device; expected a file, which is read and added to")
    elif not behind_links(path).parent.is_dir():
        raise DataError(f"{path}: cannot be written (no such folder); expected a folder that exists and is writable")


def is_file(path: str | Path) -> bool:
    """Whether there is such a file; no name is too long, or otherwise impossible, to be asked for."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def behind_links(path: Path) -> Path:
    """The file that a link points at, whether it exists or not; a path that is no link is left as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def written_size(path: Path) -> int | None:
    """Size in bytes of a file that was written; None of a stream or a device, which keeps nothing."""
    status = path.stat()
    return status.st_size if stat.S_ISREG(status.st_mode) and _own_stream(path) is None else None


@contextmanager
def write_whole(path: str | Path) -> Iterator[IO[bytes]]:
    """Write beside the file and put it in its place once everything is on disk.

    A link stays, and the file that it points at is replaced; that file's mode and, where the system allows it, its
    owner are kept.  A pipe, a terminal or another device cannot be replaced: all is written to it at the end.

    Raises
    ------
    DataError
        If the folder does not exist or cannot be written to, the path is none of a file, a pipe and a character device,
        or the disk is full.
    BrokenPipeError
        If the reader of a pipe went away.
    """
    path = Path(path)
    check_destination(path)
    if (own := _own_stream(path)) is not None or (path.exists() and not path.is_file()):
        content = io.BytesIO()
        yield content
        _write_stream(path, own, content.getbuffer())
        return
    place = behind_links(path)
    try:
        # A name of full length has no room for more.
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:32]}.", suffix=".part")
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
        _let_look_like(part, place)
        part.replace(place)
    except OSError as error:
        raise DataError(f"{path}: could not be written whole ({error.strerror}); nothing was changed") from error
    finally:
        part.unlink(missing_ok=True)


def _write_stream(path: Path, own: int | None, content: memoryview) -> None:
    """Write to a pipe or a device; to an own stream where it stands, a place that is lost where it is opened anew."""
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)) if own is None else os.dup(own)
        try:
            while content:
                content = content[os.write(handle, content) :]
        finally:
            os.close(handle)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DataError(
            f"{path}: could not be written to ({error.strerror}); expected room and the right to write"
        ) from error


def _own_stream(path: Path) -> int | None:
    """The number of this process's open stream that a path such as ``/dev/stdout`` stands for, or None."""
    folders = re.compile(rf"(/dev|/proc/{os.getpid()}(/task/\d+)?)/fd")
    for _ in range(40):  # as many links as the system follows
        if path.name.isdecimal() and folders.fullmatch(os.path.realpath(path.parent)):
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _let_look_like(part: Path, place: Path) -> None:
    """Give a new file the mode and the owner of the one it replaces, or the mode of any new file."""
    try:
        old = place.stat()
    except FileNotFoundError:
        part.chmod(0o666 & ~_umask())
        return
    if sys.platform != "win32":
        with suppress(OSError):  # only root may give files away
            os.chown(part, old.st_uid, old.st_gid)
    part.chmod(stat.S_IMODE(old.st_mode))


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
