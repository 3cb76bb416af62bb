"""The envelopment solver against HiGHS, against exact arithmetic, and against its own certificates.

``PARETOSCOPE_INSTANCES`` sets how many random data sets the comparison with HiGHS takes, 2,080 by default.
"""

from __future__ import annotations

import itertools
import os
import zlib

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from instances import KINDS, instance
from paretoscope.dea.certificates import certify_scores
from paretoscope.dea.envelope import Envelope
from paretoscope.dea.programme import largest_slacks
from paretoscope.kernels.candidates import find_nondominated
from paretoscope.kernels.envelopment import allocate_room, envelop_draws
from paretoscope.kernels.facets import invert
from paretoscope.kernels.free_disposal import free_disposal_draws, free_disposal_efficiency
from paretoscope.kernels.lanes import whole_lanes
from paretoscope.kernels.technology import (
    CERTIFIED,
    INFEASIBLE,
    UNRESOLVED,
    describe_technology,
    metric_of,
)
from paretoscope.resampling.solvers import RandomFrontierSolver
from reference import (
    ORIENTATIONS,
    RTS,
    exact_efficiency,
    plain_dual,
    plain_efficiencies,
    plain_efficiency,
    plain_free_disposal,
    scale,
)

N_INSTANCES = int(os.environ.get("PARETOSCOPE_INSTANCES", "2080"))
TECHNOLOGIES = [(rts, orientation) for rts in RTS for orientation in ORIENTATIONS]
TOLERANCE = 1e-9
# Their efficiency is not continuous in the data, so exact arithmetic and a kernel with tolerances answer two questions.
ILL_POSED = {"near_duplicates"}
# Where inputs are zero, the kernel may find no facet to start from under output orientation; where a metric ranges over
# six powers of ten, rounding can exceed its tolerances.  It leaves such models to exact arithmetic.
HARD = {"zeros", "sparse", "wide"}


def generator(*keys):
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


def describe(values, n_inputs, rts, orientation):
    return describe_technology(n_inputs, len(values) - n_inputs, rts, output_oriented=orientation == "output")


def envelope_of(values, n_inputs, rts, orientation):
    return Envelope(describe(values, n_inputs, rts, orientation), values)


def solve_draws(described, draws, capacity):
    """Scores, status, facets of the last draw and how many are kept, of draws solved one after the other."""
    n_draws, _, n_models = draws.shape
    scores, status = np.empty((n_draws, n_models)), np.empty((n_draws, n_models), np.int8)
    best = np.empty(n_models, np.int64)
    room = allocate_room(described, n_models, n_models, capacity)
    n_facets = envelop_draws(described, draws, draws, True, room, 0, scores, status, best)
    return scores, status, best, n_facets


def certify(envelope, points, facets, best, scores, own=False):
    return certify_scores(envelope.technology, envelope.values, points, facets, best, scores, own).max(axis=0)


def agree(found, expected):
    return found == expected or abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))


def assert_efficiency(found, expected, kind, reference, point, n_inputs, rts, orientation):
    """Compare with HiGHS; where they differ, whole-number arithmetic says who is right."""
    if agree(found, expected):
        return
    if kind in ILL_POSED:
        # Right for some data that differ by no more than 1e-9: better models lower the score, worse ones raise it.
        change = np.where(np.arange(len(reference)) < n_inputs, 1e-9, -1e-9)[:, np.newaxis]
        lowest = exact_efficiency(reference * (1.0 - change), point, n_inputs, rts, orientation)
        highest = exact_efficiency(reference * (1.0 + change), point, n_inputs, rts, orientation)
        assert lowest - TOLERANCE <= found <= highest + TOLERANCE
        return
    exact = exact_efficiency(reference, point, n_inputs, rts, orientation)
    assert agree(found, exact), f"found {found!r}, HiGHS {expected!r}, exactly {exact!r}"


# --- scores -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
@pytest.mark.parametrize("kind", KINDS)
def test_scores_equal_highs(kind, rts, orientation):
    rng = generator(kind, rts, orientation)
    for _ in range(-(-N_INSTANCES // (len(KINDS) * len(TECHNOLOGIES)))):
        values, n_inputs = instance(kind, rng)
        values = scale(values)
        options = n_inputs, rts, orientation
        scored = envelope_of(values, *options).score()
        fast, status, _ = envelope_of(values, *options).envelop()  # as the bootstrap takes it, without certificates
        for o, expected in enumerate(plain_efficiencies(values, *options)):
            assert_efficiency(scored.scores[o], expected, kind, values, values[:, o], *options)
            if status[o] == CERTIFIED:
                assert_efficiency(min(fast[o], 1.0), expected, kind, values, values[:, o], *options)
            assert scored.status[o] in ("optimal", "optimal (exact)")
        assert (scored.gap <= TOLERANCE).all()
        assert (scored.scores <= 1.0).all()

        # HiGHS and the kernel both have tolerances; one model is also solved without any, and one left out.
        o = rng.integers(values.shape[1])
        if kind not in ILL_POSED:
            exact = exact_efficiency(values, values[:, o], *options)
            assert agree(scored.scores[o], exact)
            if kind == "wide":  # efficiencies down to 1e-12: the relative error counts
                assert scored.scores[o] == pytest.approx(exact, rel=TOLERANCE, abs=1e-14)
        others = np.delete(values, o, axis=1)
        point = np.ascontiguousarray(values[:, [o]])
        left_out = envelope_of(others, *options).score(point)
        expected = plain_efficiency(others, values[:, o], *options)
        assert_efficiency(left_out.scores[0], expected, kind, others, values[:, o], *options)
        assert (left_out.status[0] == "infeasible") == np.isinf(left_out.scores[0])


@pytest.mark.parametrize("kind", sorted(set(KINDS) - HARD - ILL_POSED))
def test_the_kernel_needs_no_help(kind):
    """The scores' own tests would pass on HiGHS' work alone."""
    rng = generator("help", kind)
    for number in range(40):
        values, n_inputs = instance(kind, rng)
        values = scale(values)
        _, status, best = envelope_of(values, n_inputs, *TECHNOLOGIES[number % 8]).envelop()
        assert (status == CERTIFIED).all()
        assert (best >= 0).all()


@pytest.mark.slow
@given(arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(2, 7)), elements=st.integers(1, 4)), st.data())
@settings(max_examples=150, deadline=None)
def test_small_integers_equal_exact_arithmetic(whole, data):
    n_inputs = data.draw(st.integers(1, len(whole) - 1))
    rts, orientation = data.draw(st.sampled_from(TECHNOLOGIES))
    values = whole.astype(float)
    found = envelope_of(values, n_inputs, rts, orientation).score().scores
    exact = [exact_efficiency(values, point, n_inputs, rts, orientation) for point in values.T]
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12)


@pytest.mark.slow
@given(arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(2, 7)), elements=st.integers(0, 3)), st.data())
@settings(max_examples=150, deadline=None)
def test_small_integers_with_zeros_equal_exact_arithmetic_when_left_out(whole, data):
    n_inputs = data.draw(st.integers(1, len(whole) - 1))
    rts, orientation = data.draw(st.sampled_from(TECHNOLOGIES))
    values = whole.astype(float)
    values[0, values[:n_inputs].sum(axis=0) == 0] = 1.0
    others, point = np.ascontiguousarray(values[:, 1:]), np.ascontiguousarray(values[:, :1])
    found = envelope_of(others, n_inputs, rts, orientation).score(point).scores[0]
    exact = exact_efficiency(others, values[:, 0], n_inputs, rts, orientation)
    assert found == exact or abs(found - exact) <= 1e-12 * exact


@pytest.mark.parametrize("rts", RTS)
def test_no_output_is_no_output_efficiency(rts):
    values = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]])
    scored = envelope_of(values, 1, rts, "output").score()
    assert scored.scores[0] == 0.0
    assert scored.scores.max() == pytest.approx(1.0, abs=1e-15)


# --- many draws, little room, many ties -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
@pytest.mark.parametrize("unrelated", [False, True])
def test_facets_of_other_draws_do_not_matter(rts, orientation, unrelated):
    """The facets of one draw are guesses for the next, good ones or not; so is the dominator of each model."""
    rng = generator("draws", rts, orientation, unrelated)
    for n_inputs, n_outputs, n_models in [(1, 1, 9), (2, 2, 14), (3, 1, 25), (4, 3, 11)]:
        shape = (n_inputs + n_outputs, n_models)
        if unrelated:
            easy = sorted(set(KINDS) - HARD - ILL_POSED)
            draws = np.stack([scale(KINDS[kind](rng, shape, n_inputs)) for kind in easy])
        else:
            draws = rng.lognormal(size=shape) * np.exp(0.05 * rng.standard_normal((12, *shape)))
        kept = draws.copy()
        described = describe(draws[0], n_inputs, rts, orientation)
        scores, status, _, _ = solve_draws(described, draws, 1024 + 4 * n_models)
        np.testing.assert_array_equal(draws, kept)
        assert (status == CERTIFIED).all()
        alone = np.array([Envelope(described, draw).score().scores for draw in draws])
        np.testing.assert_allclose(scores, alone, rtol=0, atol=TOLERANCE)
        o, draw = rng.integers(n_models), rng.integers(len(draws))
        expected = plain_efficiency(draws[draw], draws[draw][:, o], n_inputs, rts, orientation)
        np.testing.assert_allclose(scores[draw, o], expected, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_many_models_in_many_draws(rts, orientation):
    """Enough models for several looks at them, and noise that changes most of the frontier from draw to draw."""
    rng = generator("many", rts, orientation)
    size = rng.standard_normal(150)
    means = np.vstack([np.exp(0.7 * size + 0.3 * rng.standard_normal((3, 150))), np.exp(0.2 * size)])
    draws = np.ascontiguousarray(means * np.exp(0.2 * rng.standard_normal((15, 4, 150))))
    described = describe(draws[0], 3, rts, orientation)
    scores, status, _, _ = solve_draws(described, draws, 1600)
    assert (status == CERTIFIED).all()
    assert (scores <= 1.0).all()
    assert len({tuple(np.flatnonzero(score == 1.0)) for score in scores}) > 5, "or the frontier stays"
    for draw in (0, 1, 7, 14):
        expected = plain_efficiencies(draws[draw], 3, rts, orientation)
        np.testing.assert_allclose(scores[draw], expected, rtol=0, atol=TOLERANCE)


def test_models_on_a_nearly_vertical_facet_attain_1_themselves():
    """Two models give almost the most: on the facet between them one has weights that rounding makes negative."""
    for gap in 10.0 ** -np.arange(3.0, 15.0):
        outputs = np.array([1.0, 1.0 - gap, 0.5, 0.7])
        values = np.vstack([[4.0, 3.0, 1.0, 2.5], [5.0, 6.0, 2.0, 1.5], outputs])
        scored = envelope_of(values, 2, "vrs", "input").score()
        assert scored.scores[0] == 1.0
        assert scored.status[0] == "optimal"
        scores, status, _ = envelope_of(values, 2, "vrs", "input").envelop()
        assert (status == CERTIFIED).all()
        assert scores[0] == 1.0


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
@pytest.mark.parametrize("capacity", [6, 8, 12])
def test_a_full_cache_changes_nothing(rts, orientation, capacity):
    rng = generator("capacity", rts, orientation)
    draws = rng.lognormal(size=(20, 5, 150))
    described = describe(draws[0], 3, rts, orientation)
    expected, status, _, n_roomy = solve_draws(described, draws, 1600)
    assert (status == CERTIFIED).all()
    assert n_roomy > capacity, "or the test shows nothing"
    scores, status, best, n_facets = solve_draws(described, draws, capacity)
    assert n_facets <= capacity - 2
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-11)
    assert (status == CERTIFIED).all()
    assert ((best >= 0) & (best < capacity)).all()


def test_a_full_cache_is_proven_or_solved_exactly(monkeypatch):
    """Facets that had no place are overwritten, so their certificates must fail, not lie."""
    values = generator("handed").lognormal(size=(5, 60))
    expected = envelope_of(values, 3, "vrs", "input").score().scores
    monkeypatch.setattr("paretoscope.dea.envelope.allocate_room", lambda *sizes: allocate_room(*sizes, capacity=8))
    scored = envelope_of(values, 3, "vrs", "input").score()
    np.testing.assert_allclose(scored.scores, expected, rtol=0, atol=TOLERANCE)
    assert set(scored.status) == {"optimal", "optimal (exact)"}
    assert (scored.gap[[status == "optimal (exact)" for status in scored.status]] == 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)])
def test_grids_do_not_cycle(rts, orientation, n_inputs, n_outputs):
    """All points of a grid, each three times: nothing but ties."""
    grid = np.array(list(itertools.product([1.0, 2.0, 3.0], repeat=n_inputs + n_outputs))).T
    values = np.ascontiguousarray(np.tile(grid, 3))
    scored = envelope_of(values, n_inputs, rts, orientation)
    scores, status, _ = scored.envelop()
    assert (status == CERTIFIED).all()
    assert (scores[: grid.shape[1]] == scores[-grid.shape[1] :]).all()
    for o in range(0, grid.shape[1], max(1, grid.shape[1] // 12)):
        exact = exact_efficiency(grid, grid[:, o], n_inputs, rts, orientation)
        assert scores[o] == pytest.approx(exact, abs=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_points_on_one_facet_do_not_cycle(rts, orientation):
    """A whole lattice on one plane, with points below it: the frontier's facets have dozens of models each."""
    lattice = np.array([(a, b, c, a + b - c + 4) for a, b, c in itertools.product(range(1, 5), repeat=3)], float).T
    values = np.ascontiguousarray(np.hstack([lattice, lattice + np.array([[1.0], [0.0], [0.0], [0.0]])]))
    scores, status, _ = envelope_of(values, 2, rts, orientation).envelop()
    assert (status == CERTIFIED).all()
    np.testing.assert_allclose(scores, plain_efficiencies(values, 2, rts, orientation), rtol=0, atol=TOLERANCE)


# --- certificates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_every_facet_is_a_dual_solution(rts, orientation):
    """Recompute each facet's normal from its basis alone, and check it the long way.

    Signs and prices: a feasible dual solution.  Weak duality: its bound exceeds no score.  Strong duality: some bound
    reaches each score.
    """
    rng = generator("facets", rts, orientation)
    for n_inputs, n_outputs in [(1, 1), (2, 1), (2, 3), (4, 2)]:
        values = rng.lognormal(size=(n_inputs + n_outputs, 18))
        envelope = envelope_of(values, n_inputs, rts, orientation)
        scores, _, _ = envelope.envelop()
        output_oriented = orientation == "output" and rts != "crs"
        columns = np.vstack([-values[:n_inputs], values[n_inputs:], np.ones(18)])
        slacks = -np.eye(len(columns))
        slacks[-1, -1] = 1.0 if rts == "nirs" else -1.0
        rows = [metric_of(envelope.technology, row) for row in range(envelope.technology.rank)]
        everything = np.hstack([columns, slacks[:, rows]])
        if rts == "crs":
            everything = everything[:-1]
        highest = np.zeros(18)
        for basis in envelope.bases:
            assert len(set(basis)) == len(basis)
            _, _, spaces = np.linalg.svd(everything[:, basis].T)
            normal = spaces[-1] * np.sign(spaces[-1][np.argmax(np.abs(spaces[-1][: len(values)]))])
            v, u = normal[:n_inputs], normal[n_inputs : len(values)]
            w = 0.0 if rts == "crs" else normal[-1]
            assert (normal[: len(values)] >= -1e-12).all()
            assert {"nirs": w <= 1e-12, "ndrs": w >= -1e-12}.get(rts, True)
            assert (u @ values[n_inputs:] + w - v @ values[:n_inputs] <= 1e-11).all()
            numerator, denominator = u @ values[n_inputs:], v @ values[:n_inputs]
            if output_oriented:
                denominator = denominator - w
            else:
                numerator = numerator + w
            bounds = np.divide(numerator, denominator, where=denominator > 1e-12, out=np.zeros(18))
            assert (bounds <= scores + 1e-10).all()
            highest = np.maximum(highest, bounds)
        np.testing.assert_allclose(highest, scores, rtol=0, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("rts", RTS)
@pytest.mark.parametrize("kind", ["lognormal", "integers", "zeros", "sphere", "plane"])
def test_scores_equal_the_multiplier_programme(kind, rts):
    rng = generator("multiplier", kind, rts)
    for _ in range(5):
        values, n_inputs = instance(kind, rng, largest=12)
        values = scale(values)
        found = envelope_of(values, n_inputs, rts, "input").score().scores
        expected = [plain_dual(values, values[:, o], n_inputs, rts) for o in range(values.shape[1])]
        np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
@pytest.mark.parametrize("n_metrics", [8, 9, 13, 17])
def test_more_metrics_than_lanes(n_metrics, rts, orientation):
    """Rows of one, two and three times eight numbers."""
    values = scale(generator("lanes", n_metrics).lognormal(size=(n_metrics, 30)))
    options = n_metrics - 2, rts, orientation
    scores, status, _ = envelope_of(values, *options).envelop()
    assert (status == CERTIFIED).all()
    np.testing.assert_allclose(scores, plain_efficiencies(values, *options), rtol=0, atol=TOLERANCE)


def test_a_bootstrap_bears_a_full_cache(monkeypatch):
    """Also at the means, where scores rest on facets that no later draw can start from."""
    values = generator("full at the means").lognormal(size=(5, 60))
    draws = values * generator("draws").lognormal(sigma=0.05, size=(6, 5, 60))
    described = describe(values, 4, "vrs", "input")

    def solve():
        scores = np.empty((6, 60))
        RandomFrontierSolver(described, values)(draws.copy(), scores)
        return scores

    expected = solve()
    for place in ("paretoscope.dea.envelope", "paretoscope.kernels.envelopment"):
        monkeypatch.setattr(f"{place}.allocate_room", lambda *sizes: allocate_room(*sizes, capacity=8))
    np.testing.assert_allclose(solve(), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_long_walk_along_a_curve_arrives(orientation):
    """So many steps that the rule against cycling takes over; among the models themselves nothing is out of reach."""
    inputs = np.linspace(0.1, 4.0, 400)
    values = scale(np.vstack([inputs, np.sqrt(inputs) * np.linspace(1.0, 0.999, 400) ** 2]))
    efficient = np.vstack([inputs, np.sqrt(inputs)])
    for points in (scale(efficient), values):
        scores, status, _ = envelope_of(points, 1, "vrs", orientation).envelop()
        assert (status == CERTIFIED).all()
        for o in (0, 17, 250, 399):
            expected = plain_efficiency(points, points[:, o], 1, "vrs", orientation)
            assert scores[o] == pytest.approx(expected, abs=1e-8)


def proven(rts="vrs", orientation="input"):
    """A solved data set and all that its certificates are computed from."""
    values = generator("proven").lognormal(size=(4, 25))
    envelope = envelope_of(values, 2, rts, orientation)
    room = envelope.allocate(25)
    scores, _, best = envelope.envelop(room=room)

    def gaps(scores=scores, best=best):
        return certify(envelope, envelope.frame.apply(values), room.facets, best, scores, own=True)

    return scores, best, gaps, envelope, room.facets


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_right_scores_are_certified(rts, orientation):
    _, _, gaps, *_ = proven(rts, orientation)
    assert (gaps() <= 1e-12).all()


@pytest.mark.parametrize("error", [1e-6, 1e-2])
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_a_score_that_is_too_low_is_not_certified(rts, orientation, error):
    scores, _, gaps, *_ = proven(rts, orientation)
    assert (gaps(scores=scores * (1.0 - error)) > 0.1 * error).all()


@pytest.mark.parametrize("error", [1e-6, 1e-2])
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_a_score_that_is_too_high_is_not_certified(rts, orientation, error):
    """It is a feasible primal value; only comparing it with the dual one can tell."""
    scores, _, gaps, *_ = proven(rts, orientation)
    assert (gaps(scores=scores * (1.0 + error)) > 0.1 * error).all()


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_a_wrong_facet_is_no_certificate(rts, orientation):
    """A valid facet that another model's score rests on proves this model's score only if its bound is as high."""
    scores, best, gaps, envelope, facets = proven(rts, orientation)
    values, technology = envelope.values, envelope.technology
    seen = 0
    for facet in np.unique(best):
        normal = facets.normals[:, facet]
        rows = [metric_of(technology, row) for row in range(technology.rank)]
        ours = np.array([values[row] if row >= 0 else np.full(25, technology.unit) for row in rows])
        need, supply = np.split(normal[:, np.newaxis] * ours, [technology.n_needs])
        need, supply = need.sum(axis=0), supply.sum(axis=0)
        misses = supply / need < scores - 1e-4
        found = gaps(best=np.full(25, facet))
        assert (found[misses] > 1e-6).all()
        seen += misses.sum()
    assert seen > 25


def test_an_infeasible_normal_is_no_certificate():
    """A facet of the models without the best one does not bound the efficiency of all."""
    values = generator("infeasible").lognormal(size=(3, 20))
    values[:, 0] = [0.1 * values[0].min(), 0.1 * values[1].min(), 2.0 * values[2].max()]
    without = envelope_of(np.ascontiguousarray(values[:, 1:]), 2, "crs", "input")
    everyone = envelope_of(values, 2, "crs", "input")
    points = np.ascontiguousarray(values[:, 1:])
    room = without.allocate(19)
    scores, _, best = without.envelop(points, room)
    facets = room.facets
    facets.basis[:] += 1  # the same columns, models and slacks, as numbered among all models
    assert (certify(everyone, points, facets, best, scores) > 1.0).all()


def test_no_score_has_no_gap():
    scores, best, gaps, *_ = proven()
    found = gaps(best=np.where(np.arange(25) == 3, -1, best), scores=np.where(np.arange(25) == 5, np.inf, scores))
    assert np.isnan(found[[3, 5]]).all()
    assert np.isfinite(np.delete(found, [3, 5])).all()


def test_what_the_kernel_cannot_reach_is_infeasible():
    """More output than anyone has: no facet ends the step."""
    values = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    envelope = envelope_of(values, 1, "vrs", "input")
    point = np.array([[30.0], [3.5]])
    _, status, _ = envelope.envelop(point)
    assert status.tolist() == [INFEASIBLE]
    scored = envelope.score(point)
    assert scored.scores.tolist() == [np.inf]
    assert scored.status == ["infeasible"]
    assert np.isnan(scored.gap).all()


def test_a_kernel_that_gives_up_is_replaced_by_exact_arithmetic(monkeypatch):
    values = generator("gives up").lognormal(size=(3, 12))
    expected = envelope_of(values, 2, "vrs", "input").score()
    assert set(expected.status) == {"optimal"}

    def give_up(self, points, room):
        n_points = values.shape[1]
        return np.full(n_points, 0.5), np.full(n_points, UNRESOLVED), np.full(n_points, -1)

    monkeypatch.setattr(Envelope, "envelop", give_up)
    scored = envelope_of(values, 2, "vrs", "input").score()
    np.testing.assert_allclose(scored.scores, expected.scores, rtol=0, atol=TOLERANCE)
    assert set(scored.status) == {"optimal (exact)"}
    assert (scored.gap == 0.0).all()


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_non_dominated(kind):
    rng = generator("candidates", kind)
    for _ in range(20):
        values, n_inputs = instance(kind, rng)
        n_models = values.shape[1]
        better = values * np.where(np.arange(len(values)) < n_inputs, -1.0, 1.0)[:, np.newaxis]

        def beats(j, i, better=better):
            no_worse = bool((better[:, j] >= better[:, i]).all())
            return no_worse and (bool((better[:, j] > better[:, i]).any()) or j < i)

        expected = [i for i in range(n_models) if not any(beats(j, i) for j in range(n_models))]
        assert find_nondominated(values, n_inputs).tolist() == expected


@numba.njit
def run_invert(matrix, places):
    return invert(matrix, places)


def in_whole_lanes(matrix):
    return np.pad(matrix, ((0, 0), (0, whole_lanes(len(matrix)) - len(matrix))))


@pytest.mark.parametrize("rank", [*range(1, 11), 16, 17])
def test_invert(rank):
    rng = generator("invert", rank)
    for _ in range(20):
        matrix = rng.standard_normal((rank, rank))
        if rank > 1:
            matrix[0, 0] = 0.0
        expected = np.linalg.inv(matrix)
        work, places = in_whole_lanes(matrix), np.empty(rank, np.int64)
        assert run_invert(work, places)
        found = np.empty((rank, rank))
        found[:, places] = work[places, :rank]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


def test_a_singular_matrix_has_no_inverse():
    for matrix in ([[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 1.0]]):
        assert not run_invert(in_whole_lanes(np.array(matrix)), np.empty(2, np.int64))


@pytest.mark.parametrize("rts", RTS)
def test_a_sum_of_weights_is_one_row_more(rts):
    assert describe_technology(3, 2, rts, output_oriented=False).rank == 5 + (rts != "crs")


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_largest_slacks(rts, orientation):
    """The second phase's weights reach the point they promise, and no feasible point has a larger sum of slacks."""
    rng = generator("slacks", rts, orientation)
    for kind in ("lognormal", "integers", "duplicates"):
        values, n_inputs = instance(kind, rng, largest=12)
        values = scale(values)
        signs = np.where(np.arange(len(values)) < n_inputs, 1.0, -1.0)
        technology = describe(values, n_inputs, rts, orientation)
        for o, efficiency in enumerate(plain_efficiencies(values, n_inputs, rts, orientation)):
            moved = values[:, o].copy()
            if orientation == "input":
                moved[:n_inputs] *= efficiency
            else:
                moved[n_inputs:] /= efficiency
            weights, slacks = largest_slacks(values, moved, technology)
            assert (weights >= -1e-12).all()
            assert (slacks >= 0).all()
            np.testing.assert_allclose(values @ weights, moved - signs * slacks, rtol=0, atol=1e-8)
            low, high = {"vrs": (1, 1), "crs": (0, np.inf), "nirs": (0, 1), "ndrs": (1, np.inf)}[rts]
            assert low - 1e-8 <= weights.sum() <= high + 1e-8
            # The target has no slack left: it is efficient in the strong sense.
            target = moved - signs * slacks
            _, left = largest_slacks(values, target, technology)
            assert left.sum() <= 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_free_disposal(kind, orientation):
    rng = generator("free disposal", kind, orientation)
    for _ in range(10):
        values, n_inputs = instance(kind, rng)
        n_models = values.shape[1]
        for skip in (np.full(n_models, -1), np.arange(n_models)):
            scores, peers = np.empty(n_models), np.empty(n_models, np.int64)
            free_disposal_efficiency(values, values, n_inputs, orientation == "output", skip, scores, peers)
            expected = [
                plain_free_disposal(values, values[:, o], n_inputs, orientation, skip[o]) for o in range(n_models)
            ]
            np.testing.assert_allclose(scores, expected, rtol=1e-14)
            assert ((peers >= 0) == np.isfinite(scores)).all()
            for o in np.flatnonzero(peers >= 0):
                alone = plain_free_disposal(values[:, [peers[o]]], values[:, o], n_inputs, orientation)
                assert alone == pytest.approx(scores[o], rel=1e-14)
        draws = np.stack([values, values[:, ::-1]])
        scores = np.empty((2, n_models))
        free_disposal_draws(draws, n_inputs, orientation == "output", scores)
        expected = [plain_free_disposal(values, values[:, o], n_inputs, orientation) for o in range(n_models)]
        np.testing.assert_allclose(scores, [expected, expected[::-1]], rtol=1e-14)
