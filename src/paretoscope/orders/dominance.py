r"""Stochastic dominance between the models' efficiency distributions, and the diagram that it draws.

Each model's draws are its empirical distribution function F, one step of 1 / n_resamples a draw.

* First order: i dominates j where :math:`F_i(t) \le F_j(t)` for all t and the two differ, that is, where i's sorted
  draws are nowhere below j's.  Whatever level of efficiency is asked for, i reaches it at least as often.
* Second order: where :math:`\int^t F_i \le \int^t F_j` for all t, that is, where the cumulative sums of i's sorted
  draws, least first, are nowhere below j's.  Everyone who likes more efficiency and dislikes risk prefers i.

Both compare numbers as they are, with no tolerance.  Sums are added up in one order for all models, and rounding is
monotone, so the relation is a strict partial order to the last bit, and the first order implies the second.

References
----------
Davtalab-Olyaie, Asgharian, Partovi Nia (2019), "Stochastic ranking and dominance in DEA", International Journal of
Production Economics 214.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.errors import OptionError, quote
from paretoscope.kernels.orders import almost_first, almost_second, at_least
from paretoscope.orders.sorted_draws import as_draws, model_index, sort_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx as nx


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dominance:
    """A stochastic order among models.

    Attributes
    ----------
    matrix : DataFrame of bool
        Whether the model of the row dominates that of the column; a strict partial order.
    admissible : list of str
        The models that no other one dominates.
    levels : Series of int
        1 for the admissible models; any other model is one level below its lowest dominator.
    groups : list of list of str
        Models with equal distributions, where there are two or more.  They do not dominate each other, and have the
        same dominators and the same dominated models.
    graph : networkx.DiGraph
        One node a model, with its `level`; an edge from a model to each one that it dominates directly, with none
        between them (the transitive reduction, Hasse's diagram).
    order : int
        1 or 2.
    epsilon : float
        Of almost dominance; 0 for dominance in the strict sense.
    direct : DataFrame of bool
        The comparisons of two models at a time.  Equal to `matrix` where `epsilon` is 0; otherwise `matrix` is its
        transitive closure.
    """

    matrix: pd.DataFrame
    admissible: list[str]
    levels: pd.Series[int]
    groups: list[list[str]]
    graph: nx.DiGraph[str]
    order: int
    epsilon: float
    direct: pd.DataFrame

    def __repr__(self) -> str:
        """Describe the order in one line."""
        almost = f", epsilon={self.epsilon:g}" if self.epsilon else ""
        return (
            f"Dominance(order={self.order}{almost}: {len(self.levels)} models, {len(self.admissible)} admissible, "
            f"{self.levels.max()} levels)"
        )


def dominance(draws: ArrayLike, models: Sequence[str], *, order: int = 1, epsilon: float = 0.0) -> Dominance:
    r"""Compare all models' efficiency distributions by stochastic dominance.

    Almost dominance, ``epsilon > 0``, forgives a small violation.  With S the set of t where the condition fails, model
    i almost dominates j if its mean is strictly larger and

    * first order: :math:`\int_S (F_i - F_j) \le \epsilon \int |F_i - F_j|` (Leshno and Levy 2002);
    * second order: :math:`\int_S (F_i^{(2)} - F_j^{(2)}) \le \epsilon \int |F_i^{(2)} - F_j^{(2)}|` with
      :math:`F^{(2)}(t) = \int^t F`, over efficiencies up to 1, or up to the largest finite draw of all models under
      super-efficiency (Tzeng, Huang and Shih 2013, whose definition has the expected-utility property that Leshno and
      Levy's second order lacks; in return almost dominance of the first order does not imply that of the second).

    Models that dominate in the strict sense also almost dominate.  A pair with an infinite draw has infinite areas and
    is compared in the strict sense.  `Dominance.direct` holds these comparisons.  Among finite draws they are
    transitive but for rounding: each says that :math:`\int (\epsilon d^+ - (1 - \epsilon) d^-) \ge 0` for a difference
    d, and where two differences cancel in a sum, the larger weight is taken off.  Infinite draws can break a chain, so
    `Dominance.matrix` is the transitive closure, a strict partial order because means fall along every chain.

    Parameters
    ----------
    draws : (n_resamples, n_models) array
        Efficiencies, larger is better.
    models : sequence of str
    order : int
        1 or 2.
    epsilon : float
        The share of the area that may be violated, in [0, 0.5).

    Returns
    -------
    Dominance

    Raises
    ------
    DataError
        If the draws or the names are not valid.
    OptionError
        If `order` is neither 1 nor 2, or `epsilon` is not in [0, 0.5).

    References
    ----------
    Leshno, Levy (2002), "Preferred by 'all' and preferred by 'most' decision makers: almost stochastic dominance",
    Management Science 48(8).

    Tzeng, Huang, Shih (2013), "Revisiting almost second-degree stochastic dominance", Management Science 59(5).

    Examples
    --------
    >>> draws = [[0.6, 0.5, 0.4], [1.0, 0.7, 0.9], [0.8, 0.6, 0.7]]
    >>> result = dominance(draws, ["a", "b", "c"])
    >>> result
    Dominance(order=1: 3 models, 1 admissible, 2 levels)
    >>> list(result.graph.edges)
    [('a', 'b'), ('a', 'c')]
    >>> dominance(draws, ["a", "b", "c"], epsilon=0.3).levels.to_dict()
    {'a': 1, 'b': 3, 'c': 2}
    """
    order, epsilon = _check_order(order), _check_epsilon(epsilon)
    rows = sort_rows(as_draws(draws, models))
    strict = _dominates(rows, order)
    direct, closure = strict, strict
    if epsilon > 0.0:
        direct = strict.copy()
        # Summed from the least draw on: strict dominance of either order then never goes against the sums.
        sums = np.cumsum(rows, axis=1)[:, -1]
        if order == 1:
            almost_first(rows, sums, epsilon, direct)
        else:
            end = max(1.0, rows.max(where=np.isfinite(rows), initial=0.0))
            almost_second(rows, sums, end, epsilon, direct)
        closure = _close(direct)
    levels = _levels(closure)
    labels = model_index(models)
    frame = pd.DataFrame(closure, index=labels, columns=model_index(models, name="other"))
    return Dominance(
        matrix=frame,
        admissible=[name for name, level in zip(models, levels, strict=True) if level == 1],
        levels=pd.Series(levels, index=labels, name="level"),
        groups=_groups(rows, models),
        graph=_graph(closure, levels, models),
        order=order,
        epsilon=epsilon,
        direct=frame if direct is closure else pd.DataFrame(direct, index=labels, columns=frame.columns),
    )


def _check_order(order: Any) -> int:
    if isinstance(order, bool) or order not in (1, 2):
        raise OptionError(f"order: found {quote(order)}; expected 1 or 2; pass order=1 for first-order dominance")
    return int(order)


def _check_epsilon(epsilon: Any) -> float:
    try:
        share = float(epsilon)
    except (TypeError, ValueError):
        share = np.nan
    if not 0.0 <= share < 0.5:
        raise OptionError(
            f"epsilon: found {quote(epsilon)}; expected a number of at least 0 and below 0.5; pass 0 for strict "
            "dominance"
        )
    return share


def _dominates(rows: Array, order: int) -> BoolArray:
    """Relate every ordered pair by strict dominance."""
    related = np.empty((len(rows), len(rows)), np.bool_)
    at_least(rows if order == 1 else np.cumsum(rows, axis=1), related)
    equal = related & related.T
    strict = related & ~equal
    np.fill_diagonal(equal, False)
    if order == 2 and equal.any():
        # Sums can round to the same numbers where the draws differ; the first order tells such models apart.
        strict |= equal & _dominates(rows, 1)
    return strict


def _then(first: BoolArray, second: BoolArray) -> BoolArray:
    """Relate i to k where some j has ``first[i, j]`` and ``second[j, k]``."""
    # Single precision counts exactly to 2^24 models, and multiplies matrices the fastest.
    paths: BoolArray = first.astype(np.float32) @ second.astype(np.float32) > 0.5
    return paths


def _close(direct: BoolArray) -> BoolArray:
    """Take the transitive closure, by paths of 2, 4, 8, ... steps."""
    closure = direct
    while True:
        longer = closure | _then(closure, closure)
        if (longer == closure).all():
            return closure if closure is not direct else direct.copy()
        closure = longer


def _levels(closure: BoolArray) -> IntArray:
    """Give every model of a strict partial order its level."""
    levels = np.ones(len(closure), np.int64)
    # A dominator has fewer dominators than what it dominates, so its level is known in time.
    for model in np.argsort(closure.sum(axis=0), kind="stable"):
        levels[model] = 1 + levels[closure[:, model]].max(initial=0)
    return levels


def _groups(rows: Array, models: Sequence[str]) -> list[list[str]]:
    """Collect models with equal sorted draws, in the order of the models."""
    members: dict[bytes, list[str]] = {}
    for name, row in zip(models, rows, strict=True):
        members.setdefault(row.tobytes(), []).append(name)
    return [group for group in members.values() if len(group) > 1]


def _graph(closure: BoolArray, levels: IntArray, models: Sequence[str]) -> nx.DiGraph[str]:
    """Draw Hasse's diagram: dominance with no model in between."""
    import networkx as nx  # slow to load

    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, level in zip(models, levels, strict=True):
        graph.add_node(name, level=int(level))
    above, below = np.nonzero(closure & ~_then(closure, closure))
    graph.add_edges_from((models[i], models[j]) for i, j in zip(above.tolist(), below.tolist(), strict=True))
    return graph
