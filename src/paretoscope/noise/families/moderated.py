"""Moderated noise: Student's, with spreads drawn towards those of other models, since few runs say little of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from paretoscope.arrays import Array, IndexArray
from paretoscope.noise.families.base import Family
from paretoscope.noise.families.student import StudentMetric
from paretoscope.noise.fitted import Shared
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
        (centre, sd), n_runs = _described(metric, by_factors), metric.n_runs
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
        )


def _described(metric: MetricRuns, by_factors: bool) -> tuple[Array, Array]:
    """Centre and standard deviation of each model, of the logarithms or of the values themselves."""
    if not by_factors:
        return metric.mean, metric.sd
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
    return centre, sd


@dataclass(frozen=True, slots=True, eq=False)
class ModeratedMetric(StudentMetric):
    """A metric that is ``location + scale * t``, or ``location * exp(scale * t)``; degrees may be infinite."""

    by_factors: bool

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw Student's variates, and shift and scale them; what does not vary keeps its last bit."""
        variates = np.zeros((n_draws, self.location.size))
        for part in (self.can_leave & np.isinf(self.degrees), self.can_leave & np.isfinite(self.degrees)):
            models = np.flatnonzero(part)
            if not models.size:
                continue
            degrees = self.degrees[models]
            shape = (n_draws, models.size)
            variates[:, models] = rng.standard_normal(shape) if np.isinf(degrees[0]) else rng.standard_t(degrees, shape)
        return self.draw_again(rng, variates, np.arange(self.location.size))

    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Shift and scale the variates, or their exponentials."""
        if not self.by_factors:
            return StudentMetric.draw_again(self, rng, variates, models)  # super() knows no class with slots
        logarithms = np.clip(self.scale[models] * variates, -_MOST_LOGARITHMS, _MOST_LOGARITHMS)
        values: Array = self.location[models] * np.exp(logarithms)
        return values
