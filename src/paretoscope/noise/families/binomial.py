"""Binomial noise: an accuracy, from having tested on these images and not on other ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.errors import DataError, quote
from paretoscope.measurements.bounds import state_bound
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import RedrawnMetric, Shared
from paretoscope.noise.runs import MetricRuns

_WRITTEN = re.compile(r"\s*binomial\(\s*([0-9]+(?:_[0-9]+)*)\s*\)\s*", re.IGNORECASE)
_MOST_IMAGES = 2**53  # beyond it a float does not hold the number


@dataclass(frozen=True)
class Binomial(Family):
    """The share of so many images that a model gets right, by chance; under both scopes."""

    n_images: int

    form = "binomial(N)"
    states_spread = True

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read ``binomial(50000)``."""
        match = _WRITTEN.fullmatch(text)
        return cls(int(match[1])) if match and 0.0 < float(match[1]) <= _MOST_IMAGES else None

    def __str__(self) -> str:
        """Write the number of images."""
        return f"binomial({self.n_images})"

    def check(self, metric: MetricRuns, scope: str) -> None:
        """The metric must be a share, measured once, and whether in percent or as a fraction must be sure."""
        metric.refuse_repeats(str(self))
        if metric.whole is None:
            percent, fraction = (state_bound(metric.name, bound) for bound in (100.0, 1.0))
            raise DataError(
                f"{metric.source or 'data'}: metric {quote(metric.name)}: found values from {metric.mean.min():g} to "
                f"{metric.mean.max():g}, which may be percent or fractions; expected to know which under noise "
                f"{str(self)!r}; {percent} for percent, or {fraction.removeprefix('pass ').removeprefix('give ')} for "
                "fractions"
            )
        of_another_scale = np.isinf(metric.whole) and np.isfinite(metric.largest)
        metric.refuse(
            (metric.mean < 0.0) | (metric.mean > min(metric.whole, 100.0)) | of_another_scale,
            "found no percentage and no fraction",
            f"expected 0 to {100 if np.isinf(metric.whole) else metric.whole:g} under noise {quote(str(self))}; give "
            "it "
            "another family",
        )

    def fit(self, metric: MetricRuns, scope: str) -> BinomialMetric:
        """Take the mean for the probability."""
        assert metric.whole is not None
        return BinomialMetric(metric.mean / metric.whole, self.n_images, metric.whole / metric.unit)


@dataclass(frozen=True, slots=True, eq=False)
class BinomialMetric(RedrawnMetric):
    """A number of successes divided by that of trials; `whole` is what all are in the metric's unit."""

    probability: Array
    n_trials: int
    whole: float

    @property
    def can_leave(self) -> BoolArray:
        """Which models vary: all inputs of a model may come out as 0."""
        varies: BoolArray = (self.probability > 0.0) & (self.probability < 1.0)
        return varies

    @property
    def can_vanish(self) -> BoolArray:
        """Which models are wrong now and then, or never right."""
        possible: BoolArray = self.probability < 1.0
        return possible

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw shares of successes."""
        successes = rng.binomial(self.n_trials, self.probability, (n_draws, self.probability.size))
        values: Array = successes / self.n_trials * self.whole
        return values

    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Draw shares of successes of some models; they make no use of `variates`."""
        values: Array = rng.binomial(self.n_trials, self.probability[models]) / self.n_trials * self.whole
        return values
