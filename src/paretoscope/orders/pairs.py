"""Comparisons of models two at a time: how often one beats another, and which tiers that makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from paretoscope.arrays import Array, BoolArray, IntArray, check_share
from paretoscope.errors import DataError
from paretoscope.kernels.orders import count_greater
from paretoscope.orders.sorted_draws import as_draws, model_index

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_MODELS: Final = 30_000  # whose pairs are compared: a byte each, a gigabyte in all
_BLOCK: Final = 512  # models that are compared with all at a time


def share_greater(values: Array) -> Array:
    """Share of checked draws, (n_resamples, n_models), in which model i exceeds j: (n_models, n_models)."""
    n_models = values.shape[1]
    return _share_greater(np.ascontiguousarray(values.T), 0, n_models)


def beaten(values: Array, confidence: float) -> BoolArray:
    """Whether model i exceeds j in at least a share of checked draws, (n_resamples, n_models).

    Raises
    ------
    DataError
        If there are too many models to be compared with each other.
    """
    n_models = values.shape[1]
    if n_models > MOST_MODELS:
        raise DataError(
            f"found {n_models} models; expected at most {MOST_MODELS} to compare with each other; "
            "keep those on the Pareto front, or near it"
        )
    rows = np.ascontiguousarray(values.T)
    result = np.empty((n_models, n_models), np.bool_)
    for first in range(0, n_models, _BLOCK):
        block = result[first : first + _BLOCK]
        np.greater_equal(_share_greater(rows, first, len(block)), confidence, out=block)
    return result


def _share_greater(rows: Array, first: int, n: int) -> Array:
    """Share of the draws, (n_models, n_resamples), in which `n` models from the first on exceed all: (n, n_models)."""
    counts = np.zeros((n, len(rows)), np.int64)
    count_greater(rows, first, counts)
    shares: Array = counts / rows.shape[1]
    return shares


def pairwise(draws: ArrayLike, models: Sequence[str]) -> pd.DataFrame:
    """Estimate the probability that one model is strictly more efficient than another.

    Returns
    -------
    DataFrame
        P(row > column); 0 on the diagonal.  What an entry and its mirror image lack to 1 is the probability of a tie.

    Examples
    --------
    >>> pairwise([[1.0, 1.0], [1.0, 0.9], [0.8, 0.9], [1.0, 0.7]], ["a", "b"]).to_numpy()
    array([[0.  , 0.5 ],
           [0.25, 0.  ]])
    """
    values = as_draws(draws, models)
    return pd.DataFrame(share_greater(values), index=model_index(models), columns=model_index(models, name="other"))


def tiers(draws: ArrayLike, *, confidence: float = 0.95) -> IntArray:
    r"""Group models that the noise does not let us tell apart.

    Model i beats j where :math:`P(\theta_i > \theta_j)` is at least `confidence`.  Tier 1 holds the models that nobody
    beats; tier 2 those that nobody outside tier 1 beats, and so on: a model is in tier k if no model outside the
    tiers before k beats it.

    Beating is not transitive and can even run in a circle, though only one of at least 1 / (1 - `confidence`) models,
    20 of them at 0.95.  Models on a common circle are not told apart: a strongly connected component of the relation
    counts as one model, which is beaten where any of its members is beaten from outside.  So the procedure always ends.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
    confidence : float
        In (0.5, 1].

    Returns
    -------
    (n_models,) array of int
        1 for the first tier.

    Raises
    ------
    OptionError
        If `confidence` is not in (0.5, 1].

    Examples
    --------
    >>> tiers([[1.0, 0.9, 0.5], [0.8, 0.9, 0.4], [1.0, 1.0, 0.5]])
    array([1, 1, 2])
    """
    confidence = check_share("confidence", confidence, low=0.5, high=1.0, closed=True)
    return peel_tiers(beaten(as_draws(draws), confidence))


def peel_tiers(beats: BoolArray) -> IntArray:
    """Turn the relation of who beats whom, (n_models, n_models), into numbers of tiers, as `tiers` describes."""
    result = _peel(beats)
    if result.min(initial=1) > 0:
        return result
    import networkx as nx  # slow to load, and circles are rare

    components = list(nx.strongly_connected_components(nx.from_numpy_array(beats, create_using=nx.DiGraph)))
    component = np.empty(len(beats), np.int64)
    for number, members in enumerate(components):
        component[list(members)] = number
    winners, losers = np.nonzero(beats)
    condensed = np.zeros((len(components), len(components)), np.bool_)
    condensed[component[winners], component[losers]] = True
    np.fill_diagonal(condensed, False)
    return _peel(condensed)[component]


def _peel(beats: BoolArray) -> IntArray:
    """Take away the unbeaten, again and again, and number the layers; 0 for what a circle holds back."""
    result = np.zeros(len(beats), np.int64)
    n_beating = beats.sum(axis=0)
    layer, number = np.flatnonzero(n_beating == 0), 0
    while layer.size:
        number += 1
        result[layer] = number
        n_beating -= beats[layer].sum(axis=0)
        layer = np.flatnonzero((n_beating == 0) & (result == 0))
    return result
