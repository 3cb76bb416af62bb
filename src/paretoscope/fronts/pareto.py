"""The Pareto front of the models and the frontier of two metrics, at the means and under noise.

A model belongs to the *front* if no other model is at least as good in every metric and better in one.  The *frontier*
of two metrics is the curve of the best values within reach, see `paretoscope.fronts.curves`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from paretoscope.arrays import Array
from paretoscope.errors import DataError, OptionError, quote
from paretoscope.fronts.curves import (
    QUANTILES,
    Axis,
    Kind,
    Roles,
    check_batch,
    check_kind,
    check_points,
    curve_vertices,
    frontier_band,
    frontier_grid,
)
from paretoscope.kernels.nondominated import count_nondominated
from paretoscope.measurements import Measurements, check_data
from paretoscope.orders.sorted_draws import check_models, model_index


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frontier:
    """The frontier curve of two metrics.

    Attributes
    ----------
    x, y : str
        Names of the metrics; `curve` and `band` have them, or x and `low`, `median`, `high`, as columns.
    kind : {"staircase", "hull"}
    curve : DataFrame
        The vertices at the means, ascending in x.
    models : list of str
        The models at the vertices, in the order of the data; equal models together.
    band : DataFrame or None
        Quantiles of the curve over the draws at the values of a grid, ascending.  NaN where the curve does not exist in
        so many draws that the quantile falls among them.
    quantiles : tuple of 3 floats
        Of `low`, `median` and `high`; these are quantiles of y, whatever its role.
    """

    x: str
    y: str
    kind: str
    curve: pd.DataFrame
    models: list[str]
    band: pd.DataFrame | None
    quantiles: tuple[float, float, float]

    def __repr__(self) -> str:
        """Describe the curve in one line."""
        band = "no band" if self.band is None else f"band at {len(self.band)} values"
        return f"Frontier({self.y} over {self.x}: {self.kind} of {len(self.models)} models, {band})"


def pareto_front(data: Measurements) -> pd.Series[bool]:
    """Tell which models belong to the Pareto front at the means of all metrics.

    Parameters
    ----------
    data : Measurements

    Returns
    -------
    Series of bool
        False where another model is no worse in any metric and better in at least one.  Equal models are all on the
        front, or all off it.

    Raises
    ------
    OptionError
        If `data` are no Measurements.
    """
    check_data(data)
    means = data.mean[[*data.inputs, *data.outputs]].to_numpy(dtype=np.float64)
    counts = np.zeros(len(means), np.int64)
    count_nondominated(np.ascontiguousarray(means.T)[np.newaxis], len(data.inputs), counts)
    return pd.Series(counts > 0, index=model_index(data.models), name="front")


def front_probability(samples: Iterable[Array], models: Sequence[str], *, n_inputs: int) -> pd.Series[float]:
    """Estimate each model's probability of belonging to the Pareto front.

    Parameters
    ----------
    samples : iterable of (n_draws, n_metrics, n_models) arrays
        Batches of simulated metrics, inputs first.
    models : sequence of str
    n_inputs : int

    Returns
    -------
    Series
        The share of all draws in which no model is no worse in any metric and better in one.

    Raises
    ------
    DataError
        If there is no draw, a value is missing, or the names do not fit.
    """
    counts = np.zeros(len(models), np.int64)
    n_draws = 0
    for batch in samples:
        values = check_batch(batch)
        check_models(models, values.shape[2])
        count_nondominated(values, n_inputs, counts)
        n_draws += len(values)
    if n_draws == 0:
        raise DataError("samples: found no draw; expected at least one; pass batches of draws")
    return pd.Series(counts / n_draws, index=model_index(models), name="p_front")


def build_frontier(
    x: Axis,
    y: Axis,
    models: Sequence[str],
    *,
    kind: Kind = "staircase",
    samples: Iterable[Array] | None = None,
    grid: ArrayLike | None = None,
    quantiles: tuple[float, float, float] = QUANTILES,
) -> Frontier:
    """Put the frontier of two metrics together from arrays.

    Parameters
    ----------
    x, y : Axis
        The two metrics, at the means.
    models : sequence of str
    kind : {"staircase", "hull"}
    samples : iterable of (n_draws, 2, n_models) arrays, optional
        Simulated x and y for the band, see `frontier_band`; no band without them.
    grid : (n_grid,) array, optional
        Values of x for the band, ascending; by default `frontier_grid` of the means.
    quantiles : tuple of 3 floats
        Of the band; ascending, in (0, 1).

    Returns
    -------
    Frontier

    Raises
    ------
    DataError
        If a value is missing or infinite, or the names do not fit.
    OptionError
        If `kind`, `quantiles` or `grid` cannot be used, or x and y are the same metric.
    """
    if x.metric == y.metric:
        raise OptionError(f"y: found {quote(y.metric)} for x and y; expected two metrics; name another one")
    if len(quantiles) != 3 or not 0.0 < quantiles[0] < quantiles[1] < quantiles[2] < 1.0:
        raise OptionError(
            f"quantiles: found {tuple(quantiles)}; expected three ascending numbers in (0, 1); pass (0.05, 0.5, 0.95)"
        )
    roles = Roles(x.is_input, y.is_input)
    x_means, y_means = check_points(x.values, y.values)
    check_models(models, x_means.size)
    kind = check_kind(kind)
    vertices = curve_vertices(x_means, y_means, roles, kind)
    corners = set(zip(x_means[vertices].tolist(), y_means[vertices].tolist(), strict=True))
    points = zip(models, x_means.tolist(), y_means.tolist(), strict=True)
    band = None
    if samples is not None:
        at = frontier_grid(x_means) if grid is None else np.asarray(grid, dtype=np.float64)
        values = frontier_band(samples, at, roles=roles, kind=kind, quantiles=quantiles)
        band = pd.DataFrame({x.metric: at, "low": values[:, 0], "median": values[:, 1], "high": values[:, 2]})
    return Frontier(
        x=x.metric,
        y=y.metric,
        kind=kind,
        curve=pd.DataFrame({x.metric: x_means[vertices], y.metric: y_means[vertices]}),
        models=[name for name, at_x, at_y in points if (at_x, at_y) in corners],
        band=band,
        quantiles=(float(quantiles[0]), float(quantiles[1]), float(quantiles[2])),
    )
