"""The canonical long table, one row a run: its order, and the mean and spread of each model's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from paretoscope.arrays import Array, IntArray
from paretoscope.errors import quote
from paretoscope.measurements.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUN_COLUMNS = {"run": str, "value": np.float64}
PUBLISHED_COLUMNS = {"mean": np.float64, "sd": np.float64, "n": np.float64}


def group_moments(values: Array, starts: IntArray) -> tuple[Array, Array]:
    """Return mean and standard deviation (ddof 1; 0 for a single value) of consecutive groups.

    Equal values have exactly their value as mean, and no spread.  Sums neither overflow nor underflow, since each group
    is scaled by a power of two.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite.
    starts : ndarray of int, shape (n_groups,)
        Where the groups begin; the first at 0, none empty.

    Returns
    -------
    mean, sd : ndarray of float64, shape (n_groups,)
        In the unit of `values`.

    Examples
    --------
    >>> group_moments(np.array([1.0, 3.0, 0.1, 0.1, 0.1]), np.array([0, 2]))
    (array([2. , 0.1]), array([1.41421356, 0.        ]))
    """
    counts = np.diff(starts, append=values.size)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    exponents = np.frexp(np.maximum(high, -low))[1]
    scaled = np.ldexp(values, -np.repeat(exponents, counts))
    mean = np.add.reduceat(scaled, starts) / counts
    squares = np.add.reduceat((scaled - np.repeat(mean, counts)) ** 2, starts)
    sd = np.ldexp(np.sqrt(squares / np.maximum(counts - 1, 1)), exponents)
    equal = low == high
    return np.where(equal, high, np.ldexp(mean, exponents)), np.where(equal, 0.0, sd)


def long_table(
    parts: Sequence[Mapping[str, Any]], models: Sequence[str], metrics: Sequence[str], columns: Mapping[str, type]
) -> pd.DataFrame:
    """Join the runs of all metrics, in the order of models, then metrics, then as they came.

    Parameters
    ----------
    parts : sequence of mapping
        Arrays by column, one for each of `columns`; `model`, an array of positions; `metric`, one position.
    models, metrics : sequence of str
        Their names, in order.
    columns : mapping of str to type
        What follows the columns model and metric.

    Returns
    -------
    pandas.DataFrame
        Columns model, metric and `columns`.
    """
    parts = [dict(part) | {"metric": np.full(len(part["model"]), part["metric"])} for part in parts]
    joined = {
        name: np.concatenate([np.asarray(part[name]) for part in parts]) if parts else np.empty(0, dtype=np.int64)
        for name in ("model", "metric", *columns)
    }
    order = np.lexsort((joined["metric"], joined["model"]))
    frame = {
        "model": pd.Series(_names(models)[joined["model"][order]], dtype=str),
        "metric": pd.Series(_names(metrics)[joined["metric"][order]], dtype=str),
    }
    frame |= {name: pd.Series(joined[name][order], dtype=dtype) for name, dtype in columns.items()}
    return pd.DataFrame(frame)


def reordered(frame: pd.DataFrame, models: Sequence[str], metrics: Sequence[str]) -> pd.DataFrame:
    """Keep the rows of some models and metrics, in their order."""
    model, metric = _positions(frame, models, metrics)
    order = np.lexsort((metric, model))
    kept = order[(model[order] >= 0) & (metric[order] >= 0)]
    return frame.iloc[kept].reset_index(drop=True)


def moments(
    runs: pd.DataFrame, published: pd.DataFrame, models: Sequence[str], metrics: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Work out means, standard deviations and numbers of runs, each of shape (models, metrics).

    A cell is NaN where there is nothing, and a number of runs where it was not published.
    """
    mean, sd, n = (np.full((len(models), len(metrics)), np.nan) for _ in range(3))
    if len(runs):
        model, metric = _positions(runs, models, metrics)
        cell = model * len(metrics) + metric
        starts = np.flatnonzero(np.diff(cell, prepend=-1))
        where = model[starts], metric[starts]
        mean[where], sd[where] = group_moments(runs["value"].to_numpy(), starts)
        n[where] = np.diff(starts, append=len(cell))
    if len(published):
        where = _positions(published, models, metrics)
        for table, column in ((mean, "mean"), (sd, "sd"), (n, "n")):
            table[where] = published[column].to_numpy()
    index = pd.Index(models, name="model", dtype=str)
    mean_frame, sd_frame, n_frame = (pd.DataFrame(table, index, pd.Index(metrics)) for table in (mean, sd, n))
    return mean_frame, sd_frame, n_frame


def lowest_values(runs: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """The lowest run, or published mean, of each metric: its `value` and its `model`, by metric."""
    both = [frame for frame in (runs, published.rename(columns={"mean": "value"})) if len(frame)]
    values = pd.concat([frame[["model", "metric", "value"]] for frame in both], ignore_index=True)
    return values.loc[values.groupby("metric")["value"].idxmin()].set_index("metric")


def check_several(models: Sequence[str], source: str) -> None:
    """Raise `DataError` unless there are two models or more."""
    if len(models) < 2:
        table = Table(pd.DataFrame(), source)
        raise table.error(f"one model, {quote(models[0])}", "two models or more", "add those it is to be compared with")


def _positions(frame: pd.DataFrame, models: Sequence[str], metrics: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Return each row's position among models and metrics, -1 where it has none."""
    model = pd.Index(models).get_indexer(pd.Index(frame["model"]))
    metric = pd.Index(metrics).get_indexer(pd.Index(frame["metric"]))
    return model.astype(np.int64), metric.astype(np.int64)


def _names(names: Sequence[str]) -> Any:
    """Make an array of names, whatever their lengths."""
    array = np.empty(len(names), dtype=object)
    array[:] = list(names)
    return array
