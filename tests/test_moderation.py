"""Moderated spreads: the estimator against a plain twin on SciPy, and draws against what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special, stats

from helpers import without_advice
from paretoscope.measurements import Measurements
from paretoscope.noise.fitting import fit_noise
from paretoscope.noise.moderation import digamma, inverse_trigamma, moderate, trigamma
from paretoscope.noise.seeds import Seed


def test_special_functions_equal_scipys():
    x = np.exp(np.linspace(-5.0, 20.0, 200))
    assert [digamma(value) for value in x] == pytest.approx(special.digamma(x), rel=1e-13, abs=1e-13)
    assert [trigamma(value) for value in x] == pytest.approx(special.polygamma(1, x), rel=1e-13)
    assert [inverse_trigamma(trigamma(value)) for value in x] == pytest.approx(x, rel=1e-12)


def plain_twin(sd, degrees):
    """Smyth's equations, with SciPy's functions and root finder."""
    known = (degrees >= 1) & (sd > 0)
    variance, d = sd[known] ** 2, degrees[known]
    e = np.log(variance) - special.digamma(d / 2) + np.log(d / 2)
    excess = e.var(ddof=1) - special.polygamma(1, d / 2).mean()
    if excess <= 0:
        pooled = (d * variance).sum() / d.sum()
        return np.full_like(sd, np.sqrt(pooled)), np.full_like(sd, d.sum())
    d0 = 2 * optimize.brentq(lambda half: special.polygamma(1, half) - excess, 1e-8, 1e9, xtol=1e-14)
    s0 = np.exp(e.mean() + special.digamma(d0 / 2) - np.log(d0 / 2))
    return np.sqrt((d0 * s0 + degrees * sd**2) / (d0 + degrees)), np.minimum(d0 + degrees, d.sum())


@pytest.mark.parametrize("seed", range(20))
def test_spreads_equal_those_of_a_plain_twin(seed):
    rng = np.random.default_rng(seed)
    n_models = int(rng.integers(2, 30))
    degrees = rng.integers(0, 9, n_models).astype(float)
    degrees[:2] = 4
    true = np.exp(rng.normal(0.0, rng.choice([0.0, 0.3, 1.0]), n_models))
    sd = true * np.sqrt(rng.chisquare(np.maximum(degrees, 1)) / np.maximum(degrees, 1)) * (degrees > 0)
    found = moderate(sd, degrees)
    expected_sd, expected_degrees = plain_twin(sd, degrees)
    assert found.sd == pytest.approx(expected_sd, rel=1e-9)
    assert found.degrees == pytest.approx(expected_degrees, rel=1e-7)


def test_the_prior_of_many_models_is_found():
    """Variances of a known prior, 4,000 models: the estimates are as near as they should be."""
    rng = np.random.default_rng(3)
    prior_degrees, prior_variance, degrees = 8.0, 0.04, 4.0
    true = prior_degrees * prior_variance / rng.chisquare(prior_degrees, 4000)
    sd = np.sqrt(true * rng.chisquare(degrees, 4000) / degrees)
    found = moderate(sd, np.full(4000, degrees))
    assert found.prior_degrees == pytest.approx(prior_degrees, rel=0.25)
    assert found.prior_sd**2 == pytest.approx(prior_variance, rel=0.05)


def test_moderation_follows_units_and_the_order_of_models():
    rng = np.random.default_rng(5)
    sd, degrees = rng.uniform(0.5, 3.0, 12), rng.integers(1, 6, 12).astype(float)
    found, order = moderate(sd, degrees), rng.permutation(12)
    assert moderate(4.0 * sd, degrees).sd == pytest.approx(4.0 * found.sd, rel=1e-12)
    assert moderate(sd[order], degrees[order]).sd == pytest.approx(found.sd[order], rel=1e-12)


def test_without_any_spread_nothing_varies():
    found = moderate(np.zeros(3), np.array([4.0, 4.0, 0.0]))
    assert found.sd.tolist() == [0.0, 0.0, 0.0]


def test_a_spread_of_zero_beside_others_is_moderated_and_changes_no_prior():
    rng = np.random.default_rng(2)
    sd, degrees = rng.uniform(0.1, 4.0, 9), np.full(9, 4.0)
    alone, beside = moderate(sd, degrees), moderate(np.append(sd, 0.0), np.append(degrees, 4.0))
    assert (beside.prior_sd, beside.prior_degrees) == (alone.prior_sd, alone.prior_degrees)
    assert 0.0 < beside.sd[-1] < beside.sd[:-1].min()


# --- the family ---


def data_of(runs, **columns):
    """Measurements of runs, (n_models, n_runs), in ms; one accuracy."""
    n_models, n_runs = runs.shape
    frame = {"model": np.repeat([f"m{i}" for i in range(n_models)], n_runs), "ms": runs.ravel()}
    return Measurements.from_frame(pd.DataFrame(frame | {"top1": 70.0} | columns), inputs="ms", outputs="top1")


def draws_of(data, scope, n_draws=20_000, seed=0):
    """Draws of ms, (n_draws, n_models)."""
    sampler, _ = fit_noise(data, "moderated", scope)
    out = np.empty((n_draws, *sampler.shape))
    sampler.draw(Seed(seed).generator(0), out)
    return out[:, 0] * sampler.units[0]


@pytest.mark.slow
@pytest.mark.parametrize(("scope", "factor"), [("run", np.sqrt(1 + 1 / 4)), ("mean", np.sqrt(1 / 4))])
def test_logarithms_are_students(scope, factor):
    rng = np.random.default_rng(8)
    runs = np.exp(rng.normal(1.0, 0.1, (6, 4)))
    logarithms = np.log(runs)
    spread = moderate(logarithms.std(axis=1, ddof=1), np.full(6, 3.0))
    draws = draws_of(data_of(runs), scope)
    for model in range(6):
        variates = (np.log(draws[:, model]) - logarithms[model].mean()) / (factor * spread.sd[model])
        # Of a right sampler 6 x 2 such tests fail in 1 of 800 seeds.
        assert stats.kstest(variates, stats.t(spread.degrees[model]).cdf).pvalue > 1e-4


def test_a_single_run_varies_like_the_others():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"model": np.repeat(list("abcdef"), 5), "ms": np.exp(rng.normal(0.0, 0.05, 30)), "top1": 70.0})
    alone = pd.DataFrame({"model": ["z"], "ms": [1.0], "top1": [70.0]})
    data = Measurements.from_frame(pd.concat([frame, alone]), inputs="ms", outputs="top1")
    draws = draws_of(data, "run")
    assert np.log(draws[:, 6]).std() == pytest.approx(0.05 * np.sqrt(2.0), rel=0.35)
    assert np.median(draws[:, 6]) == pytest.approx(1.0, rel=0.01)


def test_what_does_not_vary_is_drawn_to_the_last_bit():
    data = data_of(np.full((3, 4), 1.1) * np.array([[1.0], [2.0], [3.0]]))
    assert (draws_of(data, "run", 50) == data.mean["ms"].to_numpy()).all()


def test_a_metric_with_negative_or_zero_values_varies_by_differences():
    rng = np.random.default_rng(4)
    runs = rng.normal(1.0, 0.1, (5, 6))
    runs[0, 0] = 0.0
    spread = moderate(runs.std(axis=1, ddof=1), np.full(5, 5.0))
    draws = draws_of(data_of(runs), "mean")
    assert draws.mean(axis=0) == pytest.approx(runs.mean(axis=1), abs=0.005)
    assert draws.std(axis=0) == pytest.approx(
        spread.sd / np.sqrt(6.0) * np.sqrt(spread.degrees / (spread.degrees - 2.0)), rel=0.05
    )


def test_published_spreads_are_moderated_and_those_without_a_number_taken_as_stated():
    frame = pd.DataFrame({"model": list("abcdef"), "ms": 10.0, "ms_sd": [1.0, 1.1, 0.9, 1.0, 0.0, 5.0], "top1": 70.0})
    known = Measurements.from_frame(frame.assign(ms_n=[5, 5, 5, 5, 1, np.nan]), inputs="ms", outputs="top1")
    draws = draws_of(known, "run")
    spread = np.log(draws).std(axis=0)
    assert spread[:5] == pytest.approx(0.1 * np.sqrt([1.2, 1.2, 1.2, 1.2, 2.0]), rel=0.15)
    assert spread[5] == pytest.approx(np.sqrt(np.log1p(0.25)), rel=0.02)


@pytest.mark.slow
def test_extreme_variates_stay_finite():
    data = without_advice(data_of, np.array([[1.0, 20.0], [1.0, 1.1]]))
    draws = draws_of(data, "run", 200_000)
    assert np.isfinite(draws).all()
    assert (draws > 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("n_runs", [3, 5])
@pytest.mark.parametrize("kinds", ["alike", "1 to 10 %"])
def test_nominal_intervals_hold_what_they_promise(n_runs, kinds):
    """Nominal 90 % intervals of one more run of 17 models: 6,800 of them have a standard error of 0.4 points."""
    rng = np.random.default_rng([n_runs, len(kinds)])
    held = []
    for _ in range(400):
        spread = np.full((17, 1), 0.05) if kinds == "alike" else rng.uniform(0.01, 0.10, (17, 1))
        logarithms = spread * rng.standard_normal((17, n_runs + 1))
        known = logarithms[:, :-1]
        found = moderate(known.std(axis=1, ddof=1), np.full(17, n_runs - 1.0))
        half = stats.t.ppf(0.95, found.degrees) * found.sd * np.sqrt(1.0 + 1.0 / n_runs)
        held.append(np.abs(logarithms[:, -1] - known.mean(axis=1)) <= half)
    assert 0.865 <= np.mean(held) <= 0.92
