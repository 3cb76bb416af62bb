"""Stochastic dominance against plain twins in exact arithmetic, and the axioms of a strict partial order."""

from __future__ import annotations

import itertools
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import names
from paretoscope.errors import DataError, OptionError
from paretoscope.orders import ranking
from paretoscope.orders.dominance import _close, dominance

# Few distinct values in few draws: equal distributions, ties and crossings are the rule.  Quarters add up exactly.
SMALL = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 8)),
    elements=st.integers(0, 5).map(lambda value: value / 4),
)
FLOATS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 7)), elements=st.floats(0.0, 1.0))
ORDERS = st.sampled_from([1, 2])
EPSILONS = st.sampled_from([0.0, 0.0625, 0.125, 0.25, 0.375])


def distribution(draws, t):
    """F(t), as a fraction."""
    return Fraction(sum(draw <= t for draw in draws), len(draws))


def integrated(draws, t):
    """The integral of F up to t, exactly."""
    return sum((Fraction(t) - Fraction(draw) for draw in draws if draw < t), Fraction(0)) / len(draws)


def plain_strict(x, y, order):
    function = distribution if order == 1 else integrated
    # Both functions are straight between neighbours of the pooled draws; beyond them the difference keeps its sign.
    kinks = sorted({Fraction(t) for t in [*x, *y]})
    differences = [function(x, t) - function(y, t) for t in kinks]
    return all(d <= 0 for d in differences) and any(d < 0 for d in differences)


def plain_areas(x, y, order, end):
    """Area where x is violated, and the whole area, between the functions up to `end`."""
    kinks = sorted({Fraction(t) for t in [*x, *y, end]})
    violated = total = Fraction(0)
    for start, stop in itertools.pairwise(kinks):
        width = stop - start
        if order == 1:
            left = right = distribution(x, start) - distribution(y, start)
        else:
            left, right = (integrated(x, t) - integrated(y, t) for t in (start, stop))
        if left * right < 0:
            zero = width * left / (left - right)
            pieces = [left * zero / 2, right * (width - zero) / 2]
        else:
            pieces = [(left + right) * width / 2]
        violated += sum(piece for piece in pieces if piece > 0)
        total += sum(abs(piece) for piece in pieces)
    return violated, total


def has_larger_mean(x, y):
    return sum(map(Fraction, x)) > sum(map(Fraction, y))


def random_draws(n_resamples, n_models, seed=0, spread=0.02):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0.5, 1.02, n_models)
    noise = rng.uniform(0.5, 1.5, n_models) * spread * rng.standard_normal((n_resamples, n_models))
    return np.clip(centres + noise, 0.0, 1.0)


def check_axioms(result):
    """Irreflexive, antisymmetric, transitive; and levels, admissible set and diagram follow from the matrix."""
    matrix = result.matrix.to_numpy()
    models = list(result.matrix.index)
    assert not matrix.diagonal().any()
    assert not (matrix & matrix.T).any()
    assert not ((matrix.astype(int) @ matrix.astype(int) > 0) & ~matrix).any()
    assert result.admissible == [name for name in models if not result.matrix[name].any()]
    assert list(result.graph.nodes) == models
    closed = nx.transitive_closure_dag(result.graph)
    np.testing.assert_array_equal(nx.to_numpy_array(closed, nodelist=models) > 0, matrix)
    assert set(result.graph.edges) == set(nx.transitive_reduction(closed).edges)
    for name in models:
        above = nx.ancestors(result.graph, name)
        longest = nx.dag_longest_path_length(result.graph.subgraph([*above, name]))
        assert result.levels[name] == longest + 1
        assert result.graph.nodes[name]["level"] == longest + 1


# --- strict dominance -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL, ORDERS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_matrix_equals_its_plain_twin(draws, order):
    n = draws.shape[1]
    result = dominance(draws, names(n), order=order)
    expected = [[plain_strict(draws[:, i], draws[:, j], order) for j in range(n)] for i in range(n)]
    np.testing.assert_array_equal(result.matrix, np.array(expected))
    assert result.direct is result.matrix


@pytest.mark.slow
@given(SMALL, ORDERS, EPSILONS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_axioms(draws, order, epsilon):
    check_axioms(dominance(draws, names(draws.shape[1]), order=order, epsilon=epsilon))


@pytest.mark.slow
@given(FLOATS, EPSILONS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_axioms_and_hierarchy_hold_to_the_last_bit(draws, epsilon):
    models = names(draws.shape[1])
    first, second = (dominance(draws, models, order=order) for order in (1, 2))
    check_axioms(first)
    check_axioms(second)
    assert (second.matrix | ~first.matrix).all(axis=None)
    for order, strict in ((1, first), (2, second)):
        almost = dominance(draws, models, order=order, epsilon=epsilon)
        check_axioms(almost)
        assert (almost.direct | ~strict.matrix).all(axis=None)
        assert (almost.matrix | ~almost.direct).all(axis=None)


@pytest.mark.parametrize("order", [1, 2])
def test_many_models_and_many_chunks(order):
    draws = random_draws(1_300, 40, seed=1)
    result = dominance(draws, names(40), order=order)
    check_axioms(result)
    rows = np.sort(draws.T, axis=1)
    rows = rows if order == 1 else np.cumsum(rows, axis=1)
    expected = (rows[:, np.newaxis] >= rows).all(axis=2) & ~np.eye(40, dtype=bool)
    np.testing.assert_array_equal(result.matrix, expected)
    assert 5 < result.levels.max() < 40
    assert repr(result) == (
        f"Dominance(order={order}: 40 models, {len(result.admissible)} admissible, {result.levels.max()} levels)"
    )


@pytest.mark.parametrize("place", [0, 1, 511, 512, 513, 1_298, 1_299])
def test_one_draw_decides(place):
    row = np.linspace(0.2, 0.9, 1_300)
    lower = row - 1e-4
    lower[place] = row[place] + 1e-4  # still ascending: the steps are 5e-4
    assert not dominance(np.column_stack([row, lower]), ["a", "b"]).matrix.any(axis=None)
    lower[place] = row[place]
    assert dominance(np.column_stack([row, lower]), ["a", "b"]).matrix.loc["a", "b"]


def test_mean_preserving_spread_is_ordered_in_the_second_order_only():
    draws = np.array([[0.5, 0.25, 0.125], [0.5, 0.75, 0.875]])
    models = ["sure", "spread", "wide"]
    assert not dominance(draws, models).matrix.any(axis=None)
    second = dominance(draws, models, order=2)
    assert list(second.graph.edges) == [("sure", "spread"), ("spread", "wide")]
    assert second.levels.to_dict() == {"sure": 1, "spread": 2, "wide": 3}


def test_order_of_draws_does_not_matter():
    rng = np.random.default_rng(2)
    draws = random_draws(300, 15, seed=2)
    shuffled = rng.permuted(draws, axis=0)
    for order, epsilon in [(1, 0.0), (2, 0.0), (1, 0.1), (2, 0.1)]:
        before = dominance(draws, names(15), order=order, epsilon=epsilon)
        after = dominance(shuffled, names(15), order=order, epsilon=epsilon)
        np.testing.assert_array_equal(before.matrix, after.matrix)


def test_order_of_models_does_not_matter_and_draws_stay():
    draws = random_draws(300, 15, seed=3)
    kept = draws.copy()
    order = np.random.default_rng(3).permutation(15)
    labels = [names(15)[i] for i in order]
    for degree, epsilon in [(1, 0.0), (2, 0.1)]:
        before = dominance(draws, names(15), order=degree, epsilon=epsilon)
        after = dominance(np.asfortranarray(draws[:, order]), labels, order=degree, epsilon=epsilon)
        np.testing.assert_array_equal(before.matrix.loc[labels, labels], after.matrix)
        assert after.levels.to_dict() == before.levels.to_dict()
        assert set(after.graph.edges) == set(before.graph.edges)
    np.testing.assert_array_equal(draws, kept)


def test_dominance_means_a_better_rank_under_every_weight():
    draws = random_draws(200, 12, seed=4)
    matrix = dominance(draws, names(12)).matrix
    assert matrix.to_numpy().any()
    for by in ("mean", "median", np.sqrt, lambda t: 1.0 * (t > 0.8)):
        scores = ranking.linear_scores(draws, names(12), by=by)
        for i in names(12):
            assert (scores[matrix.loc[i]] <= scores[i]).all()


# --- equal distributions ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL, ORDERS, EPSILONS)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_equal_distributions_stay_together(draws, order, epsilon):
    n = draws.shape[1]
    models = names(2 * n)
    both = np.hstack([draws, draws[::-1]])
    result = dominance(both, models, order=order, epsilon=epsilon)
    grouped = {}
    for i, name in enumerate(models):
        grouped.setdefault(tuple(sorted(both[:, i])), []).append(name)
    assert result.groups == [group for group in grouped.values() if len(group) > 1]
    for group in result.groups:
        assert not result.matrix.loc[group, group].any(axis=None)
        assert len({tuple(result.matrix.loc[name]) for name in group}) == 1
        assert len({tuple(result.matrix[name]) for name in group}) == 1
        assert result.levels[group].nunique() == 1


def test_negative_zero_is_zero():
    result = dominance([[0.0, -0.0], [0.5, 0.5]], ["a", "b"])
    assert result.groups == [["a", "b"]]


def test_sums_that_round_to_the_same_number_are_told_apart():
    above = np.nextafter(1.0, 2.0)
    draws = np.array([[1.0, 1.0], [above, 1.0]])
    assert 1.0 + above == 2.0
    second = dominance(draws, ["a", "b"], order=2)
    assert second.matrix.loc["a", "b"]
    assert not second.groups
    check_axioms(second)


def test_a_single_model():
    result = dominance([[0.5]], ["a"], order=2, epsilon=0.1)
    assert result.admissible == ["a"]
    assert result.levels.to_dict() == {"a": 1}
    assert result.groups == []
    assert list(result.graph.nodes(data=True)) == [("a", {"level": 1})]


# --- super-efficiency -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("epsilon", [0.0, 0.25])
def test_infinite_draws(order, epsilon):
    inf = np.inf
    draws = np.array([[0.5, 0.6, 0.6, 0.2, 0.5], [1.5, inf, 1.0, inf, 1.5], [inf, inf, 2.0, inf, inf]])
    result = dominance(draws, ["a", "b", "c", "d", "e"], order=order, epsilon=epsilon)
    assert result.matrix.loc["b"].tolist() == [True, False, True, True, True]
    assert result.groups == [["a", "e"]]
    assert not result.matrix.loc["d"].any()
    # c has the higher least draw, a the higher greatest; an infinite area is no small violation.
    assert not result.matrix.loc["a", "c"]
    assert not result.matrix.loc["c", "a"]
    check_axioms(result)


# --- almost dominance -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(SMALL, ORDERS, st.sampled_from([0.0625, 0.125, 0.25, 0.375]))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_almost_dominance_equals_its_plain_twin(draws, order, epsilon):
    n = draws.shape[1]
    direct = dominance(draws, names(n), order=order, epsilon=epsilon).direct.to_numpy()
    end = max(1.0, draws.max())
    for i in range(n):
        for j in range(n):
            x, y = draws[:, i], draws[:, j]
            violated, total = plain_areas(x, y, order, end)
            excess = violated - Fraction(epsilon) * total
            expected = plain_strict(x, y, order) or (has_larger_mean(x, y) and excess <= 0)
            # Where the difference crosses zero in the second order, the area is rounded, and a tie may go either way.
            assert direct[i, j] == expected or (order == 2 and abs(excess) < 1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_almost_dominance_of_more_draws(order):
    draws = random_draws(20, 9, seed=6, spread=0.1)
    pairs = [(i, j) for i in range(9) for j in range(9) if i != j]
    strict = {(i, j): plain_strict(draws[:, i], draws[:, j], order) for i, j in pairs}
    areas = {(i, j): plain_areas(draws[:, i], draws[:, j], order, 1.0) for i, j in pairs}
    counts = []
    for epsilon in (0.01, 0.1, 0.3, 0.49):
        direct = dominance(draws, names(9), order=order, epsilon=epsilon).direct.to_numpy()
        for i, j in pairs:
            violated, total = areas[i, j]
            almost = has_larger_mean(draws[:, i], draws[:, j]) and violated <= Fraction(epsilon) * total
            assert direct[i, j] == (strict[i, j] or almost)
        counts.append(direct.sum())
    # The share itself: just below it the violation is too large, just above it no more.
    n_shares = 0
    for (i, j), (violated, total) in areas.items():
        share = float(violated / total)
        if has_larger_mean(draws[:, i], draws[:, j]) and 1e-6 < share < 0.49:
            n_shares += 1
            for factor, expected in ((1.0 - 1e-7, False), (1.0 + 1e-7, True)):
                two = np.column_stack([draws[:, i], draws[:, j]])
                assert dominance(two, ["i", "j"], order=order, epsilon=share * factor).direct.loc["i", "j"] == expected
    assert n_shares >= 3
    assert sum(strict.values()) < counts[-1]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_almost_dominance_forgives_what_it_says():
    # b exceeds a by 0.1 in one draw of four, a exceeds b by 0.3 in the others: 0.1 of an area of 1.0.
    draws = np.array([[0.1, 0.2], [0.6, 0.3], [0.7, 0.4], [0.8, 0.5]])
    assert not dominance(draws, ["a", "b"]).matrix.any(axis=None)
    assert not dominance(draws, ["a", "b"], epsilon=0.0999).matrix.any(axis=None)
    result = dominance(draws, ["a", "b"], epsilon=0.1001)
    assert result.admissible == ["a"]
    assert repr(result) == "Dominance(order=1, epsilon=0.1001: 2 models, 1 admissible, 2 levels)"


def test_almost_dominance_of_the_second_order_by_hand():
    # Integrated F of a less that of b, in thirds: 0 at 0.2, -0.1 from 0.3 to 0.4, +0.1 at 0.6, -0.2 from 0.9 to 1:
    # positive on two triangles of 0.005 each, negative on 0.06, so 1/7 of the area is violated.
    draws = np.array([[0.3, 0.2], [0.4, 0.6], [0.9, 0.6]])
    for epsilon, dominates in ((0.0, False), (0.1428, False), (0.1429, True)):
        matrix = dominance(draws, ["a", "b"], order=2, epsilon=epsilon).matrix.to_numpy()
        assert matrix.tolist() == [[False, dominates], [False, False]]


@given(SMALL, st.sampled_from([0.0625, 0.125, 0.25, 0.375]))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_almost_dominance_of_the_first_order_is_transitive_by_itself(draws, epsilon):
    result = dominance(draws, names(draws.shape[1]), epsilon=epsilon)
    np.testing.assert_array_equal(result.direct, result.matrix)


@pytest.mark.parametrize("order", [1, 2])
def test_infinite_draws_break_a_chain_and_closure_mends_it(order):
    # a dominates b, b almost dominates c, but a and c have infinite areas between them and cross.
    inf = np.inf
    draws = np.array([[0.2, 0.2, 0.25, 0.1], [inf, 0.9, 0.3, 0.2], [inf, 0.9, 0.3, 0.2]])
    result = dominance(draws, ["a", "b", "c", "d"], order=order, epsilon=0.1)
    assert result.direct.loc["a"].tolist() == [False, True, False, True]
    assert result.matrix.loc["a"].tolist() == [False, True, True, True]
    assert result.levels.tolist() == [1, 2, 3, 4]
    check_axioms(result)


def test_closure_of_a_long_chain():
    direct = np.eye(23, k=1, dtype=bool)
    np.testing.assert_array_equal(_close(direct), np.triu(np.ones((23, 23), dtype=bool), k=1))
    np.testing.assert_array_equal(direct, np.eye(23, k=1, dtype=bool))


# --- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 3, 1.5, "1", None, True])
def test_order_says_what_it_can_be(order):
    with pytest.raises(OptionError, match=r"^order: found .*; expected 1 or 2; pass order=1 for first-order"):
        dominance([[0.5, 0.7]], ["a", "b"], order=order)


@pytest.mark.parametrize("epsilon", [-0.1, 0.5, 1.0, "small", None, float("nan")])
def test_epsilon_says_what_it_can_be(epsilon):
    with pytest.raises(OptionError, match=r"^epsilon: found .*; expected a number of at least 0 and below 0.5; pass 0"):
        dominance([[0.5, 0.7]], ["a", "b"], epsilon=epsilon)


def test_draws_and_names_are_checked():
    with pytest.raises(DataError, match=r"^models: found 1 names for 2 columns"):
        dominance([[0.5, 0.7]], ["a"])
    with pytest.raises(DataError, match=r"^draws: found nan for model 'b' in draw 0"):
        dominance([[0.5, np.nan]], ["a", "b"])
