"""Scores of data that are hard for floating-point numbers, against the exact ones."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
import pytest

from hard_data import EXTREMES, NEAR_TIES, OTHERS, hard_instance
from paretoscope import bootstrap, efficiency, load
from paretoscope.dea.exact import exact_efficiency as found_exactly
from paretoscope.kernels.technology import describe_technology
from paretoscope.measurements import Measurements
from paretoscope.resampling.doubts import FARTHEST
from reference import ORIENTATIONS, RTS, exact_efficiency, measured, quietly

TECHNOLOGIES = [(rts, orientation) for rts in RTS for orientation in ORIENTATIONS]
KINDS = [*NEAR_TIES, *EXTREMES, *OTHERS]


def generator(*keys):
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


def assert_right(found, exact, relative):
    """Neither an absolute error nor one near 1 is forgiven."""
    assert found == exact or abs(found - exact) <= relative * exact, f"found {found!r}, exactly {exact!r}"


def check_efficiency(kind, rts, orientation, n_data_sets, largest):
    """Compare all scores of some data sets, and one of a model that is left out; return how many."""
    rng = generator(kind, rts, orientation)
    n_scores = 0
    for _ in range(n_data_sets):
        values, n_inputs = hard_instance(kind, rng, largest)
        result = quietly(efficiency, measured(values, n_inputs), rts=rts, orientation=orientation)
        beyond = quietly(
            efficiency, measured(values, n_inputs), rts=rts, orientation=orientation, super_efficiency=True
        )
        assert set(result.status) <= {"optimal", "optimal (exact)"}
        assert (result.gap <= 1e-9).all()
        for o, score in enumerate(result.scores):
            exact = exact_efficiency(values, values[:, o], n_inputs, rts, orientation)
            assert_right(score, exact, 1e-9)
            if exact == 1.0:
                others = np.delete(values, o, axis=1)
                exact = exact_efficiency(others, values[:, o], n_inputs, rts, orientation)
                assert_right(beyond.scores.iloc[o], exact, 1e-9)
            n_scores += 1
    return n_scores


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_exact(kind):
    """One data set for each of two technologies, others for every kind; the slow test takes all."""
    first = zlib.crc32(kind.encode()) % 8
    for rts, orientation in (TECHNOLOGIES[first], TECHNOLOGIES[(first + 3) % 8]):
        check_efficiency(kind, rts, orientation, n_data_sets=1, largest=7)


@pytest.mark.slow
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_many_scores_are_exact(rts, orientation):
    n_scores = sum(check_efficiency(kind, rts, orientation, n_data_sets=3, largest=10) for kind in KINDS)
    assert n_scores >= 300, "2,400 over all technologies"


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_two_exact_methods_agree(rts, orientation):
    """A dual simplex method that takes columns in as it needs them, and a primal one in two phases with all columns."""
    rng = generator("methods", rts, orientation)
    for kind in ("integers", "zeros", "ranges 10", "ties 1e-12", "mixture"):
        for _ in range(3):
            values, n_inputs = hard_instance(kind, rng)
            technology = describe_technology(
                n_inputs, len(values) - n_inputs, rts, output_oriented=orientation == "output"
            )
            o = rng.integers(values.shape[1])
            for models in (values, np.delete(values, o, axis=1)):
                expected = exact_efficiency(models, values[:, o], n_inputs, rts, orientation)
                assert found_exactly(technology, models, values[:, o]) == expected


def test_the_range_of_one_metric_does_not_turn_a_score_into_zero():
    """Once 0, and called optimal."""
    values = np.array([[1e-10, 1.0, 1e10, 3e9], [1e-9, 1.0, 1e10, 1e5]])
    for rts, orientation in TECHNOLOGIES:
        result = quietly(efficiency, measured(values, 1), rts=rts, orientation=orientation)
        for o, score in enumerate(result.scores):
            assert_right(score, exact_efficiency(values, values[:, o], 1, rts, orientation), 1e-9)
            assert score > 0.0


def noisy(values, n_inputs, spread, rng):
    """Three runs of each model."""
    n_metrics, n_models = values.shape
    rows = [
        (f"m{model}", run, *(values[:, model] * (1.0 + spread * rng.standard_normal(n_metrics))))
        for model in range(n_models)
        for run in range(3)
    ]
    inputs, outputs = [f"x{i}" for i in range(n_inputs)], [f"y{i}" for i in range(n_metrics - n_inputs)]
    frame = pd.DataFrame(rows, columns=["model", "run", *inputs, *outputs])
    return Measurements.from_frame(frame, inputs=inputs, outputs=outputs)


@pytest.mark.parametrize("frontier", ["random", "fixed"])
@pytest.mark.parametrize("kind", ["ranges 8", "ranges 10", "one range 10", "ranges 50", "mixture"])
def test_draws_are_right_whatever_the_range(kind, frontier):
    rng = generator("draws", kind, frontier)
    for rts, orientation in [TECHNOLOGIES[0], TECHNOLOGIES[rng.integers(1, 8)]]:
        values, n_inputs = hard_instance(kind, rng, 7)
        data = noisy(np.maximum(values, 1e-60), n_inputs, 0.03, rng)
        sim = quietly(
            bootstrap,
            data,
            n_resamples=6,
            noise="lognormal",
            rng=1,
            rts=rts,
            orientation=orientation,
            frontier=frontier,
        )
        means = data.mean[list(data.metrics)].to_numpy().T
        assert sim.status["uncertified"] == 0
        for b in (0, 5):
            points = sim.sample(b).to_numpy().T
            for o in range(points.shape[1]):
                models = points if frontier == "random" else np.delete(means, o, axis=1)
                exact = exact_efficiency(models, points[:, o], n_inputs, rts, orientation)
                assert_right(sim.draws[b, o], min(exact, 1.0), 1e-6)


@pytest.mark.parametrize("rts", RTS)
def test_a_value_near_zero_in_a_single_draw_is_seen(rts):
    """Gaussian noise of 60 % brings some values near 0 now and then; the kernel alone is trusted with the others."""
    values = np.array([[1.0, 2.0, 3.0, 4.0], [60.0, 70.0, 75.0, 72.0]])
    data = measured(values, 1)
    sim = quietly(bootstrap, data, n_resamples=6000, noise={"x0": "60%", "y0": "exact"}, rng=1, rts=rts)
    least = min(range(6000), key=lambda b: sim.draws[b].min())
    assert sim.draws[least].min() < 8.0 / FARTHEST, "or no value is far from its unit"
    points = sim.sample(least).to_numpy().T
    for o in range(4):
        assert_right(sim.draws[least, o], exact_efficiency(points, points[:, o], 1, rts, "input"), 1e-6)


def test_the_shipped_data_need_no_exact_arithmetic():
    for rts, orientation in TECHNOLOGIES:
        for frontier in ("random", "fixed"):
            options = {"rts": rts, "orientation": orientation, "frontier": frontier}
            sim = quietly(bootstrap, load("imagenet"), n_resamples=500, rng=0, **options)
            assert sim.status == {"certified": 500 * 17, "exact": 0, "uncertified": 0}
