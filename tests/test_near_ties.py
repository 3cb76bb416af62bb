"""Models that are nearly tied in the metric that decides: nine precisions of one net, say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from instances import instance
from paretoscope import bootstrap, efficiency, report
from paretoscope.cli import main
from paretoscope.dea.exact import exact_slacks
from paretoscope.dea.programme import largest_slacks
from paretoscope.kernels.technology import describe_technology
from paretoscope.measurements import Measurements
from reference import ORIENTATIONS, RTS, exact_efficiency, measured, quietly, scale

TECHNOLOGIES = [(rts, orientation) for rts in RTS for orientation in ORIENTATIONS]


def precisions(tie, *, latency_tie=None, inputs=("latency_ms",), n_runs=5):
    """Nine precisions with accuracies that differ by about `tie`, and latencies by much or by about `latency_tie`."""
    rng = np.random.default_rng(4)
    accuracies = 76.13 + tie * rng.standard_normal(9)
    latencies = (
        np.geomspace(2.0, 20.0, 9) if latency_tie is None else 5.0 * (1.0 + latency_tie * rng.standard_normal(9))
    )
    spread = 0.05 if latency_tie is None else latency_tie
    rows = [
        (
            f"p{i}",
            run,
            latencies[i] * (1.0 + spread * rng.standard_normal()),
            100.0 + 10.0 * i + rng.random(),
            accuracies[i],
        )
        for i in range(9)
        for run in range(n_runs)
    ]
    frame = pd.DataFrame(rows, columns=["model", "run", "latency_ms", "memory_mb", "top1"])
    return Measurements.from_frame(frame, inputs=list(inputs), outputs=["top1"])


def assert_draws_exact(sim, data, rts, orientation, frontier):
    n_inputs = len(data.inputs)
    means = data.mean[list(data.metrics)].to_numpy().T
    assert not np.isnan(sim.draws).any()
    assert sim.status["uncertified"] == 0
    for b in (0, len(sim.draws) - 1):
        points = sim.sample(b).to_numpy().T
        for o in range(9):
            models = points if frontier == "random" else np.delete(means, o, axis=1)
            exact = min(exact_efficiency(models, points[:, o], n_inputs, rts, orientation), 1.0)
            allowed = 1e-6 * exact if exact < 1.0 else 0.0
            assert abs(sim.draws[b, o] - exact) <= allowed, (b, o, sim.draws[b, o], exact)


@pytest.mark.parametrize("noise", ["gaussian", "0.000001%", "0.1%"])
@pytest.mark.parametrize("tie", [1e-6, 1e-9, 1e-12, 0.0])
def test_every_draw_is_exact(tie, noise):
    data = precisions(tie, inputs=("latency_ms", "memory_mb"))
    for rts, orientation in [("vrs", "input"), ("nirs", "input"), ("ndrs", "output")]:
        sim = quietly(
            bootstrap,
            data,
            n_resamples=40,
            rng=1,
            noise={"*": "gaussian", "top1": noise},
            rts=rts,
            orientation=orientation,
        )
        assert_draws_exact(sim, data, rts, orientation, "random")


@pytest.mark.slow
@pytest.mark.parametrize("frontier", ["random", "fixed"])
@pytest.mark.parametrize("latency_tie", [None, 1e-9])
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_every_draw_is_exact_in_every_technology(rts, orientation, latency_tie, frontier):
    for tie in (1e-6, 1e-9, 1e-12, 0.0):
        for inputs in (("latency_ms",), ("latency_ms", "memory_mb")):
            data = precisions(tie, latency_tie=latency_tie, inputs=inputs)
            for noise in ("gaussian", "0.000001%", "0.1%"):
                sim = quietly(
                    bootstrap,
                    data,
                    n_resamples=60,
                    rng=1,
                    noise={"*": "gaussian", "top1": noise},
                    rts=rts,
                    orientation=orientation,
                    frontier=frontier,
                )
                assert_draws_exact(sim, data, rts, orientation, frontier)


@pytest.mark.parametrize("lead", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
@pytest.mark.parametrize("rts", ["vrs", "nirs", "fdh"])
def test_who_has_most_of_an_output_is_efficient(rts, lead):
    """However small the lead, and however large its inputs."""
    values = np.array([[90.0, 1.0, 2.0, 7.0], [80.0, 1.0, 3.0, 6.0], [1.0 + lead, 1.0, 1.0, 0.7], [1.0, 2.0, 3.0, 1.5]])
    assert values[2, 0] > values[2, 1]
    scores = quietly(efficiency, measured(values, 2), rts=rts).scores
    assert scores.iloc[0] == 1.0
    sim = quietly(bootstrap, measured(values, 2), n_resamples=5, rng=0, noise={"*": "2%", "y0": "exact"}, rts=rts)
    assert (sim.draws[:, 0] == 1.0).all()


@pytest.mark.parametrize("lead", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
@pytest.mark.parametrize("rts", ["vrs", "ndrs", "fdh"])
def test_who_needs_least_of_an_input_is_efficient_where_outputs_move(rts, lead):
    values = np.array([[1.0 - lead, 1.0, 1.0, 3.0], [5.0, 4.0, 3.0, 9.0], [1.0, 90.0, 80.0, 70.0]])
    assert values[0, 0] < values[0, 1]
    scores = quietly(efficiency, measured(values, 2), rts=rts, orientation="output").scores
    assert scores.iloc[0] == 1.0
    sim = quietly(
        bootstrap,
        measured(values, 2),
        n_resamples=5,
        rng=0,
        noise={"*": "2%", "x0": "exact"},
        rts=rts,
        orientation="output",
    )
    assert (sim.draws[:, 0] == 1.0).all()


def test_to_be_undominated_in_several_outputs_is_not_enough():
    """Half of each specialist gives more of both outputs, for less."""
    values = np.array([[1.0, 1.0, 4.0], [10.0, 0.0, 4.0], [0.0, 10.0, 4.0]])
    assert quietly(efficiency, measured(values, 1)).scores.tolist() == [1.0, 1.0, 0.25]


def test_exact_ties_share_the_most():
    """Of those that share the most, the one with the least input is the others' peer."""
    values = np.array([[2.0, 4.0, 8.0, 1.0], [76.13, 76.13, 76.13, 70.0]])
    assert quietly(efficiency, measured(values, 1)).scores.tolist() == [1.0, 0.5, 0.25, 1.0]


def test_a_frame_that_fits_the_draws_is_taken_where_the_means_are_tied():
    """Means that agree to a part in 10^9, draws that do not: no score needs exact arithmetic."""
    sim = quietly(bootstrap, precisions(1e-9), n_resamples=200, rng=0, noise={"*": "gaussian", "top1": "1%"})
    assert sim.status == {"certified": 1800, "exact": 0, "uncertified": 0}


@pytest.mark.parametrize("seed", range(3))
def test_rank_prints_its_table(seed, tmp_path, capsys):
    path = tmp_path / "precisions.csv"
    data = precisions(1e-6)
    frame = pd.DataFrame(
        {"model": data.models, "latency_ms": data.mean["latency_ms"], "top1": data.mean["top1"].to_numpy()}
    )
    frame.to_csv(path, index=False)
    for rts in ("vrs", "nirs"):
        flags = ["--inputs", "latency_ms", "--outputs", "top1", "--noise", "latency_ms=5%", "--noise", "top1=exact"]
        flags += ["--rts", rts, "--seed", str(seed), "--resamples", "300"]
        assert main(["rank", str(path), *flags]) == 0
        assert "p8" in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_a_zero_input_is_no_obstacle(rts, orientation, seed):
    """Time between tokens is 0 for models that give one token."""
    values = np.array(
        [
            [10.0, 20.0, 5.0, 40.0, 41.0, 8.0, 9.0],
            [0.0, 1.5, 0.0, 2.0, 2.5, 1.0, 0.5],
            [70.0, 75.0, 60.0, 80.0, 79.0, 61.0, 60.0],
        ]
    )
    data = measured(values, 2)
    found = quietly(efficiency, data, rts=rts, orientation=orientation).scores
    exact = [exact_efficiency(values, point, 2, rts, orientation) for point in values.T]
    np.testing.assert_allclose(found, exact, rtol=1e-9)
    sim = quietly(bootstrap, data, n_resamples=300, noise="5%", rng=seed, rts=rts, orientation=orientation)
    assert sim.status["uncertified"] == 0
    for b in (0, 299):
        points = sim.sample(b).to_numpy().T
        exact = [exact_efficiency(points, point, 2, rts, orientation) for point in points.T]
        np.testing.assert_allclose(sim.draws[b], exact, rtol=1e-6)


@pytest.mark.parametrize("tie", [1e-9, 1e-12])
@pytest.mark.parametrize("rts", ["vrs", "nirs"])
def test_peers_of_the_nearly_tied_add_up_to_the_targets(rts, tie, tmp_path):
    """A solver in floating point gives up on some of them; the report needs them all."""
    data = precisions(tie, inputs=("latency_ms", "memory_mb"))
    result = quietly(efficiency, data, rts=rts)
    models = data.mean.loc[list(result.peers.columns)]
    np.testing.assert_allclose(result.peers.to_numpy() @ models.to_numpy(), result.targets.to_numpy(), rtol=1e-7)
    assert (result.slacks >= 0.0).all(axis=None)
    path = tmp_path / "report.html"
    report(quietly(bootstrap, data, n_resamples=20, rng=0, rts=rts), path)
    assert path.exists()


@pytest.mark.parametrize(("rts", "orientation"), TECHNOLOGIES)
def test_exact_slacks_are_the_largest(rts, orientation):
    """As large as those of HiGHS, on data that HiGHS can solve; and their weights add up."""
    rng = np.random.default_rng(8)
    for kind in ("lognormal", "integers", "plane"):
        values, n_inputs = instance(kind, rng, largest=10)
        values = scale(values)
        technology = describe_technology(n_inputs, len(values) - n_inputs, rts, output_oriented=orientation == "output")
        signs = np.where(np.arange(len(values)) < n_inputs, 1.0, -1.0)
        for o in range(values.shape[1]):
            score = exact_efficiency(values, values[:, o], n_inputs, rts, orientation)
            moved = values[:, o].copy()
            if orientation == "input":
                moved[:n_inputs] *= score
            else:
                moved[n_inputs:] /= score
            _, expected = largest_slacks(values, moved, technology)
            weights, slacks = exact_slacks(technology, values, values[:, o], outputs_grow=orientation == "output")
            assert (weights >= 0.0).all()
            assert (slacks >= 0.0).all()
            np.testing.assert_allclose(values @ weights + signs * slacks, moved, rtol=1e-9)
            assert slacks.sum() == pytest.approx(expected.sum(), abs=1e-7)
            if rts == "vrs":
                assert weights.sum() == pytest.approx(1.0, rel=1e-12)
