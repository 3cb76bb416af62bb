"""Efficiency of measured models: what the definition promises, whatever the units, the order and the company."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from instances import KINDS, instance
from paretoscope.arrays import RTS as ALL_RTS
from paretoscope.dea.efficiencies import efficiency
from paretoscope.errors import FewModelsWarning, OptionError, SmallnessWarning
from paretoscope.measurements import Measurements
from reference import (
    ORIENTATIONS,
    RTS,
    exact_efficiency,
    measured,
    plain_efficiencies,
    plain_efficiency,
    plain_free_disposal,
    quietly,
    scale,
    solve,
)

OPTIONS = [(rts, orientation) for rts in ALL_RTS for orientation in ORIENTATIONS]
RADIAL = [(rts, orientation) for rts in RTS for orientation in ORIENTATIONS]
SUM_OF_WEIGHTS = {"vrs": (1.0, 1.0), "crs": (0.0, np.inf), "nirs": (0.0, 1.0), "ndrs": (1.0, np.inf), "fdh": (1.0, 1.0)}


def scores(values, n_inputs, rts, orientation, **options):
    result = quietly(efficiency, measured(values, n_inputs), rts=rts, orientation=orientation, **options)
    assert (result.gap.dropna() <= 1e-9).all()
    return result.scores.to_numpy()


def samples(*keys, n=4, kinds=("lognormal", "integers", "duplicates")):
    """A few data sets of each kind."""
    rng = np.random.default_rng([sum(map(ord, str(key))) for key in keys])
    for kind in sorted(kinds):
        for _ in range(n):
            yield instance(kind, rng, largest=15)


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), RADIAL)
def test_equals_the_textbook_programme(rts, orientation):
    for values, n_inputs in samples("plain", kinds=set(KINDS) - {"wide", "nearly_equal"}, n=2):
        expected = plain_efficiencies(scale(values), n_inputs, rts, orientation)
        np.testing.assert_allclose(scores(values, n_inputs, rts, orientation), expected, rtol=0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_equals_plain_free_disposal(orientation):
    for values, n_inputs in samples("fdh", kinds=set(KINDS) - {"wide"}, n=2):
        expected = [plain_free_disposal(values, point, n_inputs, orientation) for point in values.T]
        found = scores(values, n_inputs, "fdh", orientation)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        assert found.max() == 1.0


def test_default_is_vrs_and_input():
    data = measured(np.array([[1.0, 2.0, 4.0, 3.0, 5.0, 9.0], [1.0, 3.0, 4.0, 2.0, 4.0, 4.0]]), 1)
    result = efficiency(data)
    assert (result.rts, result.orientation, result.super_efficiency) == ("vrs", "input", False)
    np.testing.assert_allclose(result.scores, [1.0, 1.0, 1.0, 0.5, 0.8, 4 / 9], rtol=1e-14)
    assert (result.scores.to_numpy()[:3] == 1.0).all()
    assert repr(result) == "Efficiency(efficiency, vrs, input; 3 of 6 models efficient)"
    assert result.scores.name == "efficiency"
    assert result.scores.index.name == "model"


def test_literal_first_equation_of_the_paper_is_degenerate():
    """Eq. (1) as printed: weights lambda_1 for the inputs, lambda_2 for the outputs, together summing to one.

    lambda_1 = 0 is feasible, so theta = 0 for every model; the intended programme has one lambda for both.
    """
    for values, n_inputs in samples("literal", n=2):
        n_metrics, n_models = values.shape
        for o in range(n_models):
            matrix = np.zeros((n_metrics + 1, 2 * n_models + 1))
            matrix[:n_inputs, :n_models] = values[:n_inputs]
            matrix[:n_inputs, -1] = -values[:n_inputs, o]
            matrix[n_inputs:-1, n_models:-1] = values[n_inputs:]
            matrix[-1, :-1] = 1.0
            lower = np.concatenate([np.full(n_inputs, -np.inf), values[n_inputs:, o], [1.0]])
            upper = np.concatenate([np.zeros(n_inputs), np.full(n_metrics - n_inputs, np.inf), [1.0]])
            cost = np.zeros(2 * n_models + 1)
            cost[-1] = 1.0
            theta, _ = solve(cost, matrix, lower, upper)
            assert theta == pytest.approx(0.0, abs=1e-9)
        assert scores(values, n_inputs, "vrs", "input").min() > 0.0


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_one_input_one_output_crs_is_a_ratio(orientation):
    rng = np.random.default_rng(4)
    values = rng.lognormal(size=(2, 40))
    ratio = values[1] / values[0]
    np.testing.assert_allclose(scores(values, 1, "crs", orientation), ratio / ratio.max(), rtol=1e-13)


@pytest.mark.slow
def test_crs_is_the_same_in_both_orientations():
    for values, n_inputs in samples("crs", kinds=KINDS, n=2):
        inward, outward = (scores(values, n_inputs, "crs", orientation) for orientation in ORIENTATIONS)
        np.testing.assert_array_equal(inward, outward)


@pytest.mark.slow
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_smaller_technology_gives_the_larger_efficiency(orientation):
    for values, n_inputs in samples("nested", kinds=set(KINDS) - {"wide"}, n=2):
        score = {rts: scores(values, n_inputs, rts, orientation) for rts in ALL_RTS}
        assert (score["fdh"] >= score["vrs"] - 1e-10).all()
        for between in ("nirs", "ndrs"):
            assert (score["vrs"] >= score[between] - 1e-10).all()
            assert (score[between] >= score["crs"] - 1e-10).all()
        # A local scale has one kind of returns: crs is the worse of nirs and ndrs, vrs the better.
        np.testing.assert_allclose(np.minimum(score["nirs"], score["ndrs"]), score["crs"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(np.maximum(score["nirs"], score["ndrs"]), score["vrs"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("rts", ALL_RTS)
def test_orientations_agree_on_who_is_efficient(rts):
    """For data in general position: with ties a model can be efficient in one direction only."""
    for values, n_inputs in samples("agree", kinds=("lognormal", "sphere")):
        inward, outward = (scores(values, n_inputs, rts, orientation) for orientation in ORIENTATIONS)
        np.testing.assert_array_equal(inward == 1.0, outward == 1.0)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_the_best_score_is_exactly_one(rts, orientation):
    for values, n_inputs in samples("one", kinds=KINDS, n=2):
        found = scores(values, n_inputs, rts, orientation)
        assert found.max() == 1.0
        assert found.min() >= 0.0


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_models_on_a_sphere_are_all_efficient(orientation):
    for values, n_inputs in samples("sphere", kinds=["sphere"]):
        assert (scores(values, n_inputs, "vrs", orientation) == 1.0).all()


@pytest.mark.parametrize("rts", ALL_RTS)
def test_without_output(rts):
    """A model that gives nothing can grow without end; the first one, too."""
    values = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 1.5, 2.0, 3.0]])
    result = quietly(efficiency, measured(values, 1), rts=rts, orientation="output")
    assert result.scores.iloc[0] == 0.0
    assert (result.scores.iloc[1:] > 0.0).all()
    assert result.slacks.iloc[0].isna().all()
    assert result.targets.iloc[0].isna().all()
    assert (result.peers.iloc[0] == 0.0).all()


def test_nothing_needs_nothing_under_crs():
    result = quietly(efficiency, measured(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]]), 1), rts="crs")
    np.testing.assert_allclose(result.scores, [0.0, 0.75, 1.0], rtol=1e-15)
    assert result.status.tolist() == ["optimal"] * 3


# --- invariances ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_units_do_not_matter(rts, orientation, factor):
    for values, n_inputs in samples("units", n=2):
        before = scores(values, n_inputs, rts, orientation)
        for metric in range(len(values)):
            other = values.copy()
            other[metric] *= factor
            np.testing.assert_allclose(scores(other, n_inputs, rts, orientation), before, rtol=0, atol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_powers_of_two_change_no_bit(rts, orientation):
    for values, n_inputs in samples("bits", n=2):
        factors = 2.0 ** np.arange(-20, 20, 7)[: len(values)]
        factors = np.resize(factors, len(values))[:, np.newaxis]
        before, after = (scores(v, n_inputs, rts, orientation) for v in (values, values * factors))
        np.testing.assert_array_equal(before, after)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_order_does_not_matter(rts, orientation):
    rng = np.random.default_rng(6)
    for values, n_inputs in samples("order", n=3):
        n_metrics, n_models = values.shape
        before = scores(values, n_inputs, rts, orientation)
        models = rng.permutation(n_models)
        after = scores(values[:, models], n_inputs, rts, orientation)
        np.testing.assert_allclose(after, before[models], rtol=0, atol=1e-12)
        metrics = np.concatenate([rng.permutation(n_inputs), n_inputs + rng.permutation(n_metrics - n_inputs)])
        np.testing.assert_allclose(scores(values[metrics], n_inputs, rts, orientation), before, rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_dominated_models_do_not_matter(rts, orientation):
    rng = np.random.default_rng(7)
    for values, n_inputs in samples("dominated", n=3):
        before = scores(values, n_inputs, rts, orientation)
        worse = values[:, rng.integers(0, values.shape[1], 6)].copy()
        worse[:n_inputs] *= rng.uniform(1.0, 2.0, worse[:n_inputs].shape)
        worse[n_inputs:] *= rng.uniform(0.3, 1.0, worse[n_inputs:].shape)
        after = scores(np.hstack([worse, values]), n_inputs, rts, orientation)
        np.testing.assert_allclose(after[6:], before, rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_getting_worse_never_helps(rts, orientation):
    """A model with more of an input or less of an output scores no higher, and no other scores lower."""
    rng = np.random.default_rng(8)
    for values, n_inputs in samples("monotone", n=3):
        o, metric = rng.integers(values.shape[1]), rng.integers(len(values))
        before = scores(values, n_inputs, rts, orientation)
        worse = values.copy()
        worse[metric, o] *= 1.3 if metric < n_inputs else 0.7
        after = scores(worse, n_inputs, rts, orientation)
        assert after[o] <= before[o] + 1e-12
        assert (np.delete(after, o) >= np.delete(before, o) - 1e-12).all()


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_the_radial_move_leads_to_the_frontier(rts, orientation):
    """Shrink a model's inputs, or grow its outputs, by its efficiency: then it is efficient."""
    for values, n_inputs in samples("move", n=2):
        before = scores(values, n_inputs, rts, orientation)
        moved = values.copy()
        if orientation == "input":
            moved[:n_inputs] *= before
        else:
            moved[n_inputs:] /= before
        after = scores(np.hstack([values, moved]), n_inputs, rts, orientation)
        np.testing.assert_allclose(after, np.append(before, np.ones(values.shape[1])), rtol=0, atol=1e-9)


def test_measurements_are_not_changed():
    values = np.random.default_rng(9).lognormal(size=(3, 12))
    data = measured(values, 2)
    fingerprint = data.fingerprint
    for rts, orientation in OPTIONS:
        for super_efficiency in (False, True):
            result = quietly(efficiency, data, rts=rts, orientation=orientation, super_efficiency=super_efficiency)
            for table in (result.peers, result.slacks, result.targets):
                table.iloc[:, :] = -1.0  # a copy
            assert (result.peers >= 0.0).all(axis=None)
    assert data.fingerprint == fingerprint
    np.testing.assert_array_equal(data.mean.to_numpy().T, values)


def test_repeats_enter_by_their_mean():
    frame = pd.DataFrame(
        {"model": list("aabbcc"), "x": [1.0, 3.0, 4.0, 4.0, 5.0, 7.0], "y": [2.0, 2.0, 3.0, 5.0, 1.0, 3.0]}
    )
    data = Measurements.from_frame(frame, inputs="x", outputs="y")
    found = quietly(efficiency, data).scores.to_numpy()
    expected = scores(np.array([[2.0, 4.0, 6.0], [2.0, 4.0, 2.0]]), 1, "vrs", "input")
    np.testing.assert_array_equal(found, expected)


# --- super-efficiency -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_super_efficiency_leaves_the_model_out(rts, orientation):
    seen_infeasible = 0
    for values, n_inputs in samples("super", kinds=("lognormal", "integers", "zeros", "sphere", "duplicates"), n=3):
        data = measured(values, n_inputs)
        result = quietly(efficiency, data, rts=rts, orientation=orientation, super_efficiency=True)
        plain = quietly(efficiency, data, rts=rts, orientation=orientation).scores
        if rts == "fdh":
            expected = [
                plain_free_disposal(values, values[:, o], n_inputs, orientation, o) for o in range(values.shape[1])
            ]
        else:
            expected = plain_efficiencies(scale(values), n_inputs, rts, orientation, super_efficiency=True)
        np.testing.assert_allclose(result.scores, expected, rtol=1e-9, atol=1e-9)
        infeasible = np.isinf(result.scores.to_numpy())
        np.testing.assert_array_equal(result.status == "infeasible", infeasible)
        assert result.slacks[infeasible].isna().all(axis=None)
        assert result.targets[infeasible].isna().all(axis=None)
        assert (result.scores >= plain - 1e-9).all()
        inefficient = plain < 1.0 - 1e-8
        np.testing.assert_allclose(result.scores[inefficient], plain[inefficient], rtol=0, atol=1e-9)
        for model in result.peers.columns:
            assert result.peers.loc[model, model] == 0.0
        seen_infeasible += infeasible.sum()
    if rts != "crs":
        assert seen_infeasible > 0
    assert "super-efficiency" in repr(result)


def test_infeasible_super_efficiency_by_hand():
    """Nobody else gives 3: no shrinking of inputs helps the others to reach it, though it may grow its outputs."""
    values = np.array([[1.0, 2.0, 3.0, 2.5], [1.0, 2.0, 3.0, 1.0]])
    inward = quietly(efficiency, measured(values, 1), super_efficiency=True)
    assert inward.scores.tolist() == [2.0, 1.0, np.inf, 0.4]
    assert inward.status.tolist() == ["optimal", "optimal", "infeasible", "optimal"]
    outward = quietly(efficiency, measured(values, 1), super_efficiency=True, orientation="output")
    np.testing.assert_allclose(outward.scores, [np.inf, 1.0, 1.5, 0.4], rtol=1e-14)
    assert outward.status.tolist() == ["infeasible", "optimal", "optimal", "optimal"]


# --- peers, targets, slacks -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("super_efficiency", [False, True])
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_peers_reach_the_targets(rts, orientation, super_efficiency):
    kinds = ("lognormal", "integers", "duplicates", "sparse", "units", "one_efficient")
    for values, n_inputs in samples("peers", kinds=kinds, n=2):
        data = measured(values, n_inputs)
        result = quietly(efficiency, data, rts=rts, orientation=orientation, super_efficiency=super_efficiency)
        peers, targets, slacks = result.peers, result.targets, result.slacks
        usual = (np.isfinite(result.scores) & (result.scores > 0)).to_numpy()
        assert (peers.to_numpy() >= 0.0).all()
        assert (slacks[usual].to_numpy() >= 0.0).all()
        reached = peers.to_numpy() @ data.mean.loc[list(peers.columns)].to_numpy()
        size = data.mean.mean().to_numpy()
        np.testing.assert_allclose((reached / size)[usual], (targets / size)[usual], rtol=1e-7, atol=1e-8)
        low, high = SUM_OF_WEIGHTS[rts]
        total = peers.to_numpy()[usual].sum(axis=1)
        assert ((total >= low - 1e-8) & (total <= high + 1e-8)).all()
        # The target is the model, moved by its efficiency and cleared of its slacks.
        moved = data.mean.copy()
        moving = list(data.inputs if orientation == "input" else data.outputs)
        shift = result.scores if orientation == "input" else 1.0 / result.scores.where(usual)
        moved[moving] = moved[moving].mul(shift.where(usual), axis=0)
        moved[list(data.inputs)] -= slacks[list(data.inputs)]
        moved[list(data.outputs)] += slacks[list(data.outputs)]
        np.testing.assert_allclose((moved / size)[usual], (targets / size)[usual], rtol=1e-12, atol=1e-12)
        # Peers are efficient themselves.
        if not super_efficiency:
            assert (result.scores[list(peers.columns)] > 1.0 - 1e-9).all()


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), RADIAL)
def test_targets_are_efficient_without_slack(rts, orientation):
    for values, n_inputs in samples("targets", n=2):
        data = measured(values, n_inputs)
        targets = quietly(efficiency, data, rts=rts, orientation=orientation).targets.to_numpy().T
        everyone = measured(np.hstack([values, targets]), n_inputs)
        again = quietly(efficiency, everyone, rts=rts, orientation=orientation)
        np.testing.assert_allclose(again.scores.iloc[values.shape[1] :], 1.0, rtol=0, atol=1e-8)
        np.testing.assert_allclose(again.slacks.iloc[values.shape[1] :] / values.mean(axis=1), 0.0, atol=1e-7)


def test_slacks_do_not_depend_on_units():
    values = np.random.default_rng(10).integers(1, 6, size=(4, 14)).astype(float)
    data, other = measured(values, 2), measured(values * np.array([[1e-6], [1.0], [1e6], [1e3]]), 2)
    before, after = (quietly(efficiency, d).slacks / d.mean.mean() for d in (data, other))
    np.testing.assert_allclose(before.sum(axis=1), after.sum(axis=1), rtol=1e-9, atol=1e-9)


def test_a_duplicate_has_the_first_of_its_kind_as_peer():
    values = np.array([[1.0, 2.0, 2.0, 2.0], [1.0, 3.0, 3.0, 1.0]])
    result = quietly(efficiency, measured(values, 1))
    assert result.scores.tolist() == [1.0, 1.0, 1.0, 0.5]
    assert list(result.peers.columns) == ["m0", "m1"]
    assert result.peers.loc["m2"].tolist() == [0.0, 1.0]


# --- hard numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), RADIAL)
def test_metrics_that_range_over_six_powers_of_ten(rts, orientation):
    """A general solver gives up on some of these; exact arithmetic does not."""
    rng = np.random.default_rng(11)
    for _ in range(25):
        values, n_inputs = instance("wide", rng, largest=12)
        found = scores(values, n_inputs, rts, orientation)
        scaled = scale(values)
        for o in range(0, values.shape[1], 3):
            exact = exact_efficiency(scaled, scaled[:, o], n_inputs, rts, orientation)
            assert found[o] == pytest.approx(exact, abs=1e-9)


def test_no_efficiency_exceeds_one():
    """All seven are efficient; what HiGHS says of the second is one and three billionths."""
    values = np.array(
        [
            [323.3, 0.3894, 0.06253, 0.1068, 0.04919, 8.23, 13.06],
            [0.1803, 0.634, 120.1, 3.589, 1.836, 0.007543, 0.006594],
            [1.113, 66.31, 0.01395, 0.009645, 0.02203, 19.23, 326.8],
            [863.5, 0.001662, 16.51, 35.48, 919.4, 270.2, 0.1365],
        ]
    )
    assert (scores(values, 3, "vrs", "output") == 1.0).all()


def test_a_small_data_set_on_which_highs_gives_up():
    """Five are efficient by the least of an input or the most of the output that anyone has, or between two such."""
    values = np.array(
        [
            [0.00465, 0.00101, 0.00124, 0.0049, 5.59, 731.0],
            [0.00795, 559.0, 5.05, 0.00359, 0.004, 342.0],
            [836.0, 0.0227, 668.0, 0.0702, 172.0, 0.00488],
        ]
    )
    found = scores(values, 2, "vrs", "output")
    exact = [exact_efficiency(scale(values), point, 2, "vrs", "output") for point in scale(values).T]
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-9)


def test_the_most_accurate_of_five_accurate_models_is_efficient():
    values = np.array([[43.0, 12.0, 19.0, 4.0, 3.0], [100.0, 99.996, 99.9938, 99.9977, 99.9998]])
    result = quietly(efficiency, measured(values, 1))
    np.testing.assert_allclose(result.scores, [1.0, 3 / 12, 3 / 19, 3 / 4, 1.0], rtol=1e-12)
    assert (result.scores.iloc[[0, 4]] == 1.0).all()
    assert "infeasible" not in set(result.status)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [1e-1, 1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize(("rts", "orientation"), [("vrs", "input"), ("vrs", "output"), ("nirs", "input")])
def test_outputs_that_hardly_differ(rts, orientation, spread):
    """Accuracies of 99.9 % and more: what matters is lost in what they share."""
    rng = np.random.default_rng(12)
    for _ in range(12):
        n_inputs, n_outputs, n_models = rng.integers(1, 4), rng.integers(1, 3), rng.integers(5, 25)
        values = rng.lognormal(size=(n_inputs + n_outputs, n_models))
        values[n_inputs:] = 100.0 * (1.0 - spread * rng.random((n_outputs, n_models)))
        found = scores(values, n_inputs, rts, orientation)
        assert found.max() == 1.0
        scaled = scale(values)
        for o in range(0, n_models, 3):
            exact = exact_efficiency(scaled, scaled[:, o], n_inputs, rts, orientation)
            assert found[o] == pytest.approx(exact, abs=1e-9)
            if exact == 1.0:
                assert found[o] == 1.0


def test_a_large_data_set():
    values = np.random.default_rng(13).lognormal(size=(4, 600))
    data = measured(values, 3)
    result = efficiency(data)
    assert (result.status == "optimal").all()
    assert result.gap.max() <= 1e-9
    for o in range(0, 600, 60):
        expected = plain_efficiency(values, values[:, o], 3, "vrs", "input")
        assert result.scores.iloc[o] == pytest.approx(expected, abs=1e-9)


# --- options and advice -----------------------------------------------------------------------------------------------


def some_data(n_models=12, n_outputs=1):
    return measured(np.random.default_rng(14).lognormal(size=(1 + n_outputs, n_models)), 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rts": "vsr"}, r"rts: found 'vsr'; expected one of vrs, crs, nirs, ndrs, fdh; did you mean 'vrs'\?"),
        ({"rts": None}, r"rts: found None; expected one of vrs, crs, nirs, ndrs, fdh"),
        (
            {"orientation": "inputt"},
            r"orientation: found 'inputt'; expected one of input, output; did you mean 'input'\?",
        ),
    ],
)
def test_unknown_options(options, message):
    with pytest.raises(OptionError, match=message):
        efficiency(some_data(), **options)


def test_few_models():
    with pytest.warns(
        FewModelsWarning,
        match=r"5 models and 3 metrics: expected at least 3 models a metric \(9\).*drop metrics or add models",
    ) as caught:
        efficiency(some_data(5, 2))
    assert [warning.filename for warning in caught] == [__file__]
    efficiency(some_data(9, 2))  # enough: warnings are errors


def test_smallness():
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [50.0, 60.0, 70.0, 80.0, 90.0, 95.0]])
    with pytest.warns(
        SmallnessWarning, match=r"output 'y0' differs by a factor of only 1\.90: .*; rts='vrs' weighs it"
    ) as caught:
        efficiency(measured(values, 1), rts="crs")
    assert len(caught) == 1
    efficiency(measured(values, 1))
    values[1, 0] = 40.0
    efficiency(measured(values, 1), rts="crs")


@pytest.mark.slow
def test_highs_prints_nothing():
    """Some of its versions greet on standard output, which belongs to tables and JSON."""
    script = (
        "import numpy as np; from paretoscope.dea.programme import largest_slacks; "
        "from paretoscope.kernels.technology import describe_technology; "
        "technology = describe_technology(1, 1, 'vrs', output_oriented=False); "
        "largest_slacks(np.ones((2, 3)), np.ones(2), technology)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
