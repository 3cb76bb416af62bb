"""Simulated metrics of all models at once, from a fitted noise model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from paretoscope.arrays import Array, IndexArray, IntArray
from paretoscope.errors import DataError
from paretoscope.kernels.sampling import draw_normal

if TYPE_CHECKING:
    from paretoscope.noise.families import Spread

_MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Sampler:
    """A fitted noise model: draws all metrics of all models at once.

    Metrics are in units of a power of two near their geometric mean (`units`), so that tolerances mean the same for
    every metric, and dividing loses no bit.
    """

    metrics: tuple[str, ...]
    models: tuple[str, ...]
    spreads: tuple[Spread, ...]
    units: Array  # (n_metrics,)
    location: Array  # (n_metrics, n_models): mean; mean of logarithms for lognormal; share of successes for binomial
    scale: Array  # (n_metrics, n_models)
    degrees: Array  # (n_metrics, n_models), of freedom, for student
    above: Array  # (n_metrics, n_models): a draw must exceed this ...
    below: Array  # (n_metrics, n_models): ... and stay under this
    runs: Array  # (n_metrics, n_models, most runs), padded with NaN, for empirical
    n_runs: IntArray  # (n_metrics, n_models)
    partner: IntArray  # (n_metrics, n_models): the metric whose picks of runs this one shares
    scope: str

    @property
    def is_normal(self) -> bool:
        """Whether every metric is a plain affine function of a standard normal."""
        return all(spread.family in ("gaussian", "relative") for spread in self.spreads)

    def draw(self, rng: np.random.Generator, out: Array, n_wanted: int | None = None) -> IntArray:
        """Fill `out`, (n_draws, n_metrics, n_models), in `units`.

        Parameters
        ----------
        rng : Generator
            On SFC64.

        Returns
        -------
        (n_metrics, n_models) array
            How many values of the first `n_wanted` draws (by default all) left their domain and were drawn again.

        Raises
        ------
        DataError
            If a value is still outside after many attempts.
        """
        n_redrawn = np.zeros(self.location.shape, np.int64)
        if self.is_normal:
            if self._fill_normal(rng, slice(None), out) == 0:
                return n_redrawn
        else:
            picks: dict[int, Array] = {}
            for metric, spread in enumerate(self.spreads):
                out[:, metric, :] = self._draw_metric(rng, metric, spread, out.shape[0], picks)
        outside = np.flatnonzero((out <= self.above) | (out >= self.below))
        if outside.size:
            draws, metrics, models = np.unravel_index(outside, out.shape)  # quicker than nonzero of three axes
            wanted = draws < (len(out) if n_wanted is None else n_wanted)
            np.add.at(n_redrawn, (metrics[wanted], models[wanted]), 1)
            self._redraw(rng, out, draws, metrics, models)
        return n_redrawn

    def _fill_normal(self, rng: np.random.Generator, metrics: slice, out: Array) -> int:
        """Draw ``location + scale * normal`` of some metrics; return how many leave their domain."""
        state = rng.bit_generator.state
        bounds = self.above[metrics], self.below[metrics]
        n_outside = draw_normal(state["state"]["state"], self.location[metrics], self.scale[metrics], *bounds, out)
        rng.bit_generator.state = state
        return n_outside

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
            f"metric {metric!r} of model {model!r}: found no value of its domain in {_MOST_ATTEMPTS} draws from noise "
            f"{str(self.spreads[metrics[0]])!r}; expected most draws inside; give it another noise family or spread"
        )

    def _draw_metric(
        self, rng: np.random.Generator, metric: int, spread: Spread, n_draws: int, picks: dict[int, Array]
    ) -> Array:
        location, scale = self.location[metric], self.scale[metric]
        shape = (n_draws, location.size)
        values: Array
        if spread.family == "exact":
            values = np.broadcast_to(location, shape)
        elif spread.family == "student":
            values = location + scale * rng.standard_t(self.degrees[metric], shape)
        elif spread.family == "binomial":
            n_images = int(spread.parameter)
            values = rng.binomial(n_images, location, shape) / n_images * (100.0 / self.units[metric])
        elif spread.family == "empirical":
            values = self._resample_runs(rng, metric, n_draws, picks)
        else:
            room = np.empty((n_draws, 1, location.size))
            self._fill_normal(rng, slice(metric, metric + 1), room)
            values = room[:, 0]
            if spread.family == "lognormal":
                values = np.where(scale > 0.0, np.exp(values), self.runs[metric, :, 0])  # exact where nothing varies
        return values

    def _draw_again(self, rng: np.random.Generator, metrics: IndexArray, models: IndexArray) -> Array:
        """Draw single values anew; those of one family together."""
        location, scale = self.location[metrics, models], self.scale[metrics, models]
        student = np.array([spread.family == "student" for spread in self.spreads])[metrics]
        lognormal = np.array([spread.family == "lognormal" for spread in self.spreads])[metrics]
        variates = np.empty(metrics.size)
        variates[~student] = rng.standard_normal(int(np.count_nonzero(~student)))
        variates[student] = rng.standard_t(self.degrees[metrics, models][student])
        values = location + scale * variates
        values[lognormal] = np.exp(values[lognormal])
        for metric in np.unique(metrics):
            if self.spreads[metric].family == "binomial":
                of_metric = metrics == metric
                n_images = int(self.spreads[metric].parameter)
                successes = rng.binomial(n_images, location[of_metric])
                values[of_metric] = successes / n_images * (100.0 / self.units[metric])
        return values

    def _resample_runs(self, rng: np.random.Generator, metric: int, n_draws: int, picks: dict[int, Array]) -> Array:
        """Whole runs with replacement: one (scope run), or the mean of as many as there are (scope mean)."""
        n_runs, partner = self.n_runs[metric], self.partner[metric]
        n_picked = self.runs.shape[2] if self.scope == "mean" else 1
        picks[metric] = rng.random((n_draws, n_runs.size, n_picked))
        shared = picks[metric]
        for other in np.unique(partner[partner != metric]):
            shared = np.where((partner == other)[:, np.newaxis], picks[int(other)], shared)
        chosen = np.minimum((shared * n_runs[:, np.newaxis]).astype(np.int64), n_runs[:, np.newaxis] - 1)
        values = self.runs[metric][np.arange(n_runs.size)[:, np.newaxis], chosen]
        if self.scope == "run":
            return np.ascontiguousarray(values[:, :, 0])
        counted = np.arange(n_picked) < n_runs[:, np.newaxis]
        mean: Array = np.where(counted, values, 0.0).sum(axis=2) / n_runs
        return mean
