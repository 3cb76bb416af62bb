"""From parsed flags to the library's arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from paretoscope.arrays import FRONTIERS, ORIENTATIONS, RTS, SCOPES, check_count, resolve_choice
from paretoscope.commands.faults import check_all
from paretoscope.commands.types import is_given, together
from paretoscope.datasets import DATASETS, load
from paretoscope.errors import OptionError, nearest, quote
from paretoscope.files import check_destination, is_file
from paretoscope.fronts.curves import KINDS
from paretoscope.measurements import Measurements
from paretoscope.measurements.folding import FOLDS
from paretoscope.measurements.incomplete import DROPPED
from paretoscope.measurements.roles import check_names, check_roles
from paretoscope.noise.families import noise_of, parse_family
from paretoscope.noise.seeds import resolve_seed
from paretoscope.orders.ranking import check_views
from paretoscope.readers import read
from paretoscope.readers.files import check_readable
from paretoscope.resampling.algorithm import resolve_jobs
from paretoscope.resampling.draws import EfficiencyDraws
from paretoscope.resampling.storage import is_saved_draws

FORMATS = ("table", "json", "csv")
_COLUMNS = ("target", "metric", "value", "unit", "run", "iteration", "fold", "drop_incomplete")
_OF_TABLES = ("model", *_COLUMNS, "repeats", "bound")
_WORDS: dict[str, tuple[str, ...]] = {
    "rts": RTS,
    "orientation": ORIENTATIONS,
    "scope": SCOPES,
    "frontier": FRONTIERS,
    "fold": tuple(FOLDS),
    "kind": KINDS,
    "format": FORMATS,
    "drop_incomplete": DROPPED,
}
_FIXED_ONCE_DRAWN = ("inputs", "outputs", "rts", "orientation", "noise", "scope", "frontier", "resamples", "seed")


def given(flags: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those of the named flags that were given, for a call that has its own defaults."""
    return {name: flags[name] for name in names if is_given(flags.get(name))}


def begin(flags: dict[str, Any], *checks: Callable[[], Any]) -> tuple[Any, ...]:
    """Open the source, check the flags and put their words into the library's, and carry out a command's own checks.

    Returns
    -------
    tuple
        The measurements or the saved result, and what the checks returned.

    Raises
    ------
    ParetoscopeError
        All faults at once, those of the source first.
    """
    settled = [partial(_settle, flags, name) for name in _SETTLED if is_given(flags.get(name))]
    source, *answers = check_all(partial(open_source, flags), partial(_check_roles, flags), *settled, *checks)
    return source, *answers[1 + len(settled) :]


def chosen_format(flags: dict[str, Any]) -> str:
    """How to print."""
    return flags["format"] or FORMATS[0]


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
    check_readable(source)  # before the roles, since a file that is not there is the first thing to know
    columns = given(flags, _COLUMNS)
    if model := together(flags["model"]):
        columns["model"] = model
    if repeats := together(flags["repeats"]):
        columns["repeats"] = repeats
    if flags["bound"]:
        columns["bounds"] = flags["bound"]
    return read(source, inputs=inputs or None, outputs=outputs or None, **columns)


def _check_roles(flags: dict[str, Any]) -> None:
    """Check what can be said of roles without the table, set by set."""
    outputs = together(flags["outputs"])
    for group in flags["inputs"]:
        if outputs:
            check_roles(group, outputs)
        else:
            check_names("inputs", group)


def _settle(flags: dict[str, Any], name: str) -> None:
    flags[name] = _SETTLED[name](flags[name])


def _families(noise: str | Mapping[str, str]) -> str | dict[str, str]:
    """Noise as the families write it."""
    if isinstance(noise, str):
        return str(parse_family(noise))
    families = check_all(*(partial(parse_family, family, noise_of(metric)) for metric, family in noise.items()))
    return dict(zip(noise, map(str, families), strict=True))


def _kept(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A check whose answer is of no use here: the value stays as it is."""

    def keep(value: Any) -> Any:
        check(value)
        return value

    return keep


_SETTLED: dict[str, Callable[[Any], Any]] = {
    **{name: partial(resolve_choice, name, expected=words) for name, words in _WORDS.items()},
    "noise": _families,
    "resamples": partial(check_count, "resamples"),
    "seed": _kept(resolve_seed),
    "jobs": _kept(resolve_jobs),
    "level": _kept(lambda level: check_views(level=level)),
    "confidence": _kept(lambda confidence: check_views(confidence=confidence)),
    "top": partial(check_count, "top"),
}


def _refuse(flags: dict[str, Any], names: Iterable[str], beside: str) -> None:
    """Raise OptionError if one of the flags was given, since it would change nothing."""
    for name in given(flags, names):
        raise OptionError(f"{name}: found beside {beside}; expected none; leave it out or read a table")
