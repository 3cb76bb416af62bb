"""Read JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from paretoscope.errors import DataError, quote
from paretoscope.measurements.tables import Table
from paretoscope.readers.files import check_extent
from paretoscope.readers.formats.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paretoscope.readers.files import File


def read_jsonl(file: File) -> Table:
    """Read a table from JSON lines.

    Parameters
    ----------
    file : File
        Text in UTF-8.  Empty lines are skipped, and lines at its beginning that begin with ``#``; a key that a line
        lacks is a missing cell.

    Returns
    -------
    Table
        Columns in the order in which keys first appear; rows know their line.

    Raises
    ------
    DataError
        If the file cannot be decoded, is empty, or a line is not one JSON object with distinct keys.
    """
    text, name = file.text(), file.name
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    # Not str.splitlines, which splits at characters that may stand inside a JSON string.
    for line, content in enumerate(io.StringIO(text, newline=None), start=1):
        if not content.strip() or (content.startswith("#") and not lines):
            continue
        place = f"{name}, line {line}"
        record = decode_json(content.strip(), place, expected="one object a line")
        if not isinstance(record, dict):
            raise DataError(
                f'{place}: found {quote(content.strip())}; expected an object such as {{"model": ...}}; '
                "write one a line"
            )
        records.append(record)
        lines.append(line)
    if not lines:
        raise DataError(f"{name}: found an empty file; expected one object a line; write the table again")
    return Table(frame_of(records, name), name, np.asarray(lines, dtype=np.int64))


def frame_of(records: Sequence[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """Make a table of objects, one a row: its keys are the columns, in the order in which they first appear.

    Raises
    ------
    DataError
        If the table of the file `name` would be too large.
    """
    columns: dict[str, list[Any]] = {}
    for row, record in enumerate(records):
        for key, value in record.items():
            cells = columns.setdefault(key, [])
            cells.extend([None] * (row - len(cells)))
            cells.append(value)
        check_extent(name, row + 1, len(columns))
    for cells in columns.values():
        cells.extend([None] * (len(records) - len(cells)))
    data = {key: pd.Series(cells, dtype=object) for key, cells in columns.items()}
    return pd.DataFrame(data, pd.RangeIndex(len(records)), copy=False)
