"""Read a JSON document that is a list of objects, or holds a single one: each object a row, its keys the columns."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeGuard

from paretoscope.errors import DataError, listing, unquoted
from paretoscope.measurements.tables import Table
from paretoscope.readers.formats.json_text import SeveralValuesError, decode_json
from paretoscope.readers.formats.jsonl import frame_of, read_jsonl

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
        document = decode_json(text, name, expected=_EXPECTED.removeprefix("expected "))
    except SeveralValuesError:
        return read_jsonl(file)
    records = _records(document, name)
    return Table(frame_of(records, name), name)


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
            odd = next((part for part in document if not isinstance(part, dict)), [])
        raise DataError(
            f"{name}: found JSON with {unquoted(json.dumps(odd))} in it; {_EXPECTED}; write one object a run of a model"
        )
    return document


def _is_table(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)
