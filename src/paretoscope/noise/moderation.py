r"""Moderated spreads: what few runs say of one model's spread, and all models' runs say of spreads in general.

With :math:`s_i^2` the variance of model i's runs on :math:`d_i` degrees of freedom, the true variances are taken to
vary over models as :math:`d_0 s_0^2 / \chi^2_{d_0}`.  Both numbers are found from all models' variances [1]_, and model
i's spread becomes

.. math:: \tilde s_i^2 = \frac{d_0 s_0^2 + d_i s_i^2}{d_0 + d_i}, \qquad
          \text{on } \min(d_0 + d_i, \textstyle\sum_j d_j) \text{ degrees of freedom.}

Where models hardly differ in their spread :math:`d_0` is infinite, and all get the pooled one.

References
----------
.. [1] Smyth (2004), "Linear models and empirical Bayes methods for assessing differential expression in microarray
   experiments", Statistical Applications in Genetics and Molecular Biology 3(1), article 3, section 6.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from paretoscope.arrays import Array, power_of_two_near

_SERIES_FROM: Final = 10.0  # the asymptotic series below are exact to 1e-13 from here on
_LARGEST: Final = 1e10  # half the degrees of freedom beyond which they count as infinite
_STEPS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class ModeratedSpread:
    """Spreads of all models, and how well each is known.

    Attributes
    ----------
    sd : (n_models,) array
        Moderated standard deviations; all 0 where nothing varies.
    degrees : (n_models,) array
        Degrees of freedom of each.
    prior_sd, prior_degrees : float
        The spread of models in general, and how many degrees of freedom that knowledge is worth; infinite where models
        do not differ more than chance explains.
    """

    sd: Array
    degrees: Array
    prior_sd: float
    prior_degrees: float


def moderate(sd: Array, degrees: Array) -> ModeratedSpread:
    """Moderate the spreads of all models.

    Parameters
    ----------
    sd : (n_models,) array
        Standard deviations of the runs (ddof 1), zero or more, in units in which models can be compared, such as those
        of logarithms.
    degrees : (n_models,) array
        Degrees of freedom of each: runs less 1.  A model with 0 gets the prior's spread.

    Returns
    -------
    ModeratedSpread
        A spread of 0 on one or more degrees says nothing of the prior, and is moderated like the others.

    Examples
    --------
    Equal spreads stay as they are, and are known from all models' runs:

    >>> found = moderate(np.array([2.0, 2.0, 2.0]), np.array([4.0, 4.0, 4.0]))
    >>> found.sd, found.degrees
    (array([2., 2., 2.]), array([12., 12., 12.]))

    A model with a single run gets the spread of the others:

    >>> moderate(np.array([2.0, 2.0, 0.0]), np.array([4.0, 4.0, 0.0])).sd
    array([2., 2., 2.])
    """
    unit = power_of_two_near(sd)  # so that no square is too small for a float
    scaled = sd / unit
    known = (degrees >= 1.0) & (scaled**2 > 0.0)
    if not known.any():
        return ModeratedSpread(np.zeros_like(sd), np.full_like(sd, np.inf), 0.0, np.inf)
    prior_variance, prior_degrees = _prior(scaled[known] ** 2, degrees[known])
    if math.isinf(prior_degrees):
        variance, total = np.full_like(sd, prior_variance), np.full_like(sd, np.inf)
    else:
        total = prior_degrees + degrees
        variance = (prior_degrees * prior_variance + degrees * scaled**2) / total
    return ModeratedSpread(
        sd=unit * np.sqrt(variance),
        degrees=np.minimum(total, degrees[known].sum()),
        prior_sd=unit * math.sqrt(prior_variance),
        prior_degrees=prior_degrees,
    )


def _prior(variance: Array, degrees: Array) -> tuple[float, float]:
    """Variance and degrees of freedom of the prior, from the mean and variance of logarithms of sample variances."""
    half = degrees / 2.0
    # Each has the same mean, that of the logarithm of the prior, whatever its degrees of freedom.
    levels = np.log(variance) - _each(digamma, half) + np.log(half)
    excess = levels.var(ddof=1) - _each(trigamma, half).mean() if len(levels) > 1 else 0.0
    prior_half = inverse_trigamma(excess) if excess > 0.0 else np.inf
    if prior_half >= _LARGEST:
        return float((degrees * variance).sum() / degrees.sum()), np.inf
    return float(np.exp(levels.mean() + digamma(prior_half) - np.log(prior_half))), 2.0 * prior_half


def _each(function: Callable[[float], float], values: Array) -> Array:
    distinct, place = np.unique(values, return_inverse=True)
    return np.array([function(float(value)) for value in distinct])[place]


def digamma(x: float) -> float:
    """Derivative of the logarithm of the gamma function, for positive numbers.

    Examples
    --------
    >>> round(digamma(1.0), 12)  # Euler's constant, negative
    -0.577215664902
    """
    below = 0.0
    while x < _SERIES_FROM:
        below -= 1.0 / x
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))))
    return below + math.log(x) - 0.5 / x - series


def trigamma(x: float) -> float:
    """Derivative of `digamma`, for positive numbers.

    Examples
    --------
    >>> round(trigamma(1.0), 12)  # a sixth of the square of pi
    1.644934066848
    """
    below = 0.0
    while x < _SERIES_FROM:
        below += 1.0 / (x * x)
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - s * 691 / 2730)))))
    return below + (1.0 + 0.5 / x + series) / x


def inverse_trigamma(y: float) -> float:
    """The positive number whose trigamma is `y`, itself positive, by bisection on a logarithmic scale.

    Examples
    --------
    >>> round(inverse_trigamma(trigamma(3.5)), 9)
    3.5
    """
    # Between its bounds 1/x and 1/x + 1/x^2, trigamma falls from infinity to 0.
    low, high = math.log(1.0 / y), math.log(1.0 / y + 1.0 / math.sqrt(y))
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if trigamma(math.exp(middle)) > y else (low, middle)
    return math.exp((low + high) / 2.0)
