"""Where the measurements stand in a table: long, wide, or a published summary.

=========  ==================================================  ==================================================
layout     recognised by                                       metric `m` on target `t`
=========  ==================================================  ==================================================
long       columns `metric` and `value`                        rows with metric `m` and target `t`
wide       anything else                                       column `m@t`, or column `m` in rows with target `t`
published  columns `m_sd` and perhaps `m_n` beside `m`         one row a model (in a long table: `value_sd`, `value_n`)
=========  ==================================================  ==================================================

`spread_names` knows the other names of spreads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.errors import OptionError, in_words, listing, nearest, quote
from paretoscope.measurements.columns import Columns, model_names
from paretoscope.measurements.published import published_spread
from paretoscope.measurements.spread_names import SpreadColumns, spread_columns
from paretoscope.measurements.tables import Table, TextArray

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Observations:
    """All values of one metric as the table has them, before iterations are folded into runs.

    Parameters
    ----------
    metric, unit, column : str
        Name, unit ("" if unknown), and the column that holds the values.
    rows : ndarray of int, shape (n,)
        Positions in the table.
    models : ndarray of int, shape (n,)
        Positions in the list of models.
    values : ndarray of float64, shape (n,)
        The values; means, if `sd` is given.
    runs, iterations : ndarray of str, shape (n,), or None
        Labels, "" where a cell is blank; None where the table has no such column.
    sd, n : ndarray of float64, shape (n,), or None
        Published standard deviation and number of runs (NaN if unknown).
    spread : SpreadColumns or None
        The columns that look like those of `sd` and `n`.
    unused : str
        Why these are not used, "" if they are or there are none.
    """

    metric: str
    unit: str
    column: str
    rows: IntArray
    models: IntArray
    values: Array
    runs: TextArray | None = None
    iterations: TextArray | None = None
    sd: Array | None = None
    n: Array | None = None
    spread: SpreadColumns | None = None
    unused: str = ""

    @property
    def spread_names(self) -> tuple[str, ...]:
        """The columns of its spread."""
        columns = (self.spread.spread, self.spread.count) if self.spread else ()
        return tuple(filter(None, columns))


@dataclass(frozen=True, slots=True)
class _Layout:
    """A table with the labels of its rows; None where it has no such column.  `free` columns have no job."""

    table: Table
    columns: Columns
    codes: IntArray
    models: tuple[str, ...]
    value: str | None
    metrics: TextArray | None
    targets: TextArray | None
    units: TextArray | None
    runs: TextArray | None
    iterations: TextArray | None
    free: list[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one metric stands: the column, the rows, and the columns of its published spread."""

    column: str
    rows: IntArray
    spread: SpreadColumns | None


def observe(table: Table, columns: Columns, metrics: Sequence[str]) -> tuple[tuple[str, ...], list[Observations]]:
    """Find the values of each metric.

    Parameters
    ----------
    table : Table
        Any of the layouts.
    columns : Columns
        Which column holds what.
    metrics : sequence of str
        Names of metrics, with ``@target`` or without.

    Returns
    -------
    models : tuple of str
        In the order of their first appearance.
    observations : list of Observations
        In the order of `metrics`.

    Raises
    ------
    OptionError
        If two names stand for the same measurements.
    DataError
        If the table lacks a column, a name or a metric, if a metric has several targets and none was chosen, if a cell
        is no number, or if a model lacks a metric.
    """
    layout = _read_layout(table, columns, metrics)
    models = layout.models
    observed: list[Observations] = []
    for metric in metrics:
        found = _observe_one(layout, metric)
        for other in observed:
            if other.column == found.column and np.array_equal(other.rows, found.rows):
                raise OptionError(
                    f"inputs, outputs: found {quote(other.metric)} and {quote(metric)}, which are the same "
                    "measurements; expected each once; leave one out"
                )
        measured = np.bincount(found.models, minlength=len(models))
        if not measured.all():
            model = int(np.argmin(measured))
            n_rows = int(np.count_nonzero(layout.codes == model))
            others = int(np.count_nonzero(measured == 0)) - 1
            raise table.error(
                f"no value of metric {quote(metric)} for model {quote(models[model])} in its {_count(n_rows, 'row')}"
                + (f", nor for {_count(others, 'other model')}" if others else ""),
                "every model with every metric",
                f"measure it, or {remedy_for_gaps()}",
            )
        observed.append(found)
    return models, observed


def remedy_for_gaps() -> str:
    """How to go on without what is incomplete."""
    return in_words(
        python="pass drop_incomplete='models' (or 'metrics') to leave out what is incomplete",
        flags="give --drop-incomplete models (or metrics) to leave out what is incomplete",
    )


def find_gaps(
    table: Table, columns: Columns, metrics: Sequence[str]
) -> tuple[tuple[str, ...], IntArray, dict[str, BoolArray]]:
    """Find the models that lack a value of a metric: all of its rows, or a cell in one of them.

    Returns
    -------
    models : tuple of str
        In the order of their first appearance.
    codes : ndarray of int, shape (n_rows,)
        The position of each row's model in `models`.
    gaps : dict from str to ndarray of bool, shape (n_models,)
        By metric, which models lack it.
    """
    layout = _read_layout(table, columns, metrics)
    gaps: dict[str, BoolArray] = {}
    for metric in metrics:
        place = _find_in_wide(layout, metric) if layout.metrics is None else _find_in_long(layout, metric)
        codes, n_models = layout.codes[place.rows], len(layout.models)
        lacks = np.bincount(codes, minlength=n_models) == 0
        for column in (place.column, None if place.spread is None else place.spread.spread):
            if column is not None:
                missing = table.missing(column)[place.rows]
                if column == place.column or not missing.all():  # a spread that is blank throughout is none
                    lacks |= np.bincount(codes, missing, n_models) > 0
        gaps[metric] = lacks
    return layout.models, layout.codes, gaps


def _read_layout(table: Table, columns: Columns, selected: Sequence[str]) -> _Layout:
    if not len(table.frame):
        raise table.error("no rows", "one row a run of a model", "add the measurements")
    metric, value = columns.find(table, "metric"), columns.find(table, "value")
    stated = columns.stated()
    if metric is None or value is None:
        if "metric" in stated or "value" in stated:
            table.require(columns.metric, what="the metric column of a long table")
            table.require(columns.value, what="the value column of a long table")
        metric = value = None
    labels: dict[str, TextArray | None] = {}
    found = {job: columns.find(table, job) for job in ("target", "unit", "run", "iteration")}
    for job, column in found.items():
        labels[job] = None if column is None else table.labels(column)
    codes, models = model_names(table, columns.model)
    if len(models) < 2:
        raise table.error(
            f"one model, {quote(models[0])}, in {_count(len(codes), 'row')}",
            "two models or more",
            "add those it is to be compared with, or name the right model column",
        )
    metrics = None if metric is None else table.labels(metric)
    if metrics is not None and (metrics == "").any():
        row = int(np.argmax(metrics == ""))
        raise table.error("no metric", "its name", "fill it in or drop the row", rows=[row], column=metric)
    units = labels["unit"] if value is not None else None  # beside a wide row, a unit would not say whose it is
    # As the table spells them, for messages.
    spelling: dict[str, Any] = {job: name for job, name in (found | {"metric": metric}).items() if name is not None}
    return _Layout(
        table,
        replace(columns, **spelling),
        codes,
        models,
        value,
        metrics,
        labels["target"],
        units,
        labels["run"],
        labels["iteration"],
        columns.without_job(table, {*selected, *(metric.rpartition("@")[0] for metric in selected)}),
    )


def _observe_one(layout: _Layout, metric: str) -> Observations:
    place = _find_in_wide(layout, metric) if layout.metrics is None else _find_in_long(layout, metric)
    table, rows = layout.table, place.rows
    unit = _one_unit(layout, metric, rows)
    values = table.numbers(
        place.column, rows, metric=metric, if_missing=f"fill it in, drop the row, or {remedy_for_gaps()}"
    )
    runs = None if layout.runs is None else layout.runs[rows]
    sd, n, unused = None, None, ""
    if place.spread is not None:
        sd, n, unused = published_spread(table, metric, rows, layout.codes[rows], values, runs, place.spread)
    iterations = None if layout.iterations is None else layout.iterations[rows]
    if layout.targets is not None:
        kept = _over_targets(layout, metric, layout.targets[rows], layout.codes[rows], values, sd)
        if kept is not None:
            rows, values, runs, iterations = rows[kept], values[kept], None, None
            sd, n = (None, None) if sd is None or n is None else (sd[kept], n[kept])
    codes = layout.codes[rows]
    return Observations(metric, unit, place.column, rows, codes, values, runs, iterations, sd, n, place.spread, unused)


def _find_in_long(layout: _Layout, metric: str) -> _Place:
    """Find the rows of a metric: by its whole name, else by name and target."""
    assert layout.metrics is not None
    assert layout.value is not None
    rows = np.flatnonzero(layout.metrics == metric)
    if not rows.size:
        base, _, target = metric.rpartition("@")
        rows = np.flatnonzero(layout.metrics == base)
        if not base or not rows.size:
            _raise_unknown(layout, metric, "the metrics", sorted(set(layout.metrics)), layout.columns.metric)
        if layout.targets is None:
            raise layout.table.error(
                f"no column {quote(layout.columns.target)} for {quote(metric)}",
                f"one that names the targets of metric {quote(base)}",
                f"select {quote(base)}, or name the target's column",
            )
        rows = rows[layout.targets[rows] == target]
        if not rows.size:
            choices = [f"{base}@{known}" for known in _distinct(layout.targets[layout.metrics == base])]
            _raise_unknown(layout, metric, "the targets of that metric", choices, layout.columns.target)
    return _Place(layout.value, rows, spread_columns(layout.value, layout.free, alone=True))


def _find_in_wide(layout: _Layout, metric: str) -> _Place:
    """Find the column of a metric: by its whole name, else by name and target."""
    table, targets = layout.table, layout.targets
    base, _, target = metric.rpartition("@")
    if metric in table.columns:
        rows = np.arange(len(table.frame))
        if targets is not None and len(set(targets)) > 1:
            # A metric has no target where none of its cells was filled in.
            filled = set(targets[~table.missing(metric)])
            keep = np.fromiter((label in filled for label in targets), bool, len(targets))
            rows = rows[keep] if filled else rows
        column = metric
    elif base in table.columns and targets is not None:
        rows = np.flatnonzero(targets == target)
        if not rows.size:
            choices = [f"{base}@{known}" for known in _distinct(targets)]
            _raise_unknown(layout, metric, "the targets", choices, layout.columns.target)
        column = base
    else:
        if base in table.columns:
            raise table.error(
                f"no column {quote(metric)} and no column {quote(layout.columns.target)}",
                f"one that names the targets of metric {quote(base)}",
                f"select {quote(base)}, or name the target's column",
            )
        table.require(metric, what="a metric")
        raise AssertionError(metric)
    return _Place(column, rows, spread_columns(column, layout.free))


def _raise_unknown(layout: _Layout, metric: str, what: str, known: list[str], column: str) -> None:
    expected = f"one of {what}: {listing(known)}"
    raise layout.table.error(
        f"no {quote(metric)}", expected, "select one of them" + nearest(metric, known), column=column
    )


def _one_unit(layout: _Layout, metric: str, rows: IntArray) -> str:
    """Return the unit of a metric's rows; a blank unit is an unstated one."""
    if layout.units is None:
        return ""
    units = layout.units[rows]
    stated = np.flatnonzero(units != "")
    if not stated.size:
        return ""
    unit: str = units[stated[0]]
    differs = stated[units[stated] != unit]
    if differs.size:
        raise layout.table.error(
            f"units {quote(unit)} and {quote(units[differs[0]])} for metric {quote(metric)}",
            "one unit a metric",
            "convert the values to one unit",
            rows=[int(rows[stated[0]]), int(rows[differs[0]])],
            column=layout.columns.unit,
        )
    return unit


def _over_targets(
    layout: _Layout, metric: str, targets: TextArray, codes: IntArray, values: Array, sd: Array | None
) -> IntArray | None:
    """Keep one value a model where a metric, like accuracy, is the same on all its targets.

    Returns
    -------
    ndarray of int or None
        Positions of the first value of each model, or None if all values are from one target.

    Raises
    ------
    DataError
        If the values depend on the target, or nothing shows that they don't.
    """
    known = _distinct(targets)
    if len(known) == 1:
        return None
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    one_value = all((numbers == numbers[first[codes]]).all() for numbers in (values, sd) if numbers is not None)
    # A model measured on a single target says nothing about the others: each target must share a model with another.
    elsewhere = targets != targets[first[codes]]
    twice = np.bincount(codes, weights=elsewhere)[codes] > 0
    if one_value and len(set(targets[twice])) == len(known):
        return np.sort(first)
    reason = "with different values" if not one_value else "with no model on two of them to show that they agree"
    choices = [f"{metric}@{target}" if target else f"{metric} in rows without a target" for target in known]
    raise layout.table.error(
        f"metric {quote(metric)} on {len(known)} targets, {reason}",
        f"one of {listing(choices)}",
        "select one of them, or several",
    )


def _distinct(labels: TextArray) -> list[str]:
    """Return distinct labels in the order of their first appearance."""
    return list(dict.fromkeys(labels.tolist()))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
