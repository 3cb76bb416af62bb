"""No noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array, BoolArray
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import FittedMetric, Shared
from paretoscope.noise.runs import MetricRuns


@dataclass(frozen=True)
class Exact(Family):
    """The value itself."""

    form = "exact"

    def check(self, metric: MetricRuns, scope: str) -> None:
        """Repeats, if any, must not differ."""
        metric.refuse_repeats(self.form)

    def fit(self, metric: MetricRuns, scope: str) -> ExactMetric:
        """Take the mean."""
        return ExactMetric(metric.mean / metric.unit)


@dataclass(frozen=True, slots=True, eq=False)
class ExactMetric(FittedMetric):
    """A metric that does not vary; (n_models,)."""

    values: Array

    @property
    def can_vanish(self) -> BoolArray:
        """Which models' value is 0."""
        zero: BoolArray = self.values == 0.0
        return zero

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Repeat the values; takes nothing from `rng`."""
        return np.broadcast_to(self.values, (n_draws, self.values.size))
