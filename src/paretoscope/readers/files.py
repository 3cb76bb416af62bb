"""Open a file for a reader, with one message for each way in which that can fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paretoscope.errors import DataError, nearest
from paretoscope.files import read_at_most

if TYPE_CHECKING:
    import os

LARGEST_TABLE = 1 << 30  # bytes; a pipe or a device may have no end
MOST_COLUMNS = 10_000
MOST_CELLS = 50_000_000  # each takes some 60 bytes, as Python's objects do


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return a file's content.

    Raises
    ------
    DataError
        If there is no such file, or it is a directory, or it cannot be read, or is too large.
    """
    file = Path(path)
    try:
        return read_at_most(file, LARGEST_TABLE, remedy="keep the rows and columns that you need")
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
        raise DataError(f"{str(file)!r}: found {reason}; expected a readable file; correct the path") from None


def read_text(path: str | os.PathLike[str]) -> str:
    """Return a file's content as text.

    Raises
    ------
    DataError
        If the file cannot be read, is binary, or is not in UTF-8.
    """
    content = read_bytes(path)
    name = Path(path).name
    if content.startswith(b"PAR1"):
        raise DataError(f"{name}: found a Parquet file; expected text in UTF-8; name it *.parquet")
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
            f"{name}: found {n_rows} rows of {n_columns} columns; expected at most {MOST_CELLS} cells; "
            "keep the rows and columns that you need"
        )


def _neighbour(file: Path) -> str:
    """Suggest the file in the same directory whose name is spelt most like this one's."""
    try:
        return nearest(file.name, (entry.name for entry in file.parent.iterdir()))
    except OSError:
        return "; there is no such directory" if not file.parent.exists() else ""
