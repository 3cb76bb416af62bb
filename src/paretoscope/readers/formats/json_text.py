"""JSON from a stranger: one value from text, with one message for each way in which that can fail."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from paretoscope.errors import DataError, quote

MOST_NESTED: Final = 50  # lists and objects within each other; no table needs more than a few
_LONGEST_NUMBER: Final = 400  # digits; more are beyond any float
_HALF_OF_A_PAIR: Final = re.compile(r"\\u[dD][89a-fA-F]")


class SeveralValuesError(DataError):
    """One JSON value follows another."""


class _FlawError(ValueError):
    """What is wrong with a text that is JSON otherwise."""


def decode_json(text: str, place: str, *, expected: str) -> Any:
    """Decode one JSON value.

    Parameters
    ----------
    text : str
    place : str
        Where it stands, for messages.
    expected : str
        What should stand there, for messages.

    Returns
    -------
    object
        Whole numbers too large for a float are infinite.

    Raises
    ------
    SeveralValuesError
        If there is more than one value.
    DataError
        If the text is no JSON, is nested too deep, has the same key twice in an object, or text that is not Unicode.
    """
    try:
        value = _DECODER.decode(text)
        if text.count("[") + text.count("{") > MOST_NESTED:
            _check_depth(value)
        if _HALF_OF_A_PAIR.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        found = f"no JSON ({error.msg} at character {error.colno})"
        if "\n" in text:
            place = f"{place}, line {error.lineno}"
        if error.msg == "Extra data":
            raise SeveralValuesError(f"{place}: found {found}; expected {expected}; correct it") from None
    except UnicodeEncodeError as error:
        found = f"half a character, \\u{ord(error.object[error.start]):04x}"
    except _FlawError as error:
        found = str(error)
    except RecursionError:
        found = f"lists or objects nested more than {MOST_NESTED} deep"
    else:
        return value
    raise DataError(f"{place}: found {found}; expected {expected}; correct it")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _FlawError(f"key {quote(key)} twice")
            seen.add(key)
    return record


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.copysign(math.inf, -digits.startswith("-"))


def _check_depth(value: Any) -> None:
    """Refuse what is nested so deep that writing it in a message would fail."""
    layer = [value]
    for _ in range(MOST_NESTED + 1):
        layer = [
            part
            for one in layer
            if isinstance(one, list | dict)
            for part in (one.values() if isinstance(one, dict) else one)
        ]
        if not layer:
            return
    raise _FlawError(f"lists or objects nested more than {MOST_NESTED} deep")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_distinct, parse_int=_whole)
