"""Efficiency draws as arrays: the check at the border, each model's draws in ascending order, their quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from paretoscope.arrays import Array
from paretoscope.errors import DataError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence


def as_draws(draws: ArrayLike, models: Sequence[str] | None = None) -> Array:
    """Check efficiency draws and return them as a C-contiguous array.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
        Efficiencies, of at least 0; +inf is allowed (super-efficiency without bound).
    models : sequence of str, optional
        Names of the columns, distinct.

    Returns
    -------
    (n_resamples, n_models) array
        Without negative zeros.

    Raises
    ------
    DataError
        If there is no draw or no model, an entry is missing or negative, or the names do not fit.
    """
    values: Array = np.ascontiguousarray(np.asarray(draws, dtype=np.float64) + 0.0)
    if values.ndim != 2 or values.size == 0:
        raise DataError(
            f"draws: found an array of shape {values.shape}; expected (n_resamples, n_models), neither of them 0; "
            "pass one row a draw and one column a model"
        )
    if models is not None:
        check_models(models, values.shape[1])
    invalid = ~(values >= 0.0)
    if invalid.any():
        draw, model = (int(index) for index in np.argwhere(invalid)[0])
        name = model if models is None else quote(models[model])
        raise DataError(
            f"draws: found {values[draw, model]} for model {name} in draw {draw}; expected efficiencies of at least 0; "
            "score the draws again or leave the model out"
        )
    return values


def check_models(models: Sequence[str], n_models: int) -> None:
    """Check that there are `n_models` distinct names.

    Raises
    ------
    DataError
        If there are not.
    """
    if len(models) != n_models:
        raise DataError(
            f"models: found {len(models)} names for {n_models} columns; expected one a column; "
            "pass the models in the order of the columns"
        )
    if len(set(models)) != len(models):
        repeated = next(name for position, name in enumerate(models) if name in models[:position])
        raise DataError(
            f"models: found {quote(repeated)} twice; expected distinct names; tell the models apart by another column"
        )


def model_index(models: Sequence[str], name: str = "model") -> pd.Index[str]:
    """Label rows or columns by model."""
    return pd.Index(list(models), name=name)


def sort_rows(draws: Array) -> Array:
    """Sort each model's draws.

    Whatever is summed over these rows depends on a model's distribution alone, not on the order of its draws: equal
    distributions get equal sums, bit by bit, and a model that leads at every quantile never gets the smaller sum.

    Returns
    -------
    (n_models, n_resamples) array
        C-contiguous; each row ascending.
    """
    rows: Array = np.ascontiguousarray(draws.T)
    if rows is draws or np.shares_memory(rows, draws):
        rows = rows.copy()
    rows.sort(axis=1)
    return rows


def quantiles(rows: Array, probabilities: ArrayLike) -> Array:
    """Interpolate linearly between the order statistics, as `numpy.quantile` does, but through infinite draws as well.

    Parameters
    ----------
    rows : (n_models, n_resamples) array
        Each row ascending.
    probabilities : (n_probabilities,) array
        In [0, 1].

    Returns
    -------
    (n_models, n_probabilities) array
        Infinite where an order statistic with a positive share in the quantile is infinite.

    Examples
    --------
    >>> quantiles(np.array([[0.5, 0.7, np.inf]]), [0.25, 0.5, 0.75])
    array([[0.6, 0.7, inf]])
    """
    positions = (rows.shape[1] - 1) * np.asarray(probabilities, dtype=np.float64)
    lower = np.floor(positions).astype(np.int64)
    upper = np.ceil(positions).astype(np.int64)
    low, high = rows[:, lower], rows[:, upper]
    # Where there is nothing to interpolate, infinities would subtract to NaN.
    with np.errstate(invalid="ignore"):
        between = low + (high - low) * (positions - lower)
    result: Array = np.where((low == high) | np.isinf(low), low, between)
    return result
