"""Spreads by other names than ``m_sd``: used as what they are, or named."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import measure, without_advice
from paretoscope.errors import DataError, SpreadWarning
from paretoscope.measurements.spread_names import spread_columns

BASE = {"model": list("abc"), "ms": [1.0, 2.0, 3.0], "top1": [70.0, 75.0, 78.0]}
SD = [0.1, 0.2, 0.3]


def table(**columns):
    return pd.DataFrame(BASE | columns)


def renamed(metric, **columns):
    return table(**columns).rename(columns={"ms": metric})


@pytest.mark.parametrize(
    "column",
    [
        *("ms_sd", "ms_std", "ms_stddev", "ms_stdev", "ms_std_dev", "std_ms", "stdev_ms", "ms (std)", "ms std. dev."),
        *("MS_STD", "ms.std", "ms/std", "msStd", "ms standard deviation"),
    ],
)
def test_standard_deviations(column):
    data = measure(table(**{column: SD}))
    assert data.sd["ms"].tolist() == SD
    assert data.n_runs["ms"].isna().all()
    assert data.sd["top1"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("metric", "column"),
    [
        ("mean", "stddev"),
        ("avg_ts", "stddev_ts"),
        ("latency_ms", "latency_std_ms"),
        ("latency_mean_ms", "latency_std_ms"),
        ("Mean TTFT (ms)", "Std TTFT (ms)"),
        ("latency (ms)", "latency (ms) std"),
        ("metrics.latency", "metrics.latency_std"),
    ],
)
def test_the_word_may_stand_anywhere(metric, column):
    assert measure(renamed(metric, **{column: SD}), inputs=metric).sd[metric].tolist() == SD


@pytest.mark.parametrize("count", ["ms_n", "ms_count", "ms_runs", "ms_samples", "ms n_runs"])
@pytest.mark.parametrize("error", ["ms_sem", "ms_stderr", "ms_se", "ms_std_err", "ms standard error"])
def test_a_standard_error_is_one_of_the_mean(error, count):
    data = measure(table(**{error: SD, count: [4, 9, 16]}))
    np.testing.assert_allclose(data.sd["ms"], [0.2, 0.6, 1.2])
    assert data.n_runs["ms"].tolist() == [4, 9, 16]


def test_a_standard_error_without_runs_is_the_noise_of_the_value():
    frame = table(**{"acc,none": [0.52, 0.6, 0.7], "acc_stderr,none": [0.014, 0.013, 0.012]})
    data = measure(frame, outputs="acc,none")
    assert data.published[["sd", "n"]].to_numpy().tolist() == [[0.014, 1], [0.013, 1], [0.012, 1]]
    for scope in ("run", "mean"):
        draws = without_advice(ps.bootstrap, data, n_resamples=200, rng=0, scope=scope).draws
        assert np.isfinite(draws).all()
        assert draws.std() > 0
    top1 = measure(table(top1_stderr=[1.0, 1.0, 1.0]))
    with pytest.raises(DataError, match="the number of runs behind its sd is unknown or 1"):
        without_advice(ps.bootstrap, top1, n_resamples=10, rng=0, noise="student")
    # It is one value, so that other noise may be stated for it.
    stated = {"top1": "binomial(1000)"}
    assert without_advice(ps.bootstrap, top1, n_resamples=10, rng=0, noise=stated).noise["top1"] == stated["top1"]


@pytest.mark.parametrize("whole", [1.0, 100.0])
def test_items_of_a_test_set_are_no_runs(whole):
    share, n = np.array([0.52, 0.6, 0.7]), np.array([1319, 1319, 500])
    error = np.sqrt(share * (1 - share) / (n - 1))
    data = measure(table(acc=share * whole, acc_stderr=error * whole, acc_n=n), outputs="acc")
    np.testing.assert_allclose(data.sd["acc"], error * whole)
    assert data.n_runs["acc"].tolist() == [1, 1, 1]
    of_trainings = measure(table(acc=share * whole, acc_stderr=[0.001 * whole] * 3, acc_n=[5, 5, 5]), outputs="acc")
    assert of_trainings.n_runs["acc"].tolist() == [5, 5, 5]


@pytest.mark.parametrize("column", ["value_sd", "value_std", "std", "stddev", "Std. Dev."])
def test_long_tables(column):
    frame = table().melt("model", var_name="metric")
    frame[column] = [*SD, None, None, None]
    frame["n"] = [5, 5, 5, None, None, None]
    data = measure(frame)
    assert data.sd["ms"].tolist() == SD
    assert data.n_runs["ms"].tolist() == [5, 5, 5]
    assert len(data.published) == 3


def mixed(**columns):
    """Runs of latency beside an accuracy that was published with its spread."""
    base = {
        "model": list("aabb"),
        "run": [1, 2, 1, 2],
        "ms": [1.0, 1.1, 2.0, 2.1],
        "top1": [70.0, 70.0, 75.0, 75.0],
        "top1_sd": [0.5, 0.5, 0.6, 0.6],
        "top1_n": [3, 3, 5, 5],
    }
    return pd.DataFrame(base | columns)


def test_runs_beside_a_published_spread():
    for frame in (mixed(), mixed().drop(columns="run")):
        data = measure(frame)
        assert data.n_runs.to_dict("list") == {"ms": [2, 2], "top1": [3, 5]}
        assert data.sd["top1"].tolist() == [0.5, 0.6]
        assert len(data.runs) == 4
    assert measure(mixed().drop(columns="top1_n")).n_runs["top1"].isna().all()
    for change in ({"top1": [70.0, 71.0, 75.0, 75.0]}, {"top1_sd": [0.5, 0.4, 0.6, 0.6]}, {"top1_n": [3, 4, 5, 5]}):
        with pytest.raises(DataError, match="two rows of model 'a' beside published spreads in column 'top1_sd'"):
            measure(mixed(**change).drop(columns="run"))


def test_the_spread_of_iterations_beside_runs_is_named():
    message = "column 'ms_std' stands beside single runs, whose spread is taken; it is not used as the spread of .*'ms'"
    with pytest.warns(SpreadWarning, match=message):
        data = measure(mixed(ms_std=[0.01] * 4))
    assert data.n_runs["ms"].tolist() == [2, 2]


def test_zero_spread_of_one_run_is_unknown():
    frame = renamed("avg_ts", stddev_ts=[0.0, 0.0, 0.0])
    with pytest.warns(SpreadWarning, match="column 'stddev_ts' is zero for all models, as one run alone"):
        data = measure(frame, inputs="avg_ts")
    assert data.published.empty
    assert data.n_runs["avg_ts"].tolist() == [1, 1, 1]
    repeated = measure(frame.assign(n_ts=1, avg_ts_n=5), inputs="avg_ts")
    assert repeated.published["n"].tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    "column", ["ms_ci", "ms_ci95", "ms_iqr", "ms_var", "ms_cv", "ms ±", "ms +/-", "±", "std", "stderr", "ms_variance"]
)
def test_what_is_not_used_is_named(column):
    with pytest.warns(SpreadWarning) as caught:
        data = measure(table(**{column: SD}))
    assert len(caught) == 1
    assert str(caught[0].message) == (
        f"column {column!r} looks like a spread of metric 'ms' and is not used; if it is a standard deviation of runs, "
        "name it 'ms_sd'; if it is the standard error of their mean, 'ms_stderr'"
    )
    assert data.published.empty


def test_a_spread_in_other_units_or_of_another_centre_is_named():
    for metric, column in (("latency_ms", "latency_std"), ("median_ms", "std_ms"), ("median", "stddev")):
        with pytest.warns(SpreadWarning, match=f"column '{column}' looks like a spread of metric '{metric}'"):
            assert measure(renamed(metric, **{column: SD}), inputs=metric).published.empty


def test_one_of_two_candidates_is_used_and_the_other_named():
    message = "column 'ms_stderr' looks like a spread of metric 'ms' and is not used, as column 'ms_std' is"
    with pytest.warns(SpreadWarning, match=message):
        assert measure(table(ms_stderr=[9, 9, 9], ms_std=SD)).sd["ms"].tolist() == SD
    with pytest.warns(SpreadWarning, match="column 'ms_std' looks like a spread of metric 'ms' and is not used"):
        assert measure(table(ms_std=[9, 9, 9], ms_sd=SD)).sd["ms"].tolist() == SD


def test_text_is_no_spread():
    with pytest.warns(SpreadWarning, match="column 'ms_std' holds no numbers"):
        assert measure(table(ms_std=["low", "high", "low"])).published.empty
    assert measure(table(ms_std=[None] * 3)).published.empty
    with pytest.raises(DataError, match=r"column 'ms_std': found -0\.1; expected a standard deviation of zero or more"):
        measure(table(ms_std=[0.1, -0.1, 0.1]))
    with pytest.raises(DataError, match=r"column 'ms_stderr': found -0\.1; expected a standard error of zero or more"):
        measure(table(ms_stderr=[0.1, -0.1, 0.1]))


def test_what_is_no_spread_of_a_metric():
    frame = table(
        **{"ms_n": [2, 3, 4], "ms_runs": [1, 1, 1], "cpu_ms_std": SD, "top1_err": [30, 25, 22], "acc_norm_stderr": SD},
        **{"n_gen": [1, 2, 3], "top5": [90, 91, 92], "standard": [1, 2, 3]},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert measure(frame).published.empty
        # A selected metric is no spread of another.
        jitter = measure(table(ms_std=SD), inputs=["ms", "ms_std"])
        assert jitter.published.empty
        assert jitter.mean["ms_std"].tolist() == SD
        # One with an owner of its own is nobody else's.
        owned = table(acc=[0.5, 0.6, 0.7], acc_norm=[0.5, 0.6, 0.7], acc_stderr=[0.1, 0.1, 0.1])
        assert measure(owned, outputs="acc_norm").published.empty
    assert spread_columns("mean_ms", ["ms", "mean_ms", "ms_std"]) is None
    assert spread_columns("gen", ["gen_sd", "n_gen"]).count is None


def test_files_warn_at_the_callers_line(tmp_path):
    file = tmp_path / "hyperfine.csv"
    file.write_text("command,mean,stddev,median,acc,acc_ci\na,1,.1,1,70,1\nb,2,.1,2,75,1\n")
    with pytest.warns(SpreadWarning, match="column 'acc_ci'") as caught:
        data = ps.read(file, model="command", inputs="mean", outputs="acc")
    assert caught[0].filename == __file__
    assert data.sd["mean"].tolist() == [0.1, 0.1]
