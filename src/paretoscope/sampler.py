"""Simulated metrics of all models at once, from a fitted noise model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from paretoscope.kernels.sampling import place

if TYPE_CHECKING:
    from paretoscope.spreads import Spread

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampler:
    """A fitted noise model: draws all metrics of all models at once.

    Metrics are in units of a power of two near their geometric mean (`units`), so that tolerances mean the same for
    every metric, and dividing loses no bit.
    """

    spreads: tuple[Spread, ...]
    units: Array  # (n_metrics,)
    location: Array  # (n_metrics, n_models): mean; mean of logarithms for lognormal; share of successes for binomial
    scale: Array  # (n_metrics, n_models)
    degrees: Array  # (n_metrics, n_models), of freedom, for student
    above: Array  # (n_metrics, n_models): a draw must exceed this ...
    below: Array  # (n_metrics, n_models): ... and stay under this
    runs: Array  # (n_metrics, n_models, most runs), padded with NaN, for empirical
    n_runs: NDArray[np.int64]  # (n_metrics, n_models)
    partner: NDArray[np.int64]  # (n_metrics, n_models): the metric whose picks of runs this one shares
    scope: str

    @property
    def is_normal(self) -> bool:
        """Whether every metric is a plain affine function of a standard normal."""
        return all(spread.family in ("gaussian", "relative") for spread in self.spreads)

    def draw(self, rng: np.random.Generator, out: Array) -> int:
        """Fill `out`, (n_draws, n_metrics, n_models), in `units`; return how many values had to be drawn again."""
        if self.is_normal:
            rng.standard_normal(out=out)
            n_outside = place(out, self.location, self.scale, self.above, self.below)
        else:
            picks: dict[int, Array] = {}
            for metric, spread in enumerate(self.spreads):
                out[:, metric, :] = self._draw_metric(rng, metric, spread, out.shape[0], picks)
            n_outside = int(np.count_nonzero((out <= self.above) | (out >= self.below)))
        n_redrawn = 0
        while n_outside:
            draws, metrics, models = np.nonzero((out <= self.above) | (out >= self.below))
            again = self._draw_again(rng, metrics, models)
            out[draws, metrics, models] = again
            n_redrawn += n_outside
            n_outside = int(
                np.count_nonzero((again <= self.above[metrics, models]) | (again >= self.below[metrics, models]))
            )
        return n_redrawn

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
            values = location + scale * rng.standard_normal(shape)
            if spread.family == "lognormal":
                values = np.where(scale > 0.0, np.exp(values), self.runs[metric, :, 0])  # exact where nothing varies
        return values

    def _draw_again(self, rng: np.random.Generator, metrics: NDArray[np.intp], models: NDArray[np.intp]) -> Array:
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
