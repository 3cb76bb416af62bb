"""What every family of noise must do.  A new family gets a line in EXAMPLES, and its closed form in test_noise.py.

Shares of draws are compared within five standard errors.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from paretoscope.measurements import Measurements
from paretoscope.noise.families import FAMILIES, parse_family
from paretoscope.noise.fitted import RedrawnMetric
from paretoscope.noise.fitting import fit_noise
from paretoscope.noise.seeds import Seed

N_DRAWS = 40_000
N_RUNS = 5
EXAMPLES = {  # by name of the class: as a user writes it
    "Gaussian": "gaussian",
    "Lognormal": "lognormal",
    "Student": "student",
    "Moderated": "moderated",
    "Empirical": "empirical",
    "Exact": "exact",
    "Relative": "60%",
    "Binomial": "binomial(50)",
}
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)


def example(family):
    return EXAMPLES[family.__name__]


def measured(family, error=2.0, accuracy=98.0, sd=1.0):
    """Percentages of two models, an input and an output; with repeats if the family learns from them."""
    n_runs = N_RUNS if family.rests_on_runs else 1
    pattern = np.array([-1.0, -0.7, 0.0, 0.7, 1.0])[-n_runs:] if n_runs > 1 else np.zeros(1)
    rows = [
        {"model": model, "err_pct": error + sd * step, "top1": accuracy - shift + sd * step}
        for model, shift in [("a", 0.0), ("b", 1.0)]
        for step in pattern / (pattern.std(ddof=1) if n_runs > 1 else 1.0)
    ]
    return Measurements.from_frame(pd.DataFrame(rows), inputs="err_pct", outputs="top1")


def draw(data, noise, scope="run", seed=0):
    """Draws, (n_draws, n_metrics, n_models), in the metrics' units, and how many were drawn again."""
    sampler, _ = fit_noise(data, noise, scope)
    out = np.empty((N_DRAWS, *sampler.shape))
    n_redrawn = sampler.draw(Seed(seed).generator(0), out)
    return out * sampler.units[:, np.newaxis], n_redrawn


def test_every_family_has_an_example():
    assert list(EXAMPLES) == [family.__name__ for family in FAMILIES]


@every_family
def test_a_specification_is_of_one_family_and_survives_being_written(family):
    text = example(family)
    found = parse_family(text)
    assert type(found) is family
    assert parse_family(str(found)) == found
    assert [other for other in FAMILIES if other.parse(text)] == [family]
    assert sum(parse_family(other) == found for other in EXAMPLES.values()) == 1


@pytest.mark.slow
@every_family
@pytest.mark.parametrize("scope", ["run", "mean"])
def test_draws_are_in_the_domain(family, scope):
    """The spread is so large that all but what takes values as they are must draw some again."""
    data = measured(family, sd=1.5)
    found, n_redrawn = draw(data, example(family), scope)
    assert found[:, 0].min() > 0.0
    assert found[:, 1].min() >= 0.0
    assert found[:, 1].max() <= 100.0
    sampler, _ = fit_noise(data, example(family), scope)
    unbounded = [isinstance(fitted, RedrawnMetric) for fitted in sampler.fitted]
    assert (n_redrawn.sum() > 0) == all(unbounded) == any(unbounded)


@pytest.mark.slow
@every_family
@pytest.mark.parametrize("scope", ["run", "mean"])
def test_seeds_reproduce(family, scope):
    data = measured(family)
    (first, _), (second, _), (other, _) = (draw(data, example(family), scope, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    varies = family.rests_on_runs or family.states_spread
    assert np.array_equal(first, other) is not varies
    assert (np.ptp(first, axis=0) > 0.0).all() == varies


@every_family
def test_the_mean_is_known_better_than_a_run_is_if_runs_tell(family):
    data = measured(family, error=30.0, accuracy=60.0)
    (of_run, _), (of_mean, _) = (draw(data, example(family), scope) for scope in ("run", "mean"))
    if family.rests_on_runs:
        low, high = ([np.quantile(draws, q, axis=0) for draws in (of_run, of_mean)] for q in (0.2, 0.8))
        assert ((high[1] - low[1]) < 0.6 * (high[0] - low[0])).all()
    else:
        np.testing.assert_array_equal(of_run, of_mean)


@every_family
def test_a_metric_without_spread_is_its_value(family):
    """Unless the family states a spread of its own."""
    data = measured(family, sd=0.0)
    found, _ = draw(data, example(family))
    constant = np.ptp(found, axis=0) == 0.0
    assert constant.all() != family.states_spread
    assert constant.any() != family.states_spread
    np.testing.assert_array_equal(found[0][constant], data.mean.to_numpy().T[constant])


@pytest.mark.slow
@every_family
@pytest.mark.parametrize("scope", ["run", "mean"])
def test_single_values_are_drawn_again_from_the_distribution_of_batches(family, scope):
    sampler, _ = fit_noise(measured(family, error=30.0, accuracy=60.0), example(family), scope)
    rng = Seed(7).generator(0)
    for fitted in sampler.fitted:
        batch = fitted.draw(rng, N_DRAWS, {})
        assert batch.shape == (N_DRAWS, 2)
        if not isinstance(fitted, RedrawnMetric):
            continue
        models = np.tile([0, 1], N_DRAWS)
        degrees = np.broadcast_to(fitted.degrees_of(models), models.shape)
        normal = np.isinf(degrees)
        variates = np.where(
            normal, rng.standard_normal(models.size), rng.standard_t(np.where(normal, 1.0, degrees), models.size)
        )
        again = fitted.draw_again(rng, variates, models).reshape(N_DRAWS, 2)
        for level in (0.05, 0.25, 0.5, 0.75, 0.95):
            limit = np.quantile(batch, level, axis=0)
            shares = np.mean(batch <= limit, axis=0), np.mean(again <= limit, axis=0)
            error = np.sqrt(2.0 * shares[0] * (1.0 - shares[0]) / N_DRAWS)
            assert (np.abs(shares[1] - shares[0]) <= 5.0 * error).all(), level
