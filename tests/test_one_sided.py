"""Data with one role alone: inputs without outputs, outputs without inputs.  The other one is a constant 1."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import names, without_advice
from instances import KINDS, instance
from paretoscope.cli import main
from paretoscope.errors import FewModelsWarning, OptionError, SmallnessWarning
from paretoscope.kernels.candidates import find_nondominated
from paretoscope.stopping.open_pairs import open_models
from reference import RTS, measured, plain_efficiencies, plain_efficiency, plain_free_disposal, scale

# Any metric will do as an input or an output here.
pytestmark = pytest.mark.filterwarnings("ignore::paretoscope.errors.DirectionWarning")

ALL_RTS = (*RTS, "fdh")
SIDES = ("input", "output")
# Which returns to scale let the constant move and still tell models apart, by the orientation that moves it.
CONSTANT_MOVES = {"input": ("crs", "nirs"), "output": ("crs", "ndrs")}
ROWS = {"model": [*"abcd"], "latency_ms": [1.0, 4.0, 4.0, 8.0], "wer": [4.0, 1.0, 4.0, 2.0]}
TABLE = pd.DataFrame(ROWS)


def other(side):
    return SIDES[side == "input"]


def one_sided(values, side):
    return measured(values, len(values) if side == "input" else 0)


def with_constant(values, side):
    """The same data with the constant written out, and its number of inputs."""
    ones = np.ones((1, values.shape[1]))
    return (np.vstack([values, ones]), len(values)) if side == "input" else (np.vstack([ones, values]), 1)


def some(kind, side, rng):
    values, n_inputs = instance(kind, rng, largest=14)
    return values[:n_inputs] if side == "input" else values[n_inputs:]


def generator(*keys):
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


def both(**options):
    """Latency and word error rate as inputs, and as outputs of whoever likes them large."""
    metrics = ["latency_ms", "wer"]
    return {side: ps.Measurements.from_frame(TABLE, **{f"{side}s": metrics}, **options) for side in SIDES}


# --- scores -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rts", RTS)
def test_two_inputs_by_hand(rts):
    """a and b span the line latency + wer = 5; d sees it at 5/10, c at 5/8."""
    scores = without_advice(ps.efficiency, both()["input"], rts=rts).scores
    np.testing.assert_allclose(scores, [1.0, 1.0, 5 / 8, 5 / 10], rtol=1e-12)


@pytest.mark.parametrize("rts", RTS)
def test_two_outputs_by_hand(rts):
    """The line from c (4, 4) to d (8, 2) is latency + 2 wer = 12; a reaches wer 4 at best, b is at 6/12."""
    found = without_advice(ps.efficiency, both()["output"], rts=rts)
    np.testing.assert_allclose(found.scores, [1.0, 6 / 12, 1.0, 1.0], rtol=1e-12)
    assert found.orientation == "output"
    np.testing.assert_allclose(found.targets.loc["a"], [4.0, 4.0])
    np.testing.assert_allclose(found.targets.loc["b"], [8.0, 2.0])
    np.testing.assert_allclose(found.slacks.loc["a"], [3.0, 0.0])


@pytest.mark.parametrize("rts", ALL_RTS)
def test_one_metric_is_a_ratio_to_the_best(rts):
    values = np.array([[2.0, 5.0, 4.0, 2.0]])
    cheap = without_advice(ps.efficiency, one_sided(values, "input"), rts=rts).scores
    large = without_advice(ps.efficiency, one_sided(values, "output"), rts=rts).scores
    assert cheap.tolist() == pytest.approx([1.0, 0.4, 0.5, 1.0])
    assert large.tolist() == pytest.approx([0.4, 1.0, 0.8, 0.4])


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"near_duplicates", "wide"}))
@pytest.mark.parametrize("side", SIDES)
def test_scores_equal_highs_with_the_constant_written_out(side, kind):
    rng = generator(side, kind)
    for _ in range(3):
        values = some(kind, side, rng)
        data = one_sided(values, side)
        explicit, n_inputs = with_constant(scale(values), side)
        for rts in RTS:
            found = without_advice(ps.efficiency, data, rts=rts)
            np.testing.assert_allclose(
                found.scores, plain_efficiencies(explicit, n_inputs, rts, side), rtol=1e-9, atol=1e-9
            )
            assert (found.rts, found.orientation) == (rts, side)
            assert set(found.status) == {"optimal"}
            assert (found.gap <= 1e-9).all()
        fdh = without_advice(ps.efficiency, data, rts="fdh").scores
        expected = [plain_free_disposal(explicit, point, n_inputs, side) for point in explicit.T]
        np.testing.assert_allclose(fdh, expected, rtol=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_where_the_constant_moves_scores_are_the_same_or_all_one(side):
    values = some("lognormal", side, generator(side))
    data, moving = one_sided(values, side), other(side)
    explicit, n_inputs = with_constant(scale(values), side)
    usual = without_advice(ps.efficiency, data)
    for rts in ALL_RTS:
        if rts in CONSTANT_MOVES[moving]:
            found = without_advice(ps.efficiency, data, rts=rts, orientation=moving)
            np.testing.assert_allclose(found.scores, plain_efficiencies(explicit, n_inputs, rts, moving), atol=1e-9)
            assert found.orientation == side
            assert (found.scores == usual.scores).all()
            continue
        if rts != "fdh":
            np.testing.assert_allclose(plain_efficiencies(explicit, n_inputs, rts, moving), 1.0, atol=1e-9)
        message = (
            rf"^orientation: found '{moving}' beside rts '{rts}' and no {moving}s, where every model scores 1; "
            rf"expected '{side}'; pass orientation='{side}'$"
        )
        for function in (ps.efficiency, ps.bootstrap):
            with pytest.raises(OptionError, match=message):
                function(data, rts=rts, orientation=moving)


@pytest.mark.parametrize("rts", RTS)
@pytest.mark.parametrize("side", SIDES)
def test_super_efficiency(side, rts):
    values = some("lognormal", side, generator("super", side))
    explicit, n_inputs = with_constant(scale(values), side)
    found = without_advice(ps.efficiency, one_sided(values, side), rts=rts, super_efficiency=True)
    expected = [
        plain_efficiency(np.delete(explicit, o, axis=1), explicit[:, o], n_inputs, rts, side)
        for o in range(explicit.shape[1])
    ]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9)
    assert (found.scores > 1.0).any()


def test_candidates_of_outputs_alone_are_those_that_nothing_dominates():
    rng = generator("candidates")
    for _ in range(50):
        values = rng.integers(0, 5, (rng.integers(1, 4), rng.integers(2, 40))).astype(float)
        for n_inputs in (0, len(values)):
            sign = 1.0 if n_inputs else -1.0
            better = [
                [
                    (sign * values[:, j] <= sign * values[:, i]).all()
                    and ((values[:, j] != values[:, i]).any() or j < i)
                    for j in range(values.shape[1])
                ]
                for i in range(values.shape[1])
            ]
            expected = [i for i, rivals in enumerate(better) if not any(r for j, r in enumerate(rivals) if j != i)]
            assert find_nondominated(values, n_inputs).tolist() == expected


# --- draws ------------------------------------------------------------------------------------------------------------


def repeated(side, n_models=9, n_runs=4, spread=0.1):
    rng = generator("runs", side)
    truth = rng.lognormal(size=(n_models, 2))
    rows = [
        {"model": name, "p": truth[j, 0] * rng.lognormal(0.0, spread), "q": truth[j, 1] * rng.lognormal(0.0, spread)}
        for j, name in enumerate(names(n_models))
        for _ in range(n_runs)
    ]
    return ps.Measurements.from_frame(pd.DataFrame(rows), **{f"{side}s": ["p", "q"]})


@pytest.mark.parametrize("frontier", ["random", "fixed"])
@pytest.mark.parametrize("rts", ["vrs", "crs", "fdh"])
@pytest.mark.parametrize("side", SIDES)
def test_every_draw_is_solved_exactly(side, rts, frontier):
    data = repeated(side)
    sim = without_advice(ps.bootstrap, data, n_resamples=40, rts=rts, frontier=frontier, rng=3)
    assert sim.status == {"certified": sim.draws.size, "exact": 0, "uncertified": 0}
    assert sim.orientation == side
    means = data.mean.to_numpy().T
    for b in (0, 17, 39):
        sample = sim.sample(b)
        assert list(sample.columns) == ["p", "q"]
        drawn = sample.to_numpy().T
        for o in range(len(data.models)):
            values = drawn
            if frontier == "fixed":
                values = means.copy()
                values[:, o] = drawn[:, o]
            explicit, n_inputs = with_constant(scale(values), side)
            if rts == "fdh":
                expected = plain_free_disposal(explicit, explicit[:, o], n_inputs, side)
            else:
                expected = plain_efficiency(explicit, explicit[:, o], n_inputs, rts, side)
            assert sim.draws[b, o] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_a_result_can_be_saved_and_asked_everything(side, tmp_path):
    data = repeated(side)
    sim = without_advice(ps.bootstrap, data, n_resamples=50, rng=1)
    sim.save(tmp_path / "sim.npz")
    again = ps.EfficiencyDraws.load(tmp_path / "sim.npz")
    assert again.data == data
    assert again.data.metrics == ("p", "q")
    assert again.orientation == side
    pd.testing.assert_frame_equal(again.summary(), sim.summary())
    assert ps.pareto_probability(again).equals(ps.pareto_probability(sim))
    assert ps.frontier(again, x="p", y="q").band is not None
    assert ps.Measurements.from_json_dict(json.loads(json.dumps(data.to_json_dict()))) == data
    missing = "outputs" if side == "input" else "inputs"
    assert repr(data) in (
        "Measurements(9 models, inputs: p, q; no outputs; 4 runs)",
        "Measurements(9 models, no inputs; outputs: p, q; 4 runs)",
    )
    assert f"no {missing}" in repr(data)


@pytest.mark.parametrize("side", SIDES)
def test_open_models_and_sets_of_inputs(side):
    data = repeated(side)
    assert open_models(data).look == 1
    two = ps.Measurements.from_frame(
        pd.DataFrame(ROWS | {"top1": [60.0, 70.0, 65.0, 62.0]}), inputs=["latency_ms", "wer"], outputs=["top1"]
    )
    assert two.select(outputs=[]).metrics == ("latency_ms", "wer")
    assert two.select(inputs=[]).metrics == ("top1",)
    compared = without_advice(ps.compare, two, [["latency_ms"], []], noise="3%", n_resamples=20, rng=0)
    assert list(compared.sims) == ["latency_ms", "no inputs"]
    assert [sim.orientation for sim in compared.sims.values()] == ["input", "output"]
    alone = without_advice(
        ps.compare, two.select(outputs=[]), [["latency_ms"], ["latency_ms", "wer"]], noise="3%", n_resamples=20, rng=0
    )
    assert {sim.data.outputs for sim in alone.sims.values()} == {()}


def test_the_smallest_do_not_win_where_there_are_no_inputs():
    """Nearly equal outputs are what is compared; the advice on rts='crs' is about inputs."""
    values = np.array([[70.0, 71.0, 72.0, 73.0]])
    beside_inputs = measured(np.vstack([[1.0, 2.0, 3.0, 4.0], values]), 1)
    with pytest.warns((SmallnessWarning, FewModelsWarning)) as given:
        ps.efficiency(beside_inputs, rts="crs")
    assert SmallnessWarning in {warning.category for warning in given}
    ps.efficiency(one_sided(values, "output"), rts="crs")


# --- fronts -----------------------------------------------------------------------------------------------------------


def test_fronts_of_one_role():
    data = both()
    assert ps.pareto_front(data["input"]).tolist() == [True, True, False, False]
    assert ps.pareto_front(data["output"]).tolist() == [False, False, True, True]
    apart = TABLE.assign(wer=[4.0, 1.0, 4.5, 2.0])
    for side, expected in (("input", [1.0, 1.0, 0.0, 0.0]), ("output", [0.0, 0.0, 1.0, 1.0])):
        chosen = ps.Measurements.from_frame(apart, **{f"{side}s": ["latency_ms", "wer"]})
        found = ps.pareto_probability(chosen, noise={"wer": "0.1%", "latency_ms": "exact"}, n_resamples=200, rng=0)
        assert found.tolist() == expected
    curve = ps.frontier(data["output"], x="latency_ms", y="wer", noise="1%", n_resamples=100, rng=0)
    assert curve.curve["latency_ms"].tolist() == [4.0, 8.0]
    assert curve.curve["wer"].tolist() == [4.0, 2.0]
    lower = ps.frontier(data["input"], x="wer", y="latency_ms", kind="hull", n_resamples=0)
    assert lower.curve["wer"].tolist() == [1.0, 4.0]
    assert lower.curve["latency_ms"].tolist() == [4.0, 1.0]


# --- the border -------------------------------------------------------------------------------------------------------


def test_no_role_at_all(tmp_path):
    path = tmp_path / "t.csv"
    TABLE.to_csv(path, index=False)
    message = r"^inputs, outputs: found no name; expected a metric in one of the roles; give inputs=\['NAME', \.\.\.\]"
    for call in (
        lambda: ps.Measurements.from_frame(TABLE, inputs=[]),
        lambda: ps.read(path, outputs=[]),
        lambda: both()["input"].select(inputs=[]),
        lambda: both()["output"].select(outputs=()),
    ):
        with pytest.raises(OptionError, match=message):
            call()
    assert ps.read(path, outputs="wer").inputs == ()


# --- figures, page, commands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_figures(side, tmp_path):
    data = repeated(side)
    sim = without_advice(ps.bootstrap, data, n_resamples=50, rng=1)
    axes = ps.plot.frontier(sim)
    assert axes.get_xlabel().startswith("p ")
    assert axes.get_ylabel().startswith("q ")
    assert ps.plot.frontier(data, y="p", n_resamples=0).get_xlabel().startswith("q ")
    ps.plot.efficiency(sim)
    ps.plot.ranks(sim)
    ps.plot.dominance(sim.dominance())
    ps.plot.noise(data)
    frame = data.runs.pivot_table(index="model", columns="metric", values="value").assign(r=[*range(1, 10)])
    three = ps.Measurements.from_frame(frame.reset_index(), **{f"{side}s": ["p", "q", "r"]})
    ps.plot.save(ps.plot.frontier3d(three), tmp_path / "three.svg")
    with pytest.raises(OptionError, match=r"^data: found one metric, 'p'; expected two or more"):
        ps.plot.frontier(three.select(**{f"{side}s": ["p"]}))


@pytest.mark.parametrize("side", SIDES)
def test_the_page(side, tmp_path):
    data = repeated(side)
    sim = without_advice(ps.bootstrap, data, n_resamples=50, rng=1)
    page = tmp_path / "page.html"
    ps.report(sim, page)
    text = page.read_text(encoding="utf-8")
    judged = "p and q (better small)" if side == "input" else "p and q (better large)"
    assert f"Judged by {judged}. Tier 1" in text
    assert "none (better" not in text


def command(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, [line for line in err.splitlines() if not line.startswith("warning: ")]


@pytest.mark.parametrize("side", SIDES)
def test_commands(side, tmp_path, capsys):
    path, saved, page, figure = (tmp_path / name for name in ("t.csv", "s.npz", "p.html", "f.svg"))
    TABLE.to_csv(path, index=False)
    roles, draws = [f"--{side}s", "latency_ms,wer"], ["--resamples", "60", "--noise", "3%"]
    code, out, errors = command(capsys, "rank", path, *roles, *draws, "--format", "json", "--save", saved)
    found = json.loads(out)
    assert (code, errors) == (0, [])
    assert (found["orientation"], found["inputs"] + found["outputs"]) == (side, ["latency_ms", "wer"])
    assert found["noise"] == {"latency_ms": "3%", "wer": "3%"}
    for arguments in (
        ["rank", saved],
        ["rank", path, *roles, *draws, "--rts", "fdh"],
        ["front", path, *roles, *draws],
        ["front", saved, "--format", "csv"],
        ["front", path, *roles, *draws, "--x", "wer", "--y", "latency_ms"],
        ["report", path, *roles, *draws, "--out", page],
        ["report", saved, "--out", page],
        ["plot", "frontier", path, *roles, *draws, "--out", figure],
        ["plot", "efficiency", saved, "--out", figure],
    ):
        code, out, errors = command(capsys, *arguments)
        assert (code, errors) == (0, []), arguments
    missing = "outputs" if side == "input" else "inputs"
    code, out, (error,) = command(capsys, "rank", path, *roles, "--orientation", other(side))
    assert (code, out) == (2, "")
    assert error == (
        f"error: --orientation: found '{other(side)}' beside rts 'vrs' and no {missing}, where every model scores 1; "
        f"expected '{side}'; give --orientation {side}"
    )


def test_the_front_lists_the_best_of_an_only_output_first(tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_text("model,qps,gpus\na,1,1\nb,3,1\nc,2,1\n")
    _, out, _ = command(capsys, "front", path, "--outputs", "qps,gpus", "--noise", "exact", "--format", "csv")
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == ["b", "c", "a"]


def test_study_files(tmp_path, capsys):
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    study = tmp_path / "study.toml"
    study.write_text('source = "t.csv"\ninputs = ["latency_ms", "wer"]\nresamples = 50\nnoise = "2%"\n')
    code, out, errors = command(capsys, "rank", "--study", study, "--format", "json")
    assert (code, errors) == (0, [])
    assert json.loads(out)["outputs"] == []
    study.write_text(study.read_text().replace('["latency_ms", "wer"]', '[["wer"], []]\noutputs = ["latency_ms"]'))
    code, out, errors = command(capsys, "rank", "--study", study, "--format", "json")
    assert (code, errors) == (0, [])
    assert [one["inputs"] for one in json.loads(out)["sets"]] == [["wer"], []]
