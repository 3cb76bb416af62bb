"""Hartigan's dip: how far a sample is from having a single mode.

The package diptest gives the same numbers where no values are equal, but it is under the GPL, takes rounded values for
many modes, and changes environment variables that the measured processes would inherit.
"""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IndexArray


def dip(sample: Array) -> float:
    r"""Distance between a sample's distribution and the nearest unimodal one.

    It is at least 1 / (2 n), and near 1/4 for two narrow modes of equal size.  Of all unimodal distributions the
    uniform has asymptotically the largest dip, so that a threshold from uniform samples holds for all of them.

    Parameters
    ----------
    sample : ndarray of float64, shape (n,)
        In any order.  Equal values are taken for rounded ones, and spread evenly over the smallest difference.

    Returns
    -------
    float
        :math:`\min_G \max_x |F(x) - G(x)|` over unimodal distribution functions G, with F the sample's.

    References
    ----------
    Hartigan and Hartigan (1985), "The dip test of unimodality", Annals of Statistics 13, 70-84; Hartigan (1985),
    "Algorithm AS 217", Applied Statistics 34, 320-325.

    Examples
    --------
    >>> round(dip(np.array([1.00, 1.01, 1.02, 9.00, 9.01, 9.02])), 3)
    0.249
    """
    x, n = _spread_ties(sample), len(sample)
    above = np.arange(1, n + 1) / n  # the distribution function at its jumps, and just before them
    below = above - 1.0 / n
    left, right, dip = 0, len(x) - 1, 1.0 / n
    # The modal interval [left, right] shrinks to where the convex minorant and the concave majorant come closest.
    while left < right:
        part = slice(left, right + 1)
        minorant, below_contacts = _convex_minorant(x[part], below[part])
        majorant, above_contacts = _convex_minorant(x[part], -above[part])
        majorant = -majorant
        gap = majorant - minorant
        at_minorant = below_contacts[np.argmax(gap[below_contacts])]
        at_majorant = above_contacts[np.argmax(gap[above_contacts])]
        if gap[at_minorant] > gap[at_majorant]:
            widest, begin = gap[at_minorant], at_minorant
            end = above_contacts[np.searchsorted(above_contacts, begin)]
        else:
            widest, end = gap[at_majorant], at_majorant
            begin = below_contacts[np.searchsorted(below_contacts, end, side="right") - 1]
        if widest <= dip:
            break
        before = np.max(above[part][: begin + 1] - minorant[: begin + 1])
        after = np.max(majorant[end:] - below[part][end:])
        dip = max(dip, float(before), float(after))
        if begin == 0 and end == right - left:
            break
        left, right = left + begin, left + end
    return dip / 2.0


def _spread_ties(sample: Array) -> Array:
    """Sort, and move equal values apart."""
    values, counts = np.unique(sample, return_counts=True)
    tick = np.diff(values).min() if len(values) > 1 else 1.0
    number = np.arange(len(sample)) - np.repeat(np.cumsum(counts) - counts, counts)  # among its equals
    moved: Array = np.repeat(values, counts) + tick * number / np.repeat(counts, counts)
    return moved


def _convex_minorant(x: Array, y: Array) -> tuple[Array, IndexArray]:
    """The greatest convex function below some points, at each x, and which points it touches."""
    hull: list[int] = []
    for i in range(len(x)):
        while len(hull) > 1:
            a, b = hull[-2:]
            if (y[b] - y[a]) * (x[i] - x[b]) < (y[i] - y[b]) * (x[b] - x[a]):
                break
            hull.pop()
        hull.append(i)
    contacts = np.array(hull)
    return np.interp(x, x[contacts], y[contacts]), contacts
