"""Efficiency under free disposability alone (fdh): the best single model that gives no less."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.compiler import kernel
from paretoscope.kernels.lanes import whole_lanes


@kernel
def free_disposal_efficiency(
    reference: Array,
    points: Array,
    n_inputs: int,
    output_oriented: bool,
    skip: IntArray,
    scores: Array,
    peers: IntArray,
) -> None:
    r"""Input orientation: :math:`\theta_o = \min_{j: y_j \ge y_o} \max_l x_{jl} / x_{ol}`; outputs mirror it.

    Parameters
    ----------
    reference : (n_metrics, n_models) array
    points : (n_metrics, n_points) array
    skip : (n_points,) array
        For each point, a model that may not be its peer (-1 for none).
    scores, peers : (n_points,) arrays
        Output: efficiency, inf where no model gives as much, and the peer (-1 for none).

    References
    ----------
    Deprins, Simar, Tulkens (1984), "Measuring labor-efficiency in post offices".
    """
    n_metrics, n_models = reference.shape
    for o in range(points.shape[1]):
        scores[o] = np.inf
        peers[o] = -1
        for j in range(n_models):
            if j == skip[o]:
                continue
            # The factor by which the inputs (outputs) of o may be divided (multiplied) and still be matched by j.
            ratio = 0.0
            for metric in range(n_metrics):
                own, other = points[metric, o], reference[metric, j]
                moves = (metric >= n_inputs) == output_oriented
                if metric >= n_inputs:
                    own, other = other, own  # larger is better: the roles of need and supply change
                if not moves:
                    need = 0.0 if other <= own else np.inf
                elif other == 0.0:
                    need = 0.0
                else:
                    need = other / own
                ratio = max(ratio, need)
                if ratio >= scores[o]:
                    break
            if ratio < scores[o]:
                scores[o] = ratio
                peers[o] = j


@kernel
def free_disposal_draws(draws: Array, n_inputs: int, output_oriented: bool, scores: Array) -> None:
    """Score all models of every draw, (n_draws, n_metrics, n_models), against each other."""
    n_draws, n_metrics, n_models = draws.shape
    skip, peers = np.full(n_models, -1), np.empty(n_models, np.int64)
    nobody, dominator = np.zeros(n_models, np.int64), np.full(n_models, -1)
    candidates, work = np.empty((2, n_models), np.int64), np.empty((n_metrics, whole_lanes(n_models)))
    for draw in range(n_draws):
        # A dominated model is never a better peer than its dominator.
        n_candidates = find_candidates(draws[draw], n_inputs, nobody, dominator, candidates, work)
        reference = draws[draw][:, candidates[0, :n_candidates]]
        free_disposal_efficiency(reference, draws[draw], n_inputs, output_oriented, skip, scores[draw], peers)
