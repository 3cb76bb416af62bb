"""Read a file once, with one message for each way in which that can fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paretoscope.errors import DataError, nearest
from paretoscope.files import read_at_most, read_stream

STANDARD_INPUT = "-"

LARGEST_TABLE = 1 << 30  # bytes; a pipe or a device may have no end
MOST_COLUMNS = 10_000
_SMALLER = "keep the rows and columns that you need"
MOST_CELLS = 50_000_000  # each takes some 60 bytes, as Python's objects do


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read, for a pipe cannot be read twice: its name in messages, and its content."""

    name: str
    content: bytes

    def text(self) -> str:
        """Return the content as text.

        Raises
        ------
        DataError
            If it is binary, or not in UTF-8.
        """
        name, content = self.name, self.content
        if content.startswith(b"PAR1"):
            raise DataError(f"{name}: found a Parquet file; expected text in UTF-8; name it *.parquet")
        if content.startswith(b"PK\x03\x04"):
            raise DataError(
                f"{name}: found a ZIP archive; expected text in UTF-8; name the file itself if it is a saved result "
                "(*.npz), or take the table out of it"
            )
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise DataError(f"{name}, byte 0: found the mark of UTF-16; expected UTF-8; save it as UTF-8")
        zero = content.find(b"\0")
        if zero >= 0:
            raise DataError(
                f"{name}, byte {zero}: found a zero byte, so the file is binary; expected text in UTF-8; "
                "save the table as CSV, JSON lines or Parquet"
            )
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            found = content[error.start]
            raise DataError(
                f"{name}, byte {error.start}: found 0x{found:02x}, which is not UTF-8; expected UTF-8; save it as UTF-8"
            ) from None
        return text.removeprefix("\ufeff")


def read_file(path: str | os.PathLike[str]) -> File:
    """Read a file, or standard input by the name ``-``.

    Raises
    ------
    DataError
        If there is no such file, or it is a directory, or it cannot be read, or is too large.
    """
    with _reading(path) as file:
        if str(file) != STANDARD_INPUT:
            return File(_name(file), read_at_most(file, LARGEST_TABLE, remedy=_SMALLER))
        if sys.stdin is None:
            raise OSError("no standard input")
        name = "standard input"
        return File(name, read_stream(sys.stdin.buffer, name, LARGEST_TABLE, remedy=_SMALLER))


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raise DataError where `read_file` would; nothing is read, for a pipe cannot be read twice."""
    with _reading(path) as file:
        if str(file) == STANDARD_INPUT:
            return
        file.stat()
        if file.is_dir():
            raise IsADirectoryError
        if not os.access(file, os.R_OK):
            raise PermissionError


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[Path]:
    file = Path(path)
    try:
        yield file
    except FileNotFoundError:
        raise DataError(f"{file}: found no such file; expected a table; correct the path{_neighbour(file)}") from None
    except IsADirectoryError:
        raise DataError(f"{file}: found a directory; expected a file; name a file in it") from None
    except PermissionError:
        raise DataError(f"{file}: found no permission to read it; expected a readable file; change its mode") from None
    except DataError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{file}: found {reason}; expected a readable file; correct the path") from None


def _name(file: Path) -> str:
    """Its last part, unless that is a number that a shell gave to a pipe."""
    if file == Path("/dev/stdin"):
        return "standard input"
    return str(file) if file.name.isdecimal() else file.name


def check_extent(name: str, n_rows: int, n_columns: int) -> None:
    """Refuse a table that is no table of measurements, but would take all memory.

    Raises
    ------
    DataError
        If there are too many columns, or too many cells in all.
    """
    if n_columns > MOST_COLUMNS:
        raise DataError(
            f"{name}: found {n_columns} columns; expected at most {MOST_COLUMNS}; keep the columns that you need"
        )
    if n_rows * n_columns > MOST_CELLS:
        raise DataError(
            f"{name}: found {n_rows} rows of {n_columns} columns; expected at most {MOST_CELLS} cells; {_SMALLER}"
        )


def _neighbour(file: Path) -> str:
    """Suggest the file in the same directory whose name is spelt most like this one's."""
    try:
        return nearest(file.name, (entry.name for entry in file.parent.iterdir()))
    except OSError:
        return "; there is no such directory" if not file.parent.exists() else ""
