"""Empirical noise: whole runs, resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.flags import setting
from paretoscope.noise.families.base import Family
from paretoscope.noise.fitted import FittedMetric, Shared
from paretoscope.noise.runs import MetricRuns


@dataclass(frozen=True)
class Empirical(Family):
    """One of the runs, or the mean of as many as there are; metrics of the same runs take the same ones."""

    form = "empirical"
    rests_on_runs = True
    needs_single_runs = True

    def check(self, metric: MetricRuns, scope: str) -> None:
        """There must be runs to take."""
        metric.refuse(
            (metric.sd > 0) & (np.sum(np.isfinite(metric.runs), axis=1) < 2),
            "found a published mean and sd",
            f"expected single runs under noise 'empirical'; use {setting('noise', 'gaussian')}",
        )

    def fit(self, metric: MetricRuns, scope: str) -> EmpiricalMetric:
        """Take the runs as they are."""
        n_runs = np.sum(np.isfinite(metric.runs), axis=1)
        n_picked = metric.runs.shape[1] if scope == "mean" else 1
        return EmpiricalMetric(metric.runs / metric.unit, n_runs, metric.label_sets, n_picked)


@dataclass(frozen=True, slots=True, eq=False)
class EmpiricalMetric(FittedMetric):
    """A metric drawn from its runs; measured values are taken as they are, also where they are at a bound.

    Attributes
    ----------
    runs : (n_models, most runs) array
        Padded with NaN.
    n_runs : (n_models,) array
    label_sets : (n_models,) array
        Equal numbers in two metrics of a model mean the very same runs.
    n_picked : int
        How many runs are picked for a draw; of a model with fewer runs, so many count.
    """

    runs: Array
    n_runs: IntArray
    label_sets: IntArray
    n_picked: int

    @property
    def can_vanish(self) -> BoolArray:
        """Which models have a run of 0."""
        found: BoolArray = (self.runs == 0.0).any(axis=1)
        return found

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Pick runs with replacement, and average them."""
        counts = self.n_runs[:, np.newaxis]
        picks = self._pick(rng, n_draws, shared)
        chosen = np.minimum((picks * counts).astype(np.int64), counts - 1)
        values = self.runs[np.arange(counts.size)[:, np.newaxis], chosen]
        if self.n_picked == 1:
            return np.ascontiguousarray(values[:, :, 0])
        counted = np.arange(self.n_picked) < counts
        mean: Array = np.where(counted, values, 0.0).sum(axis=2) / self.n_runs
        return mean

    def _pick(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Where in the runs to look, in [0, 1); as in an earlier metric of the very same runs."""
        picks = rng.random((n_draws, self.n_runs.size, self.n_picked))
        alone = np.ones(self.n_runs.size, np.bool_)
        earlier: list[tuple[IntArray, Array]] = shared.setdefault(EmpiricalMetric, [])
        for label_sets, their_picks in earlier:
            together = alone & (label_sets == self.label_sets)
            if together.any():
                picks = np.where(together[:, np.newaxis], their_picks, picks)
                alone &= ~together
            if not alone.any():
                break
        earlier.append((self.label_sets, picks))
        return picks
