r"""Exact efficiency scores of many points against one reference set, through a cache of facets.

Every valid facet bounds the efficiency of every point from below (weak duality), so a point starts from the best facet
that is known.  If its weights on that facet's basis are non-negative, they are a primal solution of the same value:
the score is exact and both certificates are at hand.  Otherwise dual simplex steps lead to better facets, each of which
is valid for all points and joins the cache.

References
----------
Banker, Charnes, Cooper (1984), "Some models for estimating technical and scale inefficiencies in data envelopment
analysis", Management Science 30(9); Lemke (1954), "The dual method of solving the linear programming problem".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.bounds import bound_points, find_best
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.facets import Facets, accept, allocate_facets, cache_size, forget, keep_valid, mark_carriers
from paretoscope.kernels.lanes import empty_lanes, whole_lanes
from paretoscope.kernels.options import bare_kernel, inlined, inner, pasted
from paretoscope.kernels.reference import Reference, allocate_reference, drop, gather
from paretoscope.kernels.simplex import settle
from paretoscope.kernels.starts import start_basis
from paretoscope.kernels.technology import (
    CERTIFIED,
    INSIDE,
    SNAP_TOLERANCE,
    UNRESOLVED,
    Array,
    IntArray,
    Scores,
    StatusArray,
    Technology,
    lay_out,
    metric_of,
)
from paretoscope.kernels.weights import certify_points


class Workspace(NamedTuple):
    """What a draw leaves to the next, and arrays that are overwritten at will."""

    dominator: IntArray  # (n_models,), as `find_candidates` leaves it
    used: IntArray  # (capacity,), 1 where a score rests on the facet
    carriers: IntArray  # (n_models,), 1 where a model is in the basis of a used facet
    undominated: IntArray  # (2, n_models)
    metrics: Array  # (n_metrics, whole lanes of models)
    queue: IntArray  # (n_points,), the order in which points are scored
    lined_up: Array  # (rank, whole lanes of points), some of the points
    bounds: Array  # (2, whole lanes of points)
    vectors: Array  # (5, whole lanes of the rank)


def allocate_workspace(technology: Technology, n_models: int, n_points: int, capacity: int) -> Workspace:
    """Room for data sets of so many models and points, and facets."""
    model_room, point_room = whole_lanes(n_models), whole_lanes(n_points)
    return Workspace(
        np.empty(n_models, np.int64),
        np.empty(capacity, np.int64),
        np.empty(n_models, np.int64),
        np.empty((2, n_models), np.int64),
        empty_lanes(technology.n_inputs + technology.n_outputs, model_room),
        np.empty(n_points, np.int64),
        empty_lanes(technology.rank, point_room),
        empty_lanes(2, point_room),
        empty_lanes(5, whole_lanes(technology.rank)),
    )


class Room(NamedTuple):
    """All that the kernel writes to, but for its results."""

    reference: Reference
    facets: Facets
    workspace: Workspace


def allocate_room(technology: Technology, n_models: int, n_points: int, capacity: int | None = None) -> Room:
    """Room for so many models and points, and for `capacity` facets, by default more than most data have.

    Beyond it the kernel still solves points, only without remembering how; all but those that need a facet to start.
    """
    capacity = 1024 + 4 * n_models if capacity is None else capacity
    return Room(
        allocate_reference(technology, n_models),
        allocate_facets(technology.rank, capacity),
        allocate_workspace(technology, n_models, n_points, capacity),
    )


@inner
def queue_points(reference: Reference, own: bool, queue: IntArray) -> int:
    """Decide on the order: candidates first, for they make most facets.  Returns how many points are candidates."""
    if not own:
        for i in range(queue.size):
            queue[i] = i
        return 0
    n_candidates = int(reference.size[0])
    for j in range(n_candidates):
        queue[j] = reference.candidates[j]
    turn = n_candidates
    for i in range(queue.size):
        if reference.place[i] < 0:
            queue[turn] = i
            turn += 1
    return n_candidates


@inner
def line_up(technology: Technology, points: Array, queue: IntArray, first: int, last: int, lined_up: Array) -> int:
    """Put the points of some turns side by side, in whole lanes; return how many places they take."""
    n_points = last - first
    for row in range(technology.rank):
        metric = metric_of(technology, row)
        for place in range(n_points):
            lined_up[row, place] = technology.unit if metric < 0 else points[metric, queue[first + place]]
        for place in range(n_points, whole_lanes(n_points)):
            lined_up[row, place] = lined_up[row, 0]
    return whole_lanes(n_points)


@inlined
def drop_if_inside(reference: Reference, scores: Scores, model: int) -> None:
    """Take a candidate off that cannot carry the frontier.

    A score of 0 does not say so: under output orientation all models without outputs have it, also on the frontier.
    """
    if scores.status[model] == CERTIFIED and 0.0 < scores.efficiency[model] < 1.0 - INSIDE:
        drop(reference, model)


@inner
def find_start(
    technology: Technology, reference: Reference, facets: Facets, n_facets: int, n_started: int, point: Array
) -> tuple[int, float, int, int]:
    """Find a facet that bounds a point among those that need no search; `n_started` of these were made already.

    Returns
    -------
    facet, bound, n_facets, n_started
        The facet is -1 where none bounds the point.
    """
    first_row, n_rows = 0, technology.n_inputs
    if technology.output_oriented:
        first_row, n_rows = technology.n_needs, technology.n_outputs
    facet, bound = -1, -1.0
    while facet < 0 and n_started < n_rows and n_facets < cache_size(facets.basis):
        started = start_basis(technology, reference, first_row + n_started, facets.basis[n_facets])
        n_started += 1
        if started and accept(technology, reference, facets, n_facets):
            n_facets += 1
            facet, bound = find_best(technology, facets.normals, n_facets - 1, n_facets, point)
        else:
            forget(facets.normals, n_facets, n_facets + 1)
    return facet, bound, n_facets, n_started


@pasted
def envelop(
    technology: Technology,
    models: Array,
    points: Array,
    own: bool,
    room: Room,
    n_facets: int,
    scores: Scores,
) -> int:
    """Score the points of one draw; return how many facets are in use then."""
    reference, facets, workspace = room.reference, room.facets, room.workspace
    rank, n_points = technology.rank, points.shape[1]
    used, queue, point = workspace.used, workspace.queue, workspace.vectors[4, :rank]
    bounds, best_facet = workspace.bounds[0], workspace.bounds[1]
    mark_carriers(facets.basis, n_facets, used, workspace.carriers)
    n_candidates = find_candidates(
        models,
        technology.n_inputs,
        workspace.carriers,
        workspace.dominator,
        workspace.undominated,
        workspace.metrics,
    )
    gather(technology, reference, models, workspace.undominated[0], n_candidates)
    n_facets = keep_valid(technology, reference, facets, n_facets, used)
    for facet in range(used.size):
        used[facet] = 0
    for i in range(n_points):
        scores.status[i], scores.facet[i], scores.efficiency[i] = UNRESOLVED, -1, np.nan

    n_first = queue_points(reference, own, queue)
    n_started = n_facets - n_facets  # not just 0, for which number Numba would compile once more what is called with it
    enough = 1.0 - SNAP_TOLERANCE if own else np.inf  # a model is a peer of its own, so its efficiency is at most 1
    # First the candidates (none, unless the points are the models), then the others.  Both are bounded in bulk by the
    # facets known by then, and what that does not settle, point by point, also by those found since.
    for first, last in ((0, n_first), (n_first, n_points)):
        n_known = n_facets
        n_places = line_up(technology, points, queue, first, last, workspace.lined_up)
        bound_points(technology, facets.normals, n_known, workspace.lined_up, n_places, bounds, best_facet)
        certify_points(
            technology, facets.inverse, workspace.lined_up, queue, first, last, bounds, best_facet, enough, scores, used
        )
        if first < n_first:
            for turn in range(first, last):
                drop_if_inside(reference, scores, queue[turn])
        for turn in range(first, last):
            i = queue[turn]
            if scores.status[i] == CERTIFIED:
                continue
            lay_out(technology, points, i, point)
            facet, bound = int(best_facet[turn - first]), bounds[turn - first]
            if n_known < n_facets:
                other, higher = find_best(technology, facets.normals, n_known, n_facets, point)
                if higher > bound:
                    facet, bound = other, higher
            if facet < 0:  # no known facet bounds it
                facet, bound, n_facets, n_started = find_start(
                    technology, reference, facets, n_facets, n_started, point
                )
            if facet >= 0:
                status, facet, bound, n_facets = settle(
                    technology, reference, facets, n_facets, point, facet, bound, enough, workspace.vectors
                )
                used[facet] = 1
                scores.status[i], scores.facet[i], scores.efficiency[i] = status, facet, bound
                if first < n_first:
                    drop_if_inside(reference, scores, i)
    highest = np.inf if own else 1.0 + SNAP_TOLERANCE  # above 1 a model is only by the tolerance of prices
    for i in range(n_points):
        if 1.0 - SNAP_TOLERANCE < scores.efficiency[i] < highest and scores.status[i] == CERTIFIED:
            scores.efficiency[i] = 1.0
    return n_facets


@bare_kernel
def envelop_draws(
    technology: Technology,
    models: Array,
    points: Array,
    own: bool,
    room: Room,
    n_facets: int,
    scores: Array,
    status: StatusArray,
    best: IntArray,
) -> int:
    """Score the points of every draw against the models of that draw; return how many facets are in use then.

    Parameters
    ----------
    models : (n_draws, n_metrics, n_models) array
        What spans the technology: metrics in units of about 1, inputs first.
    points : (n_draws, n_metrics, n_points) array
        The points to score; in a bootstrap the very models.
    own : bool
        Whether the points are the very models, in the same order.
    room : Room
        Overwritten.  Nothing depends on what another call left there but `n_facets` bases.
    n_facets : int
        The first bases are guesses; what one draw leaves are the guesses for the next.
    scores, status : (n_draws, n_points) arrays
        Output: efficiency, and `CERTIFIED` and its like.  Without a certificate the former is a lower bound, or NaN.
    best : (n_points,) array
        Output: the facet that each score of the last draw rests on, or -1.
    """
    facets, workspace = room.facets, room.workspace
    forget(facets.normals, 0, facets.normals.shape[1])
    for facet in range(workspace.used.size):
        workspace.used[facet] = 1
    for model in range(workspace.dominator.size):
        workspace.dominator[model] = -1
    for draw in range(models.shape[0]):
        found = Scores(scores[draw], status[draw], best)
        n_facets = envelop(technology, models[draw], points[draw], own, room, n_facets, found)
    return n_facets
