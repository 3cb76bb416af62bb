"""Metrics that are a constant plus a multiple of a standard normal variate, drawn in one compiled loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array
from paretoscope.kernels.sampling import draw_normal
from paretoscope.noise.fitted import Shared, ShiftedMetric


@dataclass(frozen=True, slots=True, eq=False)
class NormalMetric(ShiftedMetric):
    """A normally distributed metric."""

    def draw(self, rng: np.random.Generator, n_draws: int, shared: Shared) -> Array:
        """Draw ``location + scale * normal``."""
        out = np.empty((n_draws, 1, self.location.size))
        nowhere = np.full((1, self.location.size), np.inf)
        fill_normal(rng, self.location[np.newaxis], self.scale[np.newaxis], -nowhere, nowhere, out)
        values: Array = out[:, 0]
        return values


def fill_normal(rng: np.random.Generator, location: Array, scale: Array, above: Array, below: Array, out: Array) -> int:
    """Fill `out`, (n_draws, n_metrics, n_models), from `rng`, on SFC64; return how many values leave their domain.

    The other arrays are (n_metrics, n_models).
    """
    state = rng.bit_generator.state
    n_outside = draw_normal(state["state"]["state"], location, scale, above, below, out)
    rng.bit_generator.state = state
    return n_outside
