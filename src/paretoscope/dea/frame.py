"""Units and origins in which the solver's tolerances mean the same for every metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paretoscope.arrays import Array, power_of_two_near
from paretoscope.kernels.technology import VRS, Technology

_LEAST_SPREAD = 1e-11


@dataclass(frozen=True, slots=True)
class Frame:
    """An origin and a unit for each metric, both (n_metrics, 1).

    Under variable returns to scale the weights sum to one, so the metrics that do not move (outputs in input
    orientation, inputs in output orientation) may be counted from any origin.  Those that differ by less than a factor
    of two are counted from the least, so that what distinguishes models is not lost in what they share, such as
    accuracies of 99.9 % and more; so are those that are negative somewhere.
    """

    origin: Array
    unit: Array

    def apply(self, values: Array) -> Array:
        """Values, (..., n_metrics, n_models), in this frame."""
        framed = np.array(values, np.float64, order="C")
        self.apply_in_place(framed)
        return framed

    def apply_in_place(self, values: Array) -> None:
        """Bring values, (..., n_metrics, n_models), into this frame."""
        with np.errstate(all="ignore"):  # what is then infinite is found out by who needs numbers
            for row in np.flatnonzero((self.origin != 0.0) | (self.unit != 1.0)):
                moved = values[..., row, :]
                moved -= self.origin[row]
                moved *= 1.0 / self.unit[row]  # exact, for the unit is a power of two


def frame_of(values: Array, technology: Technology) -> Frame:
    """The frame for data like `values`, (n_metrics, n_models), inputs first, in units of about 1."""
    n_metrics, n_inputs = len(values), technology.n_inputs
    origin, unit = np.zeros((n_metrics, 1)), np.ones((n_metrics, 1))
    if technology.rts == VRS:
        for row in range(n_inputs) if technology.output_oriented else range(n_inputs, n_metrics):
            least, most = values[row].min(), values[row].max()
            # Below the first bound differences are rounding errors; above the second there is little to gain.
            spread, size = most - least, max(most, -least)
            if _LEAST_SPREAD * size < spread and (spread < least or least < 0.0):
                origin[row] = least
                unit[row] = power_of_two_near(np.atleast_1d(spread))
    return Frame(origin, unit)
