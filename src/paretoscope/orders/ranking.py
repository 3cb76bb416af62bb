"""Ranks of models under noise: their distribution and intervals, and the summary table of all statistics.

Everything works on an array of efficiency draws, (n_resamples, n_models), and the models' names.  Larger is better.
Ranks are competition ranks: 1 + the number of models that are strictly greater, so equal models share the better rank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from paretoscope.arrays import Array, IntArray, check_share
from paretoscope.errors import DataError, OptionError, quote
from paretoscope.kernels.orders import count_ranks, rank_draws
from paretoscope.orders.pairs import pairwise, peel_tiers, share_greater, tiers
from paretoscope.orders.reliability import competition_ranks, linear_scores, rank
from paretoscope.orders.sorted_draws import as_draws, model_index, quantiles, sort_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "digits", "linear_scores", "monte_carlo_error", "p_best", "p_efficient", "p_top", "pairwise", "rank",
    "rank_distribution", "rank_interval", "ranks", "summary", "tiers",
]  # fmt: skip


COLUMNS = (
    "efficiency", "mean", "sd", "q05", "median", "q95",
    "p_best", "p_efficient", "rank", "rank_low", "rank_high", "tier",
)  # fmt: skip


def ranks(draws: ArrayLike) -> IntArray:
    """Rank the models within each draw.

    Parameters
    ----------
    draws : (n_resamples, n_models) array

    Returns
    -------
    (n_resamples, n_models) array of int
        Competition ranks, 1 for the greatest.

    Examples
    --------
    >>> ranks([[0.7, 1.0, 1.0, 0.4]])
    array([[3, 1, 1, 4]])
    """
    return _ranks(as_draws(draws))


def _ranks(values: Array) -> IntArray:
    result = np.empty(values.shape, np.int64)
    rank_draws(values, np.argsort(values, axis=1), result)
    return result


def _rank_counts(values: Array) -> IntArray:
    """Count the draws in which model i, a row, has rank r + 1, a column."""
    counts = np.zeros((values.shape[1], values.shape[1]), np.int64)
    count_ranks(_ranks(values), counts)
    return counts


def rank_distribution(draws: ArrayLike, models: Sequence[str]) -> pd.DataFrame:
    """Estimate the probability of each rank.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
    models : sequence of str

    Returns
    -------
    DataFrame
        One row a model, one column a rank from 1 to n_models; rows sum to 1.  Columns sum to 1 where no draw has ties.

    Examples
    --------
    >>> rank_distribution([[0.7, 1.0], [0.8, 0.9], [1.0, 0.6], [0.9, 1.0]], ["a", "b"]).to_numpy()
    array([[0.25, 0.75],
           [0.75, 0.25]])
    """
    values = as_draws(draws, models)
    columns = pd.RangeIndex(1, len(models) + 1, name="rank")
    return pd.DataFrame(_rank_counts(values) / len(values), index=model_index(models), columns=columns)


def _interval(counts: IntArray, level: float) -> IntArray:
    """Read the quantiles of each model's ranks off their counts, rounded outwards to ranks that occur."""
    below = np.cumsum(counts, axis=1)
    last = int(below[0, -1]) - 1
    tail = (1.0 - level) / 2.0
    # Positions that are whole but for the rounding of `tail` count as whole.
    low = np.floor(np.round(tail * last, 9))
    high = np.ceil(np.round((1.0 - tail) * last, 9))
    return 1 + np.column_stack([(below <= place).sum(axis=1) for place in (low, high)])


def rank_interval(draws: ArrayLike, models: Sequence[str], *, level: float = 0.90) -> pd.DataFrame:
    """Give the central interval of each model's rank.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
    models : sequence of str
    level : float
        Share of the draws that each interval holds, at least; in (0, 1).

    Returns
    -------
    DataFrame
        One row a model; `rank_low` and `rank_high` are the (1 - level) / 2 and (1 + level) / 2 quantiles of its ranks,
        rounded outwards to ranks that occur.

    Raises
    ------
    OptionError
        If `level` is not in (0, 1).
    """
    level = check_share("level", level, low=0.0, high=1.0)
    interval = _interval(_rank_counts(as_draws(draws, models)), level)
    return pd.DataFrame(interval, index=model_index(models), columns=["rank_low", "rank_high"])


def _p_best(values: Array) -> Array:
    best = values == values.max(axis=1, keepdims=True)
    shares: Array = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def p_best(draws: ArrayLike, models: Sequence[str]) -> pd.Series[float]:
    """Estimate the probability of being the most efficient model.

    Models that tie for the first place, as all efficient ones do, share the draw equally: the probabilities sum to 1.

    Examples
    --------
    >>> p_best([[1.0, 1.0, 0.5], [1.0, 0.9, 0.5]], ["a", "b", "c"]).tolist()
    [0.75, 0.25, 0.0]
    """
    return pd.Series(_p_best(as_draws(draws, models)), index=model_index(models), name="p_best")


def p_efficient(draws: ArrayLike, models: Sequence[str]) -> pd.Series[float]:
    """Estimate the probability of lying on the frontier: an efficiency of 1, or above it under super-efficiency."""
    values = as_draws(draws, models)
    return pd.Series((values >= 1.0).mean(axis=0), index=model_index(models), name="p_efficient")


def p_top(draws: ArrayLike, models: Sequence[str], *, k: int) -> pd.Series[float]:
    """Estimate the probability of a rank of at most `k`: fewer than `k` models are strictly better.

    With ties, more than `k` models can reach the top `k` in one draw, and the probabilities sum to more than `k`.

    Raises
    ------
    OptionError
        If `k` is not a whole number from 1 to n_models.
    """
    values = as_draws(draws, models)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= len(models):
        raise OptionError(
            f"k: found {quote(k)}; expected a whole number from 1 to {len(models)}; pass k=1 for the best"
        )
    counts = _rank_counts(values)
    return pd.Series(counts[:, :k].sum(axis=1) / len(values), index=model_index(models), name=f"p_top{k}")


def _spread(rows: Array) -> Array:
    """Give the standard deviations, with n - 1; NaN from a single draw and where a draw is infinite."""
    result = np.full(len(rows), np.nan)
    known = np.isfinite(rows[:, -1])
    if rows.shape[1] > 1:
        result[known] = rows[known].std(axis=1, ddof=1)
        result[known & (rows[:, 0] == rows[:, -1])] = 0.0  # free of the rounding of the mean
    return result


def monte_carlo_error(draws: ArrayLike, models: Sequence[str]) -> pd.Series[float]:
    """Give the standard error of each model's mean efficiency that is due to the finite number of draws.

    Returns
    -------
    Series
        sd / sqrt(n_resamples); NaN from a single draw and where a draw is infinite.
    """
    rows = sort_rows(as_draws(draws, models))
    return pd.Series(_spread(rows) / np.sqrt(rows.shape[1]), index=model_index(models), name="monte_carlo_error")


def digits(error: float, *, most: int = 6) -> int:
    """Tell how many decimals a Monte-Carlo standard error supports.

    As many as keep a unit of the last one at two standard errors or more, so that another seed seldom moves it by more
    than one.

    Parameters
    ----------
    error : float
        Standard error; `most` decimals if it is 0, none if it is not finite.
    most : int
        The largest number to return.

    Examples
    --------
    >>> digits(0.0003), digits(0.0005), digits(0.0008), digits(0.0)
    (3, 3, 2, 6)
    """
    if error == 0.0:
        return most
    if not np.isfinite(error):
        return 0
    # The small addition keeps an error of exactly half a unit, 0.0005, on the right side of rounding.
    return int(np.clip(np.floor(-np.log10(2.0 * error) + 1e-9), 0, most))


def _align(efficiency: pd.Series[float] | ArrayLike, models: Sequence[str]) -> Array:
    if isinstance(efficiency, pd.Series):
        missing = [name for name in models if name not in efficiency.index]
        if missing:
            raise DataError(
                f"efficiency: found no value for model {quote(missing[0])}; expected one a model; "
                "pass the scores of the same data"
            )
        efficiency = efficiency.loc[list(models)]
    values: Array = np.asarray(efficiency, dtype=np.float64)
    if values.shape != (len(models),):
        raise DataError(
            f"efficiency: found an array of shape {values.shape}; expected ({len(models)},), one value a model; "
            "pass the scores of the same data"
        )
    return values


def check_views(*, level: float = 0.90, confidence: float = 0.95) -> None:
    """Check the options of `summary`, for who wants to know before the draws are made.

    Raises
    ------
    OptionError
        If one is out of range.
    """
    check_share("level", level, low=0.0, high=1.0)
    check_share("confidence", confidence, low=0.5, high=1.0, closed=True)


def summary(
    draws: ArrayLike,
    models: Sequence[str],
    efficiency: pd.Series[float] | ArrayLike,
    *,
    level: float = 0.90,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Summarise each model's efficiency under noise.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
    models : sequence of str
    efficiency : Series or (n_models,) array
        The efficiencies at the means of the measurements; a Series is aligned by name.
    level : float
        Of the interval from `rank_low` to `rank_high`, see `rank_interval`.
    confidence : float
        Of `tier`, see `tiers`.

    Returns
    -------
    DataFrame
        One row a model, sorted by `rank`, ties in the order of `models`.  Columns: `efficiency` as given; `mean`, `sd`
        (NaN where a draw is infinite), `q05`, `median` and `q95` (the 5 %, 50 % and 95 % quantiles, whatever `level`
        is) of the draws; `p_best`, `p_efficient`; `rank` by the mean, `rank_low`, `rank_high`; `tier`.

    Raises
    ------
    DataError
        If `efficiency` does not fit `models`.
    OptionError
        If `level` or `confidence` is out of range.
    """
    check_views(level=level, confidence=confidence)
    values = as_draws(draws, models)
    rows = sort_rows(values)
    mean = rows.mean(axis=1)
    low, median, high = quantiles(rows, [0.05, 0.5, 0.95]).T
    interval = _interval(_rank_counts(values), level)
    columns: dict[str, NDArray[np.generic]] = {
        "efficiency": _align(efficiency, models),
        "mean": mean,
        "sd": _spread(rows),
        "q05": low,
        "median": median,
        "q95": high,
        "p_best": _p_best(values),
        "p_efficient": (values >= 1.0).mean(axis=0),
        "rank": competition_ranks(mean),
        "rank_low": interval[:, 0],
        "rank_high": interval[:, 1],
        "tier": peel_tiers(share_greater(values) >= confidence),
    }
    table = pd.DataFrame(columns, index=model_index(models), columns=list(COLUMNS))
    return table.sort_values("rank", kind="stable")
