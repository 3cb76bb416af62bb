"""A study file (TOML) may hold what the command line's flags hold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from paretoscope.errors import DataError, OptionError, nearest, quote
from paretoscope.files import read_at_most

LARGEST_STUDY: Final = 1 << 20  # bytes; a few dozen lines are usual
# A name of so many parts, such as a.b.c, for which Python's parser takes the square of the time.
_DEEP_NAME: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){30}""")


def read_study(path: Path, known: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Read a study file.

    Parameters
    ----------
    path : Path
    known : mapping from str to tuple of types
        Names that may stand in it, and what their values may be.  A boolean is no number.

    Returns
    -------
    dict
        As in the file; ``source`` is relative to the study's folder where a file of that name is there.

    Raises
    ------
    DataError, OptionError
        If the file cannot be read, a name in it is unknown, or a value is of another type.
    """
    try:
        content = read_at_most(path, LARGEST_STUDY, remedy="name a study file in TOML")
        text = content.decode("utf-8").removeprefix("\ufeff")
        if _DEEP_NAME.search(text):
            raise RecursionError
        found = tomllib.loads(text)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; expected a study file in TOML") from None
    except DataError:
        raise
    except tomllib.TOMLDecodeError as error:
        reason = quote(str(error))[1:-1]
        raise DataError(f'{path}: no valid TOML: {reason}; expected lines such as rts = "vrs"') from error
    except RecursionError as error:
        raise DataError(f'{path}: no study: nested too deep; expected lines such as rts = "vrs"') from error
    except (OSError, ValueError) as error:  # the latter: no UTF-8, or a number of thousands of digits
        reason = quote(getattr(error, "strerror", None) or str(error))
        raise DataError(f"{path}: cannot be read as text ({reason}); expected a study file in TOML") from error
    for name, value in found.items():
        if name not in known:
            raise OptionError(
                f"{path}: found {quote(name)}; expected some of {', '.join(sorted(known))}{nearest(name, known)}"
            )
        if _is_nested(value):
            raise OptionError(f"{path}: found lists or tables within those of {name}; expected names and numbers")
        if isinstance(value, bool) or not isinstance(value, known[name]):
            expected = " or ".join(kind.__name__ for kind in known[name])
            shown = quote(value) if isinstance(value, str) else quote(repr(value))[1:-1]
            raise OptionError(f"{path}: found {name} = {shown}; expected {expected}")
        if _has_zero_byte(value):
            raise OptionError(f"{path}: found a zero byte in {name}; expected text without; take it out")
    source = found.get("source")
    if isinstance(source, str):
        with suppress(OSError):  # such as a name that is too long, of which the reader will speak
            found["source"] = str(path.parent / source) if (path.parent / source).exists() else source
    return found


def _is_nested(value: Any) -> bool:
    """Whether there is more than a list of names, a list of such lists (sets side by side), or a table of them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    innermost = [part for one in inner if isinstance(one, list) for part in one]
    return any(isinstance(one, dict) for one in inner) or any(isinstance(part, list | dict) for part in innermost)


def _has_zero_byte(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_zero_byte, (*value, *value.values())))
    return "\0" in value if isinstance(value, str) else isinstance(value, list) and any(map(_has_zero_byte, value))
