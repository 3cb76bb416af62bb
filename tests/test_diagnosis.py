"""Diagnosis: each rule warns where it should, and stays silent as often as it says."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.signal import lfilter

from paretoscope.errors import (
    DriftWarning,
    FewRunsWarning,
    IterationShapeWarning,
    LoadWarning,
    MixedMachinesWarning,
    RunSpreadWarning,
)
from paretoscope.measuring.diagnosis import RunShape, describe_run, diagnose
from paretoscope.measuring.unimodality import dip

LEVELS = {"a": 1.0, "b": 30.0, "c": 4.0, "d": 900.0}


def campaign(rng, n_runs=6, cv=0.03, drift=0.0, models=LEVELS):
    """Shuffled rounds; `drift` is the relative change from the first run to the last."""
    order = [model for _ in range(n_runs) for model in rng.permutation(list(models))]
    share = np.linspace(0.0, 1.0, len(order))
    times = [models[model] for model in order] * (1.0 + drift * share) * np.exp(cv * rng.standard_normal(len(order)))
    return pd.DataFrame(
        {
            "model": order,
            "started": [f"2024-05-01T10:{i // 60:02}:{i % 60:02}Z" for i in range(len(order))],
            "latency_ms": times,
            "latency_ms_p99": times * 1.2,
            "load_average": 1.0,
        }
    )


def kinds(notices):
    return [category for category, _ in notices]


def autocorrelated(rng, n, correlation=0.7):
    """Gaussian, mean 0 and variance 1."""
    noise = rng.standard_normal(n) * math.sqrt(1.0 - correlation**2)
    noise[0] = rng.standard_normal()
    return lfilter([1.0], [1.0, -correlation], noise)


# --- drift ---


@pytest.mark.slow
def test_drift_is_found_in_either_direction():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for drift, word in ((0.3, "rose"), (-0.25, "fell")):
            (found,) = [text for category, text in diagnose(campaign(rng, drift=drift)) if category is DriftWarning]
            assert re.match(rf"times {word} by [23]\d % over the 24 runs \(p = ", found)


def test_drift_comes_from_time_and_not_from_the_order_of_rows_or_models():
    table = campaign(np.random.default_rng(1), drift=0.2)
    text = [text for category, text in diagnose(table) if category is DriftWarning]
    assert text
    for seed in range(5):
        assert [t for c, t in diagnose(table.sample(frac=1, random_state=seed)) if c is DriftWarning] == text
    # Slow models last, none of them slower than before.
    models = [model for model in sorted(LEVELS, key=LEVELS.get) for _ in range(6)]
    table["model"], table["latency_ms"] = models, [LEVELS[model] for model in models]
    assert DriftWarning not in kinds(diagnose(table))


def test_drift_that_does_not_matter_is_passed_over():
    for seed in range(20):
        assert DriftWarning not in kinds(diagnose(campaign(np.random.default_rng(seed), cv=1e-4, drift=0.01)))


@pytest.mark.slow
@pytest.mark.parametrize(("n_runs", "models"), [(3, "ab"), (5, "abcd"), (12, "a")])
def test_drift_is_rarely_found_where_there_is_none(n_runs, models):
    """200 files without drift: at a rate of 0.01 more than 8 alarms come with probability 2e-4."""
    rng = np.random.default_rng(7)
    levels = {model: LEVELS[model] for model in models}
    alarms = sum(DriftWarning in kinds(diagnose(campaign(rng, n_runs, 0.1, models=levels))) for _ in range(200))
    assert alarms <= 8


def test_drift_needs_runs_that_differ():
    table = campaign(np.random.default_rng(0), cv=0.0)
    assert DriftWarning not in kinds(diagnose(table))
    assert diagnose(table.iloc[:0]) == []


def test_training_steps_drift_as_latencies_do():
    table = campaign(np.random.default_rng(0), drift=0.2)
    table["train_step_ms"], table["latency_ms"] = table["latency_ms"], np.nan
    assert kinds(diagnose(table)) == [DriftWarning]


# --- load ---


@pytest.mark.parametrize(
    ("load", "cores", "threads", "alarm"),
    [
        (1.4, 2, 1, False),
        (1.6, 2, 1, True),
        (2.4, 2, 2, False),
        (2.6, 2, 2, True),
        (4.4, 8, 1, False),
        (4.6, 8, 1, True),
        (5.0, None, 1, False),
        (math.nan, 2, 1, False),
    ],
)
def test_load_of_others_is_told(load, cores, threads, alarm):
    table = campaign(np.random.default_rng(0), cv=0.0)
    table.loc[3:5, "load_average"] = load
    notices = diagnose(table, cores=cores, threads=threads)
    assert (LoadWarning in kinds(notices)) == alarm
    if alarm:
        text = dict(notices)[LoadWarning]
        assert text.startswith(
            f"3 of 24 runs began under a load of up to {load} on {cores} cores; expected about {threads}"
        )


# --- iterations ---


def test_heavy_tails_are_told_by_model():
    table = campaign(np.random.default_rng(0), cv=0.0)
    table.loc[table["model"] == "b", "latency_ms_p99"] = 3.2 * 30.0
    ((category, text),) = diagnose(table)
    assert category is IterationShapeWarning
    assert "more than 2 times the median: b (3.2); expected less" in text


def test_lognormal_iterations_up_to_a_cv_of_25_percent_have_no_heavy_tail():
    rng = np.random.default_rng(3)
    sigma = math.sqrt(math.log1p(0.25**2))
    times = np.exp(sigma * rng.standard_normal((400, 1000)))
    ratio = np.quantile(times, 0.99, axis=1) / np.median(times, axis=1)
    assert np.median(ratio) < 2.0
    table = campaign(rng, cv=0.0)
    table["latency_ms_p99"] = table["latency_ms"] * ratio[: len(table)]
    assert diagnose(table) == []


@pytest.mark.slow
def test_one_mode_is_rarely_taken_for_two():
    """750 runs with one mode: at a rate of 1e-4 two alarms or more come with probability 3e-3."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(150):
        n = int(rng.integers(100, 3000))
        runs = [
            rng.uniform(1.0, 2.0, n),
            np.exp(0.2 * rng.standard_normal(n)),
            1.0 + rng.exponential(0.2, n),
            100.0 + 20.0 * np.round(rng.standard_normal(n)).clip(-3, 3),  # a coarse clock
            10.0 + autocorrelated(rng, n),
        ]
        alarms += sum(not math.isnan(describe_run((1e6 * times).astype(int)).modes_apart) for times in runs)
    assert alarms <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("n", "share"), [(500, 0.3), (1000, 0.2), (60_000, 0.5)])
def test_two_modes_are_found_and_how_far_apart(n, share):
    """40 runs: at a rate of 0.95 fewer than 33 are seen with probability 3e-3."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(40):
        slow = rng.random(n) < share
        times = 1e6 * np.where(slow, 1.3, 1.0) * np.exp(0.01 * rng.standard_normal(n))
        found.append(describe_run(times.astype(int)).modes_apart)
    seen = [ratio for ratio in found if not math.isnan(ratio)]
    assert len(seen) >= 33
    assert seen == pytest.approx([1.3] * len(seen), rel=0.01)


def test_modes_are_told_by_model_from_5_percent_on():
    table = campaign(np.random.default_rng(0), cv=0.0)
    shapes = {("a", 1): RunShape(1.3, 0.001), ("a", 2): RunShape(math.nan, 0.001), ("c", 1): RunShape(1.04, 0.001)}
    ((category, text),) = diagnose(table, shapes=shapes)
    assert category is IterationShapeWarning
    assert "two modes, up to a factor of 1.30 apart: a (1 of 2 runs); expected one" in text


def test_few_iterations_tell_nothing():
    assert all(math.isnan(value) for value in (describe_run([5] * 39).modes_apart, describe_run([5] * 39).median_error))
    assert describe_run([5] * 1000) == RunShape(pytest.approx(math.nan, nan_ok=True), 0.0)


# --- spread between runs ---


def shapes_of(times):
    """Shapes of runs, (n_runs, n_iterations) in seconds, and their medians in milliseconds."""
    shapes = {("a", run): describe_run((1e9 * values).astype(int)) for run, values in enumerate(times, start=1)}
    return shapes, 1e3 * np.median(times, axis=1)


def spread_table(medians):
    n = len(medians)
    return pd.DataFrame({"model": "a", "started": [f"{i:03}" for i in range(n)], "latency_ms": medians})


@pytest.mark.slow
def test_the_error_of_a_median_is_right_for_independent_iterations():
    rng = np.random.default_rng(1)
    times = 1.0 + 0.1 * rng.standard_normal((200, 400))
    errors = [describe_run((1e9 * values).astype(int)).median_error for values in times]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.median(times, axis=1).std(), rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_spread_that_iterations_explain_is_no_alarm(correlation):
    """100 files of five runs: at 4e-8 each, any alarm at all has probability 4e-6."""
    rng = np.random.default_rng(2)
    for _ in range(100):
        times = [0.01 * (1.0 + 0.5 * autocorrelated(rng, 100, correlation).clip(-1.5, None)) for _ in range(5)]
        shapes, medians = shapes_of(np.array(times))
        assert RunSpreadWarning not in kinds(diagnose(spread_table(medians), shapes=shapes))


def test_spread_that_iterations_do_not_explain_is_told():
    rng = np.random.default_rng(3)
    levels = np.array([1.0, 1.1, 0.9, 1.05, 0.95])
    shapes, medians = shapes_of(0.01 * levels[:, None] * (1.0 + 0.02 * rng.standard_normal((5, 400))))
    ((category, text),) = diagnose(spread_table(medians), shapes=shapes)
    assert category is RunSpreadWarning
    assert "more than their iterations explain: a (7.9 % against 0.1" in text
    assert "longer runs will not help, more runs will" in text
    # The same share of it, but too small to matter.
    shapes, medians = shapes_of(0.01 * levels[:, None] ** 0.1 * (1.0 + 0.002 * rng.standard_normal((5, 400))))
    assert diagnose(spread_table(medians), shapes=shapes) == []


# --- what runs have in common ---


def test_machines_that_were_mixed_are_told():
    table = campaign(np.random.default_rng(0), cv=0.0)
    table["machine"] = "0123456789ab"
    assert diagnose(table) == []
    table.loc[20:, "machine"] = "cdef01234567"
    ((category, text),) = diagnose(table)
    assert category is MixedMachinesWarning
    assert "from 2 machines or settings: 0123456789ab (20 runs), cdef01234567 (4 runs); expected one" in text


def test_few_runs_are_told():
    table = campaign(np.random.default_rng(0), n_runs=6, cv=0.0)
    table = table.drop(table.index[table["model"] == "c"][2:])
    assert diagnose(table) == [
        (
            FewRunsWarning,
            "1 model has fewer than 5 runs: c (2); expected 5, since few hardly tell a spread; raise runs",
        )
    ]
    table = campaign(np.random.default_rng(0), n_runs=2, cv=0.0, models={f"m{i}": 1.0 for i in range(7)})
    assert "7 models have fewer than 5 runs: " in dict(diagnose(table))[FewRunsWarning]
    assert " and 2 more; " in dict(diagnose(table))[FewRunsWarning]


# --- the dip ---


def dip_by_programme(sample):
    """By definition: over all modes, the nearest distribution function that is convex before and concave after."""
    x, n = np.sort(sample), len(sample)
    above = np.arange(1, n + 1) / n
    below = above - 1.0 / n
    best = 1.0
    for mode in range(n):
        # Its values before the mode and up to it, those from the mode on, which may jump there, and the distance.
        index = [*range(mode + 1), *range(mode, n)]
        sides = [False] * (mode + 1) + [True] * (n - mode)
        rows, bounds = [], []

        def add(terms, bound, width=n + 2, rows=rows, bounds=bounds):
            row = np.zeros(width)
            for position, factor in terms:
                row[position] += factor
            rows.append(row)
            bounds.append(bound)

        for position, (i, right) in enumerate(zip(index, sides, strict=True)):
            low, high = above[i], below[i]
            if i == mode:
                low = high = above[i] if right else below[i]
            add([(position, -1.0), (n + 1, -1.0)], -low)
            add([(position, 1.0), (n + 1, -1.0)], high)
        for position in range(n):
            add([(position, 1.0), (position + 1, -1.0)], 0.0)
        for position in range(1, n):
            if position == mode or position == mode + 1:
                continue
            i, sign = index[position], 1.0 if position < mode else -1.0
            before, after = x[i] - x[i - 1], x[i + 1] - x[i]
            slopes = [(position, 1 / before + 1 / after), (position - 1, -1 / before), (position + 1, -1 / after)]
            add([(place, sign * factor) for place, factor in slopes], 0.0)
        cost = np.zeros(n + 2)
        cost[-1] = 1.0
        found = linprog(cost, A_ub=np.array(rows), b_ub=bounds, bounds=[(0, 1)] * (n + 1) + [(0, None)])
        best = min(best, found.fun)
    return best


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_the_dip_is_the_distance_to_the_nearest_unimodal_distribution(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 16))
    samples = [
        rng.random(n),
        rng.exponential(size=n),
        np.r_[rng.standard_normal(n), rng.normal(6.0, 1.0, n)],
        np.r_[rng.standard_normal(n), rng.normal(5.0, 0.1, n), rng.normal(9.0, 1.0, 3)],
    ]
    for sample in samples:
        assert dip(sample) == pytest.approx(dip_by_programme(sample), abs=1e-9)


def test_the_dip_knows_no_units_and_no_order():
    rng = np.random.default_rng(0)
    sample = np.r_[rng.standard_normal(30), rng.normal(6.0, 1.0, 20)]
    expected = dip(sample)
    assert dip(rng.permutation(sample)) == expected
    assert dip(-sample) == pytest.approx(expected)
    assert dip(1e6 + 1e3 * sample) == pytest.approx(expected)


@pytest.mark.slow
def test_uniform_samples_stay_below_the_threshold():
    """3,000 dips at a rate of 1e-4: more than 3 above have probability 3e-4."""
    rng = np.random.default_rng(4)
    sizes = (20, 50, 200)
    above = sum(dip(rng.random(n)) * math.sqrt(n) >= 0.85 for n in sizes for _ in range(1_000))
    assert above <= 3


def test_equal_values_are_rounded_ones():
    rng = np.random.default_rng(0)
    sample = rng.standard_normal(200)
    assert dip(np.round(sample, 1)) < 2.0 * dip(sample)
    assert dip(np.full(50, 3.0)) == pytest.approx(0.01)
