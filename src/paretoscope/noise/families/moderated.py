"""Moderated noise: Student's, with spreads drawn towards those of other models, since few runs say little of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import RedrawnMetric, Shared
from paretoscope.noise.moderation import moderate
from paretoscope.noise.runs import MetricRuns

# Student's variates of one or two degrees of freedom can be so large that their exponential is none.
_MOST_LOGARITHMS: Final = float(np.log(1000.0))


@dataclass(frozen=True)
class Moderated(Family):
    """The predictive distribution of one more run, or of the mean, with spreads moderated over models.

    Positive metrics vary by factors: it is their logarithms that are Student's, and their relative spreads that are
    compared over models.  Other metrics vary by differences.
    """

    form = "moderated"
    rests_on_runs = True
    allows_for_few_runs = True
    pools_models = True

    def fit(self, metric: MetricRuns, scope: str) -> ModeratedMetric:
        """Moderate the spreads; published ones without a number of runs are taken for the true ones."""
        by_factors = metric.lowest > 0.0
        centre, sd, n_runs = _described(metric, by_factors)
        stated = np.isnan(n_runs) | ((n_runs == 1.0) & (sd > 0.0))  # a spread that rests on no runs of ours
        degrees = np.where(stated, 0.0, n_runs - 1.0)
        moderated = moderate(np.where(stated, 0.0, sd), degrees)
        spread = np.where(stated, sd, moderated.sd)
        counts = np.where(stated, 1.0, n_runs)
        if scope == "run":  # one more run around a mean that is itself uncertain; a stated spread is that of a run
            spread = spread * np.sqrt(np.where(stated, 1.0, 1.0 + 1.0 / counts))
        else:
            spread = spread / np.sqrt(counts)
        return ModeratedMetric(
            centre / metric.unit,
            spread if by_factors else spread / metric.unit,
            np.where(stated, np.inf, moderated.degrees),
            by_factors,
            metric.mean / metric.unit,
        )


def _described(metric: MetricRuns, by_factors: bool) -> tuple[Array, Array, Array]:
    """Centre, standard deviation and number of runs of each model, of the logarithms or of the values themselves."""
    if not by_factors:
        return metric.mean, metric.sd, metric.n_runs
    # Published means and spreads by moments; single runs by themselves.
    sd = np.sqrt(np.log1p((metric.sd / metric.mean) ** 2))
    centre = metric.mean * np.exp(-(sd**2) / 2.0)
    runs = metric.runs
    counts = np.isfinite(runs).sum(axis=1)
    for model in np.flatnonzero((counts > 1) & (metric.sd > 0.0)):
        own = runs[model, : counts[model]]
        logarithms = np.log(own)
        sd[model] = logarithms.std(ddof=1)
        centre[model] = np.clip(np.exp(logarithms.mean()), own.min(), own.max())  # but for rounding, it lies there
    return centre, sd, metric.n_runs


@dataclass(frozen=True, slots=True, eq=False)
class ModeratedMetric(RedrawnMetric):
    """A metric that is ``centre + scale * t``, or ``centre * exp(scale * t)``; arrays are (n_models,).

    t is Student's with `degrees` of freedom; `constant` is the value of models that do not vary.
    """

    centre: Array
    scale: Array
    degrees: Array
    by_factors: bool
    constant: Array

    @property
    def can_leave(self) -> BoolArray:
        """Which models vary."""
        varies: BoolArray = self.scale > 0.0
        return varies

    @property
    def can_vanish(self) -> BoolArray:
        """Which models do not vary around 0."""
        constant: BoolArray = (self.constant == 0.0) & (self.scale == 0.0)
        return constant

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw Student's variates, shift and scale them, and to the last bit what does not vary."""
        variates = np.zeros((n_draws, self.centre.size))
        for part in (self.can_leave & np.isinf(self.degrees), self.can_leave & np.isfinite(self.degrees)):
            models = np.flatnonzero(part)
            if not models.size:
                continue
            degrees = self.degrees[models]
            shape = (n_draws, models.size)
            variates[:, models] = rng.standard_normal(shape) if np.isinf(degrees[0]) else rng.standard_t(degrees, shape)
        return np.where(self.can_leave, self._values(variates, np.arange(self.centre.size)), self.constant)

    def degrees_of(self, models: IndexArray) -> Array:
        """Degrees of freedom of some models."""
        found: Array = self.degrees[models]
        return found

    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Shift and scale the variates."""
        return self._values(variates, models)

    def _values(self, variates: Array, models: IndexArray) -> Array:
        moved = self.scale[models] * variates
        if self.by_factors:
            factors = np.exp(np.clip(moved, -_MOST_LOGARITHMS, _MOST_LOGARITHMS))
            values: Array = self.centre[models] * factors
        else:
            values = self.centre[models] + moved
        return values
