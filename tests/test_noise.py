"""What is drawn, against closed forms.

Every statistical check compares a mean, or a share of draws, with its exact expectation and fails beyond five standard
errors: a false alarm in one of 1.7 million checks.  There are about 600, so one run in 3,000 would fail if the seeds
were not fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from paretoscope.errors import DataError, FewRunsWarning, OptionError, TruncationWarning
from paretoscope.measurements import Measurements
from paretoscope.noise.families import parse_family
from paretoscope.noise.fitting import fit_noise
from paretoscope.noise.seeds import Seed
from paretoscope.resampling.algorithm import bootstrap
from reference import quietly

N_DRAWS = 100_000
LEVELS = np.array([0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995])


def repeated(runs):
    """Measurements of single runs: {model: {metric: values}}; y... are outputs, all else inputs."""
    rows = [
        {"model": model, "metric": metric, "run": str(run), "value": value}
        for model, metrics in runs.items()
        for metric, values in metrics.items()
        for run, value in enumerate(values)
    ]
    metrics = sorted({row["metric"] for row in rows})
    return Measurements.from_frame(
        pd.DataFrame(rows),
        inputs=[metric for metric in metrics if not metric.startswith(("y", "top1"))],
        outputs=[metric for metric in metrics if metric.startswith(("y", "top1"))],
    )


def some_runs(n_runs=5, n_models=3, seed=0):
    rng = np.random.default_rng(seed)
    return repeated(
        {
            f"m{i}": {"x": rng.normal(10.0 * (i + 1), 0.5, n_runs), "y": rng.normal(60.0 + 5 * i, 0.3, n_runs)}
            for i in range(n_models)
        }
    )


def published(**columns):
    return Measurements.from_frame(
        pd.DataFrame({"model": list("abcdefgh")[: len(columns["x"])], **columns}), inputs="x", outputs="y"
    )


def draw(data, noise, scope="run", n_draws=N_DRAWS, seed=0):
    """Simulated metrics, (n_draws, n_metrics, n_models), in the metrics' units."""
    sampler, _ = fit_noise(data, noise, scope)
    out = np.empty((n_draws, len(data.metrics), len(data.models)))
    sampler.draw(Seed(seed).generator(0), out)
    return out * sampler.units[:, np.newaxis]


def assert_share(hits, probability):
    """The share of hits is within five standard errors of the probability."""
    n_hits, n_trials = np.count_nonzero(hits), np.size(hits)
    error = np.sqrt(n_trials * probability * (1.0 - probability))
    assert abs(n_hits - n_trials * probability) <= 5.0 * error + 1e-9, (n_hits / n_trials, probability)


def assert_mean(values, mean, sd):
    assert abs(np.mean(values) - mean) <= 5.0 * sd / np.sqrt(np.size(values)) + 1e-12 * abs(mean)


def assert_distribution(values, distribution):
    """Mean, sd and quantiles."""
    for level in LEVELS:
        assert_share(values < distribution.ppf(level), level)
    mean, variance, kurtosis = (float(moment) for moment in distribution.stats("mvk"))
    if np.isfinite(variance):
        assert_mean(values, mean, np.sqrt(variance))
    if np.isfinite(kurtosis):
        assert_mean((values - mean) ** 2, variance, variance * np.sqrt(kurtosis + 2.0))


# --- families ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["run", "mean"])
def test_gaussian(scope):
    data = some_runs(n_runs=6)
    found = draw(data, "gaussian", scope)
    divisor = np.sqrt(6) if scope == "mean" else 1.0
    for row, metric in enumerate(data.metrics):
        for column, model in enumerate(data.models):
            mean, sd = data.mean.loc[model, metric], data.sd.loc[model, metric]
            assert_distribution(found[:, row, column], stats.norm(mean, sd / divisor))


@pytest.mark.slow
def test_draws_are_independent():
    """Between metrics, models and draws; a correlation of n pairs has standard error 1 / sqrt(n)."""
    found = draw(some_runs(), {"x": "gaussian", "y": "student"}).reshape(N_DRAWS, 6)
    found = np.hstack([found[:-1], found[1:]])
    ranks = stats.rankdata(found, axis=0)
    correlations = np.corrcoef(ranks.T)
    np.fill_diagonal(correlations, 0.0)
    assert np.abs(correlations).max() <= 5.0 / np.sqrt(N_DRAWS - 1)


def test_spread_in_percent_of_the_mean():
    data = published(x=[2.0, 5.0, 1e-6], y=[70.0, 75.0, 80.0])
    found = draw(data, {"x": "3%", "y": "0.2%"})
    for column in range(3):
        x, y = data.mean.iloc[column]
        assert_distribution(found[:, 0, column], stats.norm(x, 0.03 * x))
        assert_distribution(found[:, 1, column], stats.norm(y, 0.002 * y))


@pytest.mark.parametrize("scope", ["run", "mean"])
def test_lognormal(scope):
    rng = np.random.default_rng(1)
    runs = {f"m{i}": {"x": rng.lognormal(i, 0.4, 7), "y": [1.0 + i]} for i in range(3)}
    data = repeated(runs)
    found = draw(data, "lognormal", scope)
    for column, model in enumerate(data.models):
        logarithms = np.log(runs[model]["x"])
        sd = logarithms.std(ddof=1) / (np.sqrt(7) if scope == "mean" else 1.0)
        assert_distribution(np.log(found[:, 0, column]), stats.norm(logarithms.mean(), sd))
        np.testing.assert_allclose(found[:, 1, column], 1.0 + column, rtol=1e-15)


def test_lognormal_of_a_published_mean_and_sd_has_that_mean_and_sd():
    data = published(x=[2.0, 5.0, 9.0], x_sd=[0.5, 1.0, 4.0], x_n=[5, 5, 5], y=[70.0, 75.0, 80.0])
    found = draw(data, "lognormal")
    for column, (mean, sd) in enumerate([(2.0, 0.5), (5.0, 1.0), (9.0, 4.0)]):
        spread = np.sqrt(np.log(1.0 + (sd / mean) ** 2))
        distribution = stats.lognorm(spread, scale=mean * np.exp(-(spread**2) / 2.0))
        assert distribution.mean() == pytest.approx(mean)
        assert distribution.std() == pytest.approx(sd)
        assert_mean(found[:, 0, column], mean, sd)
        for level in LEVELS:
            assert_share(found[:, 0, column] < distribution.ppf(level), level)


@pytest.mark.slow
@pytest.mark.parametrize("n_runs", [3, 5, 10])
@pytest.mark.parametrize("scope", ["run", "mean"])
def test_student(scope, n_runs):
    data = some_runs(n_runs)
    found = draw(data, "student", scope)
    factor = np.sqrt(1.0 / n_runs) if scope == "mean" else np.sqrt(1.0 + 1.0 / n_runs)
    for row, metric in enumerate(data.metrics):
        for column, model in enumerate(data.models):
            mean, sd = data.mean.loc[model, metric], data.sd.loc[model, metric]
            for level in LEVELS:
                quantile = stats.t(n_runs - 1, mean, sd * factor).ppf(level)
                assert_share(found[:, row, column] < quantile, level)


def test_student_of_published_numbers_of_runs():
    data = published(x=[20.0, 50.0], x_sd=[0.5, 1.0], x_n=[4, 9], y=[70.0, 75.0])
    found = draw(data, "student")
    for column, (mean, sd, n_runs) in enumerate([(20.0, 0.5, 4), (50.0, 1.0, 9)]):
        for level in LEVELS:
            quantile = stats.t(n_runs - 1, mean, sd * np.sqrt(1 + 1 / n_runs)).ppf(level)
            assert_share(found[:, 0, column] < quantile, level)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("noise", "coverage"),
    [
        ("student", 0.90),
        # A plug-in normal of 5 runs: the new run's t-statistic, with 4 degrees of freedom, is scaled by sqrt(6/5).
        ("gaussian", 2.0 * stats.t(4).cdf(stats.norm.ppf(0.95) / np.sqrt(1.2)) - 1.0),
    ],
)
def test_coverage_of_a_new_run(noise, coverage):
    """The central 90 % of the predictive draws of 5 runs contain a sixth run: student in 90 %, gaussian in 79 %.

    3,000 independent intervals, so the standard error is 0.5 % to 0.7 %; five of them: one false alarm in 1.7 million.
    With 999 draws the 50th and 950th are exact bounds for exchangeable draws.
    """
    n_models, n_runs = 3_000, 5
    rng = np.random.default_rng(2)
    runs = rng.normal(100.0, 1.0, (n_models, n_runs))
    frame = pd.DataFrame({"model": np.repeat(np.arange(n_models), n_runs).astype(str), "x": runs.ravel(), "y": 1.0})
    data = Measurements.from_frame(frame, inputs="x", outputs="y")
    found = np.sort(draw(data, {"x": noise, "y": "exact"}, n_draws=999)[:, 0, :], axis=0)
    new = rng.normal(100.0, 1.0, n_models)
    assert_share((found[49] < new) & (new < found[949]), coverage)
    assert coverage > 0.89 or noise == "gaussian"
    assert coverage < 0.80 or noise == "student"


@pytest.mark.parametrize("scope", ["run", "mean"])
def test_binomial(scope):
    """An accuracy measured on N images is known to the binomial error, however often it is measured."""
    data = published(x=[1.0, 2.0, 3.0, 4.0], y=[76.13, 50.0, 99.5, 100.0])
    found = draw(data, {"y": "binomial(1000)", "x": "exact"}, scope)
    assert (found[:, 0] == data.mean["x"].to_numpy()).all()
    for column, accuracy in enumerate(data.mean["y"]):
        p = accuracy / 100.0
        values = found[:, 1, column]
        np.testing.assert_allclose(values * 10.0, np.round(values * 10.0), atol=1e-9)
        sd = 100.0 * np.sqrt(p * (1 - p) / 1000)
        assert_mean(values, accuracy, sd)
        if sd:
            kurtosis = float(stats.binom(1000, p).stats("k"))
            assert_mean((values - accuracy) ** 2, sd**2, sd**2 * np.sqrt(kurtosis + 2.0))


def test_exact_metrics_are_their_values():
    data = published(x=[0.1, 0.2, 0.3], y=[0.7, 1 / 3, 1e-3])
    found = draw(data, "exact", n_draws=10)
    assert (found == data.mean.to_numpy().T).all()


def test_without_repeats_every_family_is_exact():
    data = published(x=[0.1, 0.2, 0.3], y=[0.7, 1 / 3, 1e-3])
    for noise in ("gaussian", "student", "empirical", "lognormal"):
        for scope in ("run", "mean"):
            found = draw(data, noise, scope, n_draws=3)
            rounding = 1e-14 if noise == "lognormal" else 0.0  # the exponential of a logarithm
            np.testing.assert_allclose(found, np.tile(data.mean.to_numpy().T, (3, 1, 1)), rtol=rounding)


# --- whole runs, resampled --------------------------------------------------------------------------------------------


def correlated_runs(order=(0, 1, 2, 3)):
    """Latency and energy of the same four runs; models have different numbers of runs."""
    pairs = [(1.0, 10.0), (2.0, 40.0), (3.0, 20.0), (4.0, 30.0)]
    rows = [("a", "x1", run, pairs[run][0]) for run in range(4)]
    rows += [("a", "x2", run, pairs[run][1]) for run in order]
    rows += [("b", metric, run, start + run) for metric, start in [("x1", 5.0), ("x2", 50.0)] for run in range(2)]
    rows += [(model, "y", run, 1.0) for model, n_runs in [("a", 4), ("b", 2)] for run in range(n_runs)]
    frame = pd.DataFrame(rows, columns=["model", "metric", "run", "value"])
    return Measurements.from_frame(frame, inputs=["x1", "x2"], outputs="y")


@pytest.mark.slow
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_whole_runs_are_resampled(order):
    found = draw(correlated_runs(order), "empirical")
    of_a, counts = np.unique(found[:, :2, 0], axis=0, return_counts=True)
    assert of_a.tolist() == [[1.0, 10.0], [2.0, 40.0], [3.0, 20.0], [4.0, 30.0]]
    for count in counts:
        assert_share(np.arange(N_DRAWS) < count, 0.25)
    of_b = np.unique(found[:, :2, 1], axis=0)
    assert of_b.tolist() == [[5.0, 50.0], [6.0, 51.0]]
    assert_share((found[:, 0, 0] == 1.0) & (found[:, 0, 1] == 5.0), 1 / 8)  # models do not share their runs


def test_means_of_resampled_runs_keep_metrics_together():
    data = correlated_runs()
    found = draw(data, "empirical", "mean")
    x1, x2 = np.array([1.0, 2.0, 3.0, 4.0]), np.array([10.0, 40.0, 20.0, 30.0])
    assert set(np.round(4 * found[:, 0, 0], 9)) == set(range(4, 17))
    for row, values in enumerate([x1, x2]):
        sd = values.std() / 2.0  # of the mean of four
        assert_mean(found[:, row, 0], values.mean(), sd)
        assert_mean((found[:, row, 0] - values.mean()) ** 2, sd**2, sd**2 * np.sqrt(2.0))
    covariance = np.mean((x1 - 2.5) * (x2 - 25.0)) / 4.0
    products = (found[:, 0, 0] - 2.5) * (found[:, 1, 0] - 25.0)
    assert_mean(products, covariance, products.std())
    assert set(np.round(2 * found[:, 0, 1], 9)) == {10.0, 11.0, 12.0}
    assert_share(found[:, 0, 1] == 5.5, 0.5)


def test_metrics_of_different_runs_are_resampled_apart():
    rows = [("a", "x1", run, 1.0 + run) for run in range(2)] + [("a", "x2", run + 7, 10.0 + run) for run in range(2)]
    rows += [("b", "x1", "0", 9.0), ("b", "x2", "0", 99.0), ("a", "y", "0", 1.0), ("b", "y", "0", 1.0)]
    frame = pd.DataFrame(rows, columns=["model", "metric", "run", "value"])
    found = draw(Measurements.from_frame(frame, inputs=["x1", "x2"], outputs="y"), "empirical")
    for first in (1.0, 2.0):
        for second in (10.0, 11.0):
            assert_share((found[:, 0, 0] == first) & (found[:, 1, 0] == second), 0.25)


@pytest.mark.parametrize("scope", ["run", "mean"])
def test_resampled_runs_beside_another_family(scope):
    """The first metric of the same runs has a family of its own."""
    found = draw(correlated_runs(), {"x1": "gaussian", "x2": "empirical", "y": "empirical"}, scope, n_draws=1000)
    if scope == "run":
        assert set(found[:, 1, 0]) == {10.0, 20.0, 30.0, 40.0}
    assert len(set(found[:, 0, 0])) == 1000


def test_resampled_runs_beside_published_means():
    data = published(x=[2.0, 5.0], x_sd=[0.0, 0.0], x_n=[5, 5], y=[70.0, 75.0])
    for scope in ("run", "mean"):
        found = draw(data, "empirical", scope, n_draws=20)
        np.testing.assert_allclose(found, np.tile(data.mean.to_numpy().T, (20, 1, 1)), rtol=1e-15)


# --- truncation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["gaussian", {"x": "gaussian", "y": "exact"}])
def test_inputs_stay_positive(noise):
    """Draws outside the domain are drawn again: a truncated normal.  Once by the fast way, once by the general one."""
    data = published(x=[1.0, 50.0], x_sd=[1.0, 1.0], x_n=[5, 5], y=[70.0, 75.0])
    sampler, _ = fit_noise(data, noise)
    out = np.empty((N_DRAWS, 2, 2))
    n_redrawn = sampler.draw(Seed(3).generator(0), out)
    x = out[:, 0, :] * sampler.units[0]
    assert (x > 0.0).all()
    truncated = stats.truncnorm(-1.0, np.inf, loc=1.0, scale=1.0)
    for level in LEVELS:
        assert_share(x[:, 0] < truncated.ppf(level), level)
    assert_distribution(x[:, 1], stats.norm(50.0, 1.0))
    p = stats.norm.cdf(-1.0)
    assert abs(n_redrawn[0, 0] - N_DRAWS * p) <= 5.0 * np.sqrt(N_DRAWS * p * (1.0 - p))
    assert n_redrawn.sum() == n_redrawn[0, 0]


@pytest.mark.parametrize("noise", ["gaussian", "student", "lognormal"])
def test_percentages_stay_below_100(noise):
    rng = np.random.default_rng(4)
    runs = {f"m{i}": {"x": [1.0], "top1": np.minimum(rng.normal(99.0, 1.0, 5), 100.0)} for i in range(3)}
    data = repeated(runs)
    assert data.bounds == {"top1": 100.0}
    sampler, _ = fit_noise(data, noise)
    out = np.empty((N_DRAWS // 4, 2, 3))
    assert sampler.draw(Seed(5).generator(0), out).sum() > 0
    top1 = out[:, 1] * sampler.units[1]
    assert top1.max() <= 100.0
    assert top1.max() > 99.99
    if noise == "gaussian":
        for column in range(3):
            mean, sd = data.mean.iloc[column, 1], data.sd.iloc[column, 1]
            truncated = stats.truncnorm(-np.inf, (100.0 - mean) / sd, loc=mean, scale=sd)
            for level in LEVELS:
                assert_share(top1[:, column] < truncated.ppf(level), level)


@pytest.mark.parametrize("noise", ["gaussian", "student", "100%"])
def test_outputs_may_be_zero_but_not_less(noise):
    data = repeated({f"m{i}": {"x": [1.0 + i], "y": [0.1, 3.0, 0.5, 2.0]} for i in range(3)})
    found = draw(
        data if noise != "100%" else published(x=[1.0, 2.0], y=[1.0, 2.0]), {"x": "exact", "y": noise}, n_draws=20_000
    )
    assert found[:, 1].min() >= 0.0
    assert found[:, 1].min() < 0.01


def at_bounds(beside):
    """A model with three metrics at a bound, whose standard deviation is the distance to the next float; and its noise.

    `beside` is the noise of one more metric: "gaussian" has all drawn the fast way, "exact" the general one.
    """
    smallest, step = np.nextafter(0.0, 1.0), np.spacing(100.0)
    columns = {"x": [0.0, 1.0], "y": [0.0, 1.0], "top1": [100.0, 90.0], "z": [1.0, 1.0]}
    spreads = {"x_sd": [smallest, 0.0], "y_sd": [smallest, 0.0], "top1_sd": [step, 0.0]}
    counts = {f"{metric}_n": [5, 5] for metric in ("x", "y", "top1")}
    frame = pd.DataFrame({"model": ["a", "b"], **columns, **spreads, **counts})
    return Measurements.from_frame(frame, inputs=["x", "z"], outputs=["y", "top1"]), {"z": beside}


@pytest.mark.parametrize("beside", ["gaussian", "exact"])
def test_a_value_exactly_at_its_bound(beside):
    """An output may be 0 and a percentage 100, but not the float beyond; an input may not be 0, but the float above."""
    data, noise = at_bounds(beside)
    found = dict(zip(data.metrics, draw(data, noise)[:, :, 0].T, strict=True))
    smallest = np.nextafter(0.0, 1.0)
    half = stats.norm.cdf(0.5)
    assert found["x"].min() == smallest
    assert_share(found["x"] == smallest, (stats.norm.cdf(1.5) - half) / (1.0 - half))
    assert found["y"].min() == 0.0
    assert_share(found["y"] == 0.0, (2.0 * half - 1.0) / half)
    assert found["top1"].max() == 100.0
    assert_share(found["top1"] == 100.0, (2.0 * half - 1.0) / half)


@pytest.mark.slow
@pytest.mark.parametrize("beside", ["gaussian", "exact"])
def test_one_value_exactly_at_its_bound_in_a_batch(beside):
    """The compiled loop counts what is outside, and nothing is looked for where it counts none."""
    data, noise = at_bounds(beside)
    for seed in range(200):
        ((x, _, y, top1),) = draw(data, noise, n_draws=1, seed=seed)[:, :, 0]
        assert x > 0.0
        assert y >= 0.0
        assert top1 <= 100.0


def test_all_or_nothing_right_is_allowed_but_no_error_at_all_is_not():
    """Four images: an accuracy may come out as 0 and as 100 %, an error rate that is an input not as 0."""
    frame = pd.DataFrame({"model": ["a", "b"], "err_pct": [50.0, 40.0], "top1": [50.0, 60.0]})
    found = draw(Measurements.from_frame(frame, inputs="err_pct", outputs="top1"), "binomial(4)")[:, :, 0]
    for value in (0.0, 100.0):
        assert_share(found[:, 1] == value, 1 / 16)
    assert set(found[:, 0]) == {25.0, 50.0, 75.0, 100.0}
    assert_share(found[:, 0] == 100.0, 1 / 15)


def test_what_is_exact_is_never_out_of_its_domain():
    """A zero input and a perfect accuracy that do not vary."""
    data = Measurements.from_frame(
        pd.DataFrame({"model": list("ab"), "x1": [0.0, 1.0], "x2": [1.0, 2.0], "top1": [100.0, 90.0]}),
        inputs=["x1", "x2"],
        outputs="top1",
    )
    found = draw(data, {"x2": "5%"}, n_draws=50)
    assert (found[:, 0] == [0.0, 1.0]).all()
    assert (found[:, 2] == [100.0, 90.0]).all()
    found = draw(data, {"x1": "5%", "*": "exact"}, n_draws=50)
    assert (found[:, 0, 0] == 0.0).all()


@pytest.mark.parametrize(("sd", "warns"), [(0.6, True), (0.3, False)])
def test_truncation_is_told_above_one_percent(sd, warns):
    """P(Z < -1 / 0.6) = 4.8 % of one metric's values, against 0.04 %."""
    n = 8
    data = published(x=[1.0] * n, x_sd=[sd] * n, x_n=[5] * n, y=[10.0] * n, y_sd=[0.1] * n, y_n=[5] * n)
    if warns:
        with pytest.warns(
            TruncationWarning,
            match=r"^metric 'x' of model .*: \d\.\d% of its .* \(and 7 more such\).* noise='lognormal'",
        ) as caught:
            sim = bootstrap(data, n_resamples=500, rng=0)
        assert [warning.filename for warning in caught] == [__file__]
    else:
        sim = bootstrap(data, n_resamples=500, rng=0)
    assert any("drawn again" in notice for notice in sim.notices) is warns


# --- specifications and messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "gaussian",
        "lognormal",
        "student",
        "empirical",
        "exact",
        "3%",
        "0.2%",
        "12.3456789%",
        "1e-07%",
        "binomial(50000)",
    ],
)
def test_specifications_survive_being_written(text):
    family = parse_family(text)
    assert parse_family(str(family)) == family


def test_specifications_are_read_as_meant():
    assert parse_family(" 2.5 %") == parse_family("2.5%") == parse_family("0.25e1%")
    assert parse_family("Binomial( 50_000 )").n_images == 50_000
    assert parse_family("0%").percent == 0.0
    assert parse_family("2%") != parse_family("20%")


@pytest.mark.parametrize(
    "text",
    [
        "gausian",
        "3",
        "-3%",
        "%",
        "1.2.3%",
        "binomial()",
        "binomial(0)",
        "binomial(1.5)",
        "binomial(_)",
        "binomial(1__0)",
        f"binomial({'9' * 5000})",
        "1e400%",
        f"binomial({10**20})",
        3,
        None,
        "",
    ],
)
def test_specifications_that_mean_nothing(text):
    with pytest.raises(
        OptionError, match=r"^noise: found .*; expected one of gaussian, lognormal, .*'P%' or 'binomial\(N\)'"
    ):
        parse_family(text)


def test_a_misspelt_family_is_guessed():
    with pytest.raises(OptionError, match=r"did you mean 'gaussian'\?"):
        parse_family("gausian")


def test_a_mapping_names_metrics_and_the_rest():
    data = some_runs()
    sampler, _ = fit_noise(data, {"x": "3%", "*": "student"})
    assert list(sampler.families) == [parse_family("3%"), parse_family("student")]
    sampler, _ = fit_noise(data, {"y": "student"})
    assert [str(family) for family in sampler.families] == ["gaussian", "student"]
    with pytest.raises(OptionError, match=r"noise: found 'yy'; expected one of .*x, y"):
        fit_noise(data, {"yy": "3%"})
    with pytest.raises(OptionError, match=r"noise\['y'\]: found 'uniform'"):
        fit_noise(data, {"y": "uniform"})


def test_unknown_scope():
    with pytest.raises(OptionError, match=r"scope: found 'meann'; expected one of run, mean; did you mean 'mean'\?"):
        fit_noise(some_runs(), "gaussian", "meann")


def test_exact_metrics_whose_repeats_differ():
    with pytest.raises(
        DataError, match=r"metric 'x' of model 'm0': its repeats differ; expected one value under noise 'exact'"
    ):
        fit_noise(some_runs(), "exact")
    with pytest.raises(DataError, match=r"metric 'y' of model 'm0': its repeats differ; .* noise 'binomial\(100\)'"):
        fit_noise(some_runs(), {"y": "binomial(100)"})


def test_binomial_needs_a_percentage_or_a_fraction():
    with pytest.raises(DataError, match=r"metric 'x' of model 'b': found no percentage and .*; expected 0 to 100"):
        fit_noise(published(x=[20.0, 150.0], y=[1.0, 2.0]), {"x": "binomial(100)"})
    data = Measurements.from_frame(
        pd.DataFrame({"model": list("ab"), "x": [1.0, 2.0], "accuracy": [0.7, 0.8]}), inputs="x", outputs="accuracy"
    )
    assert data.bounds == {"accuracy": 1.0}
    assert fit_noise(data, {"accuracy": "binomial(100)"})


def test_lognormal_needs_positive_values():
    with pytest.raises(
        DataError, match=r"metric 'y' of model 'a': found 0; expected positive values under noise 'lognormal'"
    ):
        fit_noise(published(x=[1.0, 2.0], y=[0.0, 2.0]), "lognormal")


def test_empirical_needs_runs():
    data = published(x=[1.0, 2.0], x_sd=[0.1, 0.1], x_n=[5, 5], y=[1.0, 2.0])
    with pytest.raises(
        DataError, match=r"metric 'x' of model 'a': found a published mean and sd; expected single runs"
    ):
        fit_noise(data, "empirical")


@pytest.mark.parametrize(
    ("noise", "scope"), [("student", "run"), ("student", "mean"), ("gaussian", "mean"), ("lognormal", "mean")]
)
def test_the_number_of_runs_must_be_known(noise, scope):
    data = published(x=[1.0, 2.0], x_sd=[0.1, 0.1], y=[1.0, 2.0])
    with pytest.raises(
        DataError, match=r"metric 'x' of model 'a': the number of runs .* unknown or 1; expected a column 'x_n'"
    ):
        fit_noise(data, noise, scope)
    fit_noise(data, "gaussian", "run")


def advice(data, noise="gaussian", scope="run"):
    _, found = fit_noise(data, noise, scope)
    assert all(category is FewRunsWarning for category, _ in found)
    return [message for _, message in found]


def test_few_runs():
    assert advice(some_runs(5)) == []
    assert advice(some_runs(3)) == []
    first, second = advice(some_runs(2))
    assert first.startswith("metric 'x': 3 of 3 models have only 2 runs (first: 'm0')")
    assert second.startswith("metric 'y': 3 of 3 models have only 2 runs")
    assert "noise='student'" in first


def test_single_runs_among_repeats():
    data = repeated({"a": {"x": [1.0, 1.1, 1.2], "y": [5.0]}, "b": {"x": [2.0], "y": [6.0]}})
    (message,) = advice(data)
    assert message.startswith("metric 'x': 1 of 2 models have a single run (first: 'b') and are taken as exact")
    assert advice(data, {"x": "3%"}) == []


def test_nothing_varies():
    (message,) = advice(published(x=[1.0, 2.0], y=[1.0, 2.0]))
    assert message.startswith("no metric varies: nothing was repeated, so all draws are equal")
    assert advice(published(x=[1.0, 2.0], y=[1.0, 2.0]), {"x": "1%"}) == []


def test_advice_reaches_the_caller():
    data = some_runs(2, n_models=8)
    with pytest.warns(FewRunsWarning, match="only 2 runs") as caught:
        sim = quietly(bootstrap, data, n_resamples=3, rng=0)
    assert len(caught) == 2
    assert len(sim.notices) == 2


def test_one_model_that_leaves_its_domain_is_told_among_many_that_do_not():
    n = 8
    sd = [1.0] + [0.01] * (n - 1)
    data = published(x=[1.0] * n, x_sd=sd, x_n=[5] * n, y=[10.0 + i for i in range(n)])
    with pytest.warns(TruncationWarning, match=r"^metric 'x' of model 'a': 1\d\.\d% .*drawn again, which"):
        bootstrap(data, n_resamples=500, rng=0)


@pytest.mark.parametrize("n_resamples", [5, 50])
def test_only_wanted_draws_are_counted(n_resamples):
    data = published(x=[1.0] * 6, x_sd=[2.0] * 6, x_n=[5] * 6, y=[10.0] * 6)
    with pytest.warns(TruncationWarning):
        sim = bootstrap(data, n_resamples=n_resamples, rng=0)
    assert 0 < sim.n_redrawn <= 6 * n_resamples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "noise"),
    [
        ({"err_pct": [1e-4, 5.0, 6.0], "y": [1.0, 2.0, 3.0]}, {"err_pct": "binomial(100)"}),
        ({"err_pct": [50.0, 5.0, 6.0], "err_pct_sd": [1e9, 1.0, 1.0], "err_pct_n": [5] * 3, "y": [1.0, 2.0, 3.0]}, {}),
    ],
)
def test_noise_that_hardly_meets_the_domain_is_refused(columns, noise):
    frame = pd.DataFrame({"model": list("abc"), **columns})
    data = Measurements.from_frame(frame, inputs="err_pct", outputs="y", bounds={"err_pct": 100})
    with pytest.raises(DataError, match=r"'err_pct' of model 'a': found no value of its domain in 1000 draws"):
        bootstrap(data, n_resamples=10, rng=0, noise=noise)
