"""Algorithm 1: the same draws whoever computes them, each solved as the definition says, and intervals that cover."""

from __future__ import annotations

import re
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pytest

from paretoscope.dea.efficiencies import efficiency
from paretoscope.errors import (
    DataError,
    FewModelsWarning,
    FewRunsWarning,
    OptionError,
    SmallnessWarning,
)
from paretoscope.kernels.technology import CERTIFIED, UNRESOLVED
from paretoscope.measurements import Measurements
from paretoscope.noise import simulation
from paretoscope.noise.families import parse_family
from paretoscope.noise.fitting import fit_noise
from paretoscope.noise.seeds import Seed, resolve_seed
from paretoscope.noise.simulation import Resampler, simulate
from paretoscope.notices import Notice
from paretoscope.resampling.algorithm import bootstrap, resample, solve_batches
from paretoscope.resampling.draws import EfficiencyDraws
from reference import (
    ORIENTATIONS,
    RTS,
    measured,
    plain_efficiencies,
    plain_efficiency,
    plain_free_disposal,
    quietly,
    scale,
)

OPTIONS = [(rts, orientation) for rts in (*RTS, "fdh") for orientation in ORIENTATIONS]
RADIAL = [(rts, orientation) for rts in RTS for orientation in ORIENTATIONS]


def some_runs(n_models=10, n_inputs=2, n_outputs=1, n_runs=5, spread=0.1, seed=0, digits=None):
    """Runs around random truths; rounded, ties are the rule."""
    rng = np.random.default_rng(seed)
    truth = rng.lognormal(1.0, 0.7, (n_inputs + n_outputs, n_models))
    runs = truth[:, :, np.newaxis] * np.exp(spread * rng.standard_normal((*truth.shape, n_runs)))
    if digits is not None:
        runs = np.maximum(runs.round(digits), 10.0**-digits)
    inputs = [f"x{row}" for row in range(n_inputs)]
    outputs = [f"y{row}" for row in range(n_outputs)]
    frame = pd.DataFrame({"model": np.repeat([f"m{j}" for j in range(n_models)], n_runs)})
    for row, metric in enumerate(inputs + outputs):
        frame[metric] = runs[row].ravel()
    return Measurements.from_frame(frame, inputs=inputs, outputs=outputs)


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of some ten draws, so that few draws fill many of them."""
    monkeypatch.setattr(simulation, "VALUES_PER_BATCH", 300)


def run(data, **options):
    options = {"n_resamples": 60, "rng": 1, "progress": False} | options
    return quietly(bootstrap, data, **options)


# --- every draw is solved exactly -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["gaussian", "empirical"])
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_draws_equal_the_plain_solution_of_the_sample(rts, orientation, noise, small_batches):
    """With whole numbers and resampled runs there are ties in every draw."""
    for shape in [(9, 1, 1), (12, 2, 2), (15, 3, 1)]:
        data = some_runs(*shape, digits=0 if noise == "empirical" else None, spread=0.3)
        sim = run(data, rts=rts, orientation=orientation, noise=noise)
        n_inputs = shape[1]
        for b in (0, 1, 13, 37, 59):
            sample = sim.sample(b)
            assert list(sample.columns) == list(data.metrics)
            assert list(sample.index) == list(data.models)
            values = sample.to_numpy().T
            if rts == "fdh":
                expected = [plain_free_disposal(values, point, n_inputs, orientation) for point in values.T]
            else:
                expected = plain_efficiencies(scale(values), n_inputs, rts, orientation)
            np.testing.assert_allclose(sim.draws[b], expected, rtol=0, atol=1e-8)
        assert sim.status["uncertified"] == 0
        assert sum(sim.status.values()) == sim.draws.size


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_fixed_frontier_is_the_others_means_and_the_model_itself(rts, orientation, small_batches):
    for shape in [(9, 1, 1), (12, 2, 2)]:
        data = some_runs(*shape, spread=0.4)
        sim = run(data, rts=rts, orientation=orientation, noise="lognormal", frontier="fixed")
        means = data.mean.to_numpy().T
        n_inputs = shape[1]
        for b in (0, 7, 31, 59):
            sample = sim.sample(b).to_numpy().T
            for o in range(shape[0]):
                values = means.copy()
                values[:, o] = sample[:, o]
                if rts == "fdh":
                    expected = plain_free_disposal(values, values[:, o], n_inputs, orientation)
                else:
                    values = scale(values)
                    expected = plain_efficiency(values, values[:, o], n_inputs, rts, orientation)
                assert sim.draws[b, o] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("rts", ["vrs", "nirs", "ndrs", "fdh"])
def test_out_of_the_others_reach_is_efficient(rts, orientation):
    """The most accurate model is the slowest by far, and the fastest the least accurate; nobody else reaches them."""
    x = [0.001, 1.0, 2.0, 3.0, 4.0, 5.0, 600.0]
    y = [0.01, 1.0, 1.5, 2.0, 3.0, 4.0, 50.0]
    data = measured(np.array([x, y]), 1)
    for frontier in ("random", "fixed"):
        sim = run(data, noise="1%", rts=rts, orientation=orientation, frontier=frontier)
        if rts in ("vrs", "ndrs", "fdh"):
            assert (sim.draws[:, 0] == 1.0).all()
        if rts in ("vrs", "nirs", "fdh") and not (rts == "nirs" and orientation == "output"):
            assert (sim.draws[:, -1] == 1.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("frontier", ["random", "fixed"])
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_draws_are_efficiencies(rts, orientation, frontier):
    data = some_runs(20, 2, 2, spread=0.2)
    sim = run(data, rts=rts, orientation=orientation, frontier=frontier, n_resamples=500)
    assert sim.draws.shape == (500, 20)
    assert sim.draws.dtype == np.float64
    assert sim.draws.flags["C_CONTIGUOUS"]
    assert (sim.draws > 0.0).all()
    assert (sim.draws <= 1.0).all()
    if frontier == "random":
        assert (sim.draws.max(axis=1) == 1.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["gaussian", "empirical", "lognormal", "student"])
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_without_noise_all_draws_are_the_efficiency(rts, orientation, noise):
    values = np.random.default_rng(3).integers(1, 6, size=(3, 12)).astype(float)
    data = measured(values, 2)
    found = quietly(efficiency, data, rts=rts, orientation=orientation).scores
    for frontier in ("random", "fixed"):
        with pytest.warns(FewRunsWarning, match="no metric varies: nothing was repeated, so all draws are equal"):
            sim = run(data, rts=rts, orientation=orientation, noise=noise, frontier=frontier, n_resamples=5)
        assert (sim.draws == sim.draws[0]).all()
        np.testing.assert_allclose(sim.draws[0], found, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(sim.draws[0] == 1.0, found == 1.0)
        pd.testing.assert_series_equal(sim.efficiency, found)


def test_equal_models_win_equally_often():
    """Within five standard errors of one half: one false alarm in 1.7 million."""
    values = np.array([[1.0, 2.0, 2.0, 2.0, 5.0, 6.0], [1.0, 3.0, 3.0, 1.0, 4.0, 1.0]])
    sim = run(measured(values, 1), noise={"x0": "5%", "y0": "exact"}, n_resamples=2000)
    assert abs((sim.draws[:, 1] > sim.draws[:, 2]).mean() - 0.5) < 5.0 * 0.5 / np.sqrt(2000)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), RADIAL)
def test_noise_that_turns_the_frontier_over(rts, orientation):
    """A hundred percent of noise, six metrics: hardly a facet survives from draw to draw."""
    data = some_runs(25, 4, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fifth of the draws leave their domain
        sim = run(data, rts=rts, orientation=orientation, noise="100%", n_resamples=100)
    assert sim.status == {"certified": 2500, "exact": 0, "uncertified": 0}
    for b in (0, 50, 99):
        expected = plain_efficiencies(scale(sim.sample(b).to_numpy().T), 4, rts, orientation)
        np.testing.assert_allclose(sim.draws[b], expected, rtol=0, atol=1e-8)


def test_accurate_models_under_noise():
    """Accuracies near 100 %, as in easy tasks: still exactly 1 for the most accurate, and no score above."""
    rng = np.random.default_rng(5)
    data = measured(np.vstack([rng.lognormal(size=(2, 12)), 100.0 - 0.01 * rng.random((1, 12))]), 2)
    sim = run(data, noise={"*": "3%", "y0": "exact"}, n_resamples=200)
    most_accurate = int(data.mean["y0"].to_numpy().argmax())
    assert (sim.draws[:, most_accurate] == 1.0).all()
    assert (sim.draws <= 1.0).all()
    for b in (0, 100):
        expected = plain_efficiencies(scale(sim.sample(b).to_numpy().T), 2, "vrs", "input")
        np.testing.assert_allclose(sim.draws[b], expected, rtol=0, atol=1e-7)  # the limit of HiGHS here


def test_zero_inputs_and_outputs():
    """Zeros do not vary under noise in percent; a model without output has no output-oriented efficiency."""
    values = np.array([[0.0, 1.0, 2.0, 3.0, 1.0, 2.0], [2.0, 0.0, 1.0, 3.0, 2.0, 2.0], [1.0, 2.0, 3.0, 0.0, 1.5, 1.0]])
    for rts, orientation in RADIAL:
        sim = run(measured(values, 2), noise="5%", rts=rts, orientation=orientation, n_resamples=30)
        assert (sim.draws <= 1.0).all()
        for b in (0, 29):
            expected = plain_efficiencies(sim.sample(b).to_numpy().T, 2, rts, orientation)
            np.testing.assert_allclose(sim.draws[b], expected, rtol=0, atol=1e-8)


# --- the same bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["gaussian", "student", "empirical"])
@pytest.mark.parametrize("frontier", ["random", "fixed"])
def test_threads_do_not_matter(noise, frontier, small_batches):
    data = some_runs()
    first = run(data, noise=noise, frontier=frontier, n_resamples=205)
    assert first.resampler().n_batches > 15
    for n_jobs in (1, 2, 3, -1):
        again = run(data, noise=noise, frontier=frontier, n_resamples=205, n_jobs=n_jobs)
        assert again.draws.tobytes() == first.draws.tobytes()
        assert (again.n_redrawn, again.status) == (first.n_redrawn, first.status)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), OPTIONS)
def test_threads_do_not_matter_to_any_technology(rts, orientation, small_batches):
    data = some_runs(digits=1)
    one, two = (run(data, rts=rts, orientation=orientation, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.draws.tobytes() == two.draws.tobytes()


def test_threads_do_not_matter_at_full_size():
    data = some_runs(8)
    one, two = (run(data, n_resamples=12_000, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.resampler().n_batches == 3
    assert one.draws.tobytes() == two.draws.tobytes()


@pytest.mark.parametrize("noise", ["gaussian", "student", "empirical", "lognormal"])
def test_more_draws_begin_with_the_same(noise, small_batches):
    data = some_runs(spread=0.5)  # some are drawn again
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        longest = run(data, noise=noise, n_resamples=211)
        for n_resamples in (1, 10, 11, 100):
            shorter = run(data, noise=noise, n_resamples=n_resamples)
            assert shorter.draws.tobytes() == longest.draws[:n_resamples].tobytes()


def test_the_order_of_models_is_the_data_s():
    data = some_runs()
    sim = run(data)
    assert sim.models == data.models == tuple(sim.efficiency.index)
    pd.testing.assert_series_equal(sim.efficiency, quietly(efficiency, data).scores)


def test_draws_and_data_are_closed_to_writing():
    data = some_runs()
    fingerprint = data.fingerprint
    sim = run(data)
    with pytest.raises(ValueError, match="read-only"):
        sim.draws[0, 0] = 2.0
    sample = sim.sample(0)
    sample.iloc[:, :] = 0.0
    assert sim.sample(0).to_numpy().min() > 0.0
    assert data.fingerprint == fingerprint


@pytest.mark.slow
@pytest.mark.parametrize(
    "noise", ["gaussian", "student", "empirical", "lognormal", "12.3456789%", {"x0": "0.123456789%", "*": "student"}]
)
def test_samples_are_what_was_solved(noise, small_batches):
    """`sample` draws again from what the result holds: the noise as it is written there, and the seed."""
    data = some_runs()
    sim = run(data, noise=noise)
    sampler, _ = fit_noise(data, noise)
    original = Resampler(sampler, resolve_seed(1), 60)
    stacked = np.concatenate(list(original)) * sampler.units[:, np.newaxis]
    for b in (0, 9, 10, 59):
        np.testing.assert_array_equal(sim.sample(b).to_numpy().T, stacked[b])


def test_families_take_turns_on_one_stream():
    """Compiled normals hand the generator's state back, so the next metric goes on where they end."""
    sampler, _ = fit_noise(some_runs(), {"x0": "gaussian", "x1": "student", "y0": "lognormal"})
    stream, again = (np.random.Generator(np.random.SFC64(5)) for _ in range(2))
    out, shape = np.empty((200, 3, 10)), (200, 10)
    assert sampler.draw(stream, out).sum() == 0, "or values were drawn again"
    x0, x1, y0 = sampler.fitted
    expected = [
        x0.location + x0.scale * again.standard_normal(shape),
        x1.location + x1.scale * again.standard_t(x1.degrees, shape),
        np.exp(y0.logarithm.location + y0.logarithm.scale * again.standard_normal(shape)),
    ]
    np.testing.assert_allclose(out.transpose(1, 0, 2), expected, rtol=1e-12, atol=0)


# --- seeds ------------------------------------------------------------------------------------------------------------


def test_same_seed_same_draws():
    data = some_runs()
    first = run(data, rng=7)
    for rng in (7, np.int64(7), np.random.SeedSequence(7)):
        assert run(data, rng=rng).draws.tobytes() == first.draws.tobytes()
    assert run(data, rng=8).draws.tobytes() != first.draws.tobytes()
    assert run(data, rng=2**100).draws.tobytes() != first.draws.tobytes()


def test_a_seed_sequence_is_not_used_up():
    data = some_runs()
    sequence = np.random.SeedSequence(7).spawn(3)[2]
    first, second = run(data, rng=sequence), run(data, rng=sequence)
    assert first.draws.tobytes() == second.draws.tobytes()
    assert sequence.n_children_spawned == 0
    assert first.draws.tobytes() != run(data, rng=7).draws.tobytes()
    words = run(data, rng=np.random.SeedSequence([1, 2, 3]))
    assert words.seed.entropy == (1, 2, 3)
    assert words.draws.tobytes() == run(data, rng=np.random.SeedSequence([1, 2, 3])).draws.tobytes()


def test_a_generator_gives_new_draws_each_time():
    data = some_runs()
    generator, twin = np.random.default_rng(7), np.random.default_rng(7)
    first, second = run(data, rng=generator), run(data, rng=generator)
    assert first.draws.tobytes() != second.draws.tobytes()
    assert first.draws.tobytes() == run(data, rng=twin).draws.tobytes()
    assert second.draws.tobytes() == run(data, rng=twin).draws.tobytes()
    assert first.draws.tobytes() != run(data, rng=7).draws.tobytes()
    assert generator.bit_generator.state["state"] == np.random.default_rng(7).bit_generator.state["state"]


def test_without_a_seed_the_result_holds_one():
    data = some_runs()
    first, second = run(data, rng=None), run(data, rng=None)
    assert first.draws.tobytes() != second.draws.tobytes()
    again = np.random.SeedSequence(first.seed.entropy, spawn_key=first.seed.spawn_key)
    assert run(data, rng=again).draws.tobytes() == first.draws.tobytes()


def test_batches_have_streams_of_their_own(small_batches):
    sim = run(some_runs(), n_resamples=205)
    assert len(np.unique(sim.draws, axis=0)) == 205
    assert Seed(7).generator(0).random() != Seed(7).generator(1).random()


@pytest.mark.parametrize("rng", [-1, 1.5, "0", True, [1, 2], np.random.RandomState(0)])
def test_what_is_no_seed(rng):
    with pytest.raises(
        OptionError, match=r"^rng: found .*; expected a whole number of at least 0, a SeedSequence, a Generator or None"
    ):
        bootstrap(some_runs(), n_resamples=2, rng=rng)


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_resamples": 0}, r"n_resamples: found 0; expected a whole number of at least 1"),
        ({"n_resamples": 10.0}, r"n_resamples: found 10\.0; expected a whole number"),
        ({"n_resamples": True}, r"n_resamples: found True; expected a whole number"),
        ({"n_resamples": "10"}, r"n_resamples: found '10'; expected a whole number"),
        ({"n_jobs": 0}, r"n_jobs: found 0; expected a number of threads, or -1 for one a core"),
        ({"n_jobs": -2}, r"n_jobs: found -2; expected a number of threads"),
        ({"n_jobs": 1.5}, r"n_jobs: found 1\.5; expected a number of threads"),
        ({"n_jobs": None}, r"n_jobs: found None; expected a number of threads"),
        ({"rts": "vsr"}, r"rts: found 'vsr'; expected one of vrs, crs, nirs, ndrs, fdh; did you mean 'vrs'\?"),
        ({"orientation": "both"}, r"orientation: found 'both'; expected one of input, output$"),
        ({"scope": "rum"}, r"scope: found 'rum'; expected one of run, mean; did you mean 'run'\?"),
        ({"frontier": "mean"}, r"frontier: found 'mean'; expected one of random, fixed"),
        ({"noise": "gausian"}, r"noise: found 'gausian'; expected one of gaussian"),
        ({"noise": {"x9": "3%"}}, r"noise: found 'x9'; expected one of .*x0"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(OptionError, match="^" + message):
        run(some_runs(), **options)


def test_data_that_does_not_fit_the_noise():
    with pytest.raises(DataError, match=re.escape("its repeats differ")):
        run(some_runs(), noise="exact")


def test_numpy_integers_are_whole_numbers():
    assert run(some_runs(), n_resamples=np.int32(3), n_jobs=np.int64(1)).draws.shape == (3, 10)


@pytest.mark.parametrize("b", [-1, 60, 1.0, True, "0"])
def test_there_is_no_such_draw(b):
    sim = run(some_runs())
    with pytest.raises(OptionError, match=r"b: found .*; expected a draw from 0 to 59"):
        sim.sample(b)


def test_one_draw_of_two_models():
    sim = run(measured(np.array([[1.0, 2.0], [1.0, 1.5]]), 1), noise="1%", n_resamples=1)
    assert sim.draws.shape == (1, 2)


def test_the_result_says_how_it_was_made():
    sim = run(some_runs(), rts="nirs", orientation="output", noise={"x0": "3%"}, scope="mean", frontier="fixed")
    assert (sim.rts, sim.orientation, sim.scope, sim.frontier) == ("nirs", "output", "mean", "fixed")
    assert parse_family(sim.noise.pop("x0")) == parse_family("3%")
    assert sim.noise == {"x1": "gaussian", "y0": "gaussian"}
    assert sim.seed == Seed(1)
    assert {"numpy", "numba", "paretoscope"} <= set(sim.versions)
    assert repr(sim) == "EfficiencyDraws(60 draws of 10 models; nirs, output, mean)"
    assert sim.status["uncertified"] == 0


def test_advice_is_given_once_and_kept():
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [50.0, 60.0, 70.0, 80.0, 90.0]])
    with pytest.warns() as caught:
        sim = bootstrap(measured(values, 1), n_resamples=3, rts="crs", rng=0)
    assert {warning.category for warning in caught} == {FewModelsWarning, SmallnessWarning, FewRunsWarning}
    assert [str(warning.message) for warning in caught] == list(sim.notices)
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_in_one_thread_stops_all(error, n_jobs, small_batches):
    solved = []

    def solve(draws, scores):
        solved.append(len(draws))
        if len(solved) == 3:
            raise error
        time.sleep(0.01)
        return 0

    resampler, _ = simulate(some_runs(), n_resamples=10_000, noise="gaussian", scope="run", rng=1)
    scores = np.empty((10_000, resampler.sampler.shape[1]))
    before = threading.active_count()
    with pytest.raises(error):
        solve_batches(resampler, solve, scores, n_jobs, progress=False)
    n_solved = len(solved)
    time.sleep(0.1)
    assert len(solved) <= n_solved + 1 < 100  # of 1,000 batches
    assert threading.active_count() <= before


@pytest.mark.parametrize("backend", ["loky", "multiprocessing"])
def test_a_backend_of_processes_chosen_around_it_is_not_used(backend, small_batches):
    with joblib.parallel_config(backend=backend):
        around = run(some_runs(), n_jobs=2)
    assert around.draws.tobytes() == run(some_runs()).draws.tobytes()


def test_progress_does_not_change_the_draws(capsys):
    data = some_runs()
    shown, hidden = run(data, progress=True), run(data, progress=False)
    assert shown.draws.tobytes() == hidden.draws.tobytes()
    assert capsys.readouterr().out == ""


# --- do the intervals cover? ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "truth"), [("vrs", 1.0 + 1.0 * (70.0 - 60.0) / (75.0 - 60.0)), ("crs", 70.0 / 60.0)])
def test_intervals_of_the_mean_cover_the_truth(rts, truth, monkeypatch):
    """400 data sets of ten runs; the 90 % interval of model D's efficiency contains the true one in about 90 %.

    D lies off the frontier and projects on the middle of a facet (A to B under vrs, the ray of A under crs), so that
    its efficiency is nearly linear in all metrics, and the student interval nearly exact.  Between 85 % and 95 %, which
    is 3.3 standard errors either way: one false alarm in 1,000 seeds; this seed gives none.
    """
    monkeypatch.setattr(simulation, "VALUES_PER_BATCH", 8 * 1000)  # as many draws as are wanted, to be quick
    rng = np.random.default_rng(20)
    x, y, n_runs, n_sets = np.array([1.0, 2.0, 4.0, 3.0]), np.array([60.0, 75.0, 80.0, 70.0]), 10, 400
    truth /= 3.0
    covered = 0
    frame = pd.DataFrame({"model": np.repeat(list("ABCD"), n_runs)})
    for number in range(n_sets):
        frame["x"] = (x[:, np.newaxis] * (1.0 + 0.02 * rng.standard_normal((4, n_runs)))).ravel()
        frame["y"] = (y[:, np.newaxis] + 0.4 * rng.standard_normal((4, n_runs))).ravel()
        data = Measurements.from_frame(frame, inputs="x", outputs="y")
        sim = run(data, n_resamples=999, noise="student", scope="mean", rng=number, rts=rts)
        low, high = np.sort(sim.draws[:, 3])[[49, 949]]
        covered += low < truth < high
    assert 0.85 <= covered / n_sets <= 0.95


def test_distribution_of_a_ratio():
    """One input and one output under crs, a rival that does not vary: efficiency is y/x over the rival's.

    x and y are lognormal, so is the ratio.  Share of 20,000 draws below its quantiles, within five standard errors: one
    false alarm in 1.7 million checks.
    """
    rng = np.random.default_rng(21)
    logarithms = 0.05 * rng.standard_normal((2, 6))
    rows = [("rival", run, 1.0, 2.0) for run in range(6)]
    rows += [("model", run, *np.exp(logarithms[:, run])) for run in range(6)]
    data = Measurements.from_frame(pd.DataFrame(rows, columns=["model", "run", "x", "y"]), inputs="x", outputs="y")
    sim = run(data, n_resamples=20_000, noise="lognormal", rts="crs")
    np.testing.assert_array_equal(sim.draws[:, 0], 1.0)
    found = np.log(sim.draws[:, 1])
    mean = np.log(0.5) + logarithms[1].mean() - logarithms[0].mean()
    sd = np.sqrt(logarithms[0].var(ddof=1) + logarithms[1].var(ddof=1))
    for level, quantile in [(0.05, -1.6448536), (0.5, 0.0), (0.95, 1.6448536)]:
        share = np.mean(found < mean + quantile * sd)
        assert abs(share - level) <= 5.0 * np.sqrt(level * (1.0 - level) / 20_000)


def test_what_the_kernel_gives_up_is_found_exactly(monkeypatch):
    def give_up(technology, models, points, own, room, n_facets, scores, status, best):
        scores[...], status[...], best[...] = 0.5, CERTIFIED, 0
        status[0, 2] = UNRESOLVED
        return 0

    data = some_runs(9, 1, 1, spread=0.1)
    expected = bootstrap(data, n_resamples=10, rng=0).draws[0, 2]
    monkeypatch.setattr("paretoscope.resampling.solvers.envelop_draws", give_up)
    sim = bootstrap(data, n_resamples=10, rng=0)
    assert sim.draws[0, 2] == pytest.approx(expected, rel=1e-12)
    assert sim.status == {"certified": 89, "exact": 1, "uncertified": 0}


# --- notices ----------------------------------------------------------------------------------------------------------


def test_the_core_returns_what_the_public_function_warns_of():
    options = {"n_resamples": 20, "rts": "crs", "orientation": "input", "noise": "gaussian", "scope": "run", "rng": 0}
    data = some_runs(6, 1, 1, n_runs=2, spread=0.1)
    sim, notices = resample(data, **options)  # without a warning, which would be an error here
    assert {notice.category for notice in notices} >= {FewRunsWarning}
    assert [notice.message for notice in notices] == list(sim.notices)
    with pytest.warns() as caught:
        bootstrap(data, **options)
    assert [Notice(warning.category, str(warning.message)) for warning in caught] == notices


@pytest.mark.slow
def test_threads_keep_their_warnings():
    """Each of 40 calls in four threads warns once of its two runs a model, whatever the others do meanwhile."""
    data = some_runs(12, 1, 1, n_runs=2, spread=0.1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda seed: bootstrap(data, n_resamples=50, rng=seed), range(40)))
    assert sum(warning.category is FewRunsWarning for warning in caught) == 2 * 40  # of each metric


@pytest.mark.parametrize("entropy", [None, 2**100, np.random.SeedSequence([2**40, 7], spawn_key=(3,))])
def test_a_saved_result_keeps_any_seed(entropy, tmp_path):
    """Entropy has 128 bits by default, more than JSON's numbers have elsewhere."""
    sim = run(some_runs(), rng=entropy, n_resamples=20)
    sim.save(tmp_path / "result.npz")
    loaded = EfficiencyDraws.load(tmp_path / "result.npz")
    assert loaded.seed == sim.seed
    assert loaded.status == sim.status
    assert loaded.notices == sim.notices
    pd.testing.assert_frame_equal(loaded.sample(19), sim.sample(19))
