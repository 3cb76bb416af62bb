r"""The frontier curve of two metrics: the best value of the one that is within reach at each value of the other.

* `staircase`: free disposal, :math:`y^*(x) = \max \{y_j : x_j \le x\}` for an input x and an output y;
* `hull`: its concave hull from the model of least x on, which is the frontier of variable returns to scale.

Other roles are the same curve after a change of sign: two inputs have a lower left boundary, two outputs an upper
right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paretoscope.errors import DataError, OptionError, nearest
from paretoscope.kernels.staircase import evaluate_draws, find_vertices
from paretoscope.order_statistics import quantiles as interpolate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
Kind = Literal["staircase", "hull"]

KINDS = ("staircase", "hull")
QUANTILES = (0.05, 0.5, 0.95)


def check_kind(kind: str) -> None:
    """Check the kind of a frontier curve."""
    if kind not in KINDS:
        hint = nearest(str(kind), KINDS)
        raise OptionError(f"kind: {kind!r} is not known; expected 'staircase' or 'hull'{hint}")


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


def check_block(block: ArrayLike) -> Array:
    """Check a block of simulated metrics, (n_draws, n_metrics, n_models), and return it C-contiguous."""
    values: Array = np.ascontiguousarray(block, dtype=np.float64)
    if values.ndim != 3:
        raise DataError(
            f"samples: found a block of shape {values.shape}; expected (n_draws, n_metrics, n_models); "
            "pass one row a draw"
        )
    if not np.isfinite(values).all():
        raise DataError("samples: found NaN or inf; expected finite numbers only; leave the model out")
    return values


def curve_vertices(x: Array, y: Array, x_is_input: bool, y_is_input: bool, kind: str) -> IntArray:
    """Find the indices of the frontier's vertices, ascending in x."""
    check_kind(kind)
    u, v = (x if x_is_input else -x), (-y if y_is_input else y)
    vertices = np.empty(u.size, np.int64)
    found = vertices[: find_vertices(u, v, np.argsort(u, kind="stable"), kind == "hull", vertices)]
    return found if x_is_input else found[::-1].copy()


def frontier_curve(
    x: ArrayLike, y: ArrayLike, *, x_is_input: bool, y_is_input: bool, kind: Kind = "staircase"
) -> tuple[Array, Array]:
    """Find the vertices of the frontier of points.

    Parameters
    ----------
    x, y : (n_models,) arrays
        Finite.
    x_is_input, y_is_input : bool
        Whether the metric is better small.
    kind : {"staircase", "hull"}

    Returns
    -------
    xs, ys : (ncurve_vertices,) arrays
        Ascending in x.  Points between two vertices of the hull, on the line, are no vertices.

    Raises
    ------
    DataError
        If x and y are not two equally long, non-empty lists of finite numbers.
    OptionError
        If `kind` is not known.

    Examples
    --------
    >>> xs, ys = frontier_curve([1, 2, 3, 4], [5, 6, 9, 8], x_is_input=True, y_is_input=False)
    >>> xs, ys
    (array([1., 2., 3.]), array([5., 6., 9.]))
    >>> frontier_curve([1, 2, 3, 4], [5, 6, 9, 8], x_is_input=True, y_is_input=False, kind="hull")
    (array([1., 3.]), array([5., 9.]))
    """
    x_values, y_values = check_points(x, y)
    vertices = curve_vertices(x_values, y_values, x_is_input, y_is_input, kind)
    return x_values[vertices], y_values[vertices]


def evaluate_curve(
    xs: ArrayLike, ys: ArrayLike, grid: ArrayLike, *, x_is_input: bool, kind: Kind = "staircase"
) -> Array:
    """Read the frontier off at given values of x.

    Parameters
    ----------
    xs, ys : (ncurve_vertices,) arrays
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
    check_kind(kind)
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
    spaced = np.geomspace if low > 0.0 and high >= 10.0 * low else np.linspace
    grid: Array = np.asarray(spaced(low, high, n_points), dtype=np.float64)
    return grid


def frontier_band(
    samples: Iterable[Array],
    grid: ArrayLike,
    *,
    x_row: int,
    y_row: int,
    x_is_input: bool,
    y_is_input: bool,
    kind: Kind = "staircase",
    quantiles: Sequence[float] = QUANTILES,
) -> Array:
    """Give quantiles of the frontier curve over draws.

    Parameters
    ----------
    samples : iterable of (n_draws, n_metrics, n_models) arrays
        Blocks of simulated metrics.
    grid : (n_grid,) array
        Values of x, ascending.
    x_row, y_row : int
        Positions of the two metrics in the blocks.
    x_is_input, y_is_input : bool
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
    check_kind(kind)
    probabilities = np.asarray(quantiles, dtype=np.float64)
    if not ((probabilities >= 0.0) & (probabilities <= 1.0)).all():
        raise OptionError(f"quantiles: found {tuple(quantiles)}; expected numbers in [0, 1]; pass (0.05, 0.5, 0.95)")
    at = np.asarray(grid, dtype=np.float64)
    if at.ndim != 1 or at.size == 0 or not (np.diff(at) > 0.0).all():
        raise OptionError(
            "grid: found values that do not ascend, or none; expected a list of ascending x; use frontier_grid"
        )
    x_sign, y_sign = (1.0 if x_is_input else -1.0), (-1.0 if y_is_input else 1.0)
    # Ascending after the change of sign, as the kernel needs it.
    canonical = at if x_is_input else -at[::-1]
    pieces = []
    for block in samples:
        values = check_block(block)
        u, v = x_sign * values[:, x_row], y_sign * values[:, y_row]
        heights = np.empty((len(values), at.size))
        evaluate_draws(u, v, np.argsort(u, axis=1), kind == "hull", canonical, heights)
        pieces.append(y_sign * heights)
    if not sum(len(piece) for piece in pieces):
        raise DataError("samples: found no draw; expected at least one; pass blocks of draws")
    rows = np.ascontiguousarray(np.concatenate(pieces).T)
    rows.sort(axis=1)
    band = interpolate(rows, probabilities)
    band[np.isinf(band)] = np.nan
    return band if x_is_input else band[::-1].copy()
