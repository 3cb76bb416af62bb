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

import numpy as np

from paretoscope.kernels.bounds import bound_point, bound_points, find_best, forget
from paretoscope.kernels.facets import Facets, accept, cache_size, keep_valid
from paretoscope.kernels.lineup import line_up, line_up_all
from paretoscope.kernels.membership import admit, admit_all_above, choose_reference, reopen
from paretoscope.kernels.options import bare_kernel, inner, pasted
from paretoscope.kernels.reference import GUEST, INSIDER, MEMBER, OUTSIDER, Reference, drop
from paretoscope.kernels.room import FEW, MANY, Room
from paretoscope.kernels.simplex import settle
from paretoscope.kernels.starts import start_basis
from paretoscope.kernels.technology import (
    ABOVE_ONE,
    ALMOST_ONE,
    CERTIFIED,
    INSIDE,
    OPEN,
    UNRESOLVED,
    Array,
    IntArray,
    Scores,
    StatusArray,
    Technology,
    lay_out,
)
from paretoscope.kernels.weights import certify_points


@inner
def fill(array: Array | StatusArray, value: float) -> None:
    """Write the same number everywhere."""
    for i in range(array.size):
        array[i] = value


@inner
def queue_open(reference: Reference, own: bool, standing: IntArray, status: StatusArray, queue: IntArray) -> int:
    """Put the open points in order, members of the reference first, for they make most facets; return how many."""
    n_queued = 0
    if own:
        for j in range(reference.size[0]):
            if status[reference.members[j]] == OPEN:
                queue[n_queued] = reference.members[j]
                n_queued += 1
    for i in range(queue.size):
        if standing[i] != MEMBER and status[i] == OPEN:
            queue[n_queued] = i
            n_queued += 1
    return n_queued


@pasted
def look_at(
    technology: Technology,
    points: Array,
    room: Room,
    first: int,
    last: int,
    n_bounded: int,
    n_facets: int,
    scores: Scores,
) -> None:
    """Raise the bounds of the points of some turns by the facets from `n_bounded` on; score those that attain them."""
    workspace, facets = room.workspace, room.facets
    queue, everyone, some = workspace.queue, workspace.everyone, workspace.some
    line_up(technology, points, queue, first, last, some)
    for turn in range(first, last):
        i, place = queue[turn], turn - first
        some.bounds[place], some.facets[place] = everyone.bounds[i], everyone.facets[i]
    bound_points(technology, facets.normals, n_bounded, n_facets, last - first, -1.0, some)
    certify_points(technology, facets.inverse, some, queue, first, last, workspace.standing, scores, workspace.used)
    for turn in range(first, last):
        i, place = queue[turn], turn - first
        everyone.bounds[i], everyone.facets[i] = some.bounds[place], some.facets[place]


@inner
def find_start(
    technology: Technology, reference: Reference, facets: Facets, n_facets: int, n_started: int, point: Array
) -> tuple[int, float, int, int]:
    """A facet that bounds a point and needs no search, of those that were not yet made in this draw; or -1.

    Returns
    -------
    facet, bound, n_facets, n_started
    """
    most_facets = cache_size(facets.basis)
    first_row, n_rows = 0, technology.n_inputs
    if technology.output_oriented:
        first_row, n_rows = technology.n_needs, technology.n_outputs
    facet, bound, n_made = -1, -1.0, n_started
    while facet < 0 and n_made < n_rows:
        there = min(n_facets, most_facets)
        if start_basis(technology, reference, first_row + n_made, facets.basis[there]) and accept(
            technology, reference, facets, there
        ):
            bound = bound_point(technology, facets.normals, there, point)
            facet = there if bound > -1.0 else facet
            n_facets += there < most_facets
        else:
            forget(facets.normals, there, there + 1)
        n_made += 1
    if n_facets < most_facets:
        n_started = n_made  # else they were not remembered
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
    reference, facets, workspace, normals = room.reference, room.facets, room.workspace, room.facets.normals
    used, queue, everyone, standing = workspace.used, workspace.queue, workspace.everyone, workspace.standing
    n_points, n_before, point = points.shape[1], n_facets, workspace.vectors[4, : technology.rank]
    choose_reference(technology, models, own, room, n_facets)
    n_facets = keep_valid(technology, room.reference, facets, n_facets, used)
    for facet in range(n_before):
        used[facet] = 0

    # What the facets of the last draw, as far as they are still valid, say of all points.
    fill(scores.status, OPEN)
    fill(everyone.bounds, -1.0)
    fill(everyone.facets, -1.0)
    nothing = n_facets - n_facets
    line_up_all(technology, points, everyone)
    bound_points(technology, normals, nothing, n_facets, n_points, np.inf if own else -1.0, everyone)
    if own:
        admit_all_above(technology, models, reference, normals, n_facets, workspace, scores, point)
    certify_points(technology, facets.inverse, everyone, workspace.everybody, nothing, n_points, standing, scores, used)

    # The other points, one after the other, some at a time; and those that are opened again when a model joins.
    n_bounded, n_started = n_facets, nothing
    n_queued = queue_open(reference, own, standing, scores.status, queue)
    while n_queued > 0:
        last, n_together = nothing, FEW
        while last < n_queued:
            first, last, n_known = last, min(last + n_together, n_queued), n_facets
            n_together = min(2 * n_together, MANY)
            look_at(technology, points, room, first, last, n_bounded, n_known, scores)
            for turn in range(first, last):
                i = queue[turn]
                if scores.status[i] == OPEN:
                    lay_out(technology, points, i, point)
                    status, facet, bound = UNRESOLVED, int(everyone.facets[i]), everyone.bounds[i]
                    if n_known < n_facets:
                        other, higher = find_best(technology, normals, n_known, n_facets, point)
                        if higher > bound:
                            facet, bound = other, higher
                    if facet < 0:
                        facet, bound, n_facets, n_started = find_start(
                            technology, reference, facets, n_facets, n_started, point
                        )
                    # A bound that settles all: a member attains 1 itself, an outsider above it has to join.
                    enough = ALMOST_ONE if standing[i] == MEMBER else ABOVE_ONE if standing[i] == OUTSIDER else np.inf
                    if facet >= 0:
                        status, facet, bound, n_facets = settle(
                            technology,
                            reference,
                            facets,
                            n_facets,
                            point,
                            facet,
                            bound,
                            enough,
                            workspace.vectors,
                        )
                    if standing[i] == OUTSIDER and (status != CERTIFIED or bound >= ABOVE_ONE):
                        admit(technology, reference, models, i, point, normals, n_facets, used)
                        standing[i] = MEMBER
                        reopen(technology, normals, n_facets, used, everyone, scores, point)
                        n_started = nothing
                    else:
                        everyone.bounds[i], everyone.facets[i] = bound, facet
                        scores.status[i], scores.facet[i] = status, facet
                        scores.efficiency[i] = bound if facet >= 0 else np.nan
                        if facet >= 0:
                            used[facet] = 1
                inside = scores.status[i] == CERTIFIED and 0.0 < scores.efficiency[i] < 1.0 - INSIDE
                if inside and standing[i] == MEMBER:
                    # A score of 0 would not say so: under output orientation all models without outputs have it.
                    drop(reference, i)
                    standing[i] = INSIDER
        n_queued = queue_open(reference, own, standing, scores.status, queue)
    for i in range(n_points):
        # A model is its own peer: what is above 1 is so by the tolerance of prices.
        highest = np.inf if standing[i] != GUEST else ABOVE_ONE
        if ALMOST_ONE < scores.efficiency[i] < highest and scores.status[i] == CERTIFIED:
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
        workspace.used[facet] = facet < n_facets
    for model in range(workspace.carried.size):
        workspace.carried[model] = 0
    for draw in range(models.shape[0]):
        found = Scores(scores[draw], status[draw], best)
        n_facets = envelop(technology, models[draw], points[draw], own, room, n_facets, found)
    return n_facets
