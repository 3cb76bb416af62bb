"""From observations to one value a run: labels of runs, duplicates, and iterations folded into their run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, BoolArray, IntArray, resolve_choice
from paretoscope.errors import quote
from paretoscope.measurements.moments import group_moments

if TYPE_CHECKING:
    from paretoscope.measurements.layouts import Observations
    from paretoscope.measurements.tables import Table, TextArray

# The quantile that each fold takes; the mean is none.
FOLDS = {"median": 0.5, "mean": None, "p90": 0.90, "p95": 0.95, "p99": 0.99}


class Runs(NamedTuple):
    """One value a run of a model.

    Attributes
    ----------
    models : ndarray of int, shape (n_runs,)
        Positions in the list of models, in no order.
    runs : ndarray of str, shape (n_runs,)
        Labels, distinct within a model; in the order of the table.
    values : ndarray of float64, shape (n_runs,)
        In the metric's unit.
    warning : str
        What the caller must be told, or "".
    """

    models: IntArray
    runs: TextArray
    values: Array
    warning: str


def check_fold(fold: str) -> str:
    """Return the fold that is meant, or raise `OptionError`."""
    return resolve_choice("fold", fold, tuple(FOLDS))


def fold_into_runs(table: Table, observed: Observations, models: tuple[str, ...], fold: str) -> Runs:
    """Fold the iterations of each run into one value.

    Where no model has a second run, but some have several iterations that differ, the iterations take the runs' place,
    with a warning: iterations of one run are autocorrelated, so that their spread is less than that between runs.

    Raises
    ------
    DataError
        If two rows claim to be the same run, or the same iteration, or a run's label is blank beside others.
    """
    codes, values = observed.models, observed.values
    iterations = observed.iterations
    if iterations is None or (iterations == "").all():
        labels = _run_labels(table, observed, models)
        _check_distinct(table, observed, models, labels, None)
        return Runs(codes, labels, values, "")
    # Rows without a label of a run are iterations of a single one.
    labels = np.where(_blank_runs(table, observed, models), "1", _or_blank(observed.runs, codes.size))
    _check_distinct(table, observed, models, labels, iterations)
    groups, first = _group([codes, pd.factorize(labels)[0]])
    _check_labelled(table, observed, models, iterations, groups)
    one_run = first.size == np.unique(codes).size
    if one_run and not _is_constant(groups, values):
        warning = (
            f"metric {quote(observed.metric)}: found several iterations of one run of each model; expected several "
            "runs; the iterations are used as runs, but they are autocorrelated, so that the spread is understated: "
            "repeat whole runs"
        )
        return Runs(codes, np.where(iterations == "", "1", iterations), values, warning)
    return Runs(codes[first], labels[first], _fold(groups, values, first.size, fold), "")


def _run_labels(table: Table, observed: Observations, models: tuple[str, ...]) -> TextArray:
    """Label each row's run; a model whose rows have no labels counts its rows."""
    blank = _blank_runs(table, observed, models)
    counted = (pd.Series(observed.models).groupby(observed.models).cumcount() + 1).astype(str).to_numpy(dtype=object)
    labels: TextArray = np.where(blank, counted, _or_blank(observed.runs, blank.size))
    return labels


def _blank_runs(table: Table, observed: Observations, models: tuple[str, ...]) -> BoolArray:
    """Tell which rows have no label of a run, and refuse a model that has rows with and rows without."""
    if observed.runs is None:
        return np.ones(observed.models.size, dtype=bool)
    blank: BoolArray = observed.runs == ""
    some = np.bincount(observed.models, weights=blank, minlength=len(models)) > 0
    others = some[observed.models] & ~blank
    if others.any():
        model = observed.models[np.argmax(others)]
        row = int(observed.rows[np.argmax(blank & (observed.models == model))])
        raise table.error(
            f"no run for metric {quote(observed.metric)} of model {quote(models[model])}, whose other rows have one",
            "the run of each row",
            "fill it in or drop the row",
            rows=[row],
        )
    return blank


def _check_distinct(
    table: Table, observed: Observations, models: tuple[str, ...], runs: TextArray, iterations: TextArray | None
) -> None:
    keys = {"model": observed.models, "run": runs} | ({} if iterations is None else {"iteration": iterations})
    frame = pd.DataFrame(keys)
    again = frame.duplicated().to_numpy()
    if not again.any():
        return
    second = int(np.argmax(again))
    first = int(np.argmax((frame == frame.iloc[second]).all(axis=1).to_numpy()))
    what = f"run {quote(runs[second])}" if observed.runs is not None else "the run"
    if iterations is None:
        expected = "one row a run"
        remedy = "add an iteration column, name the target's column, or drop one"
    else:
        what = f"iteration {quote(iterations[second])} of {what}"
        expected = "one row an iteration"
        remedy = "number the iterations, name the run's or target's column, or drop one"
    raise table.error(
        f"{what} of model {quote(models[observed.models[second]])} twice for metric {quote(observed.metric)}",
        expected,
        remedy,
        rows=[int(observed.rows[first]), int(observed.rows[second])],
    )


def _check_labelled(
    table: Table, observed: Observations, models: tuple[str, ...], iterations: TextArray, groups: IntArray
) -> None:
    """Refuse a row without an iteration that shares its run with others; alone, it is its run's only value."""
    blank = (iterations == "") & (np.bincount(groups)[groups] > 1)
    if blank.any():
        position = int(np.argmax(blank))
        raise table.error(
            f"no iteration for metric {quote(observed.metric)} of model {quote(models[observed.models[position]])}, "
            "whose run has other rows",
            "the iteration of each row",
            "fill it in or drop the row",
            rows=[int(observed.rows[position])],
        )


def _fold(groups: IntArray, values: Array, n_groups: int, fold: str) -> Array:
    """Fold the values of each group; groups are numbered by first appearance."""
    order = np.lexsort((values, groups))
    counts = np.bincount(groups, minlength=n_groups)
    starts = np.cumsum(counts) - counts
    ordered = values[order]
    quantile = FOLDS[fold]
    if quantile is None:
        return group_moments(ordered, starts)[0]
    # As in numpy.quantile(..., method="linear"), to the last bit.
    position = quantile * (counts - 1)
    below = np.floor(position)
    weight = position - below
    low = ordered[starts + below.astype(np.int64)]
    high = ordered[starts + np.minimum(below + 1, counts - 1).astype(np.int64)]
    step = high - low
    folded: Array = np.where(weight < 0.5, low + step * weight, high - step * (1 - weight))
    return folded


def _group(keys: list[IntArray]) -> tuple[IntArray, IntArray]:
    """Give numbers to the distinct combinations of keys by first appearance, and tell where each appears first."""
    combined = np.zeros(keys[0].size, dtype=np.int64)
    for key in keys:
        combined = combined * (int(key.max()) + 1) + key
    groups = pd.factorize(combined)[0].astype(np.int64)
    _, first = np.unique(groups, return_index=True)
    return groups, first


def _is_constant(groups: IntArray, values: Array) -> bool:
    _, first = np.unique(groups, return_index=True)
    return bool((values == values[first[groups]]).all())


def _or_blank(labels: TextArray | None, size: int) -> TextArray:
    return np.full(size, "", dtype=object) if labels is None else labels
