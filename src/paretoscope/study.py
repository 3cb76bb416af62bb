"""A study file (TOML) may hold what the command line's flags hold."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from paretoscope.errors import DataError, OptionError, nearest


def read_study(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Read a study file.

    Parameters
    ----------
    path : Path
    known : collection of str
        Names that may stand in it.

    Returns
    -------
    dict
        As in the file; ``source`` is relative to the study's folder where a file of that name is there.

    Raises
    ------
    DataError, OptionError
        If the file cannot be read, or a name in it is unknown.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; expected a study file in TOML") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text ({error}); expected a study file in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f'{path}: no valid TOML: {error}; expected lines such as rts = "vrs"') from error
    for name in found:
        if name not in known:
            raise OptionError(
                f"{path}: found {name!r}; expected some of {', '.join(sorted(known))}{nearest(name, known)}"
            )
    source = found.get("source")
    if isinstance(source, str) and (path.parent / source).exists():
        found["source"] = str(path.parent / source)
    return found
