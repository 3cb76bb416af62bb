"""Lognormal noise, for positive metrics: the logarithm of a run is normally distributed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import RedrawnMetric, Shared
from paretoscope.noise.normal_metric import NormalMetric
from paretoscope.noise.runs import MetricRuns


@dataclass(frozen=True)
class Lognormal(Family):
    """The exponential of a normal variate; under scope "mean" around the geometric mean of the runs."""

    form = "lognormal"
    rests_on_runs = True
    on_logarithms = True

    def check(self, metric: MetricRuns, scope: str) -> None:
        """Values must have logarithms."""
        lowest = np.nanmin(metric.runs, axis=1)
        expected = "expected positive values under noise 'lognormal'; 'gaussian' allows for others"
        metric.refuse(lowest <= 0, f"found {np.min(lowest):g}", expected)
        super().check(metric, scope)

    def fit(self, metric: MetricRuns, scope: str) -> LognormalMetric:
        """Take mean and standard deviation of the logarithms; by moments where no single runs are known."""
        spread = np.sqrt(np.log1p((metric.sd / metric.mean) ** 2))
        centre = np.log(metric.mean) - spread**2 / 2.0
        counts = np.sum(np.isfinite(metric.runs), axis=1)
        for model in np.flatnonzero((counts > 1) & (metric.sd > 0)):
            logarithms = np.log(metric.runs[model, : counts[model]])
            centre[model], spread[model] = logarithms.mean(), logarithms.std(ddof=1)
        logarithm = NormalMetric(centre - np.log(metric.unit), metric.in_scope(spread, scope))
        return LognormalMetric(logarithm, metric.runs[:, 0] / metric.unit)


@dataclass(frozen=True, slots=True, eq=False)
class LognormalMetric(RedrawnMetric):
    """A lognormally distributed metric; `constant`, (n_models,), is the value of models that do not vary."""

    logarithm: NormalMetric
    constant: Array

    @property
    def can_leave(self) -> BoolArray:
        """Which models vary: they may exceed a largest value."""
        return self.logarithm.can_leave

    @property
    def can_vanish(self) -> BoolArray:
        """None of them."""
        return np.zeros(self.constant.size, np.bool_)

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw the exponential of a normal variate, and to the last bit what does not vary."""
        values = np.exp(self.logarithm.draw(rng, n_draws, shared))
        return np.where(self.can_leave, values, self.constant)

    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Draw the exponential of a normal variate for some models."""
        values: Array = np.exp(self.logarithm.draw_again(rng, variates, models))
        return values
