"""The Pareto front, the frontier curve and its band against plain loops."""

from __future__ import annotations

import inspect
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import paretoscope as ps
from helpers import names
from paretoscope.arrays import is_wide
from paretoscope.errors import DataError, OptionError
from paretoscope.fronts import curves, pareto
from paretoscope.fronts.curves import Axis, Roles
from paretoscope.measurements import Measurements

ROLES = [Roles(*pair) for pair in itertools.product([True, False], repeat=2)]
INPUT_AND_OUTPUT = Roles(x_is_input=True, y_is_input=False)
KINDS = ["staircase", "hull"]

SMALL_BATCH = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 7)),
    elements=st.integers(0, 3).map(float),
)
POINTS = st.lists(st.tuples(st.integers(-4, 8), st.integers(-4, 8)), min_size=1, max_size=9)


def plain_front(values, n_inputs):
    """Three loops: models, models, metrics."""
    n_metrics, n_models = values.shape
    front = []
    for i in range(n_models):
        dominated = False
        for j in range(n_models):
            gains = [
                values[k, i] - values[k, j] if k < n_inputs else values[k, j] - values[k, i] for k in range(n_metrics)
            ]
            dominated |= min(gains) >= 0 and max(gains) > 0
        front.append(not dominated)
    return front


def plain_best(x, y, at, x_is_input, y_is_input, kind):
    """The best y within reach of x = at: over the models, and for the hull over all mixtures of two of them."""
    sign_x, sign_y = (1 if x_is_input else -1), (-1 if y_is_input else 1)
    u, v, reach = sign_x * np.asarray(x, float), sign_y * np.asarray(y, float), sign_x * at
    heights = [v[i] for i in range(len(u)) if u[i] <= reach]
    if not heights:
        return np.nan
    if kind == "hull":
        for i, j in itertools.permutations(range(len(u)), 2):
            if u[i] <= reach < u[j]:
                share = (reach - u[i]) / (u[j] - u[i])
                heights.append((1 - share) * v[i] + share * v[j])
    return sign_y * max(heights)


def measurements(values, inputs, outputs):
    frame = pd.DataFrame(values, columns=[*inputs, *outputs]).assign(model=names(len(values)))
    return Measurements.from_frame(frame, model="model", inputs=inputs, outputs=outputs)


# --- the front --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL_BATCH, st.data())
@settings(derandomize=True, max_examples=100, deadline=None)
def test_probability_counts_the_fronts_of_all_draws(batch, data):
    n_draws, n_metrics, n_models = batch.shape
    n_inputs = data.draw(st.integers(0, n_metrics))
    expected = np.mean([plain_front(values, n_inputs) for values in batch], axis=0)
    split = data.draw(st.integers(0, n_draws))
    found = pareto.front_probability([batch[:split], batch[split:]], names(n_models), n_inputs=n_inputs)
    np.testing.assert_array_equal(found, expected)
    assert found.name == "p_front"
    assert found.index.tolist() == names(n_models)


def test_counts_over_many_draws_and_models():
    rng = np.random.default_rng(0)
    centres = rng.uniform(1.0, 2.0, size=(3, 60))
    batch = (centres * rng.normal(1.0, 0.05, size=(40, 3, 60))).round(2)
    expected = np.mean([plain_front(values, 2) for values in batch], axis=0)
    found = pareto.front_probability(iter([batch]), names(60), n_inputs=2)
    np.testing.assert_array_equal(found, expected)
    assert 0.0 < found.mean() < 1.0
    # Not C-contiguous, as metrics are when they come from a table.
    swapped = np.ascontiguousarray(batch.transpose(0, 2, 1)).transpose(0, 2, 1)
    np.testing.assert_array_equal(pareto.front_probability([swapped], names(60), n_inputs=2), expected)


def test_pareto_front_of_measurements():
    rng = np.random.default_rng(1)
    values = rng.integers(1, 6, size=(30, 3)).astype(float)
    data = measurements(values, ["latency_ms", "train_usd"], ["top1"])
    front = pareto.pareto_front(data)
    assert front.tolist() == plain_front(values.T, 2)
    assert front.index.tolist() == names(30)
    assert front.index.name == "model"
    assert front.dtype == bool


def test_equal_models_are_both_on_the_front():
    values = np.array([[1.0, 70.0], [2.0, 80.0], [2.0, 80.0], [2.0, 75.0], [3.0, 80.0]])
    assert pareto.pareto_front(measurements(values, ["latency_ms"], ["top1"])).tolist() == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_front_keeps_its_models_when_metrics_change_units_or_models_change_places():
    rng = np.random.default_rng(2)
    values = rng.integers(1, 8, size=(25, 3)).astype(float)
    before = pareto.pareto_front(measurements(values, ["a", "b"], ["c"]))
    scaled = measurements(values * [1e-9, 1e9, 3.0], ["a", "b"], ["c"])
    assert pareto.pareto_front(scaled).equals(before)
    reverse = values[::-1].copy()
    assert pareto.pareto_front(measurements(reverse, ["a", "b"], ["c"])).tolist() == before.tolist()[::-1]


def test_probability_says_what_is_wrong_with_the_samples():
    with pytest.raises(DataError, match=r"^samples: found no draw; expected at least one"):
        pareto.front_probability([], ["a"], n_inputs=1)
    with pytest.raises(DataError, match=r"^samples: found an array of shape \(2, 2\); expected \(n_draws, n_metrics"):
        pareto.front_probability([np.ones((2, 2))], ["a", "b"], n_inputs=1)
    with pytest.raises(DataError, match=r"^samples: found NaN or inf; expected finite numbers only"):
        pareto.front_probability([np.full((1, 2, 1), np.nan)], ["a"], n_inputs=1)
    with pytest.raises(DataError, match=r"^models: found 1 names for 2 columns"):
        pareto.front_probability([np.ones((1, 2, 2))], ["a"], n_inputs=1)


# --- the curve --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(POINTS, st.sampled_from(ROLES), st.sampled_from(KINDS))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_curve_is_the_best_within_reach(points, roles, kind):
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    x_is_input, y_is_input = roles
    xs, ys = curves.frontier_curve(x, y, roles=roles, kind=kind)
    assert (np.diff(xs) > 0).all()
    rises = x_is_input != y_is_input
    assert (np.diff(ys) > 0).all() if rises else (np.diff(ys) < 0).all()
    assert set(zip(xs, ys, strict=True)) <= set(zip(x, y, strict=True))
    grid = np.arange(-6.0, 10.0, 0.25)
    found = curves.evaluate_curve(xs, ys, grid, x_is_input=x_is_input, kind=kind)
    expected = [plain_best(x, y, at, x_is_input, y_is_input, kind) for at in grid]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    if kind == "hull":  # every vertex is one: without it the curve is another
        for k in range(len(xs)):
            rest = np.arange(len(xs)) != k
            assert len(xs) == 1 or not np.allclose(
                [plain_best(xs[rest], ys[rest], at, x_is_input, y_is_input, kind) for at in xs], ys, atol=1e-12
            )


def test_hull_leaves_out_points_on_its_lines():
    xs, ys = curves.frontier_curve([0, 1, 2, 4], [0, 2, 4, 6], roles=INPUT_AND_OUTPUT, kind="hull")
    assert xs.tolist() == [0, 2, 4]
    assert ys.tolist() == [0, 4, 6]


def test_four_roles_of_one_cloud():
    # The corners of a square and its centre.
    x, y = [0, 0, 2, 2, 1], [0, 2, 0, 2, 1]
    expected = {
        (True, False): ([0], [2]),
        (True, True): ([0], [0]),
        (False, False): ([2], [2]),
        (False, True): ([2], [0]),
    }
    for roles, (xs, ys) in expected.items():
        found = curves.frontier_curve(x, y, roles=Roles(*roles))
        assert [part.tolist() for part in found] == [xs, ys]


@pytest.mark.parametrize("kind", KINDS)
def test_curve_exists_from_the_least_input_or_up_to_the_largest_output(kind):
    at = [0.5, 1.0, 3.0, 3.5]
    assert np.isnan(curves.evaluate_curve([1, 3], [5, 9], at, x_is_input=True, kind=kind)).tolist() == [1, 0, 0, 0]
    assert np.isnan(curves.evaluate_curve([1, 3], [9, 5], at, x_is_input=False, kind=kind)).tolist() == [0, 0, 0, 1]
    assert curves.evaluate_curve([1, 3], [9, 5], at, x_is_input=False, kind=kind)[:3].tolist() == [9, 9, 5]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([], [], r"^x, y: found shapes \(0,\) and \(0,\); expected one value a model in each"),
        ([1, 2], [1], r"^x, y: found shapes \(2,\) and \(1,\)"),
        ([1, np.nan], [1, 2], r"^x: found nan at position 1; expected finite numbers; leave the model out"),
        ([1, 2], [np.inf, 2], r"^y: found inf at position 0; expected finite numbers"),
    ],
)
def test_curve_says_what_is_wrong_with_the_points(x, y, message):
    with pytest.raises(DataError, match=message):
        curves.frontier_curve(x, y, roles=INPUT_AND_OUTPUT)


def test_kind_says_what_it_can_be():
    message = r"^kind: found 'stairs'; expected one of staircase, hull; did you mean 'staircase'\?$"
    with pytest.raises(OptionError, match=message):
        curves.frontier_curve([1], [1], roles=INPUT_AND_OUTPUT, kind="stairs")
    with pytest.raises(OptionError, match=message):
        curves.evaluate_curve([1], [1], [1], x_is_input=True, kind="stairs")
    with pytest.raises(OptionError, match=message):
        curves.frontier_band([], [1], roles=INPUT_AND_OUTPUT, kind="stairs")


# --- the band ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("roles", ROLES)
def test_band_is_the_quantiles_of_all_draws_curves(roles, kind):
    x_is_input, y_is_input = roles
    rng = np.random.default_rng(3)
    batch = rng.normal(rng.uniform(2, 8, size=(3, 6)), 0.7, size=(50, 3, 6)).round(1)
    grid = np.linspace(0.5, 9.5, 31)
    quantiles = (0.0, 0.1, 0.5, 0.93, 1.0)
    found = curves.frontier_band(
        [batch[:7], batch[7:7], batch[7:]], grid, roles=roles, rows=(2, 0), kind=kind, quantiles=quantiles,
    )  # fmt: skip
    worst = np.inf if y_is_input else -np.inf
    heights = np.empty((50, grid.size))
    for b in range(50):
        for g, at in enumerate(grid):
            heights[b, g] = plain_best(batch[b, 2], batch[b, 0], at, x_is_input, y_is_input, kind)
    n_missing = np.isnan(heights).sum(axis=0)
    assert 0 in n_missing
    assert 50 in n_missing
    heights[np.isnan(heights)] = worst
    heights.sort(axis=0)
    for q, probability in enumerate(quantiles):
        position = 49 * probability
        low, high = heights[int(np.floor(position))], heights[int(np.ceil(position))]
        known = np.isfinite(low) & np.isfinite(high)
        assert (np.isnan(found[:, q]) == ~known).all()
        between = low[known] + (position % 1) * (high[known] - low[known])
        np.testing.assert_allclose(found[known, q], between, rtol=0, atol=1e-12)


def test_band_without_noise_is_the_curve():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([5.0, 9.0, 7.0])
    grid = np.array([0.5, 1.0, 1.5, 2.5])
    for kind in KINDS:
        band = curves.frontier_band([np.array([[x, y]] * 3)], grid, roles=INPUT_AND_OUTPUT, kind=kind)
        xs, ys = curves.frontier_curve(x, y, roles=INPUT_AND_OUTPUT, kind=kind)
        curve = curves.evaluate_curve(xs, ys, grid, x_is_input=True, kind=kind)
        np.testing.assert_array_equal(band, np.repeat(curve[:, np.newaxis], 3, axis=1))


def test_band_says_what_it_cannot_use():
    options = {"roles": INPUT_AND_OUTPUT}
    with pytest.raises(OptionError, match=r"^quantiles: found \(0.5, 1.5\); expected numbers in \[0, 1\]"):
        curves.frontier_band([], [1.0], quantiles=(0.5, 1.5), **options)
    for grid in ([], [1.0, 1.0], [2.0, 1.0], [np.nan, 1.0], [[1.0]]):
        with pytest.raises(OptionError, match=r"^grid: found values that do not ascend, or none"):
            curves.frontier_band([], grid, **options)
    with pytest.raises(DataError, match=r"^samples: found no draw; expected at least one"):
        curves.frontier_band([], [1.0], **options)


def test_grid_spans_the_models():
    narrow, wide = curves.frontier_grid([4.0, 2.0, 3.0], n_points=5), curves.frontier_grid([1.0, 10_000.0], n_points=5)
    assert narrow.tolist() == [2.0, 2.5, 3.0, 3.5, 4.0]
    np.testing.assert_allclose(wide, [1.0, 10.0, 100.0, 1_000.0, 10_000.0])
    assert wide[0] == 1.0
    assert wide[-1] == 10_000.0
    assert curves.frontier_grid([-1.0, 1.0], n_points=3).tolist() == [-1.0, 0.0, 1.0]
    assert curves.frontier_grid([3.0, 3.0]).tolist() == [3.0]


def test_grid_is_logarithmic_from_a_factor_of_ten_on():
    for high in (30.0, np.nextafter(30.0, 0.0)):
        grid = curves.frontier_grid([3.0, high], n_points=3)
        middle = np.sqrt(3.0 * high) if high == 30.0 else (3.0 + high) / 2.0
        np.testing.assert_allclose(grid, [3.0, middle, high], rtol=1e-15)
        assert is_wide(3.0, high) == (high == 30.0)  # and so are axes


# --- the result -------------------------------------------------------------------------------------------------------

POINTS_OF_FIVE = ([1.0, 2.0, 3.0, 3.0, 2.5], [60.0, 65.0, 80.0, 80.0, 62.0])


def test_build_frontier():
    x, y = POINTS_OF_FIVE
    axes = Axis("latency_ms", True, x), Axis("top1", False, y)
    result = pareto.build_frontier(*axes, names(5))
    assert result.curve.to_dict("list") == {"latency_ms": [1.0, 2.0, 3.0], "top1": [60.0, 65.0, 80.0]}
    assert result.models == ["m0", "m1", "m2", "m3"]
    assert result.band is None
    assert repr(result) == "Frontier(top1 over latency_ms: staircase of 4 models, no band)"
    samples = [np.array([[x, y]] * 4)]
    result = pareto.build_frontier(*axes, names(5), kind="hull", samples=samples)
    assert result.curve["latency_ms"].tolist() == [1.0, 3.0]
    assert result.models == ["m0", "m2", "m3"]
    assert list(result.band.columns) == ["latency_ms", "low", "median", "high"]
    assert len(result.band) == 200
    np.testing.assert_allclose(result.band["median"], 60.0 + 10.0 * (result.band["latency_ms"] - 1.0), rtol=1e-14)
    assert result.quantiles == (0.05, 0.5, 0.95)
    assert repr(result) == "Frontier(top1 over latency_ms: hull of 3 models, band at 200 values)"
    with pytest.raises(AttributeError):
        result.kind = "staircase"


def test_build_frontier_takes_a_grid_and_quantiles():
    rng = np.random.default_rng(4)
    x, y = (np.array(values) for values in POINTS_OF_FIVE)
    batch = np.array([[x, y]]) * rng.normal(1.0, 0.1, size=(200, 2, 5))
    axes, options = (Axis("a", True, x), Axis("b", False, y)), {"samples": [batch], "grid": [2.0, 3.0, 4.0]}
    wide = pareto.build_frontier(*axes, names(5), **options)
    narrow = pareto.build_frontier(*axes, names(5), quantiles=(0.25, 0.5, 0.75), **options)
    assert wide.band["a"].tolist() == [2.0, 3.0, 4.0]
    assert (wide.band["low"] < narrow.band["low"]).all()
    assert (wide.band["high"] > narrow.band["high"]).all()
    assert wide.band["median"].equals(narrow.band["median"])


def test_build_frontier_says_what_it_cannot_use():
    x, y = (Axis(name, name == "a", values) for name, values in zip("ab", POINTS_OF_FIVE, strict=True))
    with pytest.raises(OptionError, match=r"^y: found 'a' for x and y; expected two metrics"):
        pareto.build_frontier(x, x, names(5))
    with pytest.raises(DataError, match=r"^models: found 2 names for 5 columns"):
        pareto.build_frontier(x, y, names(2))
    for quantiles in [(0.1, 0.9), (0.5, 0.1, 0.9), (0.0, 0.5, 0.9)]:
        with pytest.raises(
            OptionError, match=r"^quantiles: found \(.*\); expected three ascending numbers in \(0, 1\)"
        ):
            pareto.build_frontier(x, y, names(5), quantiles=quantiles)


# --- as users call them -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sim():
    return ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)


@pytest.mark.parametrize(
    ("option", "value"), [("noise", "student"), ("scope", "mean"), ("rng", 0), ("n_resamples", 200)]
)
def test_an_option_beside_draws_is_refused(option, value, sim):
    """It would change nothing: draws were made with their own."""
    message = rf"^{option}: found {value!r} beside draws, which were made with their own; expected none"
    with pytest.raises(OptionError, match=message):
        ps.pareto_probability(sim, **{option: value})
    with pytest.raises(OptionError, match=message):
        ps.frontier(sim, "latency_ms@cpu-1t", "top1", **{option: value})


def test_draws_stand_for_the_data_sets_they_were_made_of(sim):
    data, same = sim.data, {"n_resamples": 200, "rng": 0}
    pd.testing.assert_series_equal(ps.pareto_probability(sim), ps.pareto_probability(data, **same))
    axes = ("latency_ms@cpu-1t", "top1")
    pd.testing.assert_frame_equal(ps.frontier(sim, *axes).band, ps.frontier(data, *axes, **same).band)
    assert ps.frontier(sim, *axes, n_resamples=0).band is None
    with pytest.raises(OptionError, match=r"^noise: found 'student' beside draws"):
        ps.frontier(sim, *axes, n_resamples=0, noise="student")


def test_compare_names_a_misspelt_option():
    with pytest.raises(TypeError, match=r"compare\(\) got an unexpected keyword argument 'n_resample'"):
        ps.compare(ps.load("imagenet"), [["latency_ms@cpu-1t"]], n_resample=10)


def test_compare_takes_every_option_of_bootstrap():
    """Written out twice, they must stay the same."""
    own, other = (inspect.signature(function).parameters for function in (ps.compare, ps.bootstrap))
    assert {name: own[name].default for name in own if name not in ("data", "input_sets")} == {
        name: other[name].default for name in other if name != "data"
    }
