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

from paretoscope.arrays import Array, IntArray, StatusArray
from paretoscope.kernels.bounds import LinedUp, allocate_line, bound_points, find_best, line_up
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.compiler import bare_kernel, inner
from paretoscope.kernels.facets import Facets, allocate_facets, forget, keep_valid, mark_carriers
from paretoscope.kernels.lanes import as_index, empty_lanes, whole_lanes
from paretoscope.kernels.reference import Reference, allocate_reference, drop_if_inside, gather
from paretoscope.kernels.simplex import settle
from paretoscope.kernels.starts import add_starts
from paretoscope.kernels.technology import CERTIFIED, SNAP_TOLERANCE, UNRESOLVED, Scores, Technology, lay_out
from paretoscope.kernels.weights import certify_points


class Workspace(NamedTuple):
    """What a draw leaves to the next, and arrays that are overwritten at will."""

    dominator: IntArray  # (n_models,), as `find_candidates` leaves it
    used: IntArray  # (capacity,), 1 where a score rests on the facet
    carriers: IntArray  # (n_models,), 1 where a model is in the basis of a used facet
    undominated: IntArray  # (2, n_models), the candidates, and a row to overwrite
    open_metrics: Array  # (n_metrics, whole lanes of models), of models that may be candidates
    queue: IntArray  # (n_points,), the order in which points are scored
    lined_up: LinedUp  # of n_points
    point: Array  # (whole lanes of the rank,), needs and supplies of the point whose turn it is
    steps: Array  # (4, whole lanes of the rank), as `settle` names its rows


def allocate_workspace(technology: Technology, n_models: int, n_points: int, capacity: int) -> Workspace:
    """Room for data sets of so many models and points, and facets."""
    return Workspace(
        dominator=np.empty(n_models, np.int64),
        used=np.empty(capacity, np.int64),
        carriers=np.empty(n_models, np.int64),
        undominated=np.empty((2, n_models), np.int64),
        open_metrics=empty_lanes(technology.n_inputs + technology.n_outputs, whole_lanes(n_models)),
        queue=np.empty(n_points, np.int64),
        lined_up=allocate_line(technology.rank, n_points),
        point=empty_lanes(whole_lanes(technology.rank)),
        steps=empty_lanes(4, whole_lanes(technology.rank)),
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
        reference=allocate_reference(technology, n_models),
        facets=allocate_facets(technology.rank, capacity),
        workspace=allocate_workspace(technology, n_models, n_points, capacity),
    )


@inner
def queue_points(reference: Reference, own: bool, queue: IntArray) -> int:
    """Decide on the order: candidates first, for they make most facets.  Returns how many points are candidates."""
    n_first = reference.size[0] if own else 0
    for turn in range(n_first):
        queue[turn] = reference.candidates[turn]
    turn = n_first
    for i in range(queue.size):
        if not own or reference.candidate_of[i] < 0:
            queue[turn] = i
            turn += 1
    return n_first


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
    """Score the points of every draw against the models of that draw; return how many facets are cached then.

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
    reference, facets, workspace = room
    dominator, carriers, undominated = workspace.dominator, workspace.carriers, workspace.undominated
    used, queue, lined_up = workspace.used, workspace.queue, workspace.lined_up
    normals, point = facets.normals, workspace.point[: technology.rank]
    n_points = points.shape[2]
    enough = 1.0 - SNAP_TOLERANCE if own else np.inf  # a model is a peer of its own, so its efficiency is at most 1
    highest = np.inf if own else 1.0 + SNAP_TOLERANCE  # above 1 a model is only by the tolerance of prices
    forget(normals, n_facets, normals.shape[1])
    for facet in range(used.size):
        used[facet] = 1
    for model in range(dominator.size):
        dominator[model] = -1
    for draw in range(models.shape[0]):
        found = Scores(scores[draw], status[draw], best)
        mark_carriers(facets.basis, n_facets, used, carriers)
        n_candidates = find_candidates(
            models[draw], technology.n_inputs, carriers, dominator, undominated, workspace.open_metrics
        )
        gather(technology, reference, models[draw], undominated[0], n_candidates)
        n_facets = keep_valid(technology, reference, facets, n_facets, used)
        for facet in range(used.size):
            used[facet] = 0
        for i in range(n_points):
            found.status[i], found.facet[i], found.efficiency[i] = UNRESOLVED, -1, np.nan

        n_first = queue_points(reference, own, queue)
        started = False
        # First the candidates (none, unless the points are the models), then the others.  Both are bounded in bulk by
        # the facets known by then, and what that does not settle, point by point, also by those found since.
        for first, last in ((0, n_first), (n_first, n_points)):
            n_known = n_facets
            turns = queue[first:last]
            n_lined_up = line_up(technology, points[draw], turns, lined_up.points)
            bound_points(technology, normals, n_known, lined_up, n_lined_up)
            certify_points(technology, facets.inverse, lined_up, turns, enough, found, used)
            for turn in range(first, n_first):  # candidates only
                if found.status[queue[turn]] == CERTIFIED:
                    drop_if_inside(reference, queue[turn], found.efficiency[queue[turn]])
            for turn in range(first, last):
                i = queue[turn]
                if found.status[i] == CERTIFIED:
                    continue
                lay_out(technology, points[draw], i, point)
                facet, bound = as_index(lined_up.facets[turn - first]), lined_up.bounds[turn - first]
                if n_known < n_facets:
                    other, higher = find_best(technology, normals, n_known, n_facets, point)
                    if higher > bound:
                        facet, bound = other, higher
                if facet < 0 and not started:
                    n_before, started = n_facets, True
                    n_facets = add_starts(technology, reference, facets, n_facets)
                    facet, bound = find_best(technology, normals, n_before, n_facets, point)
                if facet >= 0:
                    found.status[i], facet, bound, n_facets = settle(
                        technology, reference, facets, n_facets, point, facet, bound, enough, workspace.steps
                    )
                    used[facet] = 1
                    found.facet[i], found.efficiency[i] = facet, bound
                    if turn < n_first and found.status[i] == CERTIFIED:
                        drop_if_inside(reference, i, bound)
        for i in range(n_points):
            if 1.0 - SNAP_TOLERANCE < found.efficiency[i] < highest and found.status[i] == CERTIFIED:
                found.efficiency[i] = 1.0
    return n_facets
