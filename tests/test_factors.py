"""Columns that tell kinds of measurements apart: their rows are no repeats, and noise alone must not look like one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from helpers import measure, refused
from paretoscope import cli
from paretoscope.errors import DataError, OptionError
from paretoscope.measurements.factor_names import kind_of
from paretoscope.measurements.variance import beta_probability, explained_by_levels, explained_by_slope

TIMM = pd.DataFrame(
    {
        "model": ["resnet50", "resnet50", "convnext", "convnext", "mobilenet", "effnet_b4"],
        "infer_img_size": [224, 288, 224, 384, 224, 320],
        "samples_per_sec": [3200.1, 1900.4, 2480.0, 830.5, 9000.0, 1300.0],
        "ms": [80.0, 134.7, 103.2, 308.2, 28.4, 196.9],
        "top1": [80.4, 81.0, 82.1, 84.1, 75.8, 83.4],
    }
)


def crossed(levels, effects, column="flavour", n_models=4, n_runs=1, cv=0.01, seed=0):
    """Each model at each level, so many runs each."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"m{i}", level, run, (5 + i) * effect * math.exp(rng.normal(0, cv)), 70.0 + i)
        for i in range(n_models)
        for level, effect in zip(levels, effects, strict=True)
        for run in range(1, n_runs + 1)
    ]
    return pd.DataFrame(rows, columns=["model", column, "number", "ms", "top1"]).drop(
        columns=["number"] if n_runs == 1 else []
    )


def named(frame, **options):
    """The refusal of a table."""
    with pytest.raises(DataError) as caught:
        measure(frame, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_at_several_image_sizes():
    found = (
        "table: found column 'infer_img_size' with 224, 288, 384 within models, and metric 'ms' follows it: it "
        "explains 100 % of the variance within models ('resnet50': 80 at 224, 134.7 at 288); expected rows of a model "
        "that repeat one measurement; "
    )
    ways = (
        "pass model=['model', 'infer_img_size'] if each is a model of its own, or pass target='infer_img_size' and "
        "select 'ms@224' to compare at one of them, or pass repeats=['infer_img_size'] if it only numbers repeats"
    )
    refused(found + ways, TIMM)
    assert measure(TIMM, model=["model", "infer_img_size"]).models[:2] == ("resnet50/224", "resnet50/288")
    assert measure(TIMM, repeats="infer_img_size").n_runs["ms"].tolist() == [2, 2, 1, 1]
    at_224 = TIMM[TIMM["model"] != "effnet_b4"]
    data = measure(at_224, target="infer_img_size", inputs="ms@224", outputs="top1@224")
    assert data.mean["ms@224"].tolist() == [80.0, 103.2, 28.4]


def test_the_command_line_speaks_of_flags(tmp_path, capsys):
    file = tmp_path / "timm.csv"
    TIMM.rename(columns={"infer_img_size": "image size"}).to_csv(file, index=False)
    roles = ["rank", str(file), "--inputs", "ms", "--outputs", "top1", "--resamples", "100"]
    assert cli.main(roles) == 2
    said = capsys.readouterr().err
    assert "give --model model --model 'image size' if each is a model of its own" in said
    assert "give --target 'image size' and select ms@224" in said
    assert "give --repeats 'image size' if it only numbers repeats" in said
    assert cli.main([*roles, "--repeats", "image size"]) == 0
    study = tmp_path / "study.toml"
    study.write_text('repeats = ["image size"]\n')
    assert cli.main([*roles, "--study", str(study)]) == 0
    capsys.readouterr()
    assert cli.main(["rank", "imagenet", "--repeats", "run"]) == 2
    assert "repeats: found beside a dataset" in capsys.readouterr().err


def test_a_load_belongs_to_the_target():
    message = named(crossed([1, 4, 16], [1.0, 2.1, 6.0], "Concurrency"))
    assert message.index("pass target='Concurrency' and select 'ms@1'") < message.index("pass model=['model', 'Conc")


def test_two_models_at_two_precisions():
    """Two rows a model say nothing about noise; the name and the size of the difference do."""
    frame = pd.DataFrame(
        {"model": list("aabb"), "dtype": ["fp32", "fp16"] * 2, "ms": [10.0, 5.0, 20.0, 11.0], "top1": [70, 70, 75, 75]}
    )
    assert "column 'dtype' with 'fp32', 'fp16' within models" in named(frame)
    long = frame.melt(["model", "dtype"], var_name="metric")
    assert "column 'dtype' with 'fp32', 'fp16' within models" in named(long)
    near = frame.assign(ms=[10.0, 10.3, 20.0, 19.8])
    assert measure(near).n_runs["ms"].tolist() == [2, 2]


def test_a_name_that_says_nothing_needs_more_evidence():
    frame = crossed(["plain", "salted", "sweet"], [1.0, 1.2, 1.5])
    message = named(frame)
    assert "column 'flavour' with 'plain', 'salted', 'sweet'" in message
    assert measure(frame[frame["model"].isin(["m0", "m1"])]).n_runs["ms"].tolist() == [3, 3]
    assert measure(frame.assign(ms=1.0 + np.arange(12) % 5)).n_runs["ms"].tolist() == [3] * 4


def test_a_factor_beside_a_column_of_runs():
    frame = crossed([1, 8], [1.0, 6.0], "batch", n_runs=5).rename(columns={"number": "run"})
    assert "column 'batch' with 1, 8 within models" in named(frame)
    assert measure(frame, model=["model", "batch"]).n_runs["ms"].tolist() == [5] * 8
    numbered = frame.assign(run=frame.groupby("model").cumcount())
    assert "column 'batch' with 1, 8 within models" in named(numbered)


def test_several_factors_are_named_the_strongest_first():
    rng = np.random.default_rng(1)
    rows = [
        (f"m{i}", batch, precision, (3 + i) * slow * cost * math.exp(rng.normal(0, 0.01)), 70 + i)
        for i in range(3)
        for batch, cost in ((1, 1.0), (8, 6.0))
        for precision, slow in (("fp32", 1.0), ("int8", 0.5))
    ]
    frame = pd.DataFrame(rows, columns=["model", "batch", "precision", "ms", "top1"])
    message = named(frame)
    assert "column 'batch' with 1, 8 within models" in message
    assert "; so do others with 'precision'; " in message
    assert "pass target='batch', model=['model', 'precision']" in message
    alike = frame.assign(ms=frame["ms"] / frame["batch"].map({1: 1.0, 8: 3.0}))  # neither explains half alone
    message = named(alike)
    assert "'batch'" in message
    assert "'precision'" in message


def test_published_means_of_several_kinds():
    """As llama-bench writes them: a row a test, with the spread of its repetitions."""
    frame = pd.DataFrame(
        {
            "model": list("aaabbb"),
            "n_prompt": [512, 0, 512] * 2,
            "n_gen": [0, 128, 0] * 2,
            "avg_ts": [4700.0, 195.0, 4710.0, 2900.0, 110.0, 2890.0],
            "stddev_ts": [30.0, 1.0, 28.0, 20.0, 0.9, 21.0],
            "ms": [1, 1, 1, 2, 2, 2],
        }
    )
    message = named(frame, outputs="avg_ts")
    assert "column 'n_prompt' with 0, 512 within models" in message
    assert "so do others with 'n_gen'" in message


def test_warming_up_is_a_factor_that_only_numbers_repeats():
    frame = crossed([1, 2, 3, 4], [2.0, 1.1, 1.0, 1.0], "trial")
    message = named(frame)
    assert "expected rows of a model that repeat one measurement; pass repeats=['trial'] if it only numbers" in message
    assert measure(frame, repeats=["trial"]) == measure(frame, run="trial")
    session = frame.rename(columns={"trial": "session"}).assign(run=frame["trial"].map("r{}".format))
    assert measure(session).n_runs["ms"].tolist() == [4] * 4


def test_what_is_no_factor():
    rng = np.random.default_rng(2)
    n = 30
    values = 10 + rng.normal(0, 0.1, n)
    frame = pd.DataFrame(
        {
            "model": np.repeat(list("abcdef"), 5),
            "seed": np.tile(range(5), 6),
            "host": rng.choice(["north", "south"], n),
            "started": pd.date_range("2026-01-01", periods=n, freq="min").astype(str),
            "samples_per_sec": 1000 / values,
            "correct": (7000 - 100 * values).astype(int),
            "batch_ms": values * 8,
            "machine": "one",
            "params": np.repeat(range(6), 5),
            "ms": values,
            "top1": np.repeat(range(70, 76), 5),
        }
    )
    assert measure(frame).n_runs["ms"].tolist() == [5] * 6


def test_a_value_that_stands_in_several_rows_was_measured_once():
    """Three seeds of each accuracy, each beside eight latencies: 24 rows a model tell no more than three."""
    accuracy = [70.0, 71.0, 70.4, 75.2, 76.0, 75.1, 78.3, 79.1, 78.9]
    frame = pd.DataFrame(
        {
            "model": np.repeat(list("abc"), 24),
            "seed": np.tile(np.repeat([1, 2, 3], 8), 3),
            "ms": np.random.default_rng(8).normal(10, 0.1, 72),
            "top1": np.repeat(accuracy, 8),
        }
    )
    assert measure(frame).n_runs["top1"].tolist() == [24] * 3


def test_iterations_of_a_run_are_no_repeats_of_its_column():
    rng = np.random.default_rng(3)
    rows = [
        (f"m{i}", run, iteration, "even" if run % 2 == 0 else "odd", 10 + run_effect + rng.normal(0, 0.001), 70 + i)
        for i in range(4)
        for run, run_effect in enumerate(rng.normal(0, 0.3, 4))
        for iteration in range(50)
    ]
    frame = pd.DataFrame(rows, columns=["model", "run", "iteration", "parity", "ms", "top1"])
    assert measure(frame).n_runs["ms"].tolist() == [4] * 4


@pytest.mark.parametrize("column", ["note", "trial", "batch"])
def test_pure_repeats_are_hardly_ever_refused(column):
    rng = np.random.default_rng(4)
    refusals = 0
    for _ in range(150):
        n_models, n_runs = int(rng.integers(2, 20)), int(rng.integers(2, 11))
        frame = pd.DataFrame(
            {
                "model": np.repeat([f"m{i}" for i in range(n_models)], n_runs),
                column: np.tile([f"v{j}" for j in range(n_runs)], n_models),
                "ms": np.exp(rng.normal(0, 10 ** rng.uniform(-3, -1), n_models * n_runs)),
                "top1": np.repeat(np.arange(n_models) + 50.0, n_runs),
            }
        )
        try:
            measure(frame)
        except DataError:
            refusals += 1
    assert refusals <= 1


def test_repeats_must_exist_and_are_no_models():
    message = "table: found no column 'trail'; expected a column that numbers repeats among 'model', "
    with pytest.raises(DataError, match=message):
        measure(TIMM, repeats="trail")
    with pytest.raises(OptionError, match="repeats: found 'infer_img_size', which was named as model too"):
        measure(TIMM, model=["model", "infer_img_size"], repeats="infer_img_size")
    assert measure(TIMM, model=["model", "infer_img_size"], repeats=[]).models


def test_shipped_data_hold_no_factor():
    assert len(ps.load("imagenet").models) == 17


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("infer_img_size", "model"),
        ("imgsz", "model"),
        ("params.precision", "model"),
        ("torch dtype", "model"),
        ("BatchSize", "load"),
        ("n_prompt", "load"),
        ("num-threads", "load"),
        ("max_concurrency", "load"),
        ("Replicate", "repeat"),
        ("run_id", "repeat"),
        ("batch_time_us", ""),
        ("gpu_util", ""),
        ("iterations", ""),
        ("model_size", ""),
        ("", ""),
    ],
)
def test_what_names_say(column, kind):
    assert kind_of(column) == kind


def test_explained_squares_against_least_squares():
    rng = np.random.default_rng(5)
    for _ in range(50):
        n = int(rng.integers(4, 30))
        groups, levels = (np.unique(rng.integers(0, 4, n), return_inverse=True)[1] for _ in range(2))
        values, x = rng.normal(size=(2, n))
        alone = np.eye(groups.max() + 1)[groups]
        for both, found in (
            (np.c_[alone, np.eye(levels.max() + 1)[levels]], explained_by_levels(values, groups, levels)),
            (np.c_[alone, x], explained_by_slope(values, groups, x)),
        ):
            left = [
                float(np.sum((values - design @ np.linalg.lstsq(design, values, rcond=None)[0]) ** 2))
                for design in (alone, both)
            ]
            assert found.explained == pytest.approx(left[0] - left[1], abs=1e-9)
            assert found.remaining == pytest.approx(left[1], abs=1e-9)
            assert found.n_explained == np.linalg.matrix_rank(both) - np.linalg.matrix_rank(alone)


def test_chance_of_an_f_test():
    # Closed forms: b = 1 gives x^a, and two halves the arcsine law.
    for x in (1e-9, 0.2, 0.7, 0.999):
        for a in (0.5, 3.0, 150.0):
            assert beta_probability(x, a, 1.0) == pytest.approx(x**a, rel=1e-10)
        assert beta_probability(x, 0.5, 0.5) == pytest.approx(2 / math.pi * math.asin(math.sqrt(x)), rel=1e-10)
    assert [beta_probability(x, 2.0, 3.0) for x in (0.0, 1.0)] == [0.0, 1.0]
    rng = np.random.default_rng(6)
    groups, levels = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    chances = [explained_by_levels(rng.normal(size=12), groups, levels).chance() for _ in range(2000)]
    assert np.mean(np.array(chances) < 0.1) == pytest.approx(0.1, abs=0.02)  # three standard errors
