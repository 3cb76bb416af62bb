"""Ranks, tiers and linear rankings against plain twins, closed forms and invariances."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import names
from paretoscope.errors import DataError, OptionError
from paretoscope.orders import ranking
from paretoscope.orders.pairs import MOST_MODELS
from paretoscope.orders.reliability import N_CELLS
from paretoscope.orders.sorted_draws import quantiles, sort_rows

# Few distinct values: ties within draws and equal models are the rule.
SMALL = arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.integers(1, 6)),
    elements=st.integers(0, 4).map(lambda value: value / 4),
)


def random_draws(n_resamples, n_models, seed=0, digits=3):
    """Draws from overlapping distributions, clipped at 1 and rounded, so that there are ties."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0.5, 1.02, n_models)
    return np.clip(centres + 0.05 * rng.standard_normal((n_resamples, n_models)), 0.0, 1.0).round(digits)


def plain_pairwise(draws):
    n_resamples, n_models = draws.shape
    shares = np.zeros((n_models, n_models))
    for i in range(n_models):
        for j in range(n_models):
            shares[i, j] = sum(draws[b, i] > draws[b, j] for b in range(n_resamples)) / n_resamples
    return shares


def plain_ranks(draws):
    return np.array([[1 + sum(other > score for other in draw) for score in draw] for draw in draws])


def plain_tiers(draws, confidence):
    """Beat, reach, condense and peel, one model at a time."""
    n_models = draws.shape[1]
    beats = plain_pairwise(draws) >= confidence
    reach = beats.copy()
    for k in range(n_models):
        for i in range(n_models):
            for j in range(n_models):
                reach[i, j] |= reach[i, k] and reach[k, j]
    tier = [0] * n_models
    number = 0
    while 0 in tier:
        number += 1
        layer = []
        for i in range(n_models):
            circle = [j for j in range(n_models) if j == i or (reach[i, j] and reach[j, i])]
            outside = [j for j in range(n_models) if tier[j] == 0 and j not in circle]
            if tier[i] == 0 and not any(beats[j, member] for j in outside for member in circle):
                layer.append(i)
        for i in layer:
            tier[i] = number
    return tier


# --- pairwise ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_pairwise_equals_its_plain_twin(draws):
    np.testing.assert_array_equal(ranking.pairwise(draws, names(draws.shape[1])), plain_pairwise(draws))


def test_pairwise_over_many_chunks_of_draws():
    draws = random_draws(1_500, 5)
    np.testing.assert_array_equal(ranking.pairwise(draws, names(5)), plain_pairwise(draws))


def test_pairwise_of_normals_is_the_closed_form():
    # Error rate: 5 standard errors on 3 pairs, 2e-6.
    rng = np.random.default_rng(5)
    means, spreads = np.array([10.0, 10.5, 11.5]), np.array([1.0, 0.5, 2.0])
    n_resamples = 40_000
    shares = ranking.pairwise(means + spreads * rng.standard_normal((n_resamples, 3)), names(3)).to_numpy()
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        expected = 0.5 * math.erfc((means[j] - means[i]) / math.hypot(spreads[i], spreads[j]) / math.sqrt(2.0))
        assert abs(shares[i, j] - expected) < 5.0 * math.sqrt(expected * (1.0 - expected) / n_resamples)


def test_pairwise_labels():
    table = ranking.pairwise([[1.0, 0.5]], ["a", "b"])
    assert table.loc["a", "b"] == 1.0
    assert table.index.name == "model"
    assert table.columns.name == "other"


# --- ranks ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_ranks_and_their_distribution_equal_plain_twins(draws):
    n_resamples, n_models = draws.shape
    expected = plain_ranks(draws)
    np.testing.assert_array_equal(ranking.ranks(draws), expected)
    distribution = ranking.rank_distribution(draws, names(n_models))
    assert list(distribution.columns) == list(range(1, n_models + 1))
    for i, name in enumerate(names(n_models)):
        for place in range(1, n_models + 1):
            assert distribution.loc[name, place] == (expected[:, i] == place).sum() / n_resamples
    for k in range(1, n_models + 1):
        np.testing.assert_array_equal(
            ranking.p_top(draws, names(n_models), k=k), (expected <= k).sum(axis=0) / n_resamples
        )


@pytest.mark.slow
@given(SMALL, st.sampled_from([0.5, 0.8, 0.9, 0.95]))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_rank_interval_is_the_outward_quantiles(draws, level):
    interval = ranking.rank_interval(draws, names(draws.shape[1]), level=level)
    tail = round((1.0 - level) / 2.0, 12)
    expected = plain_ranks(draws)
    np.testing.assert_array_equal(interval["rank_low"], np.quantile(expected, tail, axis=0, method="lower"))
    np.testing.assert_array_equal(interval["rank_high"], np.quantile(expected, 1.0 - tail, axis=0, method="higher"))
    assert interval.dtypes.eq(np.int64).all()
    inside = (expected >= interval["rank_low"].to_numpy()) & (expected <= interval["rank_high"].to_numpy())
    assert (inside.mean(axis=0) >= level - 1e-12).all()


@pytest.mark.parametrize(
    ("n", "level", "low", "high"),
    [
        (101, 0.90, 6, 96),  # the lower position, 0.05 * 100, comes out a little below 5
        (26, 0.68, 5, 22),  # the upper position, 0.84 * 25, comes out a little above 21
    ],
)
def test_rank_interval_takes_whole_positions_as_whole(n, level, low, high):
    # Every model has each rank from 1 to n once, so that the quantile at position k is rank k + 1.
    draws = np.empty((n, n))
    for b in range(n):
        draws[b] = np.roll(np.arange(n), b) / n
    interval = ranking.rank_interval(draws, names(n), level=level)
    assert (interval["rank_low"] == low).all()
    assert (interval["rank_high"] == high).all()


@given(SMALL)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_probability_of_being_best_is_shared_and_sums_to_one(draws):
    n_resamples, n_models = draws.shape
    shares = np.zeros(n_models)
    for draw in draws:
        best = [i for i in range(n_models) if draw[i] == max(draw)]
        for i in best:
            shares[i] += 1.0 / len(best) / n_resamples
    found = ranking.p_best(draws, names(n_models))
    np.testing.assert_allclose(found, shares, rtol=0, atol=1e-14)
    assert found.sum() == pytest.approx(1.0, abs=1e-14)


def test_probability_of_efficiency_counts_ones_and_super_efficiency():
    draws = [[1.0, 0.999999, 1.2, np.inf], [0.5, 1.0, 0.9, np.inf]]
    assert ranking.p_efficient(draws, names(4)).tolist() == [0.5, 0.5, 0.5, 1.0]


@pytest.mark.parametrize("k", [0, 3, 1.5, True, "1"])
def test_p_top_says_what_k_can_be(k):
    with pytest.raises(OptionError, match=r"^k: found .*; expected a whole number from 1 to 2; pass k=1"):
        ranking.p_top([[0.5, 0.7]], ["a", "b"], k=k)


@pytest.mark.parametrize("level", [0.0, 1.0, -1, "high", None, math.nan])
def test_rank_interval_says_what_a_level_can_be(level):
    with pytest.raises(OptionError, match=r"^level: found .*; expected a number above 0 and below 1; pass 0.95"):
        ranking.rank_interval([[0.5, 0.7]], ["a", "b"], level=level)


# --- tiers ------------------------------------------------------------------------------------------------------------


@given(SMALL, st.sampled_from([0.55, 0.75, 0.95, 1.0]))
@settings(derandomize=True, max_examples=80, deadline=None)
def test_tiers_equal_their_plain_twin(draws, confidence):
    assert ranking.tiers(draws, confidence=confidence).tolist() == plain_tiers(draws, confidence)


@pytest.mark.slow
@pytest.mark.parametrize("confidence", [0.51, 0.8, 0.95])
def test_tiers_of_many_models_keep_their_promise(confidence):
    draws = random_draws(200, 40, seed=3)
    beats = plain_pairwise(draws) >= confidence
    tier = ranking.tiers(draws, confidence=confidence)
    assert tier.tolist() == plain_tiers(draws, confidence)
    assert tier.min() == 1
    assert tier.max() > 3
    if confidence == 0.95:  # no circle here, so the promise holds model by model
        for i in range(40):
            later = [j for j in range(40) if tier[j] >= tier[i]]
            assert not any(beats[j, i] for j in later)
            assert tier[i] == 1 or any(beats[j, i] for j in range(40) if tier[j] == tier[i] - 1)


def test_tiers_take_a_circle_as_one():
    # Three models beat each other in a circle, each in two draws of three; one is above them and one below.
    circle = np.array([[0.5, 0.4, 0.3], [0.3, 0.5, 0.4], [0.4, 0.3, 0.5]])
    draws = np.column_stack([np.full(3, 0.1), circle, np.full(3, 0.9)])
    assert ranking.tiers(draws, confidence=0.6).tolist() == [3, 2, 2, 2, 1]
    assert ranking.tiers(draws, confidence=0.95).tolist() == [3, 2, 2, 2, 1]
    assert ranking.tiers(circle, confidence=0.6).tolist() == [1, 1, 1]


def test_a_circle_needs_twenty_models_at_95_percent():
    for n_models, tiers in [(19, 1), (20, 1), (21, 1)]:
        draws = np.array([np.roll(np.arange(n_models), b) for b in range(n_models)]) / n_models
        has_circle = plain_pairwise(draws).max() >= 0.95
        assert has_circle == (n_models >= 20)
        assert ranking.tiers(draws).max() == tiers


def test_a_circle_does_not_hold_back_models_it_has_nothing_to_do_with():
    circle = np.array([[0.5, 0.4, 0.3], [0.3, 0.5, 0.4], [0.4, 0.3, 0.5]])
    free = np.array([[0.6, 0.2], [0.2, 0.1], [0.4, 0.1]])  # beaten by nobody, and beaten by all
    assert ranking.tiers(np.column_stack([circle, free]), confidence=0.6).tolist() == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("confidence", [0.5, 1.1, "sure"])
def test_tiers_say_what_a_confidence_can_be(confidence):
    with pytest.raises(
        OptionError, match=r"^confidence: found .*; expected a number above 0.5 and at most 1; pass 0.95"
    ):
        ranking.tiers([[0.5, 0.7]], confidence=confidence)


# --- linear rankings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "moment", "third"),
    [
        (np.ones_like, lambda t: t, 0.0),
        (lambda t: 2.0 * t, lambda t: t**2, 0.0),
        (lambda t: 3.0 * t**2, lambda t: t**3, 0.0),
        (lambda t: 6.0 * t**5, lambda t: t**6, 360.0),
        (lambda t: 1.0 - t, lambda t: t - t**2 / 2.0, 0.0),
        (np.exp, np.expm1, math.e),
        (lambda t: 2.0 + np.cos(40.0 * t), lambda t: 2.0 * t + np.sin(40.0 * t) / 40.0, 64_000.0),
    ],
)
def test_weights_with_a_closed_form(weight, moment, third):
    draws = np.vstack([np.random.default_rng(1).uniform(size=(500, 3)), np.zeros(3), np.ones(3)])
    found = ranking.linear_scores(draws, names(3), by=weight)
    # The stated error, and rounding.
    np.testing.assert_allclose(found, moment(draws).mean(axis=0), rtol=1e-14, atol=third / 384 / N_CELLS**4)


def test_a_weight_that_comes_down_to_zero_keeps_the_stated_error():
    # cos(20 t)^2 touches 0 between two borders; all draws lie in that cell.
    zero = np.pi / 40.0
    draws = np.linspace(math.floor(zero * N_CELLS), math.ceil(zero * N_CELLS), 50)[:, np.newaxis] / N_CELLS
    exact = draws / 2.0 + np.sin(40.0 * draws) / 80.0
    for draw, expected in zip(draws, exact, strict=True):
        found = ranking.linear_scores([draw], ["a"], by=lambda t: np.cos(20.0 * t) ** 2)
        assert abs(found.iloc[0] - expected[0]) <= 800.0 / 108 / N_CELLS**3 + 1e-15


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9003])
def test_a_weight_with_a_jump_keeps_the_stated_error(threshold):
    draws = np.random.default_rng(2).uniform(0.4, 1.0, size=(300, 4))
    found = ranking.linear_scores(draws, names(4), by=lambda t: 1.0 * (t > threshold))
    exact = np.maximum(draws - threshold, 0.0).mean(axis=0)
    assert np.abs(found - exact).max() <= 2.0 / N_CELLS
    steep = ranking.linear_scores(draws, names(4), by=lambda t: t > threshold)  # a weight of bools
    np.testing.assert_array_equal(found, steep)


@pytest.mark.parametrize(
    "weight",
    [
        lambda t: 1.0 * (t * N_CELLS > 3_687.9),
        lambda t: 1.0 * (t * N_CELLS < 3_687.1),
        lambda t: np.where(np.abs(t * N_CELLS - 3_687.5) < 0.45, 0.1, 1.0),
    ],
)
def test_scores_never_fall_within_the_cell_of_a_jump(weight):
    levels = np.linspace(3_686, 3_689, 301) / N_CELLS
    scores = ranking.linear_scores([levels], names(301), by=weight)
    assert (np.diff(scores) >= 0.0).all()


def test_the_reliability_integral_itself():
    # The score is the integral of w(t) P(theta > t), here by a midpoint rule on a grid that no draw hits.
    draws = random_draws(200, 3, seed=8)
    t = (np.arange(200_000) + 0.5) / 200_000
    for i in range(3):
        reliability = 1.0 - np.searchsorted(np.sort(draws[:, i]), t, side="right") / len(draws)
        expected = (np.sin(t) * reliability).mean()
        assert ranking.linear_scores(draws, names(3), by=np.sin).iloc[i] == pytest.approx(expected, abs=2e-6)


@pytest.mark.slow
@given(SMALL, st.lists(st.integers(0, 3), min_size=2, max_size=6))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_no_weight_contradicts_first_order_dominance(draws, heights):
    if not any(heights):
        heights = [*heights, 1]
    weight_at = np.array(heights, dtype=float)
    scores = ranking.linear_scores(
        draws,
        names(draws.shape[1]),
        by=lambda t: weight_at[np.minimum((t * len(heights)).astype(int), len(heights) - 1)],
    )
    ordered = np.sort(draws, axis=0)
    for i in range(draws.shape[1]):
        for j in range(draws.shape[1]):
            if (ordered[:, i] >= ordered[:, j]).all():
                assert scores.iloc[i] >= scores.iloc[j]


def test_rank_by_mean_and_median_and_weight():
    draws = np.array([[0.9, 0.6, 0.6], [0.1, 0.6, 0.6], [0.9, 0.6, 0.6]])
    assert ranking.rank(draws, ["a", "b", "c"]).to_dict() == {"a": 1, "b": 2, "c": 2}
    assert ranking.rank(draws[:, ::-1], ["c", "b", "a"]).index.tolist() == ["a", "c", "b"]
    by_low = ranking.rank(draws, ["a", "b", "c"], by=lambda t: 1.0 * (t < 0.5))
    assert by_low.to_dict() == {"b": 1, "c": 1, "a": 3}
    assert by_low.index.tolist() == ["b", "c", "a"]
    assert by_low.name == "rank"
    assert by_low.index.name == "model"
    assert by_low.dtype == np.int64
    assert ranking.linear_scores(draws, ["a", "b", "c"], by="median").tolist() == [0.9, 0.6, 0.6]
    assert ranking.linear_scores(draws, ["a", "b", "c"]).name == "score"


def test_equal_distributions_share_a_rank_whatever_the_order_of_draws():
    rng = np.random.default_rng(4)
    column = rng.uniform(size=999)
    draws = np.column_stack([rng.permutation(column) for _ in range(6)])
    for by in ("mean", "median", np.sqrt):
        assert (ranking.rank(draws, names(6), by=by) == 1).all()


def test_constant_weight_ranks_as_the_mean():
    draws = random_draws(400, 30, seed=9)
    pd.testing.assert_series_equal(
        ranking.rank(draws, names(30)), ranking.rank(draws, names(30), by=lambda t: np.full(t.shape, 2))
    )


def test_super_efficiency_ranks_by_mean_and_median_only():
    draws = np.array([[1.2, np.inf, 0.8], [1.1, 0.9, 0.8]])
    assert ranking.rank(draws, names(3)).to_dict() == {"m1": 1, "m0": 2, "m2": 3}
    assert ranking.rank(draws, names(3), by="median").to_dict() == {"m1": 1, "m0": 2, "m2": 3}
    with pytest.raises(
        OptionError, match=r"the greatest draw is inf; expected draws without super-efficiency; rank by"
    ):
        ranking.rank(draws, names(3), by=np.ones_like)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("meen", r"^by: 'meen' is not known; expected 'mean', 'median' or a weight function; did you mean 'mean'\?$"),
        (3, r"^by: found 3; expected 'mean', 'median' or a weight function; pass lambda"),
        (
            lambda t: 1.0,
            r"^by: the weight returned shape \(\) for \d+ levels of efficiency; expected one value a level",
        ),
        (lambda t: t[:-1], r"^by: the weight returned shape \(\d+,\) for"),
        (
            lambda t: t - 0.5,
            r"^by: the weight is negative, -0.5, at efficiency 0; expected a finite number of at least 0",
        ),
        (lambda t: np.where(t > 0.5, np.nan, 1.0), r"^by: the weight is not finite, nan, at efficiency 0.500244"),
        (lambda t: np.where(t == 1.0, np.inf, 1.0), r"^by: the weight is not finite, inf, at efficiency 1;"),
        (np.zeros_like, r"^by: the weight is 0 on all of \[0, 1\]; expected a positive weight somewhere"),
        (lambda t: t.astype(str), r"^by: the weight returned values of type <U32; expected real numbers"),
        (lambda t: t * 1j, r"^by: the weight returned values of type complex128; expected real numbers"),
    ],
)
def test_linear_ranking_says_what_is_wrong_with_by(by, message):
    with pytest.raises(OptionError, match=message):
        ranking.rank([[0.5, 0.7]], ["a", "b"], by=by)


# --- summary ----------------------------------------------------------------------------------------------------------


def test_summary_against_numpy():
    draws = random_draws(700, 12, seed=11)
    efficiency = np.linspace(0.5, 1.0, 12)
    table = ranking.summary(draws, names(12), efficiency)
    assert list(table.columns) == [
        "efficiency", "mean", "sd", "q05", "median", "q95",
        "p_best", "p_efficient", "rank", "rank_low", "rank_high", "tier",
    ]  # fmt: skip
    assert table.index.name == "model"
    assert table["rank"].is_monotonic_increasing
    assert table[["rank", "rank_low", "rank_high", "tier"]].dtypes.eq(np.int64).all()
    table = table.loc[names(12)]
    np.testing.assert_array_equal(table["efficiency"], efficiency)
    np.testing.assert_allclose(table["mean"], draws.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(table["sd"], draws.std(axis=0, ddof=1), rtol=1e-12)
    for column, probability in [("q05", 0.05), ("median", 0.5), ("q95", 0.95)]:
        np.testing.assert_allclose(table[column], np.quantile(draws, probability, axis=0), rtol=1e-14)
    np.testing.assert_allclose(table["p_best"], ranking.p_best(draws, names(12)), rtol=1e-14)
    np.testing.assert_array_equal(table["p_efficient"], (draws == 1.0).mean(axis=0))
    np.testing.assert_array_equal(table["rank"], ranking.rank(draws, names(12)).loc[names(12)])
    np.testing.assert_array_equal(
        table[["rank_low", "rank_high"]], ranking.rank_interval(draws, names(12), level=0.90).to_numpy()
    )
    np.testing.assert_array_equal(table["tier"], ranking.tiers(draws))


def test_summary_takes_level_and_confidence_and_aligns_by_name():
    draws = random_draws(300, 6, seed=12)
    scores = pd.Series(np.arange(6.0), index=names(6)).iloc[::-1]
    table = ranking.summary(draws, names(6), scores, level=0.5, confidence=0.6).loc[names(6)]
    np.testing.assert_array_equal(table["efficiency"], np.arange(6.0))
    np.testing.assert_array_equal(table["tier"], ranking.tiers(draws, confidence=0.6))
    np.testing.assert_array_equal(table["rank_low"], ranking.rank_interval(draws, names(6), level=0.5)["rank_low"])
    np.testing.assert_allclose(table["q05"], np.quantile(draws, 0.05, axis=0), rtol=1e-14)  # whatever the level


def test_summary_keeps_the_order_of_equal_models():
    draws = np.array([[0.5, 0.9, 0.5, 0.9], [0.7, 0.9, 0.7, 0.9]])
    table = ranking.summary(draws, ["d", "c", "b", "a"], [0.6, 0.9, 0.6, 0.9])
    assert table.index.tolist() == ["c", "a", "d", "b"]
    assert table["rank"].tolist() == [1, 1, 3, 3]


def test_summary_of_infinite_and_of_exact_draws_gives_no_warning():
    draws = np.array([[np.inf, 0.7, np.inf], [np.inf, 0.7, 1.5], [np.inf, 0.7, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = ranking.summary(draws, ["a", "b", "c"], [np.inf, 0.7, 1.2])
    assert table["mean"].tolist() == [np.inf, np.inf, pytest.approx(0.7)]
    assert table.loc["b", "sd"] == 0.0
    assert np.isnan(table.loc["a", "sd"])
    assert table.loc["c", ["q05", "median", "q95"]].tolist() == [1.05, 1.5, np.inf]
    assert table.loc["a", "q05"] == np.inf
    assert table.loc["a", "p_best"] == pytest.approx(5 / 6)


def test_summary_of_a_single_draw():
    table = ranking.summary([[0.4, 0.8]], ["a", "b"], [0.4, 0.8])
    assert table.index.tolist() == ["b", "a"]
    assert table["sd"].isna().all()
    assert table["q95"].tolist() == [0.8, 0.4]


def test_summary_says_which_efficiency_is_missing():
    with pytest.raises(DataError, match=r"^efficiency: found no value for model 'b'; expected one a model"):
        ranking.summary([[0.4, 0.8]], ["a", "b"], pd.Series({"a": 0.4}))
    with pytest.raises(DataError, match=r"^efficiency: found an array of shape \(3,\); expected \(2,\)"):
        ranking.summary([[0.4, 0.8]], ["a", "b"], [0.4, 0.8, 0.9])


def test_results_follow_the_models_and_leave_the_draws_alone():
    draws = random_draws(200, 8, seed=13)
    before = draws.copy()
    table = ranking.summary(draws, names(8), np.arange(8.0))
    np.testing.assert_array_equal(draws, before)
    order = np.random.default_rng(0).permutation(8)
    again = ranking.summary(np.asfortranarray(draws[::-1, order]), [names(8)[i] for i in order], np.arange(8.0)[order])
    pd.testing.assert_frame_equal(again.loc[table.index], table, rtol=1e-14)
    read_only = draws.copy()
    read_only.flags.writeable = False
    pd.testing.assert_frame_equal(ranking.summary(read_only, names(8), np.arange(8.0)), table)
    pd.testing.assert_frame_equal(
        ranking.summary(draws[:, :1], ["m0"], [0.0]).iloc[:, 1:6], table.loc[["m0"]].iloc[:, 1:6]
    )


# --- errors and digits ------------------------------------------------------------------------------------------------


def test_monte_carlo_error_covers_the_mean():
    # 2000 repeats of a uniform's mean: the share within 2 errors is 0.954, here within 5 of its standard errors (6e-7).
    rng = np.random.default_rng(21)
    draws = rng.uniform(size=(100, 2_000))
    errors = ranking.monte_carlo_error(draws, names(2_000))
    covered = (np.abs(draws.mean(axis=0) - 0.5) < 2.0 * errors).mean()
    assert abs(covered - 0.952) < 5.0 * math.sqrt(0.95 * 0.05 / 2_000)
    np.testing.assert_allclose(errors, draws.std(axis=0, ddof=1) / 10.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("error", "decimals"),
    [
        (0.0, 6),
        (1e-12, 6),
        (0.0003, 3),
        (0.0005, 3),
        (0.00051, 2),
        (0.05, 1),
        (0.06, 0),
        (7.0, 0),
        (math.nan, 0),
        (math.inf, 0),
    ],
)
def test_digits(error, decimals):
    assert ranking.digits(error) == decimals
    assert ranking.digits(error, most=2) == min(decimals, 2)


def test_quantiles_agree_with_numpy():
    draws = random_draws(97, 5, seed=14)
    probabilities = [0.0, 0.05, 0.3, 0.5, 0.999, 1.0]
    expected = np.quantile(draws, probabilities, axis=0).T
    np.testing.assert_allclose(quantiles(sort_rows(draws), probabilities), expected, rtol=1e-14)


@pytest.mark.parametrize("draws", [np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(3), np.zeros((1, 2, 2))])
def test_draws_must_be_a_table(draws):
    with pytest.raises(DataError, match=r"^draws: found an array of shape .*; expected \(n_resamples, n_models\)"):
        ranking.ranks(draws)


@pytest.mark.parametrize(("value", "text"), [(np.nan, "nan"), (-0.25, "-0.25"), (-np.inf, "-inf")])
def test_draws_must_be_efficiencies(value, text):
    draws = np.full((3, 2), 0.5)
    draws[2, 1] = value
    with pytest.raises(
        DataError, match=rf"^draws: found {text} for model 'b' in draw 2; expected efficiencies of at least 0"
    ):
        ranking.p_best(draws, ["a", "b"])
    with pytest.raises(DataError, match=rf"^draws: found {text} for model 1 in draw 2;"):
        ranking.ranks(draws)


def test_names_must_fit_the_draws():
    with pytest.raises(DataError, match=r"^models: found 3 names for 2 columns; expected one a column"):
        ranking.p_best([[0.5, 0.6]], ["a", "b", "c"])
    with pytest.raises(DataError, match=r"^models: found 'a' twice; expected distinct names"):
        ranking.p_best([[0.5, 0.6, 0.7]], ["a", "b", "a"])


def test_many_models_have_tiers_without_room_for_all_counts():
    draws = random_draws(5, 1300)
    assert ranking.tiers(draws, confidence=0.9).tolist() == plain_tiers_of(draws, 0.9)


def plain_tiers_of(draws, confidence):
    """As `plain_tiers`, with all pairs at once, for draws without circles."""
    beats = (draws[:, :, None] > draws[:, None, :]).mean(axis=0) >= confidence
    tier, found = 0, np.zeros(len(beats), int)
    while (found == 0).any():
        tier += 1
        found[(found == 0) & ~beats[found == 0].any(axis=0)] = tier
    return found.tolist()


def test_more_models_than_can_be_compared_are_refused():
    with pytest.raises(DataError, match=f"^found {MOST_MODELS + 1} models; expected at most {MOST_MODELS} "):
        ranking.tiers(np.ones((1, MOST_MODELS + 1)))
