"""The command line as a user meets it: output, exit codes, one line an error, files whole or not at all."""

from __future__ import annotations

import csv
import dataclasses
import inspect
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import paretoscope as ps
from paretoscope.cli import main
from paretoscope.commands.draws import SEED
from paretoscope.noise.families import DEFAULT_NOISE
from paretoscope.noise.simulation import DEFAULT_RESAMPLES

FAST = ["--resamples", "200"]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    lines = ["model,run,top1,ms,usd"]
    for number in range(10):
        lines += [
            f"m{number},{k},{60 + 2 * number},{2.0 + number + 0.2 * rng.random():.4f},{1 + number % 3}"
            for k in range(5)
        ]
    return write(tmp_path / "runs.csv", "\n".join(lines) + "\n")


def test_rank_prints_the_shipped_dataset_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "rank", "imagenet", *FAST)
    assert code == 0
    assert err == ""
    for word in ("tier", "efficiency", "P(best)", *ps.load("imagenet").models):
        assert word in out


def test_rank_json_equals_the_library(capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    options = ["--outputs", "top1", "--inputs", "ms,usd", "--seed", 3, *FAST, "--format", "json"]
    code, out, err = run(capsys, "rank", runs, *options)
    assert (code, err) == (0, "")
    found = json.loads(out)
    data = ps.read(runs, inputs=["ms", "usd"], outputs=["top1"])
    summary = ps.bootstrap(data, n_resamples=200, rng=3).summary()
    assert [row["model"] for row in found["models"]] == list(summary.index)
    for name in summary.columns:
        np.testing.assert_array_equal([row[name] for row in found["models"]], summary[name])
    assert found["seed"] == {"entropy": 3, "spawn_key": []}
    assert found["fingerprint"] == data.fingerprint


def test_rank_csv_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "rank", "imagenet", *FAST, "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    summary = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0).summary()
    assert [float(row["mean"]) for row in rows] == list(summary["mean"])


def test_two_sets_of_inputs_stand_side_by_side(capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    sets = ["--inputs", "ms", "--inputs", "ms,usd", "--outputs", "top1", *FAST]
    code, out, _ = run(capsys, "rank", runs, *sets)
    assert code == 0
    assert "ms, usd" in out
    code, out, _ = run(capsys, "rank", runs, *sets, "--format", "json")
    found = json.loads(out)
    assert [part["label"] for part in found["sets"]] == ["ms", "ms, usd"]
    alone = ps.bootstrap(ps.read(runs, inputs=["ms"], outputs=["top1"]), n_resamples=200, rng=0).summary()
    assert [row["mean"] for row in found["sets"][0]["models"]] == list(alone["mean"])


def test_saved_result_can_be_ranked_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved, again = tmp_path / "result.npz", tmp_path / "again.npz"
    _, first, _ = run(capsys, "rank", "imagenet", *FAST, "--format", "json", "--save", saved)
    _, second, _ = run(capsys, "rank", saved, "--format", "json")
    assert json.loads(first) == json.loads(second)
    run(capsys, "rank", "imagenet", *FAST, "--jobs", 2, "--save", again)
    assert saved.read_bytes() == again.read_bytes()
    sim = ps.EfficiencyDraws.load(saved)
    assert sim.sample(7).equals(ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0).sample(7))
    code, _, err = run(capsys, "rank", saved, "--rts", "crs")
    assert code == 2
    assert "rts: found beside a saved result" in err


def test_result_with_a_failed_score_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sim = ps.bootstrap(ps.load("imagenet"), n_resamples=200, rng=0)
    draws = sim.draws.copy()
    draws[7, 3] = np.nan
    status = sim.status | {"certified": draws.size - 1, "uncertified": 1}
    failed, saved = dataclasses.replace(sim, draws=draws, status=status), tmp_path / "failed.npz"
    failed.save(saved)
    summary = failed.summary()
    # The draw with the failure is left out of everything.
    without = dataclasses.replace(sim, draws=np.delete(sim.draws, 7, axis=0)).summary()
    np.testing.assert_array_equal(summary["mean"], without["mean"])
    code, out, err = run(capsys, "rank", saved)
    assert code == 0
    assert err == (
        "warning: 1 of 3400 scores could not be certified and are NaN; answers come from the 199 of 200 draws that are "
        "complete; draw again with paretoscope's own bootstrap\n"
    )
    assert "200 draws (199 complete)" in out
    shown = [line.split()[3] for line in out.splitlines() if set(line.split()) & set(sim.models)]
    assert shown == list(summary.index)
    code, out, _ = run(capsys, "rank", saved, "--format", "json")
    assert code == 0
    assert [row["mean"] for row in json.loads(out)["models"]] == list(summary["mean"])
    assert json.loads(out)["status"] == status
    code, out, _ = run(capsys, "rank", saved, "--format", "csv")
    assert code == 0
    assert [float(row["mean"]) for row in csv.DictReader(io.StringIO(out))] == list(summary["mean"])


def test_output_file_is_whole_or_absent(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "ranking.csv"
    code, printed, _ = run(capsys, "rank", "imagenet", *FAST, "--format", "csv", "--out", out)
    assert (code, printed) == (0, "")
    whole = out.read_bytes()
    code, _, err = run(capsys, "rank", "imagenet", *FAST, "--rts", "vsr", "--format", "csv", "--out", out)
    assert code == 2
    assert "did you mean 'vrs'" in err
    assert out.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == ["ranking.csv"]
    code, _, err = run(capsys, "rank", "imagenet", *FAST, "--out", tmp_path)
    assert code == 2
    assert "found a folder" in err
    table = write(tmp_path / "t.csv", "model,top1,ms\na,1,2\nb,2,3\n")
    for flags in (["--out", table], ["--save", table], ["--out", out, "--save", out]):
        code, _, err = run(capsys, "rank", table, *TABLE, *FAST, *flags)
        assert code == 2
        assert "expected a file of its own" in err
    assert table.read_text().startswith("model,top1,ms")
    table.unlink()
    code, _, err = run(capsys, "rank", "imagenet", *FAST, "--out", tmp_path / "no" / "where.csv")
    assert code == 2
    assert "expected a folder that exists" in err


def test_study_file_holds_flags_and_flags_win(capsys: pytest.CaptureFixture[str], tmp_path: Path, runs: Path) -> None:
    study = write(
        tmp_path / "study.toml",
        'source = "runs.csv"\noutputs = "top1"\ninputs = ["ms", "usd"]\nresamples = 50\nseed = 9\nformat = "json"\n'
        '[noise]\nms = "3%"\n',
    )
    _, out, _ = run(capsys, "rank", "--study", study)
    found = json.loads(out)
    assert found["n_resamples"] == 50
    assert found["stated_noise"] == {"ms": "3%", "usd": "gaussian", "top1": "gaussian"}
    assert found["seed"]["entropy"] == 9
    _, out, _ = run(capsys, "rank", "--study", study, "--seed", 4, "--inputs", "ms")
    assert json.loads(out)["seed"]["entropy"] == 4
    assert json.loads(out)["inputs"] == ["ms"]


def test_saved_result_refuses_what_a_study_says_of_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = tmp_path / "result.npz"
    run(capsys, "rank", "imagenet", *FAST, "--save", saved)
    code, _, _ = run(capsys, "rank", "--study", write(tmp_path / "a.toml", 'source = "result.npz"\nlevel = 0.5\n'))
    assert code == 0
    for line, name in (("seed = 0", "seed"), ("[noise]\ntop1 = '3%'", "noise"), ("inputs = ['top1']", "inputs")):
        study = write(tmp_path / "b.toml", f'source = "result.npz"\n{line}\n')
        code, _, err = run(capsys, "rank", "--study", study)
        assert code == 2
        assert f"{name}: found beside a saved result, which holds its own; expected none" in err


@pytest.mark.parametrize(
    ("lines", "sets"),
    [
        ('inputs = "ms"', [["ms"]]),
        ('inputs = "ms,usd"', [["ms", "usd"]]),
        ('inputs = ["ms", "usd"]', [["ms", "usd"]]),
        ('inputs = [["ms"], ["ms", "usd"]]', [["ms"], ["ms", "usd"]]),
        ('inputs = ["ms", ["ms", "usd"]]', [["ms"], ["ms", "usd"]]),
        ('inputs = ["m,s"]', [["m,s"]]),  # names of a list are whole
    ],
)
def test_study_holds_one_set_of_inputs_or_several(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, runs: Path, lines: str, sets: list[list[str]]
) -> None:
    text = runs.read_text()
    if "m,s" in lines:
        text = text.replace("ms,", '"m,s",', 1)
    write(runs, text)
    study = write(tmp_path / "s.toml", f'source = "runs.csv"\noutputs = ["top1"]\n{lines}\nresamples = 20\n')
    code, out, _ = run(capsys, "rank", "--study", study, "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert [part["inputs"] for part in found.get("sets", [found])] == sets


@pytest.mark.parametrize(
    ("lines", "noise"),
    [
        ('noise = "student"', {"ms": "student", "top1": "student"}),
        ('noise = ["lognormal", "ms=3%"]', {"ms": "3%", "top1": "lognormal"}),
        ('[noise]\n"*" = "exact"\nms = "3%"', {"ms": "3%", "top1": "exact"}),
        ('[noise]\nms = "3%"', {"ms": "3%", "top1": "gaussian"}),
        ("[noise]", {"ms": "gaussian", "top1": "gaussian"}),
    ],
)
def test_study_holds_noise(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, runs: Path, lines: str, noise: dict[str, str]
) -> None:
    head = 'source = "runs.csv"\noutputs = "top1"\ninputs = "ms"\nresamples = 20\nformat = "json"\n'
    study = write(tmp_path / "s.toml", head + lines + "\n")
    assert json.loads(run(capsys, "rank", "--study", study)[1])["stated_noise"] == noise
    flags = ["--noise", "empirical", "--noise", "top1=binomial(500)"]
    found = json.loads(run(capsys, "rank", "--study", study, *flags)[1])
    assert found["noise"] == {"ms": "empirical", "top1": "binomial(500)"}  # and nothing of the study's


@pytest.mark.parametrize(
    ("lines", "bound"),
    [
        ("[bound]\ntop1 = 80.5\nms = 900", {"top1": 80.5, "ms": 900.0}),
        ('[bound]\ntop1 = "none"', {"top1": None}),
        ('bound = "top1=none"', {"top1": None}),
        ('bound = ["top1=90", "ms=1e3"]', {"top1": 90.0, "ms": 1000.0}),
    ],
)
def test_study_holds_bounds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, runs: Path, lines: str, bound: dict[str, float | None]
) -> None:
    head = 'source = "runs.csv"\noutputs = "top1"\ninputs = "ms"\nresamples = 20\nformat = "json"\n'
    study = write(tmp_path / "s.toml", head + lines + "\n")
    found = json.loads(run(capsys, "rank", "--study", study)[1])
    data = ps.read(runs, inputs=["ms"], outputs=["top1"], bounds=bound)
    assert found["fingerprint"] == data.fingerprint
    flags = [word for name, number in bound.items() for word in ("--bound", f"{name}={number}")]
    columns = ["--inputs", "ms", "--outputs", "top1", *FAST, "--format", "json"]
    assert json.loads(run(capsys, "rank", runs, *columns, *flags)[1])["fingerprint"] == data.fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resample = 5\n", "found 'resample'; expected some of .*did you mean 'resamples'"),
        ("study = 's.toml'\n", "found 'study'; expected some of "),
        ("resamples = 'many'\n", "s.toml: found resamples = 'many'; expected int"),
        ("resamples = 2.5\n", "s.toml: found resamples = 2.5; expected int"),
        ("resamples = true\n", "s.toml: found resamples = True; expected int"),
        ("level = '0.9'\n", "s.toml: found level = '0.9'; expected int or float"),
        ("level = false\n", "s.toml: found level = False; expected int or float"),
        ("rts = 5\n", "s.toml: found rts = 5; expected str"),
        ("out = 5\n", "s.toml: found out = 5; expected str"),
        ("inputs = 5\n", "s.toml: found inputs = 5; expected str or list"),
        ("noise = 3\n", "s.toml: found noise = 3; expected str or list or dict"),
        ("noise = ['ms=3%', 'ms=4%']\n", "noise: found '3%' and '4%' for 'ms'; expected one of them"),
        ("[bound]\ntop1 = true\n", "bound: found True for 'top1'; expected METRIC=NUMBER or METRIC=none"),
        ("rts = \n", "no valid TOML"),
    ],
)
def test_study_errors(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, message: str) -> None:
    code, _, err = run(capsys, "rank", "imagenet", "--study", write(tmp_path / "s.toml", text))
    assert code == 2
    assert len(err.splitlines()) == 1
    assert re.search(message, err)


def test_study_holds_no_name_of_a_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    study = write(tmp_path / "s.toml", 'figure = "ranks"\n')
    code, _, err = run(capsys, "plot", "noise", "--study", study)
    assert code == 2
    assert "found 'figure'; expected some of" in err


TABLE = ["--outputs", "top1", "--inputs", "ms"]


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"model,top1,ms\na,1,2\nb,2,x\n", TABLE, "'x'"),
        (b"model,top1,ms\na,1,2\nb,2,\n", TABLE, "line 3"),
        (b"model,top1,ms\na,1,2\nb,2,inf\n", TABLE, "inf"),
        (b"model,top1,ms\na,1,2\nb,2,-3\n", TABLE, "-3"),
        (b"model,top1,ms\na,1,0\nb,2,3\n", TABLE, "'a'"),
        (b"model,top1,ms\na,1,2\n", TABLE, "one model"),
        (b"model,top1,ms\na,1,2\nb,2,3,4\n", TABLE, "line 3"),
        (b"model,top1,ms,ms\na,1,2,2\nb,2,3,3\n", TABLE, "'ms'"),
        (b"model,top1\na,1\nb,2\n", TABLE, "'ms'"),
        (b"", TABLE, "empty"),
        (b"\x00\x01\x02", TABLE, "binary"),
        ("model,top1,ms\né,1,2\nb,2,3\n".encode("latin-1"), TABLE, "UTF-8"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", ["--outputs", "top1", "--inputs", "mss"], "did you mean 'ms'"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", ["--outputs", "top1", "--orientation", "input"], "--orientation output"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--noise", "gausian"], "did you mean 'gaussian'"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--noise", "tpo1=3%"], "did you mean 'top1'"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--scope", "all"], "scope"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--resamples", "0"], "at least 1"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--jobs", "0"], "--jobs"),
        (
            b"model,top1,ms\na,1,2\nb,2,3\n",
            [*TABLE, "--seed", "-1"],
            "--seed: found -1",
        ),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--format", "jsn"], "did you mean 'json'"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--confidence", "2"], "confidence"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--bogus"], "bogus"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", ["--outputs", "top1", "--inputs", "ms,ms"], "each name once"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--noise", "ms=3%", "--noise", "ms=5%"], "expected one of them"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--bound", "top1"], "METRIC=NUMBER"),
        (b"model,top1,ms\na,1,2\nb,2,3\n", [*TABLE, "--resamples", "100000000000000"], "fit in memory"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, arguments: list[str], message: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    code, out, err = run(capsys, "rank", path, *arguments, "--save", tmp_path / "never.npz")
    errors = [line for line in err.splitlines() if not line.startswith("warning: ")]
    assert (code, out, len(errors)) == (2, "", 1)
    assert errors[0].startswith("error: ")
    assert message in errors[0]
    assert not (tmp_path / "never.npz").exists()


@pytest.mark.parametrize("name", ["nothing.csv", ".", "nothing.npz"])
def test_missing_file_and_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    code, _, err = run(capsys, "rank", tmp_path / name, *TABLE)
    assert code == 2
    assert len(err.splitlines()) == 1
    assert str(tmp_path) in err


def test_damaged_result_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    saved = tmp_path / "result.npz"
    run(capsys, "rank", "imagenet", *FAST, "--save", saved)
    saved.write_bytes(saved.read_bytes()[:1000])
    code, _, err = run(capsys, "rank", saved)
    assert code == 2
    assert "found no saved result" in err
    np.savez(saved, header=np.array([object()], dtype=object), draws=np.zeros(3))
    code, _, err = run(capsys, "rank", saved)
    assert code == 2  # and nothing was unpickled


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": np.full((3, 17), 2.0)}, "outside 0 to 1"),
        ({"draws": np.full((3, 16), 1.0)}, "expected numbers for 17 models"),
        ({"draws": np.full((3, 17), "x")}, "found draws of type '<U1'; expected type '<f8'"),
        ({"header": np.frombuffer(b"[1]", np.uint8)}, "found no saved result"),
    ],
)
def test_tampered_result_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: dict[str, np.ndarray], message: str
) -> None:
    saved = tmp_path / "result.npz"
    run(capsys, "rank", "imagenet", *FAST, "--save", saved)
    with np.load(saved) as stored:
        parts = dict(stored)
    np.savez(saved, **(parts | change))
    for command in ("rank", "front"):
        code, _, err = run(capsys, command, saved)
        assert code == 2
        assert len(err.splitlines()) == 1
        assert message in err


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_and_names_that_cannot_be_shown(tmp_path: Path) -> None:
    rows = "".join(f"{name},{70 + k},{k + 1}\n" for k, name in enumerate(["né", "日本", "c", "d", "e", "f"]))
    table = write(tmp_path / "names.csv", "model,top1,ms\n" + rows)
    arguments = [sys.executable, "-m", "paretoscope", "rank", str(table), *TABLE, "--noise", "ms=3%", *FAST]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    shown = subprocess.run(arguments, capture_output=True, env=environment, check=False)
    assert shown.returncode == 0
    assert b"n\\xe9" in shown.stdout
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "standard output" in ended.stderr


def test_unknown_dataset_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "rank", "imagnet")
    assert code == 2
    assert "did you mean 'imagenet'" in err


def test_warnings_are_lines_of_their_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = write(tmp_path / "few.csv", "model,top1,ms\n" + "".join(f"m{k},{70 + k},{k + 1}\n" for k in range(4)))
    code, _, err = run(capsys, "rank", table, *TABLE, "--rts", "crs", *FAST)
    assert code == 0
    lines = err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("warning: ") for line in lines)
    assert any("expected at least 3 models a metric (6)" in line for line in lines)
    assert any("smallest inputs will win" in line for line in lines)
    assert any("no metric varies" in line for line in lines)


def test_names_are_text_and_not_markup(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names = ["[bold]x[/bold]", "[/nope]", "<script>", "plain", "e", "f"]
    rows = "".join(f"{name},{70 + k},{k + 1}\n" for k, name in enumerate(names))
    table = write(tmp_path / "names.csv", "model,top1,ms\n" + rows)
    code, out, _ = run(capsys, "rank", table, *TABLE, "--noise", "ms=3%", *FAST)
    assert code == 0
    assert all(name in out for name in names)


@pytest.mark.slow
def test_front(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "front", "imagenet", *FAST, "--format", "json")
    assert code == 0
    rows = {row["model"]: row for row in json.loads(out)["models"]}
    data = ps.load("imagenet")
    expected = ps.pareto_probability(data, n_resamples=200, rng=0)
    assert {name: row["p_front"] for name, row in rows.items()} == dict(expected)
    assert {name: row["on_front"] for name, row in rows.items()} == dict(ps.pareto_front(data))


def test_front_curve(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = ["--x", "latency_ms@cpu-1t", "--y", "top1"]
    code, out, _ = run(capsys, "front", "imagenet", *metrics, *FAST, "--format", "json")
    assert code == 0
    found = json.loads(out)
    band = ps.frontier(ps.load("imagenet"), "latency_ms@cpu-1t", "top1", n_resamples=200, rng=0).band
    assert band is not None
    assert found["band"][-1]["median"] == band["median"].iloc[-1]
    for wrong in (["--x", "top1"], ["--x", "latency", "--y", "top1"], [*metrics, "--kind", "stairs"]):
        code, _, err = run(capsys, "front", "imagenet", *wrong, *FAST)
        assert code == 2
        assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_help_and_usage_errors_need_no_heavy_imports() -> None:
    script = (
        "import sys; from paretoscope.cli import main; code = main({arguments!r}); "
        "heavy = {{'numpy', 'pandas', 'numba', 'networkx', 'rich', 'highspy', 'joblib'}} & set(sys.modules); "
        "sys.exit(f'{{code}} {{heavy}}' if code != {expected} or heavy else 0)"
    )
    for arguments, expected, word in (
        (["--help"], 0, "rank"),
        (["rank", "--help"], 0, "--study"),
        (["front", "-h"], 0, "--kind"),
        (["--version"], 0, "paretoscope"),
        ([], 2, "rank"),
        (["rank", "--resamples", "x"], 2, "--resamples"),
        (["rank", "--study", "nothing.toml"], 2, "nothing.toml: no such file"),
    ):
        run_it = [sys.executable, "-c", script.format(arguments=arguments, expected=expected)]
        ended = subprocess.run(run_it, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        assert word in ended.stdout + ended.stderr


SAYS_WHEN_IT_DRAWS = """
import sys
from paretoscope.cli import run
from paretoscope.noise.simulation import Resampler

draw_batch = Resampler.draw_batch

def say_and_draw(self, batch, out=None):
    if batch == 2:
        print("drawing", file=sys.stderr, flush=True)
    return draw_batch(self, batch, out)

Resampler.draw_batch = say_and_draw
run()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_ends_cleanly_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "never.csv"
    arguments = ["rank", "imagenet", "--resamples", "20000000", "--format", "csv", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-c", SAYS_WHEN_IT_DRAWS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "drawing\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_library_s_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    """Help is written by hand, since it must not load the library."""
    _, out, _ = run(capsys, "rank", "--help")
    text = " ".join(out.split())
    for flag, default in (("--resamples", DEFAULT_RESAMPLES), ("--noise", DEFAULT_NOISE), ("--seed", SEED)):
        assert re.search(rf"{flag} [^\[]*\[{default}\]", text), flag
    defaults = {name: option.default for name, option in inspect.signature(ps.bootstrap).parameters.items()}
    defaults |= {"orientation": "input"}  # of data that have inputs
    for name in ("rts", "orientation", "scope", "frontier"):
        assert re.search(rf"--{name} [^\[]*\[{defaults[name]}\]", text), name
