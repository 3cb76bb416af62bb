"""Random data sets that are hard for floating-point numbers: (n_metrics, n_models) arrays, inputs first."""

from __future__ import annotations

import numpy as np


def ties(size):
    """Outputs that agree to a relative size."""

    def kind(rng, shape, n_inputs):
        values = rng.lognormal(size=shape)
        values[n_inputs:] = 76.13 * (1.0 + size * rng.standard_normal((shape[0] - n_inputs, shape[1])))
        return values

    return kind


def levels(size):
    """All metrics on three levels, within which they agree to a relative size."""

    def kind(rng, shape, n_inputs):
        return rng.choice([1.0, 2.0, 5.0], size=shape) * (1.0 + size * rng.standard_normal(shape))

    return kind


def ranges(exponent):
    """Powers of ten from minus to plus an exponent, in every metric."""

    def kind(rng, shape, n_inputs):
        return 10.0 ** rng.uniform(-exponent, exponent, size=shape)

    return kind


def one_range(exponent):
    """The same, in one metric."""

    def kind(rng, shape, n_inputs):
        values = rng.lognormal(size=shape)
        values[rng.integers(shape[0])] = 10.0 ** rng.uniform(-exponent, exponent, size=shape[1])
        return values

    return kind


def at_the_ends(rng, shape, n_inputs):
    """The largest numbers there are beside ordinary ones and denormal ones."""
    return rng.uniform(0.5, 1.0, size=shape) * rng.choice([1.7e308, 1.0, 2.3e-308, 1e-320], size=shape)


def near_duplicates(rng, shape, n_inputs):
    """Copies of models that differ from them in the last bits only."""
    values = rng.integers(1, 9, size=shape).astype(float)
    n_models = shape[1]
    values[:, rng.integers(0, n_models, n_models // 2)] = values[:, rng.integers(0, n_models, n_models // 2)]
    return values * (1.0 + 1e-14 * rng.standard_normal(shape))


def collinear(rng, shape, n_inputs):
    """All models on one line, but for rounding."""
    offsets = np.where(np.arange(shape[0]) < n_inputs, 1.0, 0.0)[:, np.newaxis]
    return np.outer(rng.uniform(0.5, 2.0, shape[0]), rng.integers(1, 6, shape[1])) + offsets


def integers(rng, shape, n_inputs):
    return rng.integers(1, 4, size=shape).astype(float)


def zeros(rng, shape, n_inputs):
    values = rng.integers(0, 4, size=shape).astype(float)
    values[rng.integers(0, n_inputs, shape[1]), np.arange(shape[1])] += 1.0
    return values


def dominating(rng, shape, n_inputs):
    """One model is better than all others in everything."""
    values = rng.lognormal(size=shape)
    best = rng.integers(shape[1])
    values[:n_inputs, best] = 0.5 * values[:n_inputs].min()
    values[n_inputs:, best] = 2.0 * values[n_inputs:].max()
    return values


def constant_outputs(rng, shape, n_inputs):
    values = rng.lognormal(size=shape)
    values[n_inputs:] = 1.0
    return values


def offset(rng, shape, n_inputs):
    """A billion, and something between 0 and 1, in some metrics."""
    values = rng.lognormal(size=shape)
    large = rng.random(shape[0]) < 0.6
    values[large] = 1e9 + rng.random((large.sum(), shape[1]))
    return values


def mixture(rng, shape, n_inputs):
    """Each metric of another kind."""
    values = rng.lognormal(size=shape)
    for row in range(shape[0]):
        match rng.integers(5):
            case 0:
                values[row] = 10.0 ** rng.uniform(-10.0, 10.0, shape[1])
            case 1:
                values[row] = 1.0 + 1e-9 * rng.random(shape[1])
            case 2:
                values[row] = rng.integers(1, 4, shape[1])
            case 3 if row >= n_inputs:
                values[row] *= rng.random(shape[1]) < 0.6
    return values


NEAR_TIES = {f"ties {size}": ties(size) for size in (1e-6, 1e-9, 1e-12, 1e-15)} | {
    f"levels {size}": levels(size) for size in (1e-6, 1e-9, 1e-12)
}
EXTREMES = {f"ranges {exponent}": ranges(exponent) for exponent in (8, 10, 50, 150, 300)} | {
    "one range 10": one_range(10),
    "one range 300": one_range(300),
    "at_the_ends": at_the_ends,
}
OTHERS = {
    kind.__name__: kind
    for kind in (
        near_duplicates, collinear, integers, zeros, dominating, constant_outputs, offset, mixture,
    )
}  # fmt: skip


def hard_instance(kind, rng, largest=10):
    """One data set of a kind: values and number of inputs; no metric is zero for all models."""
    kinds = NEAR_TIES | EXTREMES | OTHERS
    n_inputs, n_outputs, n_models = rng.integers(1, 4), rng.integers(1, 3), rng.integers(3, largest + 1)
    while True:
        values = kinds[kind](rng, (n_inputs + n_outputs, n_models), n_inputs)
        if values.any(axis=1).all():
            return values, int(n_inputs)
