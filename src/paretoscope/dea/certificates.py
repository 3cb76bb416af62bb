"""Certificates of optimality, computed afresh from the facets: how far the primal and the dual value are apart."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.facets import Facets
from paretoscope.kernels.technology import LEAST_LEVEL, NDRS, NIRS, SNAP_TOLERANCE, VRS, Technology, metric_of

_PRICES_AT_ONCE = 2**22


def certify_scores(
    technology: Technology, metrics: Array, points: Array, facets: Facets, best: IntArray, scores: Array, own: bool
) -> Array:
    """For every point how far its score is from proven; NaN where it rests on no facet.

    The largest of three relative errors: of the primal constraints with the score as efficiency, of the dual
    constraints, and between the score and the dual solution's value.

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
    """
    gaps = np.full(scores.size, np.nan)
    proven = np.flatnonzero((best >= 0) & np.isfinite(scores))
    if proven.size:
        rows, ours = _lay_out(technology, metrics), _lay_out(technology, points[:, proven])
        resting, found = best[proven], scores[proven]
        used, which = np.unique(resting, return_inverse=True)
        dual = _dual_violation(technology, rows, facets.normals[:, used])[which]
        normals = facets.normals[:, resting]
        supply, need = (
            (normals * ours)[technology.n_needs :].sum(axis=0),
            (normals * ours)[: technology.n_needs].sum(axis=0),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.abs(found - supply / need) / np.maximum(found, SNAP_TOLERANCE)
        primal = _primal_violation(technology, rows, ours, facets, resting, found)
        if own:
            primal = np.minimum(primal, np.abs(1.0 - found))
        gaps[proven] = np.max([dual, apart, primal], axis=0)
    return gaps


def _lay_out(technology: Technology, metrics: Array) -> Array:
    """Needs and supplies, (rank, n_points), from metrics, (n_metrics, n_points)."""
    source = [metric_of(technology, row) for row in range(technology.rank)]
    return np.array(
        [np.full(metrics.shape[1], technology.unit) if metric < 0 else metrics[metric] for metric in source]
    )


def _dual_violation(technology: Technology, rows: Array, normals: Array) -> Array:
    """For each normal, the share by which its prices must shrink to be feasible: 0 for a feasible dual solution."""
    violations = np.empty(normals.shape[1])
    step = max(1, _PRICES_AT_ONCE // rows.shape[1])
    for first in range(0, violations.size, step):
        some = normals[:, first : first + step].T
        need, supply = (
            some[:, : technology.n_needs] @ rows[: technology.n_needs],
            some[:, technology.n_needs :] @ rows[technology.n_needs :],
        )
        excess = supply - need
        with np.errstate(divide="ignore", invalid="ignore"):
            violations[first : first + step] = np.where(excess > 0.0, excess / np.abs(need), 0.0).max(axis=1)
    return violations


def _primal_violation(
    technology: Technology, rows: Array, points: Array, facets: Facets, best: IntArray, scores: Array
) -> Array:
    """For each point the largest relative violation of a constraint by its score and non-negative weights on models."""
    n_needs, n_models = technology.n_needs, rows.shape[1]
    moved = points.copy()
    moved[:n_needs] *= scores
    signs = np.where(np.arange(technology.rank) < n_needs, -1.0, 1.0)[:, np.newaxis]
    weights = np.einsum("irp,ri->ip", facets.inverse[best], signs * moved)[:, : technology.rank - 1]
    models = facets.basis[best]
    weights = np.where(models < n_models, np.maximum(weights, 0.0), 0.0)
    reached = np.einsum("rip,ip->ri", rows[:, np.minimum(models, n_models - 1)], weights)
    short = signs * (moved - reached)
    sizes = np.abs(moved)
    if technology.rts == VRS:  # the origin of what does not move is arbitrary
        stays = slice(0, n_needs) if technology.output_oriented else slice(n_needs, None)
        sizes[stays] = np.where(sizes[stays] > 0.0, np.maximum(sizes[stays], LEAST_LEVEL), 0.0)
    violation = short / np.where(sizes > 0.0, sizes, 1.0)
    if technology.unit_row >= 0:
        level = scores if technology.output_oriented else np.ones(scores.size)
        excess = (weights.sum(axis=1) - level) / np.where(level > 0.0, level, 1.0)
        violation[technology.unit_row] = {VRS: np.abs(excess), NIRS: excess, NDRS: -excess}[technology.rts]
    worst: Array = np.maximum(violation.max(axis=0), 0.0)
    return worst
