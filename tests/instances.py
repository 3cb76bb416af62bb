"""Random small data sets of every kind that has troubled a DEA solver: (n_metrics, n_models) arrays, inputs first."""

from __future__ import annotations

import numpy as np


def lognormal(rng, shape, n_inputs):
    return rng.lognormal(size=shape)


def integers(rng, shape, n_inputs):
    """Ties everywhere."""
    return rng.integers(1, 5, size=shape).astype(float)


def zeros(rng, shape, n_inputs):
    """Zeros among inputs and outputs, no model with all inputs zero."""
    values = rng.integers(0, 4, size=shape).astype(float)
    values[rng.integers(0, n_inputs, shape[1]), np.arange(shape[1])] += 1.0
    return values


def sparse(rng, shape, n_inputs):
    """Continuous, with zeros."""
    values = rng.lognormal(size=shape) * (rng.random(shape) < 0.6)
    values[rng.integers(0, n_inputs, shape[1]), np.arange(shape[1])] += rng.random(shape[1])
    return values


def duplicates(rng, shape, n_inputs):
    values = rng.integers(1, 9, size=shape).astype(float)
    n_models = shape[1]
    values[:, rng.integers(0, n_models, n_models // 2)] = values[:, rng.integers(0, n_models, n_models // 2)]
    return values


def equal_metrics(rng, shape, n_inputs):
    """Some metrics do not tell the models apart."""
    values = rng.lognormal(size=shape)
    same = rng.random(shape[0]) < 0.5
    same[rng.integers(shape[0])] = True
    values[same] = rng.lognormal(size=(same.sum(), 1))
    return values


def one_efficient(rng, shape, n_inputs):
    """One model is better than all others in everything."""
    values = rng.lognormal(size=shape)
    best = rng.integers(shape[1])
    values[:n_inputs, best] = 0.5 * values[:n_inputs].min()
    values[n_inputs:, best] = 2.0 * values[n_inputs:].max()
    return values


def sphere(rng, shape, n_inputs):
    """All models on the frontier: less input and more output than the centre, all at the same distance."""
    directions = np.abs(rng.standard_normal(shape)) + 0.01
    directions /= np.linalg.norm(directions, axis=0)
    return np.where(np.arange(shape[0])[:, np.newaxis] < n_inputs, 2.0 - directions, 1.0 + directions)


def plane(rng, shape, n_inputs):
    """Many models on one facet: the sum of outputs equals the sum of inputs, in whole numbers."""
    values = rng.integers(1, 6, size=shape).astype(float)
    values[0] = np.maximum(values[n_inputs:].sum(axis=0) - values[1:n_inputs].sum(axis=0), 1.0) + rng.integers(
        0, 2, shape[1]
    )
    return values


def units(rng, shape, n_inputs):
    """Metrics that differ by 1e12 in scale."""
    return rng.lognormal(size=shape) * 10.0 ** np.linspace(-6.0, 6.0, shape[0])[:, np.newaxis]


def wide(rng, shape, n_inputs):
    """Models that differ by 1e6 within a metric."""
    return 10.0 ** rng.uniform(-3.0, 3.0, size=shape)


def nearly_equal(rng, shape, n_inputs):
    """Outputs between 99 and 100, as accuracies in percent on an easy task."""
    values = rng.lognormal(size=shape)
    values[n_inputs:] = 100.0 - rng.random((shape[0] - n_inputs, shape[1]))
    return values


def near_duplicates(rng, shape, n_inputs):
    """Copies of models that differ from them in the last bits only."""
    values = duplicates(rng, shape, n_inputs)
    return values * (1.0 + 1e-14 * rng.standard_normal(shape))


KINDS = {
    kind.__name__: kind
    for kind in (
        lognormal,
        integers,
        zeros,
        sparse,
        duplicates,
        equal_metrics,
        one_efficient,
        sphere,
        plane,
        units,
        wide,
        nearly_equal,
        near_duplicates,
    )
}


def instance(kind, rng, largest=30):
    """One data set of a kind: values and number of inputs; no metric is zero for all models."""
    n_inputs, n_outputs, n_models = rng.integers(1, 5), rng.integers(1, 4), rng.integers(2, largest + 1)
    while True:
        values = KINDS[kind](rng, (n_inputs + n_outputs, n_models), n_inputs)
        if values.any(axis=1).all():
            return values, int(n_inputs)
