"""What a family of noise makes of one metric's runs: something that draws the metric, for all models at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from paretoscope.arrays import Array, BoolArray, IndexArray

Shared = dict[type, Any]  # what metrics of the same draws share, by the class that put it there; new for every batch


class FittedMetric(ABC):
    """A metric of all models, in units of a power of two near its geometric mean."""

    @property
    @abstractmethod
    def can_vanish(self) -> BoolArray:
        """Which models' draws may be exactly 0, (n_models,): counts, zeros that were measured or stated."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw the metric, (n_draws, n_models); `shared` is for what several metrics of these draws have in common."""


class RedrawnMetric(FittedMetric):
    """A metric whose distribution knows nothing of the domain: values outside are drawn again, one by one."""

    @property
    @abstractmethod
    def can_leave(self) -> BoolArray:
        """Which models' draws may leave the domain, (n_models,): those that vary."""

    def degrees_of(self, models: IndexArray) -> Array | float:
        """Degrees of freedom of Student's variates that single values are drawn again from; infinite for normal ones.

        Parameters
        ----------
        models : (n,) array
            Positions of the models to draw for; a model may stand there several times.
        """
        return np.inf

    @abstractmethod
    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Draw single values of some models, (n,), from one variate each, or else from `rng`."""


@dataclass(frozen=True, slots=True, eq=False)
class ShiftedMetric(RedrawnMetric):
    """A metric that is ``location + scale * variate``; both arrays are (n_models,)."""

    location: Array
    scale: Array

    @property
    def can_leave(self) -> BoolArray:
        """Which models vary."""
        varies: BoolArray = self.scale > 0.0
        return varies

    @property
    def can_vanish(self) -> BoolArray:
        """Which models do not vary around 0."""
        constant: BoolArray = (self.location == 0.0) & (self.scale == 0.0)
        return constant

    def draw_again(self, rng: np.random.Generator, variates: Array, models: IndexArray) -> Array:
        """Shift and scale the variates."""
        values: Array = self.location[models] + self.scale[models] * variates
        return values
