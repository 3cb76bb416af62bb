"""Orders that hold all at once: against a slow twin, closed forms, and their error rate with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import paretoscope as ps
from helpers import measure, wide, without_advice
from paretoscope.errors import OptionError
from paretoscope.orders import simultaneous
from paretoscope.orders.simultaneous import bound_without_pairs, rank_sets, settled_order


def plain_twin(draws, estimate, confidence):
    """Two loops, and an array a pair; step by step until nothing more is settled."""
    n_models = len(estimate)
    deviations = draws - estimate
    statistics = {}
    for i in range(n_models):
        for j in range(n_models):
            difference = deviations[:, i] - deviations[:, j]
            if i != j and difference.std() > 1e-9:
                statistics[i, j] = difference / difference.std(), (estimate[i] - estimate[j]) / difference.std()
    beats = np.zeros((n_models, n_models), bool)
    while True:
        left = [pair for pair in statistics if not beats[pair]]
        largest = np.max([np.maximum(statistics[pair][0], 0.0) for pair in left], axis=0)
        bound = np.sort(largest)[int(np.ceil(confidence * len(draws) - 1e-9)) - 1]
        new = [pair for pair in left if statistics[pair][1] > bound]
        if not new:
            return beats
        for pair in new:
            beats[pair] = True


@pytest.mark.parametrize("n_models", [2, 3, 7, 12])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_order_equals_that_of_a_slow_twin(n_models, confidence):
    rng = np.random.default_rng([n_models, int(100 * confidence)])
    for _ in range(5):
        estimate = 9.0 + rng.normal(0.0, 1.0, n_models)
        noise = rng.uniform(0.05, 0.6, n_models) * rng.standard_normal((800, n_models)) + rng.standard_normal((800, 1))
        found = settled_order(estimate + noise, estimate, confidence=confidence)
        np.testing.assert_array_equal(found, plain_twin(estimate + noise, estimate, confidence))


@pytest.mark.slow
def test_two_models_are_a_two_sided_test():
    """Of two normal means the constant is that of a two-sided test: 1.96 at 95 %."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((200_000, 2))
    for gap, expected in ((1.94, False), (1.98, True)):
        estimate = np.array([50.0 + gap * np.sqrt(2.0), 50.0])
        assert settled_order(estimate + noise, estimate)[0, 1] == expected


def test_pairs_that_do_not_vary_are_settled_by_their_difference():
    draws = np.tile([1.0, 1.0, 0.9], (50, 1))
    assert settled_order(draws, draws[0]).tolist() == [[False, False, True], [False, False, True], [False] * 3]


def test_a_shift_of_all_models_and_their_order_change_nothing():
    rng = np.random.default_rng(7)
    estimate = rng.uniform(0.3, 1.0, 9)
    noise = 0.05 * rng.standard_normal((1000, 9))
    common = rng.standard_normal((1000, 1))
    found = settled_order(5.0 + estimate + noise, 5.0 + estimate)
    np.testing.assert_array_equal(settled_order(5.0 + estimate + noise + common, 5.0 + estimate), found)
    order = rng.permutation(9)
    shuffled = settled_order(5.0 + (estimate + noise)[:, order], 5.0 + estimate[order])
    np.testing.assert_array_equal(shuffled, found[np.ix_(order, order)])


def test_the_bound_without_pairs_is_never_below_the_maximum_over_pairs():
    rng = np.random.default_rng(3)
    for correlation in (0.0, 0.5, 0.9):
        common = np.sqrt(correlation) * rng.standard_normal((2000, 1))
        deviations = common + np.sqrt(1.0 - correlation) * rng.uniform(0.5, 2.0, 15) * rng.standard_normal((2000, 15))
        scale = deviations.std(axis=0)
        pairs = (deviations[:, :, None] - deviations[:, None, :]) / np.hypot(scale[:, None], scale)
        largest = np.sort(pairs.reshape(2000, -1).max(axis=1))
        assert bound_without_pairs(deviations, 0.95) >= largest[1899]


@pytest.mark.slow
def test_many_models_are_ordered_without_pairs():
    rng = np.random.default_rng(5)
    estimate = 5.0 + np.repeat([0.0, 1.0], 1100)
    draws = estimate + 0.05 * rng.standard_normal((200, 2200))
    found = settled_order(draws, estimate)
    assert found[1100:, :1100].all()
    assert not found[:1100].any()
    assert not found[1100:, 1100:].any()


@pytest.mark.parametrize("confidence", [0.5, 1.0, float("nan"), "high"])
def test_impossible_confidences_are_refused(confidence):
    with pytest.raises(OptionError, match=r"^confidence: found "):
        settled_order(np.ones((3, 2)), [1.0, 1.0], confidence=confidence)


# --- what follows from the order ---


def beats_of(n_models, *pairs):
    beats = np.zeros((n_models, n_models), bool)
    for pair in pairs:
        beats[pair] = True
    return beats


def test_rank_sets_count_who_is_settled():
    beats = beats_of(4, (0, 2), (0, 3), (1, 3))
    assert rank_sets(beats).tolist() == [[1, 2], [1, 3], [2, 4], [3, 4]]
    assert rank_sets(beats_of(3)).tolist() == [[1, 3]] * 3


@pytest.mark.slow
def test_results_tell_what_is_settled(tmp_path):
    sim = ps.bootstrap(ps.load("imagenet"), noise="moderated", scope="mean", n_resamples=2000, rng=0)
    settled, sets = sim.settled(), sim.rank_sets()
    assert settled.to_numpy().sum() > 80
    assert (settled.to_numpy() & settled.to_numpy().T).sum() == 0
    assert (sets["rank_low"] == 1 + settled.sum(axis=0)).all()
    assert (sets["rank_high"] == 17 - settled.sum(axis=1)).all()
    at_means = sim.efficiency.loc[list(sim.models)].to_numpy()
    assert (at_means[:, np.newaxis] > at_means)[settled.to_numpy()].all()
    sim.save(tmp_path / "sim.npz")
    pd.testing.assert_frame_equal(ps.EfficiencyDraws.load(tmp_path / "sim.npz").settled(), settled)


def test_draws_of_runs_settle_no_order():
    sim = without_advice(ps.bootstrap, measure(wide()), n_resamples=50, rng=0)
    for ask in (sim.settled, sim.rank_sets):
        with pytest.raises(OptionError, match=r"^scope: found draws of single runs; .*draw again with scope='mean'$"):
            ask()


# --- with a known truth ---


def simulated(truth, spread, n_sets, rng, n_draws=1000):
    """Orders of normal estimates of a truth, whose spread is known."""
    for _ in range(n_sets):
        estimate = truth + spread * rng.standard_normal(len(truth))
        yield settled_order(estimate + spread * rng.standard_normal((n_draws, len(truth))), estimate), estimate


@pytest.mark.slow
def test_equal_models_are_rarely_ordered():
    """Any false statement about 10 equal models in 5 % of data sets; of 400 sets 3 standard errors are 3.3 points."""
    rng = np.random.default_rng(2)
    false = [beats.any() for beats, _ in simulated(np.full(10, 5.0), 0.05, 400, rng)]
    assert 0.01 <= np.mean(false) <= 0.083


@pytest.mark.slow
def test_rank_sets_hold_all_true_ranks_at_once():
    """A ladder of steps of one standard error: all ranks at once in 95 % of 300 data sets."""
    rng = np.random.default_rng(3)
    truth, held, width = 5.0 - 0.05 * np.arange(10), [], []
    for beats, _ in simulated(truth, 0.05, 300, rng):
        sets = rank_sets(beats)
        held.append(((sets[:, 0] <= np.arange(1, 11)) & (np.arange(1, 11) <= sets[:, 1])).all())
        width.append(np.ptp(sets, axis=1).mean() + 1)
    assert np.mean(held) >= 0.95 - 3 * 0.0126
    assert np.mean(width) < 8.0


@pytest.mark.slow
def test_stepping_down_settles_more_and_errs_no_more(monkeypatch):
    """Two far groups, each with a step within: at the first constant some steps stay open."""
    rng = np.random.default_rng(4)
    truth = 5.0 + np.array([0.0, 0.0, 0.0, 0.165, 9.0, 9.0, 9.0, 9.165])
    sets = list(simulated(truth, 0.05, 150, rng))
    both = [settled_order(e + 0.05 * np.random.default_rng(9).standard_normal((1000, 8)), e) for _, e in sets]
    monkeypatch.setattr(simultaneous, "MOST_STEPPED", 1)
    once = [settled_order(e + 0.05 * np.random.default_rng(9).standard_normal((1000, 8)), e) for _, e in sets]
    assert all((more >= less).all() for more, less in zip(both, once, strict=True))
    assert np.sum(both) > np.sum(once)
    false = truth[:, np.newaxis] <= truth
    assert np.mean([(beats & false).any() for beats in both]) <= 0.05 + 3 * 0.018


@pytest.mark.slow
def test_the_constant_is_that_of_tukeys_range():
    """Equal spreads without correlation: Tukey's studentized range over the root of two."""
    rng = np.random.default_rng(6)
    noise = rng.standard_normal((100_000, 6))
    bound = stats.studentized_range.ppf(0.95, 6, np.inf)  # of the range in single standard deviations
    for gap, expected in ((bound - 0.03, False), (bound + 0.03, True)):
        estimate = 50.0 + np.array([gap, *np.zeros(5)])
        assert settled_order(estimate + noise, estimate)[0, 1:].all() == expected
