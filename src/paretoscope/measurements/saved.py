"""Measurements as plain JSON: written to the last bit, and read back with suspicion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from paretoscope.errors import DataError, OptionError, quote
from paretoscope.measurements.moments import PUBLISHED_COLUMNS, RUN_COLUMNS, long_table
from paretoscope.measurements.roles import check_roles

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "paretoscope.measurements"
VERSION = 1
_LARGEST_NUMBER = np.finfo(np.float64).max.item()
MOST_METRICS = 10_000  # as many as a table may have columns


def write_record(
    models: Sequence[str],
    inputs: Sequence[str],
    outputs: Sequence[str],
    runs: pd.DataFrame,
    published: pd.DataFrame,
    units: Mapping[str, str],
    bounds: Mapping[str, float],
    guessed_bounds: Sequence[str],
    source: str,
) -> dict[str, Any]:
    """Return measurements as nested dictionaries, by model, then metric.

    Returns
    -------
    dict
        ``runs`` holds a list of labels and a list of values for each model and metric; ``published`` holds mean, sd and
        n, which is None if unknown.  Floats are Python's, which JSON writes exactly.
    """
    metrics = [*inputs, *outputs]
    saved_runs: dict[str, dict[str, Any]] = {}
    for model, metric, run, value in zip(
        *(runs[name].tolist() for name in ("model", "metric", "run", "value")), strict=True
    ):
        cell = saved_runs.setdefault(model, {}).setdefault(metric, {"run": [], "value": []})
        cell["run"].append(run)
        cell["value"].append(value)
    saved_published: dict[str, dict[str, Any]] = {}
    for model, metric, *numbers in published[["model", "metric", *PUBLISHED_COLUMNS]].itertuples(index=False):
        mean, sd, n = (float(number) for number in numbers)
        cell = {"mean": mean, "sd": sd, "n": None if math.isnan(n) else n}
        saved_published.setdefault(model, {})[metric] = cell
    return {
        "format": FORMAT,
        "version": VERSION,
        "models": list(models),
        "inputs": list(inputs),
        "outputs": list(outputs),
        "units": {metric: units[metric] for metric in metrics},
        "bounds": {metric: bounds[metric] for metric in metrics if metric in bounds},
        "guessed_bounds": list(guessed_bounds),
        "source": source,
        "runs": saved_runs,
        "published": saved_published,
    }


def read_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Measurements` from what `write_record` returned.

    Raises
    ------
    DataError
        If anything is missing, too much, or of the wrong kind.
    """
    if not isinstance(record, Mapping) or record.get("format") != FORMAT:
        raise _damaged("no measurements", f"format {FORMAT!r}")
    if record.get("version") != VERSION:
        raise _damaged(f"version {_shown(record.get('version'))}", f"version {VERSION}")
    models = _texts(record, "models")
    try:
        inputs, outputs = check_roles(_texts(record, "inputs"), _texts(record, "outputs"))
    except OptionError as error:
        raise DataError(f"saved measurements, {error}") from None
    if not models or len(set(models)) != len(models) or not all(map(str.strip, models)):
        raise _damaged("blank or repeated models", "distinct names")
    metrics = inputs + outputs
    if len(metrics) > MOST_METRICS:
        raise _damaged(f"{len(metrics)} metrics", f"at most {MOST_METRICS}")
    runs, published = _mapping(record, "runs"), _mapping(record, "published")
    names = set(metrics)
    for cells in (runs, published):
        _check_known(cells, set(models), "runs or published")
        for model in cells:
            _check_known(_mapping(cells, model), names, f"model {quote(model)}")
    bounds = {
        metric: _number(bound, f"the bound of {quote(metric)}", least=0.0)
        for metric, bound in _mapping(record, "bounds").items()
    }
    _check_known(bounds, names, "bounds")
    run_parts, published_parts = [], []
    for i, model in enumerate(models):
        for j, metric in enumerate(metrics):
            cell = _mapping(_mapping(runs, model, {}), metric, {})
            summary = _mapping(_mapping(published, model, {}), metric, {})
            place = f"metric {quote(metric)} of model {quote(model)}"
            bound = bounds.get(metric, math.inf)
            if bool(cell) == bool(summary):
                raise _damaged(f"{'both' if cell else 'neither'} of runs and published for {place}", "one of them")
            if cell:
                labels = _texts(cell, "run")
                values = [_number(value, place, largest=bound) for value in _sequence(cell, "value")]
                if len(labels) != len(values) or not labels or len(set(labels)) != len(labels):
                    raise _damaged(f"{len(labels)} labels and {len(values)} values for {place}", "distinct runs")
                where = {"model": [i] * len(values), "metric": j}
                run_parts.append(where | {"run": np.array(labels, dtype=object), "value": values})
            else:
                n = summary.get("n")
                spread = {
                    "mean": [_number(summary.get("mean"), place, largest=bound)],
                    "sd": [_number(summary.get("sd"), place, least=0.0)],
                }
                spread["n"] = [math.nan if n is None else _number(n, place, least=0.0)]
                if n is not None and (spread["n"][0] < 1 or spread["n"][0] % 1):
                    raise _damaged(f"{n!r} runs for {place}", "a whole number of runs, 1 or more")
                published_parts.append({"model": [i], "metric": j} | spread)
    units = _mapping(record, "units")
    _check_known(units, names, "units")
    return {
        "models": models,
        "inputs": inputs,
        "outputs": outputs,
        "_runs": long_table(run_parts, models, metrics, RUN_COLUMNS),
        "_published": long_table(published_parts, models, metrics, PUBLISHED_COLUMNS),
        "_units": {metric: _text(units, metric) for metric in metrics},
        "_bounds": {metric: bounds[metric] for metric in metrics if metric in bounds},
        "source": _text(record, "source"),
        "_guessed": frozenset(_texts(record, "guessed_bounds") if "guessed_bounds" in record else ()),
    }


def _damaged(found: str, expected: str) -> DataError:
    return DataError(f"saved measurements: found {found}; expected {expected}; save them again")


def _shown(value: Any) -> str:
    """Show a value that may be of any kind and length; Python writes no numbers of thousands of digits."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 64):
        return repr(value)
    return quote(value) if isinstance(value, str) else f"a {type(value).__name__}"


def _check_known(found: Mapping[str, Any], known: set[str], place: str) -> None:
    """Refuse names that nothing else in the record knows."""
    if unknown := found.keys() - known:
        raise _damaged(f"the unknown name {quote(min(unknown, key=str))} under {place}", "known names")


def _mapping(record: Mapping[str, Any], key: str, default: Any = None) -> Mapping[str, Any]:
    value = record.get(key, default)
    if not isinstance(value, Mapping):
        raise _damaged(f"{type(value).__name__} under {quote(key)}", "an object")
    return value


def _sequence(record: Mapping[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    if not isinstance(value, list | tuple):
        raise _damaged(f"{type(value).__name__} under {quote(key)}", "a list")
    return list(value)


def _texts(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _sequence(record, key)
    if not all(isinstance(value, str) for value in values):
        raise _damaged(f"an entry that is no text under {quote(key)}", "text")
    return tuple(values)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise _damaged(f"{type(value).__name__} under {quote(key)}", "text")
    return value


def _number(value: Any, place: str, *, least: float = -math.inf, largest: float = math.inf) -> float:
    """Return a finite number of at least `least`, and no larger than can be."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not (known and least <= value and -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER):
        raise _damaged(f"{_shown(value)} for {place}", "a finite number" if least < 0.0 else "a number, zero or more")
    if value > largest:
        raise _damaged(f"{value!r} for {place}", f"at most its bound, {largest!r}")
    return float(value)
