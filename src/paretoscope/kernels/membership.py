"""Which models all are compared with: a guess at those that carry the frontier, which grows where it falls short.

A model outside the reference whose score exceeds 1 is beyond what the reference can do, so it joins, and the facets
that it disproves are forgotten.  Once no model's score exceeds 1, the reference spans the technology of all models.
"""

from __future__ import annotations

import numpy as np

from paretoscope.kernels.bounds import find_best, forget
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.facets import REFUTED, mark_carriers
from paretoscope.kernels.lineup import Lineup, take
from paretoscope.kernels.options import inner, pasted
from paretoscope.kernels.pricing import is_above
from paretoscope.kernels.reference import GUEST, MEMBER, OUTSIDER, Reference, gather, join
from paretoscope.kernels.room import Room, Workspace
from paretoscope.kernels.technology import OPEN, Array, IntArray, Scores, Technology


@pasted
def choose_reference(technology: Technology, models: Array, own: bool, room: Room, n_facets: int) -> None:
    """Begin with the models that carried a frontier before, if others may join, or else with all that may carry one."""
    workspace = room.workspace
    carried, chosen, standing = workspace.carried, workspace.chosen, workspace.standing
    mark_carriers(room.facets.basis, n_facets, workspace.used, carried)
    n_chosen = n_facets - n_facets  # not just 0, for which number Numba would compile once more what is called with it
    for i in range(carried.size):
        if carried[i]:
            chosen[n_chosen] = i
            n_chosen += 1
    if n_chosen == 0 or not own:
        n_chosen = find_candidates(models, technology.n_inputs, chosen, workspace.metrics)
    gather(technology, room.reference, models, chosen, n_chosen)
    for i in range(standing.size):
        standing[i] = OUTSIDER if own else GUEST
    if own:
        for place in range(n_chosen):
            standing[chosen[place]] = MEMBER


@inner
def admit(
    technology: Technology,
    reference: Reference,
    models: Array,
    model: int,
    column: Array,
    normals: Array,
    n_facets: int,
    used: IntArray,
) -> None:
    """Let a model, given also by its needs and supplies, join the reference; forget the facets that it disproves."""
    join(technology, reference, models, model)
    for facet in range(n_facets):
        if is_above(technology, normals[:, facet], column):
            forget(normals, facet, facet + 1)
            used[facet] = REFUTED


@inner
def reopen(
    technology: Technology, normals: Array, n_facets: int, used: IntArray, lineup: Lineup, scores: Scores, point: Array
) -> None:
    """Open the points again whose facet was disproven, each with the best one of those that are left."""
    for i in range(scores.status.size):
        facet = int(lineup.facets[i])
        # A facet that is not among those remembered may be disproven, too.
        if facet >= n_facets or (facet >= 0 and used[facet] == REFUTED):
            take(lineup, i, point)
            lineup.facets[i], lineup.bounds[i] = find_best(technology, normals, n_facets - n_facets, n_facets, point)
            scores.status[i] = OPEN


@pasted
def admit_all_above(
    technology: Technology,
    models: Array,
    reference: Reference,
    normals: Array,
    n_facets: int,
    workspace: Workspace,
    scores: Scores,
    point: Array,
) -> None:
    """Admit the models that the facets known price above zero: those with a bound above 1."""
    lineup, used = workspace.everyone, workspace.used
    for i in range(scores.status.size):
        while lineup.bounds[i] > 1.0:
            facet = int(lineup.facets[i])
            take(lineup, i, point)
            if is_above(technology, normals[:, facet], point):
                admit(technology, reference, models, i, point, normals, n_facets, used)
                workspace.standing[i] = MEMBER
            elif lineup.bounds[i] < np.inf and used[facet] != REFUTED:
                break  # no more than a rounding error
            lineup.facets[i], lineup.bounds[i] = find_best(technology, normals, n_facets - n_facets, n_facets, point)
    reopen(technology, normals, n_facets, used, lineup, scores, point)
