"""All the memory that the solver works in: what one draw leaves to the next, and what is overwritten at will."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.facets import Facets, allocate_facets
from paretoscope.kernels.lanes import empty_lanes, whole_lanes
from paretoscope.kernels.lineup import Lineup, allocate_lineup
from paretoscope.kernels.reference import Reference, allocate_reference
from paretoscope.kernels.technology import Array, IntArray, Technology

# Points that are looked at together: few at first, for those after them profit from the facets that these find.
FEW, MANY = 16, 64


class Workspace(NamedTuple):
    """Marks and orders."""

    used: IntArray  # (capacity,), 1 where a score rests on the facet, `REFUTED` where a model disproved it
    carried: IntArray  # (n_models,), 1 where a model carried the frontier of a draw before
    standing: IntArray  # (n_points,), what a point is to the reference: `OUTSIDER` and its like
    chosen: IntArray  # (n_models,), overwritten at will
    metrics: Array  # (n_metrics, whole lanes of models), overwritten at will
    everybody: IntArray  # (n_points,), all points in order
    queue: IntArray  # (n_points,), the order in which open points are scored
    everyone: Lineup  # all points, each with the facet that its score rests on, or the best one known to it
    some: Lineup  # those whose turn it is
    vectors: Array  # (5, whole lanes of the rank), overwritten at will


class Room(NamedTuple):
    """All that the kernel writes to, but for its results."""

    reference: Reference
    facets: Facets
    workspace: Workspace


def allocate_room(technology: Technology, n_models: int, n_points: int, capacity: int | None = None) -> Room:
    """Room for so many models and points, and for `capacity` facets, by default more than most data have.

    Beyond it the kernel still solves points, only without remembering how.
    """
    capacity = 1024 + 4 * n_models if capacity is None else capacity
    workspace = Workspace(
        np.empty(capacity, np.int64),
        np.empty(n_models, np.int64),
        np.empty(n_points, np.int64),
        np.empty(n_models, np.int64),
        empty_lanes(technology.n_inputs + technology.n_outputs, whole_lanes(n_models)),
        np.arange(n_points),
        np.empty(n_points, np.int64),
        allocate_lineup(technology.rank, n_points),
        allocate_lineup(technology.rank, MANY),
        empty_lanes(5, whole_lanes(technology.rank)),
    )
    return Room(allocate_reference(technology, n_models), allocate_facets(technology.rank, capacity), workspace)
