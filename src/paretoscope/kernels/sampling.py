"""Draw normally distributed metrics, and count those that leave their domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paretoscope.arrays import Array
from paretoscope.kernels.compiler import bare_kernel
from paretoscope.kernels.normals import next_normal


@bare_kernel
def draw_normal(
    words: NDArray[np.uint64], location: Array, scale: Array, above: Array, below: Array, out: Array
) -> int:
    """Fill `out` with ``location + scale * normal``; return how many values are not in the open interval.

    Parameters
    ----------
    words : (4,) array
        State of an SFC64 generator; updated.
    location, scale, above, below : (n_metrics, n_models) arrays
        A value belongs to its metric if ``above < value < below``.
    out : (n_draws, n_metrics, n_models) array
        Output.
    """
    n_draws, n_metrics, n_models = out.shape
    state = (words[0], words[1], words[2], words[3])
    n_outside = 0
    for draw in range(n_draws):
        for metric in range(n_metrics):
            for model in range(n_models):
                normal, state = next_normal(state)
                value = location[metric, model] + scale[metric, model] * normal
                out[draw, metric, model] = value
                n_outside += (value <= above[metric, model]) | (value >= below[metric, model])
    words[0], words[1], words[2], words[3] = state
    return n_outside
