"""Zeros and negative metrics: fronts need order only, and efficiency counts the metrics that stay from any origin."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import paretoscope as ps
from helpers import measure, without_advice
from paretoscope.cli import main
from paretoscope.errors import DataError, ShiftWarning
from paretoscope.measurements.moments import group_moments
from reference import plain_efficiencies, plain_free_disposal

R2 = pd.DataFrame({"model": [*"abcd"], "ms": [10.0, 20.0, 5.0, 40.0], "bal": [0.70, 0.75, -0.12, 0.8]})
LIKELIHOOD = pd.DataFrame({"model": [*"abcd"], "ms": [10.0, 20.0, 5.0, 40.0], "ll": [-1200.0, -900, -1500, -850]})
FREE = pd.DataFrame({"model": [*"abc"], "ms": [0.0, 20.0, 5.0], "acc": [70.0, 75.0, 60.0]})
ERRORS = pd.DataFrame(
    {
        "model": [*"abcdef"],
        "ms": [10.0, 20, 5, 40, 41, 8],
        "err_pct": [0, 3, 0.5, 0.2, 50, 25],
        "one": np.ones(6),
    }
)


def table(values, n_inputs):
    """Models in columns, as in other tests."""
    metrics = [*(f"x{row}" for row in range(n_inputs)), *(f"y{row}" for row in range(len(values) - n_inputs))]
    frame = pd.DataFrame(values.T, columns=metrics).assign(model=[f"m{j}" for j in range(values.shape[1])])
    return ps.Measurements.from_frame(frame, inputs=metrics[:n_inputs], outputs=metrics[n_inputs:])


def scores(values, n_inputs, **options):
    return without_advice(ps.efficiency, table(values, n_inputs), **options).scores.to_numpy()


def instances(seed, shape=(4, 12)):
    rng = np.random.default_rng(seed)
    return rng.lognormal(size=shape), rng


# --- fronts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "inputs", "outputs", "front"),
    [
        (R2, "ms", "bal", "abcd"),
        (LIKELIHOOD, "ms", "ll", "abcd"),
        (FREE, "ms", "acc", "ab"),
        (R2, ["ms", "bal"], [], "c"),
    ],
)
def test_fronts_need_order_only(frame, inputs, outputs, front):
    data = measure(frame, inputs=inputs, outputs=outputs)
    found = ps.pareto_front(data)
    assert "".join(found.index[found]) == front
    shares = ps.pareto_probability(data, noise={"ms": "1%"}, n_resamples=300, rng=0)
    assert "".join(shares.index[shares == 1.0]) == front
    x, y = data.metrics
    for kind in ("staircase", "hull"):
        curve = ps.frontier(data, x, y, kind=kind, noise={"ms": "1%"}, n_resamples=100, rng=0)
        assert set(curve.models) <= set(front)
        assert np.isfinite(curve.band["median"].to_numpy()[-1])


@settings(max_examples=60, deadline=None)
@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(2, 12)), elements=st.integers(-3, 3).map(lambda k: k / 2)
    ),
    st.data(),
)
def test_the_front_of_negatives_equals_brute_force(values, data):
    n_inputs = data.draw(st.integers(0, len(values)))
    signed = np.where(np.arange(len(values))[:, np.newaxis] < n_inputs, values, -values).T
    expected = [not any((b <= a).all() and (b < a).any() for b in signed) for a in signed]
    assert ps.pareto_front(table(values, n_inputs)).tolist() == expected


def test_noise_of_a_metric_with_negative_values_has_no_least_value():
    """R2 around 0 comes out on both sides, and so its mean stays where it is."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"model": np.repeat([*"ab"], 5), "ms": 1.0, "bal": [*rng.normal(0.02, 0.5, 5)] + [0.1] * 5})
    data = measure(frame, inputs="ms", outputs="bal")
    assert data.lowest.loc["bal", "value"] < 0
    sim = without_advice(ps.bootstrap, data, n_resamples=20_000, rng=0)
    drawn = np.concatenate(list(sim.resampler().in_units(["bal"])))[:, 0, 0]
    assert sim.n_redrawn == 0
    assert drawn.mean() == pytest.approx(data.mean.loc["a", "bal"], abs=4 * data.sd.loc["a", "bal"] / 20_000**0.5)
    assert (drawn < 0).mean() > 0.2


def test_noise_in_percent_is_of_the_size():
    data = measure(LIKELIHOOD, inputs="ms", outputs="ll")
    sim = without_advice(ps.bootstrap, data, noise={"ll": "3%", "ms": "exact"}, n_resamples=20_000, rng=0)
    drawn = np.concatenate(list(sim.resampler().in_units(["ll"])))[:, 0]
    np.testing.assert_allclose(drawn.std(axis=0), 0.03 * np.abs(LIKELIHOOD["ll"]), rtol=0.03)


@pytest.mark.parametrize("family", ["gaussian", "student", "empirical"])
@pytest.mark.parametrize("scope", ["run", "mean"])
def test_families_that_allow_negative_values(family, scope):
    frame = pd.concat([LIKELIHOOD, LIKELIHOOD.assign(ll=LIKELIHOOD["ll"] * 1.05), LIKELIHOOD.assign(ll=-1000.0)])
    data = measure(frame, inputs="ms", outputs="ll")
    sim = without_advice(ps.bootstrap, data, noise=family, scope=scope, n_resamples=300, rng=0)
    assert sim.status["uncertified"] == 0
    assert sim.n_redrawn == 0


def test_families_that_do_not():
    data = measure(LIKELIHOOD, inputs="ms", outputs="ll")
    with pytest.raises(DataError, match=r"metric 'll' of model 'a': .* 'lognormal'; 'gaussian' allows for others$"):
        ps.pareto_probability(data, noise={"ll": "lognormal"}, n_resamples=10)
    with pytest.raises(DataError, match="metric 'll' of model 'a': found no percentage"):
        ps.pareto_probability(data, noise={"ll": "binomial(50)"}, n_resamples=10)


# --- efficiency: what may be shifted, and what not --------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1e3, 1e3), st.sampled_from(["input", "output"]))
def test_the_origin_of_metrics_that_stay_plays_no_part(seed, shift, orientation):
    values, rng = instances(seed)
    n_inputs = 2
    staying = slice(n_inputs, None) if orientation == "input" else slice(0, n_inputs)
    moved = values.copy()
    moved[staying] += shift * rng.random((2, 1))
    options = {"rts": "vrs", "orientation": orientation}
    np.testing.assert_allclose(scores(moved, n_inputs, **options), scores(values, n_inputs, **options), rtol=1e-9)
    np.testing.assert_allclose(
        scores(moved, n_inputs, super_efficiency=True, **options),
        scores(values, n_inputs, super_efficiency=True, **options),
        rtol=1e-9,
    )


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_scores_of_negatives_equal_highs(orientation):
    for seed in range(20):
        values, rng = instances(seed, (rng_rows := 3 + seed % 3, 5 + seed))
        n_inputs = 1 + seed % (rng_rows - 1)
        staying = slice(n_inputs, None) if orientation == "input" else slice(0, n_inputs)
        values[staying] = rng.normal(scale=2.0, size=values[staying].shape).round(seed % 3)
        values[staying][:, 0] = -1.0
        found = without_advice(ps.efficiency, table(values, n_inputs), orientation=orientation)
        np.testing.assert_allclose(found.scores, plain_efficiencies(values, n_inputs, "vrs", orientation), atol=1e-9)
        assert set(found.status) == {"optimal"}
        sim = without_advice(
            ps.bootstrap, table(values, n_inputs), orientation=orientation, noise="5%", n_resamples=10, rng=seed
        )
        assert sim.status["certified"] == sim.draws.size
        drawn = sim.sample(7).to_numpy().T
        np.testing.assert_allclose(sim.draws[7], plain_efficiencies(drawn, n_inputs, "vrs", orientation), atol=1e-9)


@pytest.mark.parametrize("orientation", ["input", "output"])
def test_fdh_compares_what_stays(orientation):
    for seed in range(10):
        values, rng = instances(seed)
        n_inputs = 2
        staying = slice(n_inputs, None) if orientation == "input" else slice(0, n_inputs)
        values[staying] = rng.normal(size=(2, 12)).round(1)
        found = scores(values, n_inputs, rts="fdh", orientation=orientation)
        expected = [plain_free_disposal(values, point, n_inputs, orientation) for point in values.T]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        ordered = values.copy()
        ordered[staying] = np.exp(values[staying]) - 2.0
        assert (scores(ordered, n_inputs, rts="fdh", orientation=orientation) == found).all()


def test_by_hand():
    """c lies below the line from a to b, both in R2 and after any shift of it."""
    frame = pd.DataFrame({"model": [*"abc"], "ms": [2.0, 4.0, 4.0], "bal": [-1.0, 1.0, 0.0]})
    found = without_advice(ps.efficiency, measure(frame, inputs="ms", outputs="bal"))
    assert found.scores.tolist() == pytest.approx([1.0, 1.0, 0.75])
    assert found.peers.loc["c"].tolist() == pytest.approx([0.5, 0.5])
    assert found.targets.loc["c"].tolist() == pytest.approx([3.0, 0.0])
    reach = without_advice(ps.efficiency, measure(FREE, inputs="ms", outputs="acc"), orientation="output").scores
    assert reach.tolist() == pytest.approx([1.0, 1.0, 60 / 71.25])
    drawn = without_advice(
        ps.bootstrap,
        measure(FREE, inputs="ms", outputs="acc"),
        orientation="output",
        noise={"acc": "0.1%"},
        n_resamples=50,
        rng=0,
    )
    assert drawn.status["certified"] == drawn.draws.size
    assert (drawn.draws[:, 0] == 1.0).all()


def test_the_shift_is_said():
    data = table(np.vstack([np.arange(1.0, 10.0), np.linspace(-1.0, 1.0, 9), np.linspace(3.0, 4.0, 9)]), 1)
    said = r"^negative values of 'y0': counted from the lowest mean, which changes no score under rts 'vrs' and orient"
    with pytest.warns(ShiftWarning, match=said):
        ps.efficiency(data)
    with pytest.warns(ShiftWarning, match=said):
        sim = ps.bootstrap(data, noise="3%", n_resamples=20, rng=0)
    assert any("negative values of 'y0'" in notice for notice in sim.notices)
    ps.efficiency(data, rts="fdh")  # only compared, not shifted
    ps.efficiency(data.select(outputs=["y1"]))


PYTHON = "rts='vrs', orientation="


@pytest.mark.parametrize(
    ("frame", "roles", "options", "found", "remedy"),
    [
        (
            R2,
            ("ms", "bal"),
            {"orientation": "output"},
            "-0.12 for metric 'bal' of model 'c'; expected zero or more, as efficiency under rts 'vrs' and "
            "orientation "
            "'output' is a ratio of it",
            f"pass {PYTHON}'input', or use pareto_front",
        ),
        (
            R2,
            ("ms", "bal"),
            {"rts": "crs"},
            "-0.12 for metric 'bal' of model 'c'",
            f"pass {PYTHON}'input', or use par",
        ),
        (R2, ("ms", "bal"), {"rts": "ndrs"}, "-0.12 for metric 'bal'", f"pass {PYTHON}'input', or use par"),
        (R2, ("bal", "ms"), {}, "-0.12 for metric 'bal' of model 'c'", f"pass {PYTHON}'output', or use pareto_front"),
        (R2, ("bal", "ms"), {"rts": "nirs"}, "-0.12 for metric 'bal'", f"pass {PYTHON}'output', or use pareto_front"),
        (R2, ("bal", "ms"), {"rts": "fdh"}, "-0.12 for metric", "pass rts='fdh', orientation='output', or use par"),
        (
            R2,
            (["bal", "ms"], []),
            {},
            "-0.12 for metric 'bal' of model 'c'",
            "use pareto_front, which needs order only",
        ),
        (
            R2.assign(ms=-R2.ms),
            ("ms", "bal"),
            {},
            "-40.0 for metric 'ms' of model 'd'",
            "use pareto_front, which needs",
        ),
        (
            FREE,
            ("ms", "acc"),
            {},
            "model 'a' with zero for all inputs ('ms'); expected at least one above zero, as efficiency under rts "
            "'vrs' and orientation 'input' divides by them",
            f"pass {PYTHON}'output', or use pareto_front, which needs order only",
        ),
        (FREE, ("ms", "acc"), {"rts": "crs"}, "model 'a' with zero for all inputs", f"pass {PYTHON}'output', or"),
        (FREE, ("ms", []), {}, "model 'a' with zero for all inputs ('ms')", "use pareto_front, which needs order only"),
        (
            FREE.assign(acc=0.0, ms=1.0),
            ("ms", "acc"),
            {"rts": "crs"},
            "only zeros for metric 'acc'",
            f"pass {PYTHON}'i",
        ),
        (FREE.assign(ms=0.0), ("ms", "acc"), {}, "only zeros for metric 'ms'", f"pass {PYTHON}'output', or use"),
    ],
)
def test_what_is_impossible_says_what_is_possible(frame, roles, options, found, remedy):
    data = without_advice(measure, frame, inputs=roles[0], outputs=roles[1])  # some have unusual roles
    messages = set()
    for function, more in (
        (ps.efficiency, {}),
        (ps.efficiency, {"super_efficiency": True}),
        (ps.bootstrap, {"noise": "1%"}),
        *([(lambda data, **all_: ps.compare(data, [data.inputs], **all_), {"noise": "1%"})] if data.inputs else []),
    ):
        with pytest.raises(DataError) as caught:
            function(data, **options, **more)
        messages.add(str(caught.value))
    (message,) = messages
    assert message.startswith(f"data: found {found}")
    assert f"; {remedy}" in message
    assert "\n" not in message
    ps.pareto_front(data)
    if "pass" in remedy:  # what it recommends does work
        words = dict(part.split("=") for part in message.split("; pass ")[1].split(", or ")[0].split(", "))
        without_advice(ps.efficiency, data, **{name: word.strip("'") for name, word in words.items()})


def test_a_single_negative_run_counts():
    """The mean is positive, but a draw could be that very run."""
    frame = pd.DataFrame({"model": [*"aabb"], "ms": [-1.0, 5.0, 2.0, 3.0], "top1": 70.0})
    with pytest.raises(DataError, match=r"found -1\.0 for metric 'ms' of model 'a'"):
        ps.bootstrap(measure(frame), noise="empirical")


# --- zeros in draws ---------------------------------------------------------------------------------------------------


def simulated(sim, metric):
    return np.concatenate(list(sim.resampler().in_units([metric])))[:, 0]


def test_a_zero_input_beside_a_positive_one_is_a_draw_like_others():
    data = measure(ERRORS, inputs=["ms", "err_pct"], outputs="one")
    noise = {"err_pct": "binomial(100)", "ms": "1%"}
    sim = without_advice(ps.bootstrap, data, noise=noise, n_resamples=4_000, rng=0)
    drawn = simulated(sim, "err_pct")
    assert sim.n_redrawn == 0
    assert sim.status["certified"] == sim.draws.size
    np.testing.assert_allclose(drawn.mean(axis=0), ERRORS["err_pct"], atol=4 * 5 / 4_000**0.5)
    assert drawn[:, 3].mean() == pytest.approx(0.2, abs=0.03)
    assert (drawn[:, 3] == 0).mean() == pytest.approx(0.998**100, abs=0.03)
    assert not any("drawn again" in notice for notice in sim.notices)
    for b in (0, 1, 2, 3):
        sample = sim.sample(b).to_numpy().T
        np.testing.assert_allclose(sim.draws[b], plain_efficiencies(sample, 2, "vrs", "input"), atol=1e-9)


def test_a_model_without_any_input_is_drawn_again_where_efficiency_divides_by_them():
    """What remains is distributed as before, on the condition that not both error rates are 0."""
    frame = pd.DataFrame({"model": [*"ab"], "wer": [1.0, 40.0], "cer": [2.0, 30.0], "top1": [70.0, 80.0]})
    data = measure(frame, inputs=["wer", "cer"], outputs="top1")
    noise = {"wer": "binomial(100)", "cer": "binomial(50)"}
    sim = without_advice(ps.bootstrap, data, noise=noise, n_resamples=20_000, rng=0)
    wer, cer = simulated(sim, "wer")[:, 0], simulated(sim, "cer")[:, 0]
    assert not ((wer == 0) & (cer == 0)).any()
    none, no_wer = 0.99**100 * 0.98**50, 0.99**100
    assert (wer == 0).mean() == pytest.approx((no_wer - none) / (1 - none), abs=0.015)
    assert wer.mean() == pytest.approx(1.0 / (1 - none), abs=0.04)
    assert sim.n_redrawn == pytest.approx(2 * 20_000 * none, rel=0.1)
    free = without_advice(ps.bootstrap, data, noise=noise, orientation="output", n_resamples=20_000, rng=0)
    wer, cer = simulated(free, "wer")[:, 0], simulated(free, "cer")[:, 0]
    assert ((wer == 0) & (cer == 0)).mean() == pytest.approx(none, abs=0.015)
    assert free.n_redrawn == 0


def test_fronts_take_models_without_any_input():
    data = measure(ERRORS, inputs="err_pct", outputs="one")
    found = ps.pareto_probability(data, noise={"err_pct": "binomial(100)"}, n_resamples=20_000, rng=0)
    assert found["a"] == 1.0
    assert found["d"] == pytest.approx(0.998**100, abs=0.015)
    assert found["c"] == pytest.approx(0.995**100, abs=0.015)


def test_measured_zeros_that_cannot_be_drawn_again_are_refused():
    frame = pd.DataFrame({"model": [*"aaabbb"], "ms": [0.0, 1.0, 2.0, 3.0, 3.0, 4.0], "top1": [70.0] * 3 + [80.0] * 3})
    data = measure(frame)
    with pytest.raises(
        DataError, match=r"^model 'a': found a draw with 0 for all inputs \(ms\); .*Pareto front, which"
    ):
        without_advice(ps.bootstrap, data, noise="empirical", n_resamples=500, rng=0)
    without_advice(ps.bootstrap, data, noise="empirical", n_resamples=500, rng=0, orientation="output")
    assert ps.pareto_probability(data, noise="empirical", n_resamples=500, rng=0)["a"] > 0.9
    gaussian = without_advice(ps.bootstrap, data, n_resamples=500, rng=0)
    assert (simulated(gaussian, "ms") > 0).all()


def test_zeros_in_the_data_stay():
    frame = pd.DataFrame(
        {
            "model": [*"abcdefg"],
            "ms": [10.0, 20, 5, 40, 41, 8, 9],
            "itl_ms": [0.0, 1.5, 0, 2, 2.5, 1, 0.5],
            "acc": [70.0, 75, 60, 80, 79, 61, 60],
        }
    )
    sim = without_advice(
        ps.bootstrap, measure(frame, inputs=["ms", "itl_ms"], outputs="acc"), noise="5%", n_resamples=300, rng=0
    )
    assert (simulated(sim, "itl_ms")[:, [0, 2]] == 0).all()


# --- the border, files, figures, commands -----------------------------------------------------------------------------


def test_moments_of_negative_values():
    mean, sd = group_moments(
        np.array([-3.0, -1.0, -1e308, -1.7e308, -0.1, -0.1, -0.1, -5.0, 1.0]), np.array([0, 2, 4, 7])
    )
    np.testing.assert_allclose(mean, [-2.0, -1.35e308, -0.1, -2.0])
    np.testing.assert_allclose(sd, [2**0.5, 0.35e308 * 2**0.5, 0.0, 3.0 * 2**0.5])


def test_published_and_saved(tmp_path):
    frame = pd.DataFrame({"model": [*"abc"], "ms": [1.0, 2, 3], "bal": [-0.5, 0.0, 0.5], "bal_sd": 0.1, "bal_n": 5})
    data = measure(frame, inputs="ms", outputs="bal")
    assert data.lowest["value"].to_dict() == {"ms": 1.0, "bal": -0.5}
    assert data.lowest["model"].to_dict() == {"ms": "a", "bal": "a"}
    record = json.loads(json.dumps(data.to_json_dict()))
    assert ps.Measurements.from_json_dict(record) == data
    sim = without_advice(ps.bootstrap, data, n_resamples=50, rng=0)
    sim.save(tmp_path / "sim.npz")
    assert (ps.EfficiencyDraws.load(tmp_path / "sim.npz").draws == sim.draws).all()
    record["published"]["a"]["bal"]["sd"] = -0.1
    with pytest.raises(DataError, match=r"^saved measurements: found -0\.1 for metric 'bal'"):
        ps.Measurements.from_json_dict(record)


def test_iterations_fold():
    frame = pd.DataFrame({"model": [*"aaaabbbb"], "run": [*"11221122"], "iteration": [*"12121212"], "ms": 1.0})
    frame["gain"] = [-1.0, -3.0, 2.0, 2.0, 5.0, 6.0, -7.0, -7.0]
    data = measure(frame, inputs="ms", outputs="gain", fold="mean")
    assert data.runs.query("metric == 'gain'")["value"].tolist() == [-2.0, 2.0, 5.5, -7.0]


def test_figures_and_page(tmp_path):
    rng = np.random.default_rng(zlib.crc32(b"figures"))
    models = np.repeat([f"m{j}" for j in range(12)], 4)
    frame = pd.DataFrame({"model": models, "ms": rng.lognormal(size=48), "skew": -rng.lognormal(3.0, 1.0, 48)})
    frame["bal"], frame["zero"] = rng.normal(0.0, 0.3, 48), 0.0
    data = measure(frame, inputs="ms", outputs=["skew", "bal", "zero"])
    sim = without_advice(ps.bootstrap, data, n_resamples=60, rng=1)
    assert ps.plot.frontier(sim, y="bal").get_yscale() == "linear"
    ps.plot.save(ps.plot.frontier3d(sim), tmp_path / "three.svg")
    ps.plot.save(ps.plot.frontier3d(data, x="bal", y="zero", z="skew"), tmp_path / "three.svg")
    drawn = ps.plot.noise(data, metric="skew")
    assert len(drawn.get_yticklabels()) == 12
    notes = [text.get_text() for text in drawn.texts if text.get_text().endswith("%")]
    assert max(float(note.removesuffix(" %")) for note in notes) > 10.0
    ps.report(sim, tmp_path / "page.html")
    assert "-" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_deviations_keep_their_direction():
    """A run that is greater than the others lies to the right, also where all are negative."""
    frame = pd.DataFrame({"model": [*"aaabbb"], "ms": 1.0, "ll": [-10.0, -10.0, -9.0, -5.0, -5.0, -4.0]})
    drawn = ps.plot.noise(measure(frame, inputs="ms", outputs="ll"), metric="ll")
    assert sorted(max(line.get_xdata()) for line in drawn.lines if len(line.get_xdata()) == 3) == pytest.approx(
        [10.0, 10.0, 20.0, 20.0]
    )


def command(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, [line for line in err.splitlines() if not line.startswith("warning: ")]


def test_commands(tmp_path, capsys):
    path, free = tmp_path / "t.csv", tmp_path / "free.csv"
    R2.to_csv(path, index=False)
    FREE.to_csv(free, index=False)
    roles, draws = ["--inputs", "ms", "--outputs", "bal"], ["--resamples", "50", "--noise", "2%"]
    for arguments in (
        ["front", path, *roles, *draws],
        ["front", path, *roles, *draws, "--x", "ms", "--y", "bal"],
        ["rank", path, *roles, *draws],
        ["plot", "frontier", path, *roles, *draws, "--out", tmp_path / "f.svg"],
        ["report", path, *roles, *draws, "--out", tmp_path / "p.html"],
        ["front", free, "--inputs", "ms", "--outputs", "acc", *draws],
        ["rank", free, "--inputs", "ms", "--outputs", "acc", *draws, "--orientation", "output"],
    ):
        code, out, errors = command(capsys, *arguments)
        assert (code, errors) == (0, []), arguments
    code, out, (error,) = command(capsys, "rank", path, *roles, "--rts", "crs")
    assert (code, out) == (2, "")
    assert error.endswith("; give --rts vrs --orientation input, or use 'paretoscope front', which needs order only")
    code, out, (error,) = command(capsys, "rank", free, "--inputs", "ms", "--outputs", "acc")
    assert (code, out) == (2, "")
    assert "free.csv: found model 'a' with zero for all inputs ('ms')" in error
    assert error.endswith("; give --rts vrs --orientation output, or use 'paretoscope front', which needs order only")
