r"""Linear rankings of models by a weight on their reliability functions.

The reliability function of a model's efficiency is :math:`R(t) = P(\theta > t)`.  A weight :math:`w \ge 0` on [0, 1]
says which levels of efficiency count, and the score is :math:`\int_0^1 w(t) R(t)\,dt = \mathrm{E}\,W(\theta)` with
:math:`W(t) = \int_0^t w`, by exchanging the integrals.  A model that dominates another in the first order scores at
least as much under every weight.

References
----------
Davtalab-Olyaie, Asgharian, Partovi Nia (2019), "Stochastic ranking and dominance in DEA", International Journal of
Production Economics 214.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from paretoscope.arrays import Array, IntArray
from paretoscope.errors import OptionError, nearest, quote
from paretoscope.orders.sorted_draws import as_draws, model_index, quantiles, sort_rows

Weight = Callable[[Array], Array]
By = str | Weight  # "mean", "median" or a weight

# A power of two, so that cutting [0, 1] into cells rounds nothing.
N_CELLS = 4096
N_POINTS = 4


def evaluate_weight(weight: Weight, levels: Array) -> Array:
    """Call the weight once on all levels and check what it returns.

    Raises
    ------
    OptionError
        If the values are not one finite, non-negative number a level, or are all zero.
    """
    values = np.asarray(weight(levels.copy()))
    if values.shape != levels.shape:
        raise OptionError(
            f"by: the weight returned shape {values.shape} for {levels.size} levels of efficiency; expected one "
            "value a level; return an array, np.ones_like(t) for a constant"
        )
    try:
        checked: Array = values.astype(np.float64, casting="same_kind") if values.dtype != bool else values * 1.0
    except TypeError:
        raise OptionError(
            f"by: the weight returned values of type {values.dtype}; expected real numbers; return an array of floats"
        ) from None
    for found, bad in (("not finite", ~np.isfinite(checked)), ("negative", checked < 0.0)):
        if bad.any():
            position = int(np.argmax(bad))
            raise OptionError(
                f"by: the weight is {found}, {checked[position]}, at efficiency {levels[position]:.6g}; expected a "
                "finite number of at least 0 on all of [0, 1]; bound the weight"
            )
    if not checked.any():
        raise OptionError(
            "by: the weight is 0 on all of [0, 1]; expected a positive weight somewhere; weigh the levels that count"
        )
    return checked


def integrate_weight(weight: Weight) -> tuple[Array, Array]:
    """Integrate a weight cell by cell.

    Returns
    -------
    integral : (N_CELLS + 1,) array
        W at the cells' borders; ascending.
    slopes : (N_CELLS, 2) array
        The weight at each cell's two borders, held to three times its average over the cell.  This is Fritsch and
        Carlson's condition (1980), which keeps the cubic through the borders monotone.
    """
    borders = np.linspace(0.0, 1.0, N_CELLS + 1)
    points, point_weights = np.polynomial.legendre.leggauss(N_POINTS)
    inner = borders[:-1, np.newaxis] + (points + 1.0) / (2.0 * N_CELLS)
    values = evaluate_weight(weight, np.concatenate([borders, inner.ravel()]))
    averages = values[borders.size :].reshape(inner.shape) @ (point_weights / 2.0)
    integral = np.concatenate([[0.0], np.cumsum(averages / N_CELLS)])
    at_borders = values[: borders.size]
    slopes = np.column_stack([at_borders[:-1], at_borders[1:]])
    return integral, np.minimum(slopes, 3.0 * averages[:, np.newaxis])


def weighted_scores(rows: Array, weight: Weight) -> Array:
    r"""Score each model by :math:`\mathrm{E}\,W(\theta)`.

    W is integrated by 4-point Gauss-Legendre quadrature on 4096 cells and interpolated within a cell by a monotone
    cubic with the slopes w.  For a weight with three continuous derivatives, the error of a score is at most
    :math:`(h^4 / 384) \max |w'''|` with :math:`h = 1/4096`, that is :math:`10^{-17} \max |w'''|`, beside rounding.  A
    draw in a cell where the weight comes down to 0 may add :math:`(h^3 / 108) \max |w''|`, about :math:`10^{-13}` of
    it, since the cubic is kept from falling.  Every jump of the weight adds at most :math:`2 h` times its size, 0.0005
    of it.

    Parameters
    ----------
    rows : (n_models, n_resamples) array
        Each model's draws, ascending, in [0, 1].
    weight : callable
        Vectorised: takes an array of levels of efficiency in [0, 1] and returns as many weights.

    Returns
    -------
    (n_models,) array
    """
    integral, slopes = integrate_weight(weight)
    scores = np.empty(rows.shape[0])
    for model, row in enumerate(rows):
        cells = np.minimum((row * N_CELLS).astype(np.int64), N_CELLS - 1)
        share = row * N_CELLS - cells
        left, right = integral[cells], integral[cells + 1]
        average = (right - left) * N_CELLS
        first, last = slopes[cells, 0], slopes[cells, 1]
        cubic = share * (first + share * (3.0 * average - 2.0 * first - last + share * (first + last - 2.0 * average)))
        scores[model] = np.clip(left + cubic / N_CELLS, left, right).mean()
    return scores


def _scores(rows: Array, by: By) -> Array:
    if isinstance(by, str):
        if by == "mean":
            means: Array = rows.mean(axis=1)
            return means
        if by == "median":
            return quantiles(rows, [0.5])[:, 0]
        hint = nearest(by, ["mean", "median"])
        raise OptionError(f"by: {quote(by)} is not known; expected 'mean', 'median' or a weight function{hint}")
    if not callable(by):
        raise OptionError(
            f"by: found {quote(by)}; expected 'mean', 'median' or a weight function; pass lambda t: 2 * t, for example"
        )
    if rows[:, -1].max() > 1.0:
        raise OptionError(
            f"by: a weight covers efficiencies in [0, 1], and the greatest draw is {rows[:, -1].max():.6g}; "
            "expected draws without super-efficiency; rank by 'mean' or 'median'"
        )
    return weighted_scores(rows, by)


def competition_ranks(scores: NDArray[np.floating]) -> IntArray:
    """Rank scores, the greatest first; equal scores share the better rank."""
    return np.searchsorted(np.sort(-scores), -scores, side="left") + np.int64(1)


def linear_scores(draws: ArrayLike, models: Sequence[str], *, by: By = "mean") -> pd.Series[float]:
    r"""Score each model by its mean, its median, or a weight on its reliability function.

    The reliability function is :math:`R(t) = P(\theta > t)`; the score of a weight w is :math:`\int_0^1 w(t) R(t)\,dt`.
    The constant weight 1 gives the mean, :math:`2t` gives :math:`\mathrm{E}\,\theta^2`.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
    models : sequence of str
    by : "mean", "median" or callable
        A callable takes an array of efficiencies t in [0, 1] and returns as many weights, finite, of at least 0 and not
        all 0.  See `paretoscope.orders.reliability.weighted_scores` for the error of the integral.

    Returns
    -------
    Series
        In the order of `models`; larger is better.

    Raises
    ------
    OptionError
        If `by` is none of these, or is a callable and a draw exceeds 1, where a weight has no meaning.

    References
    ----------
    Davtalab-Olyaie, Asgharian, Partovi Nia (2019), "Stochastic ranking and dominance in DEA".

    Examples
    --------
    >>> linear_scores([[0.5, 0.7], [1.0, 0.7]], ["a", "b"], by=lambda t: 2 * t).round(6).tolist()
    [0.625, 0.49]
    """
    scores = _scores(sort_rows(as_draws(draws, models)), by)
    return pd.Series(scores, index=model_index(models), name="score")


def rank(draws: ArrayLike, models: Sequence[str], *, by: By = "mean") -> pd.Series[int]:
    """Rank the models by their `linear_scores`; parameters and errors are the same.

    Returns
    -------
    Series of int
        Competition ranks, 1 for the best, equal scores sharing the better rank; sorted by rank, ties in the order of
        `models`.

    Examples
    --------
    >>> rank([[0.5, 0.7], [0.8, 0.7]], ["a", "b"]).to_dict()
    {'b': 1, 'a': 2}
    """
    scores = linear_scores(draws, models, by=by)
    result: pd.Series[int] = pd.Series(competition_ranks(scores.to_numpy()), index=scores.index, name="rank")
    return result.sort_values(kind="stable")
