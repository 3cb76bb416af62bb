"""Certificates of optimality, computed afresh from a facet: how far the primal and the dual value are apart."""

from __future__ import annotations

import numpy as np

from paretoscope.kernels.envelopment import basis_weights, constraint_size
from paretoscope.kernels.facets import Facets
from paretoscope.kernels.options import inner, kernel
from paretoscope.kernels.technology import CRS, NDRS, NIRS, SNAP_TOLERANCE, VRS, Array, IntArray, Technology


@inner
def dual_bound(technology: Technology, normal: Array, metrics: Array, j: int) -> tuple[float, float]:
    """Numerator and denominator of the facet's bound on the efficiency of column j of `metrics`."""
    n_metrics = metrics.shape[0]
    intercept = float(normal[n_metrics]) if technology.rank > n_metrics else 0.0
    need, supply = 0.0, 0.0
    for row in range(technology.n_inputs):
        need += normal[row] * metrics[row, j]
    for row in range(technology.n_inputs, n_metrics):
        supply += normal[row] * metrics[row, j]
    if technology.output_oriented:
        return supply, need - intercept
    return supply + intercept, need


@inner
def dual_violation(technology: Technology, reference: Array, normal: Array) -> float:
    """The share by which the normal's prices must shrink to be feasible: 0 for a feasible dual solution."""
    violation = 0.0
    for j in range(reference.shape[1]):
        supply, need = dual_bound(technology, normal, reference, j)
        if supply - need > violation * abs(need):
            violation = (supply - need) / abs(need) if need != 0.0 else np.inf
    return violation


@inner
def primal_gap(technology: Technology, reference: Array, points: Array, i: int, score: float, weights: Array) -> float:
    """The largest relative violation of a primal constraint by the score and non-negative weights on models."""
    n_metrics = points.shape[0]
    gap = 0.0
    for row in range(n_metrics):
        reached = 0.0
        for j in range(weights.size):
            reached += weights[j] * reference[row, j]
        if row < technology.n_inputs:
            allowed = score * points[row, i]
            short = reached - allowed
        else:
            allowed = points[row, i]
            short = allowed - reached
        gap = max(gap, short / constraint_size(technology, row, n_metrics, allowed))
    if technology.rts != CRS:
        level = score if technology.output_oriented else 1.0
        excess = weights.sum() / level - 1.0
        if technology.rts == VRS or technology.rts == NIRS:
            gap = max(gap, excess)
        if technology.rts == VRS or technology.rts == NDRS:
            gap = max(gap, -excess)
    return gap


@kernel
def certify_scores(
    technology: Technology,
    reference: Array,
    points: Array,
    facets: Facets,
    best: IntArray,
    scores: Array,
    gaps: Array,
) -> None:
    """Write for every point how far its score is from proven; NaN where it rests on no facet.

    The largest of three relative errors: of the primal constraints with the score as efficiency, of the dual
    constraints, and between the score and the dual solution's value.
    """
    rank, n_models = technology.rank, reference.shape[1]
    at, on_basis, weights = np.empty(rank), np.empty(rank), np.empty(n_models)
    violations = np.full(best.max() + 1, -1.0)  # of the facets; many points share one
    for i in range(points.shape[1]):
        gaps[i] = np.nan
        if best[i] < 0 or not np.isfinite(scores[i]):
            continue
        normal = facets.inverse[best[i], rank - 1]
        if violations[best[i]] < 0.0:
            violations[best[i]] = dual_violation(technology, reference, normal)
        basis_weights(technology, facets.inverse, best[i], points, i, scores[i], at, on_basis)
        weights[:] = 0.0
        for position in range(rank - 1):
            index = facets.basis[best[i], position]
            if index < n_models:
                weights[index] = max(on_basis[position], 0.0)
        supply, need = dual_bound(technology, normal, points, i)
        apart = abs(scores[i] - supply / need) / max(scores[i], SNAP_TOLERANCE)
        primal = primal_gap(technology, reference, points, i, scores[i], weights)
        gaps[i] = max(violations[best[i]], max(primal, apart))
