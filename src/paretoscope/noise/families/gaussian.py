"""Gaussian noise, the paper's: the standard deviation of the runs is taken for the true one."""

from __future__ import annotations

from dataclasses import dataclass

from paretoscope.noise.families.base import Family
from paretoscope.noise.normal_metric import NormalMetric
from paretoscope.noise.runs import MetricRuns


@dataclass(frozen=True)
class Gaussian(Family):
    """Normal around the mean of the runs, with their standard deviation."""

    form = "gaussian"
    rests_on_runs = True

    def fit(self, metric: MetricRuns, scope: str) -> NormalMetric:
        """Take mean and standard deviation."""
        return NormalMetric(metric.mean / metric.unit, metric.in_scope(metric.sd, scope) / metric.unit)
