"""Noise that does not fit its runs is said: outliers, modes, skewness; and what did not vary is called exact."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import without_advice
from paretoscope.cli import main
from paretoscope.errors import NoiseFitWarning, TruncationWarning
from paretoscope.noise.families import resolve_noise
from paretoscope.noise.fit_check import find_misfits
from paretoscope.noise.groups import part
from paretoscope.reporting.redoing import command_to_redo

CENTRES = [10.0, 11.0, 5.0, 30.0, 14.0, 6.0]
WIGGLE = [0.0, 0.28, -0.06, -0.39, 0.41, 0.05, -0.27, 0.5, 0.18, -0.17, 0.33, -0.21]  # percent


def runs_of(centre, k):
    return [centre * (1.0 + WIGGLE[i % len(WIGGLE)] / 100.0 + i * 1e-6) for i in range(k)]


def measurements(special, k=None):
    """Six models, the first with runs of its own."""
    k = k or len(special)
    runs = [special, *(runs_of(centre, k) for centre in CENTRES[1:])]
    rows = [
        {"model": f"m{i}", "run": f"r{j}", "ms": value, "score": 60.0 + i}
        for i, values in enumerate(runs)
        for j, value in enumerate(values)
    ]
    return ps.Measurements.from_frame(pd.DataFrame(rows), inputs="ms", outputs="score")


def fit_warnings(data, noise="gaussian", scope="run"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ps.bootstrap(data, noise=noise, scope=scope, n_resamples=50, rng=0)
    return [str(one.message) for one in caught if one.category is NoiseFitWarning]


def replaced(place, value, k=10):
    runs = runs_of(10.0, k)
    runs[place] = value
    return runs


@pytest.mark.parametrize("noise", ["gaussian", "student", "lognormal"])
@pytest.mark.parametrize("scope", ["run", "mean"])
@pytest.mark.parametrize(("place", "value"), [(0, 60.0), (5, 20.0), (9, 13.0), (3, 4.0)])
def test_a_run_that_stands_apart_is_named(noise, scope, place, value):
    (said,) = fit_warnings(measurements(replaced(place, value)), noise, scope)
    assert said.startswith(f"metric 'ms' of model 'm0': run 'r{place}' ({value:g}) stands apart from the other 9 (")
    assert "cold start" in said
    assert ("noise={'ms': 'empirical'}" in said) == (scope == "run")
    assert "lognormal'}" not in said


@pytest.mark.parametrize("k", [4, 5, 7, 30])
def test_a_cold_run_among_few_or_many(k):
    assert "run 'r0' (60) stands apart" in fit_warnings(measurements(replaced(0, 60.0, k)))[0]


def test_two_cold_runs_and_one_on_either_side():
    runs = replaced(0, 60.0)
    runs[1] = 20.0
    (said,) = fit_warnings(measurements(runs))
    assert "'r0' (60)" in said
    assert "'r1' (20)" in said
    runs[1] = 2.0
    assert "runs 'r1' (2) and 'r0' (60) stand apart from the other 8" in fit_warnings(measurements(runs))[0]


@pytest.mark.parametrize("noise", ["gaussian", "student", "lognormal"])
@pytest.mark.parametrize(
    ("sizes", "n_modes"), [((10, 10), "two"), ((2, 2), "two"), ((3, 2), "two"), ((8, 2), "two"), ((4, 4, 4), "three")]
)
def test_modes_are_named_with_their_runs(noise, sizes, n_modes):
    runs = [value for i, size in enumerate(sizes) for value in runs_of(10.0 * (1 + i), size)]
    (said,) = fit_warnings(measurements(runs), noise)
    assert said.startswith(f"metric 'ms' of model 'm0': its {len(runs)} runs have {n_modes} modes, ")
    assert "(runs 'r0', 'r1'" in said
    assert "clock, threads, machine" in said
    assert "noise={'ms': 'empirical'}" in said
    assert "lognormal'}" not in said


def test_empirical_noise_does_help():
    """A cold start hides the other models' order; drawn from the runs as they are, it does not."""
    data = measurements(replaced(0, 60.0))
    assert not fit_warnings(data, {"ms": "empirical"})
    gaussian, empirical = (
        np.concatenate(list(without_advice(ps.bootstrap, data, noise=noise, rng=0).resampler().in_units(["ms"])))
        for noise in ("gaussian", {"ms": "empirical"})
    )
    near = [(abs(draws[:, 0, 0] - 10.0) < 0.1).mean() for draws in (gaussian, empirical)]
    assert near[0] < 0.02
    assert near[1] == pytest.approx(0.9, abs=0.02)


def test_skewed_runs_are_told_to_be_lognormal():
    rng = np.random.default_rng(4)
    runs = np.exp(rng.normal(1.0, 1.6, 30)).tolist()
    data = measurements(runs)
    (said,) = fit_warnings(data)
    assert "noise={'ms': 'lognormal'} suits runs that are skewed" in said
    assert "empirical" not in said
    assert not fit_warnings(data, {"ms": "lognormal"})


def test_one_warning_lists_a_few_and_counts_the_rest():
    rows = [
        {"model": f"m{i}", "run": j, "ms": 90.0 if j == i else value, "score": 60.0 + i}
        for i in range(8)
        for j, value in enumerate(runs_of(10.0 + i, 10))
    ]
    data = ps.Measurements.from_frame(pd.DataFrame(rows), inputs="ms", outputs="score")
    (said,) = fit_warnings(data)
    assert said.count(" stands apart ") == 3
    assert "(and 5 more such)" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("runs", "noise"),
    [
        ([10.0, 30.0], "student"),  # two runs are wide for another reason
        (runs_of(10.0, 10), "gaussian"),
        ([10.0, 10.0, 10.0, 10.1, 10.0], "gaussian"),  # rounded to a tenth
        (np.linspace(9.0, 11.0, 12).tolist(), "gaussian"),  # a drift
        (replaced(0, 60.0), "empirical"),
        (replaced(0, 60.0), "3%"),
    ],
)
def test_nothing_is_said_where_noise_fits_or_was_not_learned(runs, noise):
    frame = pd.DataFrame(
        {
            "model": ["a"] * len(runs) + ["b"] * len(runs),
            "ms": [*runs, *(round(run + 0.1 * i, 1) for i, run in enumerate(runs))],
            "score": [60.0] * len(runs) + [70.0] * len(runs),
        }
    )
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs="score")
    chosen = data.select(models=["a", "b"])
    found = find_misfits(chosen, resolve_noise({"ms": noise}, chosen.metrics))
    assert [misfit.model for misfit in found if misfit.model == "a"] == []


def test_shipped_data_give_no_such_warning():
    data = ps.load("imagenet")
    for noise in ("gaussian", "student", "lognormal"):
        assert find_misfits(data, resolve_noise(noise, data.metrics)) == []


@pytest.mark.parametrize("k", [4, 5, 8, 12, 20])
@pytest.mark.parametrize("spread", ["gaussian", "lognormal 10 %"])
def test_false_alarms_are_rare(k, spread):
    """2,000 data sets of 51 models and metrics, of which about 1 % should warn."""
    rng = np.random.default_rng(k)
    runs = rng.normal(100.0, 3.0, (51 * 2000, k))
    if spread != "gaussian":
        runs = np.exp(runs / 30.0)
    found = part(np.sort(runs, axis=1), np.zeros(len(runs))).log_risk < math.log(0.01 / 51)
    assert found.reshape(2000, 51).any(axis=1).mean() <= 0.025


@pytest.mark.parametrize("k", [3, 4, 6])
def test_the_risk_is_a_probability(k):
    """Without a least factor between spreads, groups of normal runs are as rare as stated, and hardly rarer."""
    runs = np.sort(np.random.default_rng(k).normal(size=(400_000, k)), axis=1)
    log_risk = part(runs, np.zeros(len(runs))).log_risk
    for risk in (0.003, 0.001):
        found = (log_risk < math.log(risk)).mean()
        assert found <= 1.1 * risk
        assert found >= risk / 10.0


def test_advice_on_truncation_knows_what_the_runs_look_like(tmp_path, capsys):
    data = measurements(replaced(0, 60.0))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ps.bootstrap(data, n_resamples=500, rng=0)
    (said,) = (str(one.message) for one in caught if one.category is TruncationWarning)
    assert "its runs do not fit this noise" in said
    assert "lognormal" not in said
    path = tmp_path / "runs.csv"
    data.to_frame().to_csv(path, index=False)
    assert main(["rank", str(path), "--inputs", "ms", "--outputs", "score", "--resamples", "200"]) == 0
    assert "--noise ms=empirical" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "noise", "advice"),
    [
        ({"top1": [99.0, 60, 50], "top1_sd": [2.0, 1, 1], "top1_n": [5] * 3}, "gaussian", "which is guessed from its"),
        ({"score": [1.0, 6, 5], "score_sd": [1.0, 1, 1], "score_n": [5] * 3}, "gaussian", "'lognormal'"),
        ({"score": [1.0, 6, 5], "score_sd": [1.0, 1, 1], "score_n": [2] * 3}, "student", "rests on 2 runs; measure"),
        ({"score": [1.0, 6, 5]}, "80%", "state a narrower one"),
    ],
)
def test_advice_on_truncation_fits_its_cause(columns, noise, advice):
    frame = pd.DataFrame({"model": list("abc"), "ms": [1.0, 2.0, 3.0]} | columns)
    metric = next(iter(columns))
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs=metric)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ps.bootstrap(data, noise={metric: noise}, n_resamples=500, rng=0)
    (said,) = (str(one.message) for one in caught if one.category is TruncationWarning)
    assert advice in said


@pytest.mark.parametrize("noise", ["gaussian", "student", "lognormal", "empirical"])
def test_what_did_not_vary_is_called_exact_and_drawn_as_before(noise, tmp_path):
    data = measurements(runs_of(10.0, 5))
    sim = without_advice(ps.bootstrap, data, noise=noise, n_resamples=200, rng=0)
    assert sim.noise == {"ms": noise, "score": "exact"}
    assert sim.stated_noise == {"ms": noise, "score": noise}
    again = without_advice(ps.bootstrap, data, noise=sim.stated_noise, n_resamples=200, rng=0)
    np.testing.assert_array_equal(again.draws, sim.draws)
    sim.save(tmp_path / "sim.npz")
    loaded = ps.EfficiencyDraws.load(tmp_path / "sim.npz")
    assert loaded.noise == sim.noise
    pd.testing.assert_frame_equal(loaded.sample(150), sim.sample(150), check_exact=True)
    assert f"score={noise}" in command_to_redo([sim], {}) or f"'score': '{noise}'" in command_to_redo([sim], {})


def test_json_calls_it_exact(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    measurements(runs_of(10.0, 5)).to_frame().to_csv(path, index=False)
    for command in ("rank", "front"):
        asked = [command, str(path), "--inputs", "ms", "--outputs", "score", "--resamples", "20", "--format", "json"]
        assert main(asked) == 0
        assert json.loads(capsys.readouterr().out)["noise"] == {"ms": "gaussian", "score": "exact"}
