"""The models of one data set as columns, and those of them that can still carry its frontier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import inner
from paretoscope.kernels.lanes import empty_lanes, whole_lanes, zero_lanes
from paretoscope.kernels.technology import INSIDE, Technology, lay_out, slack_sign


class Reference(NamedTuple):
    """Columns one by one for a basis, and side by side for pricing; only the candidates' are of this data set.

    Loops over the latter take whole lanes, and so some columns beyond `size`.  What stands there is always a true
    column of this data set, a copy or a model dropped since, so it can change no result.
    """

    columns: Array  # (n_models + rank + 1, whole lanes of the rank): models, slacks of each row, the normalisation
    candidates: IntArray  # (whole lanes of models,), models; what fills the last lanes are true columns, too
    rows: Array  # (rank, whole lanes of models), the candidates' columns side by side
    candidate_of: IntArray  # (n_models,), which of the candidates a model is, or -1
    size: IntArray  # (1,), how many candidates there are
    steps: Array  # (2, whole lanes of models), overwritten at will


def allocate_reference(technology: Technology, n_models: int) -> Reference:
    """Room for the columns of so many models; those that are the same for all data sets are written."""
    rank, room = technology.rank, whole_lanes(n_models)
    columns = zero_lanes(n_models + rank + 1, whole_lanes(rank))
    for row in range(rank):
        columns[n_models + row, row] = slack_sign(technology, row)
    # The unit normalisation of a normal: its entries for the inputs, or the outputs, sum to one.
    first, last = (technology.n_needs, rank) if technology.output_oriented else (0, technology.n_inputs)
    columns[-1, first:last] = 1.0
    return Reference(
        columns=columns,
        candidates=np.empty(room, np.int64),
        rows=empty_lanes(rank, room),
        candidate_of=np.empty(n_models, np.int64),
        size=np.empty(1, np.int64),
        steps=empty_lanes(2, room),
    )


@inner
def gather(technology: Technology, reference: Reference, metrics: Array, models: IntArray, n_candidates: int) -> None:
    """Make the first of these models the candidates."""
    columns, rows = reference.columns, reference.rows
    candidates, candidate_of = reference.candidates, reference.candidate_of
    for model in range(candidate_of.size):
        candidate_of[model] = -1
    reference.size[0] = n_candidates
    for j in range(whole_lanes(n_candidates)):
        model = models[j] if j < n_candidates else models[0]
        column = columns[model]
        lay_out(technology, metrics, model, column)
        for row in range(technology.rank):
            column[row] = -column[row] if row < technology.n_needs else column[row]
            rows[row, j] = column[row]
        candidates[j] = model
        if j < n_candidates:
            candidate_of[model] = j


@inner
def drop_if_inside(reference: Reference, model: int, efficiency: float) -> None:
    """Take a candidate off that cannot carry the frontier (restricted basis entry, Ali 1993).

    A score of 0 does not say so: under output orientation all models without outputs have it, also on the frontier.
    """
    if 0.0 < efficiency < 1.0 - INSIDE:
        rows, size = reference.rows, reference.size
        candidates, candidate_of = reference.candidates, reference.candidate_of
        size[0] -= 1
        j, last = candidate_of[model], size[0]
        candidates[j] = candidates[last]
        for row in range(rows.shape[0]):
            rows[row, j] = rows[row, last]
        candidate_of[candidates[last]] = j
        candidate_of[model] = -1
