r"""Proofs of scores, computed afresh from the facets, with a bound on every rounding error that they contain.

A facet's normal, whose signs are right, is a dual solution once its prices shrink by as much as they exceed what any
model pays; so it bounds a score from below.  Non-negative weights on the facet's basis are a primal solution, which
bounds it from above.  Computed weights prove it only where they are larger than their own error: one that is 0 but for
rounding may be either side of 0, and where the metrics that stay are nearly tied, that makes all the difference.
"""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.facets import Facets
from paretoscope.kernels.technology import Technology, lay_out_all, slack_sign

_PRICES_AT_ONCE = 2**22
_CONTRACTS = 0.1  # an approximate inverse this close to the true one bounds its own errors
# Numbers in between, times entries of a normal, neither overflow nor lose digits to underflow.
LEAST, MOST = 2.0**-300, 2.0**300


def is_computable(values: Array) -> bool:
    """Whether bounds on rounding errors hold for such numbers."""
    sizes = np.abs(values)
    return bool(((sizes == 0.0) | ((sizes > LEAST) & (sizes < MOST))).all())


def certify_scores(
    technology: Technology, metrics: Array, points: Array, facets: Facets, best: IntArray, scores: Array, own: bool
) -> Array:
    """How far, relatively, each score may be from the exact one: above it, by the dual, and below it, by the primal.

    Parameters
    ----------
    metrics : (n_metrics, n_models) array
        Of the models that span the technology.
    points : (n_metrics, n_points) array
    best : (n_points,) array
        The facet that each score rests on, or -1.
    scores : (n_points,) array
    own : bool
        Whether the points are the very models, so that each is a primal solution of efficiency 1 itself.

    Returns
    -------
    (2, n_points) array
        Of the dual and of the primal solution; NaN where there is none, inf where it proves nothing.
    """
    gaps = np.full((2, scores.size), np.nan)
    proven = np.flatnonzero((best >= 0) & np.isfinite(scores))
    if proven.size:
        rows, ours = lay_out_all(technology, metrics), lay_out_all(technology, points[:, proven])
        resting, found = best[proven], scores[proven]
        with np.errstate(all="ignore"):
            gaps[0, proven] = _dual_gap(technology, rows, ours, facets, resting, found)
            primal = _primal_gap(technology, rows, ours, facets.basis[resting], found)
            gaps[1, proven] = np.minimum(primal, np.abs(1.0 - found)) if own else primal
    return gaps


def _rounding(technology: Technology) -> float:
    """What a sum of as many products as there are rows is at most off, for the sum of their sizes."""
    return (technology.rank + 3) * float(np.finfo(np.float64).eps)


def _dual_gap(
    technology: Technology, rows: Array, points: Array, facets: Facets, resting: IntArray, found: Array
) -> Array:
    """How far the scores are from the dual bound, and how far that may be from a feasible one."""
    used, which = np.unique(resting, return_inverse=True)
    normals = _with_right_signs(technology, facets.normals[:, used])
    terms, n_needs = normals[:, which] * points, technology.n_needs
    need, supply = terms[:n_needs].sum(axis=0), terms[n_needs:].sum(axis=0)
    errors = _rounding(technology) * np.abs(terms).sum(axis=0)
    apart = np.abs(found - supply / need) + errors / need + found * errors / need
    gap: Array = _excess(technology, rows, normals)[which] + apart / found
    # Less than 0 is no efficiency, so that 0 needs no proof from below.
    return np.where(found == 0.0, 0.0, np.where((need > errors) & (found > 0.0), gap, np.inf))


def _with_right_signs(technology: Technology, normals: Array) -> Array:
    """Normals without the entries that rounding has left on the wrong side of 0."""
    clipped = np.array(normals)
    for row in range(technology.rank):
        sign = slack_sign(technology, row)
        if sign != 0.0:
            clipped[row] = -sign * np.maximum(-sign * normals[row], 0.0)
    return clipped


def _excess(technology: Technology, rows: Array, normals: Array) -> Array:
    """For each normal, the share by which its prices must shrink to be feasible: at least that of a dual solution."""
    excess = np.empty(normals.shape[1])
    rounding, n_needs = _rounding(technology), technology.n_needs
    sizes = np.abs(rows)
    step = max(1, _PRICES_AT_ONCE // rows.shape[1])
    for first in range(0, excess.size, step):
        some = normals[:, first : first + step].T
        need, supply = some[:, :n_needs] @ rows[:n_needs], some[:, n_needs:] @ rows[n_needs:]
        errors = rounding * (np.abs(some) @ sizes)
        above = supply - need + errors
        excess[first : first + step] = np.where(above > 0.0, above / np.maximum(need - errors, 0.0), 0.0).max(axis=1)
    return excess


def _primal_gap(technology: Technology, rows: Array, points: Array, basis: IntArray, found: Array) -> Array:
    r"""How far the scores are from those of the weights on the basis; inf where these may be negative.

    Weights and score together solve a square system.  With an approximate inverse :math:`R` of its matrix :math:`A`,
    :math:`|x - x^*| \le |R r| + |I - R A| |x - x^*|` for the residual :math:`r` of x.
    """
    rank = technology.rank
    signs = np.where(np.arange(rank) < technology.n_needs, -1.0, 1.0)[:, np.newaxis]
    slacks = np.diag([slack_sign(technology, row) for row in range(rank)])
    columns = np.hstack([signs * rows, slacks])
    matrices = np.empty((basis.shape[0], rank, rank))
    matrices[:, :, :-1] = columns[:, basis].transpose(1, 0, 2)
    right = np.where(signs > 0.0, points, 0.0).T[:, :, np.newaxis]
    matrices[:, :, -1] = np.where(signs < 0.0, points, 0.0).T
    # In units in which the solution is about 1, or an error of one unknown would seem to be one of all.
    size = np.abs(matrices).max(axis=1, keepdims=True)
    size = np.where(size > 0.0, size, 1.0)
    inverses = _invert(matrices / size) / size.transpose(0, 2, 1)
    solution = inverses @ right
    rounding = _rounding(technology)
    residual = np.abs(right - matrices @ solution)
    residual += rounding * (np.abs(matrices) @ np.abs(solution) + np.abs(right))
    error = np.abs(inverses) @ residual
    unsure = np.abs(np.eye(rank) - inverses @ matrices) + rounding * (np.abs(inverses) @ np.abs(matrices))
    # |x - x*| <= error + unsure |x - x*|, measured in the solution's own size.
    weight = np.maximum(np.abs(solution), error)
    growth = ((unsure @ weight) / weight).max(axis=1, keepdims=True)
    error += weight * (error / weight).max(axis=1, keepdims=True) * growth / (1.0 - growth)
    positive = (solution > error)[:, :-1, 0].all(axis=1) & (growth[:, 0, 0] < _CONTRACTS)
    gap: Array = (np.abs(found - solution[:, -1, 0]) + error[:, -1, 0]) / found
    return np.where(positive, gap, np.inf)


def _invert(matrices: Array) -> Array:
    """Approximate inverses, (..., rank, rank); NaN for a matrix without one."""
    try:
        inverses = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.full_like(matrices, np.nan)
        inverses = np.concatenate([_invert(matrix[np.newaxis]) for matrix in matrices])
    return np.asarray(inverses, np.float64)
