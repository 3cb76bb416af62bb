"""Read a JSON document that is a list of objects, or holds a single one: each object a row, its keys the columns."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.errors import DataError, listing, quote
from paretoscope.measurements.tables import Table
from paretoscope.readers.formats.jsonl import distinct, read_jsonl

if TYPE_CHECKING:
    from paretoscope.readers.files import File

_EXPECTED = 'expected a list of objects such as [{"model": "a", "latency_ms": 1.5}, ...]'
_BEGINNING = re.compile(r'\s*(?:\[\s*[{\["\]]|\{\s*["}])')


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON does: as a list or an object.

    Examples
    --------
    >>> looks_like_json('[{"model": "a"}]'), looks_like_json("[model],[ms]")
    (True, False)
    """
    return _BEGINNING.match(text) is not None


def read_json(file: File) -> Table:
    """Read a table from a JSON document, or from JSON lines under its name; rows are counted from 0.

    Raises
    ------
    DataError
        If the file cannot be decoded, is no JSON, or holds no list of objects, or several.
    """
    text, name = file.text(), file.name
    if not text.strip():
        raise DataError(f"{name}: found an empty file; {_EXPECTED}; write the table again")
    try:
        document = json.loads(text, object_pairs_hook=distinct)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return read_jsonl(file)
        place = f"{name}, line {error.lineno}"
        raise DataError(
            f"{place}: found no JSON ({error.msg} at character {error.colno}); {_EXPECTED}; correct it"
        ) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: found no JSON that can be read ({error}); {_EXPECTED}; correct it") from None
    records = _records(document, name)
    columns = dict.fromkeys(key for record in records for key in record)
    frame = pd.DataFrame({key: pd.Series([record.get(key) for record in records], dtype=object) for key in columns})
    frame.index = pd.RangeIndex(len(records))
    return Table(frame, name)


def _records(document: Any, name: str) -> list[dict[str, Any]]:
    """The list of objects that a document is, or holds under one of its keys."""
    if isinstance(document, dict):
        lists = [key for key, value in document.items() if _is_table(value)]
        if len(lists) != 1:
            keys = f"several lists of objects, {listing(lists)}" if lists else f"the keys {listing(document)}"
            raise DataError(f"{name}: found a JSON object with {keys}; {_EXPECTED}; write one object a run of a model")
        records: list[dict[str, Any]] = document[lists[0]]
        return records
    if not _is_table(document):
        odd = document
        if isinstance(document, list):
            odd = next((part for part in document if not isinstance(part, dict)), "an empty list")
        shown = quote(odd if isinstance(odd, str) else json.dumps(odd))
        raise DataError(f"{name}: found JSON with {shown} in it; {_EXPECTED}; write one object a run of a model")
    return document  # type: ignore[no-any-return]


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)
