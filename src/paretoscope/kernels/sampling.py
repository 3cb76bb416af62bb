"""Turn standard variates into metrics, and count those that leave their domain."""

from __future__ import annotations

from paretoscope.kernels.options import kernel
from paretoscope.kernels.technology import Array


@kernel
def place(variates: Array, location: Array, scale: Array, above: Array, below: Array) -> int:
    """Replace variates by ``location + scale * variate``; return how many are not in the open interval.

    Parameters
    ----------
    variates : (n_draws, n_metrics, n_models) array
        Overwritten.
    location, scale, above, below : (n_metrics, n_models) arrays
        A value belongs to its metric if ``above < value < below``.
    """
    n_draws, n_metrics, n_models = variates.shape
    n_outside = 0
    for draw in range(n_draws):
        for metric in range(n_metrics):
            for model in range(n_models):
                value = location[metric, model] + scale[metric, model] * variates[draw, metric, model]
                variates[draw, metric, model] = value
                n_outside += (value <= above[metric, model]) | (value >= below[metric, model])
    return n_outside
