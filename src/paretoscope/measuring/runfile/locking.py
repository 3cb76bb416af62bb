"""One writer a file: a lock that ends with the process that holds it.

filelock would not do: it leaves the lock file on POSIX, locks on Windows the byte that tells who holds it, and sets
hooks into the process, which may be a training whose time is measured.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from paretoscope.errors import DataError

_FAR = 1 << 30  # Windows locks bytes; those that say who holds the lock must stay readable


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing to a file, by a lock on ``FILE.lock`` beside it.

    The file itself may be replaced while it is written to, and a lock would stay with what was replaced.  The system
    ends the lock with the process, however that ends, so that a lock file left behind stops nobody.

    Raises
    ------
    DataError
        If another process holds the lock, or there can be no lock file.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        handle = _acquire(lock)
    except BlockingIOError:
        holder = _holder(lock)
        raise DataError(
            f"{path}: found another writer ({holder}); expected one at a time; wait for it, or give another file"
        ) from None
    except OSError as error:
        raise DataError(
            f"{lock}: cannot be locked ({error.strerror}); expected a folder that exists and is writable; "
            "write to another one"
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):  # Windows does not remove what is open
            lock.unlink()
        os.close(handle)


def _acquire(lock: Path) -> int:
    """Open and lock the file; whoever held it before may have removed it in between."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), lock.stat()):
                    os.ftruncate(handle, 0)
                    os.write(handle, f"process {os.getpid()} on {platform.node()}".encode())
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int) -> None:
    """Raise BlockingIOError if the lock is taken."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None
        os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(lock: Path) -> str:
    with suppress(OSError):
        if text := lock.read_text(encoding="utf-8", errors="replace").strip():
            return text
    return "an unknown process"
