"""Standard streams that may be closed, full, or left by their reader."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


class _Closed(io.TextIOBase):
    """Standard output that was closed: nothing can be written to it."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class _Forgiving(io.TextIOBase):
    """Standard error, where nobody may listen: no reason to stop."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of the stream behind, which decides what a bar is drawn with."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str, /) -> int:
        if self._stream is not None:
            try:
                self._stream.write(text)
                self._stream.flush()
            except OSError:
                discard(self._stream)
        return len(text)

    def fileno(self) -> int:
        return super().fileno() if self._stream is None else self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()


@contextmanager
def usable_streams() -> Iterator[None]:
    """Let closed streams stand for what they are, and let no failure to write to standard error end the program."""
    before = sys.stdout, sys.stderr
    _occupy_closed_numbers()
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = before[0] or _Closed()
    sys.stderr = _Forgiving(before[1])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def discard(stream: TextIO) -> None:
    """Lead a stream that cannot be written to into nothing, or Python complains of it on its way out."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, number)
        os.close(nothing)


def _occupy_closed_numbers() -> None:
    """Open what is closed of the three standard streams, or the next file would get its number, and what goes there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
