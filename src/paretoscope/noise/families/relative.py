"""Noise that is stated as a percentage of the mean, in place of whatever was measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from paretoscope.noise.families.base import Family
from paretoscope.noise.normal_metric import NormalMetric
from paretoscope.noise.runs import MetricRuns

_WRITTEN = re.compile(r"\s*([0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+)\s*%\s*", re.IGNORECASE)
_LARGEST_PERCENTAGE = 1000.0


@dataclass(frozen=True)
class Relative(Family):
    """Normal around the mean, with a standard deviation of so many percent of its size; under both scopes."""

    percent: float

    form = "P%"
    states_spread = True

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read ``3%``."""
        match = _WRITTEN.fullmatch(text)
        return cls(float(match[1])) if match and float(match[1]) <= _LARGEST_PERCENTAGE else None

    def __str__(self) -> str:
        """Write all digits."""
        return f"{repr(self.percent).removesuffix('.0')}%"

    def fit(self, metric: MetricRuns, scope: str) -> NormalMetric:
        """Take the mean."""
        location = metric.mean / metric.unit
        return NormalMetric(location, self.percent / 100.0 * np.abs(location))
