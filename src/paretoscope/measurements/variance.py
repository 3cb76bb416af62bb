"""How much of what varies within groups follows a label: two-way analysis of variance without interaction.

Values are ``group + level + noise``.  Groups (models) have effects of their own, which are taken out first, so that a
level is judged by all groups together: with two rows a group, two levels would explain each group alone completely.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from paretoscope.arrays import Array, IntArray

_NEGLIGIBLE = 1e-9  # of the largest eigenvalue, or of the squared values: what rounding leaves of zero
_STEPS = 300  # of a continued fraction that converges in far fewer


class Explained(NamedTuple):
    """Squares within groups and how many are free, those that a label explains and those that remain.

    Attributes
    ----------
    explained, remaining : float
        Sums of squares, in squared units of the values.
    n_explained, n_remaining : int
        Their degrees of freedom.
    """

    explained: float
    remaining: float
    n_explained: int
    n_remaining: int

    @property
    def share(self) -> float:
        """The share of the variance that is explained, less what as many labels explain by chance."""
        total = self.explained + self.remaining
        if self.n_explained == 0 or total == 0.0:
            return 0.0
        if self.n_remaining == 0:
            return 1.0
        n_total = self.n_explained + self.n_remaining
        return max(0.0, 1.0 - (self.remaining / self.n_remaining) / (total / n_total))

    def chance(self, prior_variance: float = 0.0, prior_count: int = 0) -> float:
        """The probability that labels without any effect explain so much, by the F test.

        Parameters
        ----------
        prior_variance : float
            The variance of the noise as it is expected before the data are seen.
        prior_count : int
            How many degrees of freedom that expectation is worth.
        """
        remaining = self.remaining + prior_count * prior_variance
        n_remaining = self.n_remaining + prior_count
        if self.n_explained == 0 or n_remaining == 0 or self.explained == 0.0:
            return 1.0
        unexplained = remaining / (self.explained + remaining)
        return beta_probability(unexplained, n_remaining / 2, self.n_explained / 2)


def explained_by_levels(values: Array, groups: IntArray, levels: IntArray) -> Explained:
    """Tell how much of what varies within groups follows the levels of a label.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
    groups, levels : ndarray of int, shape (n,)
        Each numbered from 0 without gaps.

    Examples
    --------
    >>> found = explained_by_levels(np.array([1.0, 2, 5, 6]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> round(found.explained, 9), found.n_explained, found.n_remaining
    (1.0, 1, 1)
    """
    centred, n_free = _centred(values, groups)
    counts = np.zeros((int(groups.max()) + 1, int(levels.max()) + 1))
    np.add.at(counts, (groups, levels), 1.0)
    # Squares and products of the levels' indicators, each less its mean within groups.
    products = np.diag(counts.sum(axis=0)) - counts.T @ (counts / counts.sum(axis=1, keepdims=True))
    weights, axes = np.linalg.eigh(products)
    free = weights > _NEGLIGIBLE * max(float(weights[-1]), 1.0)
    along = axes[:, free].T @ np.bincount(levels, weights=centred, minlength=counts.shape[1])
    return _split(centred, float(np.sum(along**2 / weights[free])), int(np.count_nonzero(free)), n_free)


def explained_by_slope(values: Array, groups: IntArray, covariate: Array) -> Explained:
    """Tell how much of what varies within groups follows a number along a straight line."""
    centred, n_free = _centred(values, groups)
    x, _ = _centred(covariate, groups)
    square = float(x @ x)
    if square <= _NEGLIGIBLE * float(covariate @ covariate):
        return _split(centred, 0.0, 0, n_free)
    return _split(centred, float(x @ centred) ** 2 / square, 1, n_free)


def beta_probability(x: float, a: float, b: float) -> float:
    """The probability that a beta variate is at most `x`: the regularised incomplete beta function.

    By Lentz's evaluation of its continued fraction (Press et al., Numerical Recipes, section 6.4).

    Examples
    --------
    >>> round(beta_probability(0.25, 0.5, 0.5), 12)
    0.333333333333
    """
    if not 0.0 < x < 1.0:
        return float(x >= 1.0)
    if x > (a + 1.0) / (a + b + 2.0):  # there the fraction converges slowly
        return 1.0 - beta_probability(1.0 - x, b, a)
    tiny = 1e-300
    front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0) or tiny)
    fraction = d
    for m in range(1, _STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            c = 1.0 + term / c or tiny
            d = 1.0 / (1.0 + term * d or tiny)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return math.exp(front) * fraction / a


def _centred(values: Array, groups: IntArray) -> tuple[Array, int]:
    """Take each group's mean off; also the number of degrees of freedom that remain."""
    counts = np.bincount(groups)
    means = np.bincount(groups, weights=values) / counts
    return values - means[groups], int(values.size - counts.size)


def _split(centred: Array, explained: float, n_explained: int, n_free: int) -> Explained:
    total = float(centred @ centred)
    remaining = max(0.0, total - explained) if n_free > n_explained else 0.0
    return Explained(min(explained, total), remaining, n_explained, n_free - n_explained)
