"""From parsed flags to the library's arguments."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from paretoscope.arrays import check_choice
from paretoscope.commands.types import is_given, together
from paretoscope.datasets import DATASETS, load
from paretoscope.errors import OptionError, listing, nearest, quote, unquoted
from paretoscope.files import check_destination, is_file
from paretoscope.measurements import Measurements
from paretoscope.readers import read
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.storage import is_saved_draws

FORMATS = ("table", "json", "csv")
_COLUMNS = ("target", "metric", "value", "unit", "run", "iteration", "fold")
_OF_TABLES = ("model", *_COLUMNS, "bound")
_FIXED_ONCE_DRAWN = ("inputs", "outputs", "rts", "orientation", "noise", "scope", "frontier", "resamples", "seed")


def given(flags: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those of the named flags that were given, for a call that has its own defaults."""
    return {name: flags[name] for name in names if is_given(flags.get(name))}


def chosen_format(flags: dict[str, Any]) -> str:
    """How to print."""
    return FORMATS[0] if flags["format"] is None else check_choice("format", flags["format"], FORMATS)


def formula_escaping(flags: dict[str, Any]) -> dict[str, bool]:
    """Whether names that a spreadsheet would take for formulas are to be escaped in CSV, as `csv_text` takes it."""
    wanted = given(flags, ["escape_formulas"])
    if wanted and flags["format"] != "csv":
        raise OptionError("escape_formulas: found without CSV; expected it with CSV only; give --format csv")
    return wanted


def destination(flags: dict[str, Any], name: str) -> Path | None:
    """A file to be written; checked before anything is computed, for it must not replace what is read."""
    path: Path | None = flags[name]
    if path is None:
        return None
    check_destination(path)
    for other, taken in given(flags, ("source", "study", "out", "save")).items():
        if other != name and os.path.realpath(path) == os.path.realpath(taken):
            raise OptionError(f"{name}: found {quote(str(path))}, which is the {other} too; expected a file of its own")
    return path


def open_source(flags: dict[str, Any]) -> Measurements | EfficiencyDraws:
    """Read the table, the dataset or the saved result that the user named."""
    source = flags["source"]
    for group in flags["inputs"]:
        if len(set(group)) < len(group):
            raise OptionError(f"inputs: found {listing(group, unquoted)}; expected each metric once")
    inputs, outputs = list(dict.fromkeys(together(flags["inputs"]))), together(flags["outputs"])
    if not source:
        raise OptionError(f"SOURCE: found nothing; expected a file or one of the datasets {', '.join(DATASETS)}")
    if source in DATASETS:
        _refuse(flags, _OF_TABLES, "a dataset, whose columns are known")
        return load(source).select(inputs=inputs or None, outputs=outputs or None)
    if is_saved_draws(source):
        saved = EfficiencyDraws.load(source)
        _refuse(flags, (*_OF_TABLES, *_FIXED_ONCE_DRAWN), "a saved result, which holds its own")
        return saved
    if not is_file(source) and "." not in source and (hint := nearest(source, DATASETS)):
        known = ", ".join(DATASETS)
        raise OptionError(f"SOURCE: found no file and no dataset {quote(source)}; expected a file or {known}{hint}")
    columns = given(flags, _COLUMNS)
    if model := together(flags["model"]):
        columns["model"] = model
    if flags["bound"]:
        columns["bounds"] = flags["bound"]
    return read(source, inputs=inputs, outputs=outputs, **columns)


def _refuse(flags: dict[str, Any], names: Iterable[str], beside: str) -> None:
    """Raise OptionError if one of the flags was given, since it would change nothing."""
    for name in given(flags, names):
        raise OptionError(f"{name}: found beside {beside}; expected none; leave it out or read a table")
