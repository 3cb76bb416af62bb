"""Student's noise, which allows for a standard deviation estimated from few runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array, IndexArray
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import Shared, ShiftedMetric
from paretoscope.noise.runs import MetricRuns


@dataclass(frozen=True)
class Student(Family):
    """The predictive distribution of one more run, or of the mean, under the usual prior that says nothing."""

    form = "student"
    rests_on_runs = True
    allows_for_few_runs = True

    def check(self, metric: MetricRuns, scope: str) -> None:
        """A standard deviation needs a degree of freedom."""
        metric.refuse_fewer_runs(2)

    def fit(self, metric: MetricRuns, scope: str) -> StudentMetric:
        """Take mean, standard deviation and number of runs."""
        scale = metric.in_scope(metric.sd, scope)
        if scope == "run":  # a new run around a mean that is itself uncertain
            scale = scale * np.sqrt(1.0 + 1.0 / np.nan_to_num(metric.n_runs, nan=1.0))
        degrees = np.maximum(np.nan_to_num(metric.n_runs, nan=2.0) - 1.0, 1.0)
        return StudentMetric(metric.mean / metric.unit, scale / metric.unit, degrees)


@dataclass(frozen=True, slots=True, eq=False)
class StudentMetric(ShiftedMetric):
    """A metric distributed as Student's t, shifted and scaled; `degrees` of freedom are (n_models,)."""

    degrees: Array

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw ``location + scale * t``."""
        values: Array = self.location + self.scale * rng.standard_t(self.degrees, (n_draws, self.location.size))
        return values

    def degrees_of(self, models: IndexArray) -> Array:
        """Degrees of freedom of some models."""
        found: Array = self.degrees[models]
        return found
