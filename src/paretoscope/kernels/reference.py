"""The models of one data set as columns, and those of them that can still carry its frontier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.lanes import empty_lanes, whole_lanes, zero_lanes
from paretoscope.kernels.options import inner
from paretoscope.kernels.technology import Array, IntArray, Technology, lay_out, slack_sign


class Reference(NamedTuple):
    """Columns one by one for a basis, and side by side for pricing; only the candidates' are of this data set.

    Loops over the latter take whole lanes, and so some columns beyond `size`.  What stands there is always a true
    column of this data set, a copy or a model dropped since, so it can change no result.
    """

    columns: Array  # (n_models + rank + 1, whole lanes of the rank): models, slacks of each row, the normalisation
    candidates: IntArray  # (whole lanes of models,), models; what fills the last lanes are true columns, too
    rows: Array  # (rank, whole lanes of models), the candidates' columns side by side
    place: IntArray  # (n_models,), where among the candidates a model is, or -1
    size: IntArray  # (1,), how many candidates there are
    lengths: Array  # (2, whole lanes of models), overwritten at will


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
        columns,
        np.empty(room, np.int64),
        empty_lanes(rank, room),
        np.empty(n_models, np.int64),
        np.empty(1, np.int64),
        empty_lanes(2, room),
    )


@inner
def copy_candidate(reference: Reference, source: int, target: int) -> None:
    """Copy a candidate from one place to another."""
    reference.candidates[target] = reference.candidates[source]
    for row in range(reference.rows.shape[0]):
        reference.rows[row, target] = reference.rows[row, source]


@inner
def gather(technology: Technology, reference: Reference, metrics: Array, models: IntArray, n_candidates: int) -> None:
    """Make the first of these models the candidates."""
    columns, rows, place = reference.columns, reference.rows, reference.place
    for model in range(place.size):
        place[model] = -1
    reference.size[0] = n_candidates
    for j in range(n_candidates):
        model = models[j]
        column = columns[model]
        lay_out(technology, metrics, model, column)
        reference.candidates[j] = model
        place[model] = j
        for row in range(technology.rank):
            column[row] = -column[row] if row < technology.n_needs else column[row]
            rows[row, j] = column[row]
    for j in range(n_candidates, whole_lanes(n_candidates)):
        copy_candidate(reference, 0, j)


@inner
def drop(reference: Reference, model: int) -> None:
    """Take a candidate off that is inside the technology (restricted basis entry, Ali 1993)."""
    reference.size[0] -= 1
    j, last = reference.place[model], reference.size[0]
    copy_candidate(reference, last, j)
    reference.place[reference.candidates[last]] = j
    reference.place[model] = -1
