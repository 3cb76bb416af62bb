"""How often each model belongs to the Pareto front, equal models together."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import kernel


@kernel
def is_better(values: Array, n_inputs: int, j: int, i: int) -> bool:
    """Whether model j is no worse than i in any metric and better in at least one; equal models spare each other."""
    n_metrics = values.shape[0]
    better = False
    for metric in range(n_metrics):
        difference = values[metric, i] - values[metric, j]
        if metric >= n_inputs:
            difference = -difference
        if difference < 0.0:
            return False
        if difference > 0.0:
            better = True
    return better


@kernel
def count_nondominated(batch: Array, n_inputs: int, counts: IntArray) -> None:
    """Add one to ``counts[i]`` for every draw of the batch in which no model is better than i.

    Parameters
    ----------
    batch : (n_draws, n_metrics, n_models) array
        Inputs first.
    counts : (n_models,) array
        Input and output.
    """
    n_draws, _, n_models = batch.shape
    dominator = np.arange(n_models)
    remaining = np.empty(n_models, np.int64)
    for draw in range(n_draws):
        values = batch[draw]
        # Who was better in the last draw mostly is again; what is left is small.
        n_remaining = 0
        for i in range(n_models):
            if not is_better(values, n_inputs, dominator[i], i):
                remaining[n_remaining] = i
                n_remaining += 1
        # The relation is transitive, so a model that has a better one has a better one that nothing settled: comparing
        # those that remain with each other is enough.
        for turn in range(n_remaining):
            i = remaining[turn]
            counts[i] += 1
            for other in range(n_remaining):
                if is_better(values, n_inputs, remaining[other], i):
                    dominator[i] = remaining[other]
                    counts[i] -= 1
                    break
