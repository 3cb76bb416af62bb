"""Normals drawn by the kernel, against NumPy's generator and against the normal distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from paretoscope.kernels import normals
from paretoscope.kernels.sampling import draw_normal


def draw(words, n_draws):
    """Standard normals, (n_draws,); `words` is the generator's state, and is moved on."""
    out, everywhere = np.empty((n_draws, 1, 1)), np.full((1, 1), np.inf)
    assert draw_normal(words, np.zeros((1, 1)), np.ones((1, 1)), -everywhere, everywhere, out) == 0
    return out[:, 0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_normals_are_those_of_numpy(seed):
    """The same words in the same order: the same numbers, but for the tables' rounding, and the same state after."""
    bits = np.random.SFC64(seed)
    words = bits.state["state"]["state"]
    found, expected = draw(words, 1_000_000), np.random.Generator(bits).standard_normal(1_000_000)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=0)
    np.testing.assert_array_equal(words, bits.state["state"]["state"])
    assert np.abs(found).max() > normals._TAIL, "or the tail was not tried"


def test_normals_are_normal():
    """Shares of 5 million draws in 100 bins, also far out, each within five standard errors: one alarm in 17,000."""
    n_draws = 5_000_000
    found = draw(np.random.SFC64(7).state["state"]["state"], n_draws)
    edges = np.concatenate([[-np.inf], np.linspace(-4.5, 4.5, 99), [np.inf]])
    shares = np.histogram(found, edges)[0] / n_draws
    expected = np.diff(stats.norm.cdf(edges))
    assert (np.abs(shares - expected) <= 5.0 * np.sqrt(expected * (1.0 - expected) / n_draws)).all()


def test_layers_have_equal_areas():
    """Closed form: width times rise, from the lowest layer with the tail to the top of the bell."""
    distances, cores, heights = normals._build_layers()
    widths = distances[: normals._N_LAYERS] * normals._N_PLACES
    area = widths[-1] * heights[-1] + math.sqrt(math.pi / 2.0) * math.erfc(widths[-1] / math.sqrt(2.0))
    assert widths[0] * heights[-1] == pytest.approx(area, rel=1e-12)
    np.testing.assert_allclose(widths[1:] * (heights[:-1] - heights[1:]), area, rtol=1e-11)
    np.testing.assert_array_equal(distances[normals._N_LAYERS :], -distances[: normals._N_LAYERS])
    np.testing.assert_allclose(cores[2:] / normals._N_PLACES, widths[1:-1] / widths[2:], rtol=1e-12)


def test_location_scale_and_domain():
    """A value is location + scale * normal, and what is not strictly inside its domain is counted."""
    words = np.random.SFC64(3).state["state"]["state"]
    plain = np.random.Generator(np.random.SFC64(3)).standard_normal((5000, 2, 3))
    location, scale = np.arange(6.0).reshape(2, 3), np.array([[1.0, 0.5, 0.0], [2.0, 0.1, 3.0]])
    above, below = np.full((2, 3), -1.0), np.full((2, 3), 4.5)
    out = np.empty_like(plain)
    n_outside = draw_normal(words, location, scale, above, below, out)
    np.testing.assert_allclose(out, location + scale * plain, rtol=1e-13, atol=1e-13)
    assert n_outside == np.count_nonzero((out <= above) | (out >= below)) > 0
