"""A study file (TOML) may hold what the command line's flags hold."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paretoscope.errors import DataError, OptionError, nearest, quote


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
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; expected a study file in TOML") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text ({error}); expected a study file in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f'{path}: no valid TOML: {error}; expected lines such as rts = "vrs"') from error
    for name, value in found.items():
        if name not in known:
            raise OptionError(
                f"{path}: found {quote(name)}; expected some of {', '.join(sorted(known))}{nearest(name, known)}"
            )
        if isinstance(value, bool) or not isinstance(value, known[name]):
            expected = " or ".join(kind.__name__ for kind in known[name])
            raise OptionError(f"{path}: found {name} = {quote(value)}; expected {expected}")
    source = found.get("source")
    if isinstance(source, str) and (path.parent / source).exists():
        found["source"] = str(path.parent / source)
    return found
