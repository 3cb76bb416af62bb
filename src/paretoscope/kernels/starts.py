"""Facets to start from: those that are valid without any search."""

from __future__ import annotations

import numpy as np

from paretoscope.kernels.options import inner
from paretoscope.kernels.reference import Reference
from paretoscope.kernels.technology import CRS, NDRS, NIRS, IntArray, Technology


@inner
def start_basis(technology: Technology, reference: Reference, own_row: int, basis: IntArray) -> bool:
    """Write the basis of a facet that is valid without any search, with the normal's weight in row `own_row` alone.

    Input orientation, the row of an input: the least of that input any model needs, at all (vrs, ndrs) or for a unit of
    an output (crs, nirs).  Output orientation, the row of an output: the most of it that any model gives, at all (vrs,
    nirs) or for a unit of an input (ndrs).  False where no such facet exists.
    """
    n_models, n_candidates, rows = reference.place.size, reference.size[0], reference.rows
    if technology.output_oriented:
        per_unit = technology.rts == NDRS
        first, last = 0, technology.n_inputs
    else:
        per_unit = technology.rts == CRS or technology.rts == NIRS
        first, last = technology.n_needs, technology.n_needs + technology.n_outputs
    partner, model, extreme = -1, -1, np.inf
    if per_unit:
        for other in range(first, last):
            model, extreme = -1, np.inf
            bounded = True
            for j in range(n_candidates):
                supply = rows[own_row, j] if technology.output_oriented else rows[other, j]
                demand = -rows[other, j] if technology.output_oriented else -rows[own_row, j]
                if supply > 0.0:
                    if technology.output_oriented and demand == 0.0:
                        bounded = False
                    ratio = demand / supply
                    if ratio < extreme:
                        model, extreme = j, ratio
            if bounded and model >= 0:
                partner = other
                break
        if partner < 0:
            return False
    else:
        for j in range(n_candidates):
            # Rows are -input and +output: the least of -row is the least input, or the greatest output.
            if -rows[own_row, j] < extreme:
                model, extreme = j, -rows[own_row, j]
        if model < 0:
            return False
    basis[0] = reference.candidates[model]
    position = 1
    for row in range(technology.rank):
        if row != own_row and row != partner and (row != technology.unit_row or per_unit):
            basis[position] = n_models + row
            position += 1
    return True
