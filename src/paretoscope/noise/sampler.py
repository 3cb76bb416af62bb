"""Simulated metrics of all models at once, from a fitted noise model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray, IntArray
from paretoscope.errors import DataError, quote
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import FittedMetric, RedrawnMetric, Shared
from paretoscope.noise.normal_metric import NormalMetric, fill_normal

_MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Sampler:
    """A fitted noise model: draws all metrics of all models at once.

    Metrics are in units of a power of two near their geometric mean, so that tolerances mean the same for every metric,
    and dividing loses no bit.

    Attributes
    ----------
    metrics, models : tuple of str
    families : tuple of Family
        As the user stated them, one a metric.
    fitted : tuple of FittedMetric
        What draws the metrics.
    units : (n_metrics,) array
    above, below : (n_metrics, n_models) arrays
        A value belongs to its metric if it lies strictly between these two.
    n_needed : int
        So many metrics, the first ones, must not all be 0 for a model.
    can_lack : (n_models,) array
        For which models they could be.
    """

    metrics: tuple[str, ...]
    models: tuple[str, ...]
    families: tuple[Family, ...]
    fitted: tuple[FittedMetric, ...]
    units: Array
    above: Array
    below: Array
    n_needed: int
    can_lack: BoolArray
    _all_normal: tuple[Array, Array] | None = field(init=False, repr=False)  # location and scale of all metrics

    def __post_init__(self) -> None:
        """Join metrics that are all normal, so that one compiled loop draws them."""
        normal = [fitted for fitted in self.fitted if isinstance(fitted, NormalMetric)]
        joined = np.array([[fitted.location for fitted in normal], [fitted.scale for fitted in normal]])
        object.__setattr__(self, "_all_normal", tuple(joined) if len(normal) == len(self.fitted) else None)

    @property
    def shape(self) -> tuple[int, int]:
        """How many metrics and models there are."""
        return len(self.metrics), len(self.models)

    def draw(self, rng: np.random.Generator, out: Array, n_wanted: int | None = None) -> IntArray:
        """Fill `out`, (n_draws, n_metrics, n_models), in `units`.

        Parameters
        ----------
        rng : Generator
            On SFC64.
        out : (n_draws, n_metrics, n_models) array
            Overwritten.
        n_wanted : int, optional
            How many of the draws count in what is returned; by default all.

        Returns
        -------
        (n_metrics, n_models) array
            How many values of the first `n_wanted` draws left their domain and were drawn again, or were 0 for all
            metrics that are needed.

        Raises
        ------
        DataError
            If a value is still outside after many attempts, or a model still without what is needed.
        """
        n_redrawn = self._draw_domain(rng, out, n_wanted)
        if self.can_lack.any():
            self._redraw_lacking(rng, out, n_redrawn, n_wanted)
        return n_redrawn

    def _draw_domain(self, rng: np.random.Generator, out: Array, n_wanted: int | None) -> IntArray:
        """Fill `out` with values of the metrics' domains."""
        n_redrawn = np.zeros(self.shape, np.int64)
        if self._all_normal:
            if fill_normal(rng, *self._all_normal, self.above, self.below, out) == 0:
                return n_redrawn
        else:
            shared: Shared = {}
            for row, fitted in enumerate(self.fitted):
                out[:, row, :] = fitted.draw(rng, len(out), shared)
        outside = np.flatnonzero((out <= self.above) | (out >= self.below))
        if outside.size:
            draws, metrics, models = np.unravel_index(outside, out.shape)  # quicker than nonzero of three axes
            self._count(n_redrawn, out, n_wanted, draws, metrics, models)
            self._redraw(rng, out, draws, metrics, models)
        return n_redrawn

    @staticmethod
    def _count(
        n_redrawn: IntArray,
        out: Array,
        n_wanted: int | None,
        draws: IndexArray,
        metrics: IndexArray,
        models: IndexArray,
    ) -> None:
        wanted = draws < (len(out) if n_wanted is None else n_wanted)
        np.add.at(n_redrawn, (metrics[wanted], models[wanted]), 1)

    def _redraw_lacking(self, rng: np.random.Generator, out: Array, n_redrawn: IntArray, n_wanted: int | None) -> None:
        """Draw the needed metrics of a model again, as far as they vary, until one is above 0."""
        suspects = np.flatnonzero(self.can_lack)
        varying = np.stack(
            [
                fitted.can_leave if isinstance(fitted, RedrawnMetric) else np.zeros(self.shape[1], np.bool_)
                for fitted in self.fitted[: self.n_needed]
            ]
        )
        for attempt in range(_MOST_ATTEMPTS):
            draws, models = np.nonzero((out[:, : self.n_needed, suspects] == 0.0).all(axis=1))
            models = suspects[models]
            if not draws.size:
                return
            metrics, which = np.nonzero(varying[:, models])
            if attempt == 0:
                self._count(n_redrawn, out, n_wanted, draws[which], metrics, models[which])
            if not metrics.size:
                break
            self._redraw(rng, out, draws[which], metrics, models[which])
        raise DataError(
            f"model {quote(self.models[models[0]])}: found a draw with 0 for all inputs "
            f"({', '.join(self.metrics[: self.n_needed])}); expected at least one above 0, as efficiency divides by "
            "them; give one of them another noise family, or take the Pareto front, which needs order only"
        )

    def _redraw(
        self, rng: np.random.Generator, out: Array, draws: IndexArray, metrics: IndexArray, models: IndexArray
    ) -> None:
        """Draw the given values until they are in their domains."""
        for _ in range(_MOST_ATTEMPTS):
            again = self._draw_again(rng, metrics, models)
            out[draws, metrics, models] = again
            outside = (again <= self.above[metrics, models]) | (again >= self.below[metrics, models])
            draws, metrics, models = draws[outside], metrics[outside], models[outside]
            if not draws.size:
                return
        metric, model = self.metrics[metrics[0]], self.models[models[0]]
        raise DataError(
            f"metric {quote(metric)} of model {quote(model)}: found no value of its domain in {_MOST_ATTEMPTS} "
            "draws from noise "
            f"{quote(str(self.families[metrics[0]]))}; expected most draws inside; give it another noise family or "
            "spread"
        )

    def _draw_again(self, rng: np.random.Generator, metrics: IndexArray, models: IndexArray) -> Array:
        """Draw single values anew.

        The order in which numbers are taken from `rng` is what makes a seed's draws the same in every version: first a
        normal variate for every value that is not Student's, in the order of the values, whichever their metrics are
        and whether they use it or not; then Student's; then what metrics draw by themselves.
        """
        parts = [
            (fitted, metrics == row)
            for row, fitted in enumerate(self.fitted)
            if isinstance(fitted, RedrawnMetric)  # no other leaves its domain
        ]
        degrees, variates, values = np.empty((3, metrics.size))
        for fitted, part in parts:
            degrees[part] = fitted.degrees_of(models[part])
        normal = np.isinf(degrees)
        variates[normal] = rng.standard_normal(np.count_nonzero(normal))
        variates[~normal] = rng.standard_t(degrees[~normal])
        for fitted, part in parts:
            values[part] = fitted.draw_again(rng, variates[part], models[part])
        return values
