"""Read tables of comma- or tab-separated values."""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from paretoscope.errors import DataError
from paretoscope.measurements.tables import Table, check_header
from paretoscope.readers.files import MOST_CELLS, check_extent
from paretoscope.readers.formats.json import looks_like_json

if TYPE_CHECKING:
    from paretoscope.readers.files import File

_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_LONGEST = 1 << 24  # characters of one cell; a table of measurements has none that is longer


def read_delimited(file: File, *, delimiter: str = ",") -> Table:
    """Read a table whose cells are text.

    Parameters
    ----------
    file : File
        Text in UTF-8, with or without a byte-order mark, its first row the names of the columns; lines before it that
        begin with ``#`` are skipped.
    delimiter : str
        The character between cells.

    Returns
    -------
    Table
        Cells as text; rows know the line on which they begin.  Columns without a name are left out.

    Raises
    ------
    DataError
        If the file cannot be decoded, is JSON, has no header, a row has more or fewer cells than the header, or a
        quotation mark is not closed.
    """
    text, name = file.text(), file.name
    if looks_like_json(text):
        raise DataError(
            f"{name}: found JSON; expected cells separated by {_NAMES.get(delimiter, repr(delimiter))}; "
            "name it *.json, or *.jsonl if each line is an object"
        )
    n_separators = text.count(delimiter) + text.count("\n")  # at least as many as there are cells, but for one
    if n_separators > MOST_CELLS:
        check_extent(name, n_separators, 1)
    # A quotation mark that is never closed makes one cell of all that follows.
    previous = csv.field_size_limit(_LONGEST)
    try:
        rows, lines = _parse(text, name, delimiter)
    finally:
        csv.field_size_limit(previous)
    if not rows:
        raise DataError(f"{name}: found an empty file; expected a header and rows; write the table again")
    header, header_line, rows, lines = rows[0], lines[0], rows[1:], lines[1:]
    check_extent(name, len(rows), len(header))
    _check_delimiter(header, f"{name}, line {header_line}", delimiter)
    if len(set(map(len, rows)) | {len(header)}) > 1:
        row = next(position for position, cells in enumerate(rows) if len(cells) != len(header))
        raise DataError(
            f"{name}, line {lines[row]}: found {len(rows[row])} cells; expected {len(header)} as in the header; "
            f"add or remove cells, or quote those that contain {_NAMES.get(delimiter, repr(delimiter))}"
        )
    check_header(Table(pd.DataFrame(), name), header)
    cells = np.empty((len(rows), len(header)), dtype=object)
    if rows:
        cells[:] = rows
    named = [position for position, column in enumerate(header) if column.strip()]
    frame = pd.DataFrame({header[position]: pd.Series(cells[:, position], dtype=object) for position in named})
    return Table(frame, name, np.asarray(lines, dtype=np.int64), textual=True)


def _parse(text: str, name: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Split text into rows of cells, and tell on which line each row begins; empty lines are no rows."""
    stream = io.StringIO(text, newline="")
    n_skipped = 0
    while (line := stream.readline()).startswith("#") or (line and not line.strip()):
        n_skipped += 1
    reader = csv.reader(chain([line], stream), delimiter=delimiter, strict=True)
    rows, lines, begin = [], [], n_skipped + 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                rows.append(cells)
                lines.append(begin)
            begin = n_skipped + reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name}, line {begin}: found a row that is no CSV ({error}); expected balanced quotation marks; "
            "close the quotation mark, or double those inside a quoted cell"
        ) from None
    return rows, lines


def _check_delimiter(header: list[str], place: str, delimiter: str) -> None:
    for other, other_name in _NAMES.items():
        if len(header) == 1 and other != delimiter and other in header[0]:
            expected = _NAMES.get(delimiter, repr(delimiter))
            raise DataError(
                f"{place}: found cells separated by {other_name}; expected {expected}; "
                "save it with commas, and with a point for decimals"
            )
