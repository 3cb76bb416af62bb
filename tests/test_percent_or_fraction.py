"""Percent or fraction: asked once, known everywhere, and never changed by another name."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import without_advice
from paretoscope.cli import main
from paretoscope.errors import DataError, DirectionWarning, TruncationWarning

N = 100_000  # so many that no share of them comes out as 0


def table(**columns):
    return pd.DataFrame({"model": list("abc"), "ms": [1.0, 2.0, 3.0], "one": [1.0, 1.0, 1.0]} | columns)


def simulated(frame, metric, *, role, noise=f"binomial({N})", **options):
    """Draws of one metric, (n_draws, n_models)."""
    roles = {"inputs": "ms", "outputs": "one"} | {role: ["ms", metric] if role == "inputs" else metric}
    data = ps.Measurements.from_frame(frame, **roles, **options)
    sim = without_advice(ps.bootstrap, data, noise={metric: noise}, n_resamples=2000, rng=0)
    return np.concatenate(list(sim.resampler().in_units([metric])))[:, 0]


def with_unit(values, unit, metric):
    """A long table, in which metrics have units."""
    names = ["ms"] * 3 + ["one"] * 3 + [metric] * 3
    units = [""] * 6 + [unit] * 3
    return pd.DataFrame(
        {"model": list("abc") * 3, "metric": names, "value": [1.0, 2, 3, 1, 1, 1, *values], "unit": units}
    )


def assert_binomial(draws, values, whole):
    """Mean and spread are those of shares of N successes, where all are `whole`."""
    share = np.array(values) / whole
    error = whole * np.sqrt(share * (1.0 - share) / N)
    np.testing.assert_allclose(draws.std(axis=0), error, rtol=0.1)
    np.testing.assert_array_less(abs(draws.mean(axis=0) - values), 5.0 * error / np.sqrt(len(draws)))


@pytest.mark.parametrize("metric", ["top1", "acc", "score", "pass@1"])
@pytest.mark.parametrize(("values", "whole"), [([0.52, 0.61, 0.7], 1.0), ([52.0, 61.0, 70.0], 100.0)])
def test_outputs_are_read_by_their_values_whatever_their_name(metric, values, whole):
    assert_binomial(simulated(table(**{metric: values}), metric, role="outputs"), values, whole)


@pytest.mark.parametrize(
    ("unit", "whole"),
    [("%", 100.0), ("percent", 100.0), ("fraction", 1.0), ("1", 1.0), ("ratio", 1.0)],
)
def test_units_decide(unit, whole):
    values = [0.2, 0.5, 0.1]
    assert_binomial(simulated(with_unit(values, unit, "err"), "err", role="inputs"), values, whole)


@pytest.mark.parametrize("metric", ["err_pct", "error_percent", "Top-1 error (%)", "error [%]", "pct_wrong"])
def test_percent_by_name_where_values_leave_it_open(metric):
    values = [0.2, 0.5, 0.1]
    assert_binomial(simulated(table(**{metric: values}), metric, role="inputs"), values, 100.0)


@pytest.mark.parametrize("whole", [1.0, 100.0])
def test_a_declared_bound_decides(whole):
    values = [0.2, 0.5, 0.1]
    found = simulated(table(err=values), "err", role="inputs", bounds={"err": whole})
    assert_binomial(found, values, whole)


def test_a_small_error_rate_in_percent_stays_small():
    """100 images, and a rate of 0.2 %: the mean of the draws is that, whatever happens to those of 0."""
    frame = table(err_pct=[3.0, 25.0, 0.2])
    data = ps.Measurements.from_frame(frame, inputs=["ms", "err_pct"], outputs="one")
    draws = without_advice(ps.pareto_probability, data, noise={"err_pct": "binomial(100)"}, n_resamples=50, rng=0)
    assert draws.notna().all()
    assert 24.0 < simulated(frame, "err_pct", role="inputs", noise="binomial(100)")[:, 1].mean() < 26.0


@pytest.mark.parametrize(
    ("metric", "values", "role"),
    [
        ("err", [0.2, 0.5, 0.0], "inputs"),  # per cent, or a fifth?
        ("wer", [0.2, 0.5, 0.1], "inputs"),
        ("top1", [0.52, 61.0, 70.0], "outputs"),  # one of them is a fraction
        ("acc_pct", [0.52, 0.61, 0.7], "outputs"),  # the name says percent, the values say fractions
        ("err_fraction", [0.5, 2.0, 3.0], "inputs"),
    ],
)
def test_where_it_is_not_sure_it_asks(metric, values, role):
    expected = (
        rf"^data: metric '{metric}': found values from .* which may be percent or fractions; expected to know which "
        rf"under noise 'binomial\(100000\)'; pass bounds={{'{metric}': 100}} for percent, or bounds={{'{metric}': 1}}"
    )
    with pytest.raises(DataError, match=expected):
        simulated(table(**{metric: values}), metric, role=role)
    if max(values) <= 1.0:
        assert simulated(table(**{metric: values}), metric, role=role, bounds={metric: 1}).max() <= 1.0


def test_it_asks_in_flags_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    table(**{"err rate": [0.2, 0.5, 0.1]}).to_csv(path, index=False)
    asked = ["rank", str(path), "--inputs", "err rate", "--outputs", "one", "--noise", "err rate=binomial(100)"]
    assert main(asked) == 2
    error = capsys.readouterr().err
    assert "give --bound 'err rate=100' for percent, or --bound 'err rate=1' for fractions" in error
    assert error.count("\n") == 1
    assert main([*asked, "--bound", "err rate=1", "--resamples", "20"]) == 0


def test_guessed_bounds_are_for_outputs_and_known_as_such():
    frame = table(top1=[70.0, 75.0, 80.0], err_pct=[30.0, 25.0, 20.0], acc_time_s=[0.5, 0.6, 0.7])
    data = ps.Measurements.from_frame(frame, inputs=["err_pct", "acc_time_s"], outputs="top1")
    assert data.bounds == {"top1": 100.0}
    assert data.guessed_bounds == ("top1",)
    assert ps.Measurements.from_json_dict(json.loads(json.dumps(data.to_json_dict()))).guessed_bounds == ("top1",)
    with pytest.warns(DirectionWarning):
        swapped = data.select(inputs=["top1"], outputs=["err_pct"])
    assert swapped.bounds == {}
    assert swapped.guessed_bounds == ()
    stated = ps.Measurements.from_frame(frame, inputs="err_pct", outputs="top1", bounds={"top1": 100})
    assert stated.bounds == {"top1": 100.0}
    assert stated.guessed_bounds == ()
    assert stated == data.select(inputs=["err_pct"])  # how a bound came about changes no number


def test_a_percent_sign_in_a_name_is_a_unit():
    frame = table(**{"WER (%)": [30.0, 25.0, 20.0], "CPU usage (%)": [350.0, 90.0, 20.0]})
    data = ps.Measurements.from_frame(frame, inputs=["WER (%)", "CPU usage (%)"], outputs="one")
    assert data.bounds == {"WER (%)": 100.0}
    assert data.guessed_bounds == ()


@pytest.mark.filterwarnings("ignore::paretoscope.errors.FewModelsWarning")
@pytest.mark.parametrize("role", ["inputs", "outputs"])
def test_a_name_changes_no_number_but_by_a_bound_that_is_said(role):
    """Values near 100, renamed: the same draws, or a warning that names the guess."""
    spread = {"mean_sd": [1.0] * 3, "mean_n": [5] * 3}

    def draws(name, **options):
        columns = {column.replace("mean", name): values for column, values in spread.items()}
        frame = table(**{name: [99.0, 98.5, 97.0]}, **columns)
        roles = {"inputs": "ms", "outputs": "one"} | {role: name}
        data = ps.Measurements.from_frame(frame, **roles, **options)
        return ps.bootstrap(data, n_resamples=1000, rng=0).draws

    plain = without_advice(draws, "score")
    if role == "inputs":
        np.testing.assert_array_equal(without_advice(draws, "acc"), plain)
        return
    said = r"^metric 'acc'.*is guessed from its name; .*bounds={'acc': 100} if that is so, or .*{'acc': None} if"
    with pytest.warns(TruncationWarning, match=said):
        draws("acc")
    np.testing.assert_array_equal(without_advice(draws, "acc", bounds={"acc": None}), plain)


@pytest.mark.filterwarnings("ignore::paretoscope.errors.FewModelsWarning")
def test_a_guess_that_cuts_a_single_draw_is_said():
    """Far fewer than one percent of them."""
    frame = table(acc=[98.0, 60.0, 50.0], acc_sd=[0.6, 0.1, 0.1], acc_n=[5.0] * 3)
    data = ps.Measurements.from_frame(frame, inputs="ms", outputs="acc")
    with pytest.warns(TruncationWarning, match=r"^metric 'acc': \d of its simulated values exceeded .* guessed from"):
        ps.bootstrap(data, n_resamples=5000, rng=0)
