"""Read JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from paretoscope.errors import DataError, quote
from paretoscope.measurements.tables import Table
from paretoscope.readers.files import check_extent, read_text
from paretoscope.readers.formats.json_text import decode_json

if TYPE_CHECKING:
    import os


def read_jsonl(path: str | os.PathLike[str]) -> Table:
    """Read a table from JSON lines.

    Parameters
    ----------
    path : path
        A file in UTF-8.  Empty lines are skipped; a key that a line lacks is a missing cell.

    Returns
    -------
    Table
        Columns in the order in which keys first appear; rows know their line.

    Raises
    ------
    DataError
        If the file cannot be read or decoded, is empty, or a line is not one JSON object with distinct keys.
    """
    text = read_text(path)
    name = Path(path).name
    columns: dict[str, list[Any]] = {}
    lines: list[int] = []
    # Not str.splitlines, which splits at characters that may stand inside a JSON string.
    for line, content in enumerate(io.StringIO(text, newline=None), start=1):
        if not content.strip():
            continue
        place = f"{name}, line {line}"
        record = decode_json(content.strip(), place, expected="one object a line")
        if not isinstance(record, dict):
            raise DataError(
                f'{place}: found {quote(content.strip())}; expected an object such as {{"model": ...}}; '
                "write one a line"
            )
        for key, value in record.items():
            cells = columns.setdefault(key, [])
            cells.extend([None] * (len(lines) - len(cells)))
            cells.append(value)
        lines.append(line)
        check_extent(name, len(lines), len(columns))
    if not lines:
        raise DataError(f"{name}: found an empty file; expected one object a line; write the table again")
    for cells in columns.values():
        cells.extend([None] * (len(lines) - len(cells)))
    frame = pd.DataFrame(
        {key: pd.Series(cells, dtype=object) for key, cells in columns.items()}, pd.RangeIndex(len(lines)), copy=False
    )
    return Table(frame, name, np.asarray(lines, dtype=np.int64))
