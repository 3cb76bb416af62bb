"""The models that the points of one data set are compared with, as columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.lanes import N_LANES, empty_lanes, whole_lanes, zero_lanes
from paretoscope.kernels.options import inner
from paretoscope.kernels.technology import Array, IntArray, Technology, lay_out, slack_sign

# What a point is to the reference.
GUEST = -1  # no model: its efficiency may be anything
OUTSIDER = 0  # a model that may still have to join
MEMBER = 1
INSIDER = 2  # a model that was a member, and is known not to carry the frontier


class Reference(NamedTuple):
    """Columns one by one for a basis, and side by side for pricing; only the members' are of this data set.

    Loops over the latter take whole lanes, and so some columns beyond `size`.  What stands there is always a true
    column of this data set, a copy or a model dropped since, so it can change no result.
    """

    columns: Array  # (n_models + rank + 1, whole lanes of the rank): models, slacks of each row, the normalisation
    members: IntArray  # (whole lanes of models,), models; what fills the last lanes are true columns, too
    rows: Array  # (rank, whole lanes of models), the members' columns side by side
    place: IntArray  # (n_models,), where among the members a model is, or -1
    size: IntArray  # (1,), how many members there are
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
def copy_member(reference: Reference, source: int, target: int) -> None:
    """Copy a member from one place to another."""
    reference.members[target] = reference.members[source]
    for row in range(reference.rows.shape[0]):
        reference.rows[row, target] = reference.rows[row, source]


@inner
def join(technology: Technology, reference: Reference, metrics: Array, model: int) -> None:
    """Add a model to the reference."""
    j, column = reference.size[0], reference.columns[model]
    lay_out(technology, metrics, model, column)
    reference.members[j] = model
    for row in range(technology.rank):
        column[row] = -column[row] if row < technology.n_needs else column[row]
        reference.rows[row, j] = column[row]
    reference.place[model] = j
    reference.size[0] += 1
    if j % N_LANES == 0:
        for other in range(j + 1, j + N_LANES):
            copy_member(reference, j, other)


@inner
def gather(technology: Technology, reference: Reference, metrics: Array, models: IntArray, n_models: int) -> None:
    """Make the first of these models the reference."""
    for model in range(reference.place.size):
        reference.place[model] = -1
    reference.size[0] = 0
    for j in range(n_models):
        join(technology, reference, metrics, models[j])


@inner
def drop(reference: Reference, model: int) -> None:
    """Take a member off that is inside the technology (restricted basis entry, Ali 1993)."""
    reference.size[0] -= 1
    j, last = reference.place[model], reference.size[0]
    copy_member(reference, last, j)
    reference.place[reference.members[last]] = j
    reference.place[model] = -1
