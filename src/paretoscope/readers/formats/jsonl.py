"""Read JSON lines: one object a line, its keys the columns."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from paretoscope.errors import DataError, quote
from paretoscope.measurements.tables import Table

if TYPE_CHECKING:
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
    decoder = json.JSONDecoder(object_pairs_hook=distinct)
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    # Not str.splitlines, which splits at characters that may stand inside a JSON string.
    for line, content in enumerate(io.StringIO(text, newline=None), start=1):
        if not content.strip() or (content.startswith("#") and not records):
            continue
        place = f"{name}, line {line}"
        try:
            record = decoder.decode(content.strip())
        except json.JSONDecodeError as error:
            found = f"{error.msg} at character {error.pos + 1}"
            raise DataError(f"{place}: found no JSON ({found}); expected one object a line; correct it") from None
        except (ValueError, RecursionError) as error:
            raise DataError(f"{place}: found no JSON ({error}); expected one object a line; correct it") from None
        if not isinstance(record, dict):
            raise DataError(
                f'{place}: found {quote(content.strip())}; expected an object such as {{"model": ...}}; '
                "write one a line"
            )
        records.append(record)
        lines.append(line)
    if not records:
        raise DataError(f"{name}: found an empty file; expected one object a line; write the table again")
    columns = dict.fromkeys(key for record in records for key in record)
    frame = pd.DataFrame({key: pd.Series([record.get(key) for record in records], dtype=object) for key in columns})
    frame.index = pd.RangeIndex(len(records))
    return Table(frame, name, np.asarray(lines, dtype=np.int64))


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values, each key once."""
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {quote(next(key for key in keys if keys.count(key) > 1))} twice")
    return record
