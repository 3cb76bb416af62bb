r"""The frontier curve of two metrics: the best value of the one that is within reach at each value of the other.

* `staircase`: free disposal, :math:`y^*(x) = \max \{y_j : x_j \le x\}` for an input x and an output y;
* `hull`: its concave hull from the model of least x on, which is the frontier of variable returns to scale.

Other roles are the same curve after a change of sign: two inputs have a lower left boundary, two outputs an upper
right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from paretoscope.arrays import Array, IntArray, is_wide, resolve_choice
from paretoscope.errors import DataError, OptionError
from paretoscope.kernels.staircase import evaluate_draws, find_vertices
from paretoscope.orders.sorted_draws import quantiles as interpolate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Literal["staircase", "hull"]

KINDS: Final[tuple[Kind, ...]] = ("staircase", "hull")
QUANTILES = (0.05, 0.5, 0.95)


class Roles(NamedTuple):
    """Of the two metrics of a frontier: whether each is an input, of which less is better."""

    x_is_input: bool
    y_is_input: bool

    def canonical(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Change signs so that the first is better small and the second better large, as kernels take them."""
        return (x if self.x_is_input else -x), (-y if self.y_is_input else y)


class Axis(NamedTuple):
    """A metric along one axis: its name, whether it is an input, and the models' means, (n_models,)."""

    metric: str
    is_input: bool
    values: ArrayLike


def check_kind(kind: str) -> Kind:
    """Return the kind of a frontier curve that is meant."""
    return cast("Kind", resolve_choice("kind", kind, KINDS))


def check_points(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Check the points that a frontier curve is made of, and return them as arrays."""
    x_values, y_values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x_values.ndim != 1 or x_values.shape != y_values.shape or x_values.size == 0:
        raise DataError(
            f"x, y: found shapes {x_values.shape} and {y_values.shape}; expected one value a model in each; "
            "pass two lists of the same length"
        )
    for name, values in (("x", x_values), ("y", y_values)):
        if not np.isfinite(values).all():
            position = int(np.argmin(np.isfinite(values)))
            raise DataError(
                f"{name}: found {values[position]} at position {position}; expected finite numbers; leave the model out"
            )
    return x_values, y_values


def check_batch(batch: ArrayLike) -> Array:
    """Check a batch of simulated metrics, (n_draws, n_metrics, n_models), and return it C-contiguous."""
    values: Array = np.ascontiguousarray(batch, dtype=np.float64)
    if values.ndim != 3:
        raise DataError(
            f"samples: found an array of shape {values.shape}; expected (n_draws, n_metrics, n_models); "
            "pass one row a draw"
        )
    if not np.isfinite(values).all():
        raise DataError("samples: found NaN or inf; expected finite numbers only; leave the model out")
    return values


def curve_vertices(x: Array, y: Array, roles: Roles, kind: str) -> IntArray:
    """Find the indices of the frontier's vertices, ascending in x."""
    kind = check_kind(kind)
    u, v = roles.canonical(x, y)
    vertices = np.empty(u.size, np.int64)
    found = vertices[: find_vertices(u, v, np.argsort(u, kind="stable"), kind == "hull", vertices)]
    return found if roles.x_is_input else found[::-1].copy()


def frontier_curve(x: ArrayLike, y: ArrayLike, *, roles: Roles, kind: Kind = "staircase") -> tuple[Array, Array]:
    """Find the vertices of the frontier of points.

    Parameters
    ----------
    x, y : (n_models,) arrays
        Finite.
    roles : Roles
    kind : {"staircase", "hull"}

    Returns
    -------
    xs, ys : (n_vertices,) arrays
        Ascending in x.  Points between two vertices of the hull, on the line, are no vertices.

    Raises
    ------
    DataError
        If x and y are not two equally long, non-empty lists of finite numbers.
    OptionError
        If `kind` is not known.

    Examples
    --------
    >>> xs, ys = frontier_curve([1, 2, 3, 4], [5, 6, 9, 8], roles=Roles(x_is_input=True, y_is_input=False))
    >>> xs, ys
    (array([1., 2., 3.]), array([5., 6., 9.]))
    >>> frontier_curve([1, 2, 3, 4], [5, 6, 9, 8], roles=Roles(x_is_input=True, y_is_input=False), kind="hull")
    (array([1., 3.]), array([5., 9.]))
    """
    x_values, y_values = check_points(x, y)
    vertices = curve_vertices(x_values, y_values, roles, kind)
    return x_values[vertices], y_values[vertices]


def evaluate_curve(
    xs: ArrayLike, ys: ArrayLike, grid: ArrayLike, *, x_is_input: bool, kind: Kind = "staircase"
) -> Array:
    """Read the frontier off at given values of x.

    Parameters
    ----------
    xs, ys : (n_vertices,) arrays
        As `frontier_curve` returns them.
    grid : (n_grid,) array
        Values of x, in any order.
    x_is_input : bool
    kind : {"staircase", "hull"}

    Returns
    -------
    (n_grid,) array
        The best y that is within reach: of models that need at most x, or, where x is an output, give at least x.  NaN
        where there is none.

    Raises
    ------
    OptionError
        If `kind` is not known.

    Examples
    --------
    >>> evaluate_curve([1, 3], [5, 9], [0.5, 2, 7], x_is_input=True, kind="hull")
    array([nan,  7.,  9.])
    """
    kind = check_kind(kind)
    x_values, y_values = check_points(xs, ys)
    at = np.asarray(grid, dtype=np.float64)
    u, reached = (x_values, at) if x_is_input else (-x_values[::-1], -at)
    heights = y_values if x_is_input else y_values[::-1]
    if kind == "hull":
        return np.interp(reached, u, heights, left=np.nan)
    step = np.searchsorted(u, reached, side="right") - 1
    result: Array = np.where(step >= 0, heights[step], np.nan)
    return result


def frontier_grid(x: ArrayLike, *, n_points: int = 200) -> Array:
    """Spread values of x from the least to the greatest model: evenly in the logarithm where they span a factor of ten.

    Returns
    -------
    (n_points,) array
        Ascending; a single value where all models have the same x.
    """
    values = np.asarray(x, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.array([low])
    spaced = np.geomspace if is_wide(low, high) else np.linspace
    grid: Array = np.asarray(spaced(low, high, n_points), dtype=np.float64)
    return grid


def frontier_band(
    samples: Iterable[Array],
    grid: ArrayLike,
    *,
    roles: Roles,
    rows: tuple[int, int] = (0, 1),
    kind: Kind = "staircase",
    quantiles: Sequence[float] = QUANTILES,
) -> Array:
    """Give quantiles of the frontier curve over draws.

    Parameters
    ----------
    samples : iterable of (n_draws, n_metrics, n_models) arrays
        Batches of simulated metrics.
    grid : (n_grid,) array
        Values of x, ascending.
    roles : Roles
    rows : (int, int)
        Positions of x and y among the simulated metrics.
    kind : {"staircase", "hull"}
    quantiles : sequence of float
        Probabilities of quantiles of y, in [0, 1].

    Returns
    -------
    (n_grid, n_quantiles) array
        A draw without any model within reach counts as worse than every other one; NaN where a quantile falls among
        those.

    Raises
    ------
    DataError
        If there is no draw, or a value is missing.
    OptionError
        If `kind` is not known, a quantile is not in [0, 1] or the grid not ascending.
    """
    kind = check_kind(kind)
    probabilities = np.asarray(quantiles, dtype=np.float64)
    if not ((probabilities >= 0.0) & (probabilities <= 1.0)).all():
        raise OptionError(f"quantiles: found {tuple(quantiles)}; expected numbers in [0, 1]; pass (0.05, 0.5, 0.95)")
    at = np.asarray(grid, dtype=np.float64)
    if at.ndim != 1 or at.size == 0 or not (np.diff(at) > 0.0).all():
        raise OptionError(
            "grid: found values that do not ascend, or none; expected a list of ascending x; use frontier_grid"
        )
    # Ascending after the change of sign, as the kernel needs it.
    canonical = at if roles.x_is_input else -at[::-1]
    pieces = []
    for batch in samples:
        values = check_batch(batch)
        u, v = roles.canonical(values[:, rows[0]], values[:, rows[1]])
        heights = np.empty((len(values), at.size))
        evaluate_draws(u, v, np.argsort(u, axis=1), kind == "hull", canonical, heights)
        pieces.append(-heights if roles.y_is_input else heights)
    if not sum(len(piece) for piece in pieces):
        raise DataError("samples: found no draw; expected at least one; pass batches of draws")
    sorted_heights = np.ascontiguousarray(np.concatenate(pieces).T)
    sorted_heights.sort(axis=1)
    band = interpolate(sorted_heights, probabilities)
    band[np.isinf(band)] = np.nan
    return band if roles.x_is_input else band[::-1].copy()
