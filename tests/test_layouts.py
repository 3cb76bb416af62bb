"""Long, wide and published tables: which rows are a metric, and how iterations become runs."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import MEASURE, measure, refused
from paretoscope.errors import DataError, IterationsWarning, OptionError
from paretoscope.measurements import Measurements


def frame_of(header, text):
    """Build a frame from rows of blank-separated cells; a dot is a blank cell."""
    rows = [[None if cell == "." else cell for cell in line.split()] for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=header.split())
    for name in frame:
        try:
            frame[name] = pd.to_numeric(frame[name])
        except ValueError:
            continue
    return frame


def values(data, metric):
    """Return {model: {run: value}}."""
    runs = data.runs[data.runs["metric"] == metric]
    return {model: dict(zip(part["run"], part["value"], strict=True)) for model, part in runs.groupby("model")}


LONG = frame_of(
    "model target metric value unit run",
    """
    a gpu ms   1 ms 1
    a cpu ms  10 ms 1
    b gpu ms   2 ms 1
    a .   top1 70 % .
    a gpu ms   3 ms 2
    b cpu ms  20 ms 1
    b .   top1 75 % .
    b gpu ms   5 ms 2
    """,
)

# --- long ---


def test_long_table_with_targets():
    data = measure(LONG, inputs=["ms@cpu", "ms@gpu"])
    assert data.metrics == ("ms@cpu", "ms@gpu", "top1")
    assert values(data, "ms@gpu") == {"a": {"1": 1, "2": 3}, "b": {"1": 2, "2": 5}}
    assert values(data, "ms@cpu") == {"a": {"1": 10}, "b": {"1": 20}}
    assert values(data, "top1") == {"a": {"1": 70}, "b": {"1": 75}}
    assert data.units == {"ms@cpu": "ms", "ms@gpu": "ms", "top1": "%"}
    assert data.bounds == {"top1": 100.0}


def test_long_table_under_other_names():
    renamed = LONG.rename(columns=dict(zip(LONG.columns, "ABCDEF", strict=True)))
    options = dict(zip(["model", "target", "metric", "value", "unit", "run"], "ABCDEF", strict=True))
    assert measure(renamed, inputs="ms@gpu", **options) == measure(LONG, inputs="ms@gpu")
    refused(
        "table: found no column 'runs'; expected the run column among 'model', 'target', 'metric', 'value', 'unit', "
        "'run'; name one of them; did you mean 'run'?",
        LONG,
        inputs="ms@gpu",
        run="runs",
    )


def test_one_target_needs_no_choice():
    gpu = LONG[LONG["target"] != "cpu"]
    assert values(measure(gpu), "ms") == values(measure(LONG, inputs="ms@gpu"), "ms@gpu")
    assert measure(LONG[LONG["target"] != "cpu"].drop(columns="target")) == measure(gpu)


def test_rows_count_runs_where_there_is_no_run_column():
    data = measure(LONG.drop(columns="run"), inputs=["ms@cpu", "ms@gpu"])
    assert values(data, "ms@gpu") == {"a": {"1": 1, "2": 3}, "b": {"1": 2, "2": 5}}


def test_a_metric_may_have_an_at_in_its_name():
    frame = LONG.replace({"metric": {"top1": "recall@5"}})
    assert values(measure(frame, inputs="ms@gpu", outputs="recall@5"), "recall@5") == {"a": {"1": 70}, "b": {"1": 75}}
    frame.loc[frame["metric"] == "recall@5", "target"] = "gpu"
    data = measure(frame, inputs="ms@gpu", outputs="recall@5@gpu")
    assert values(data, "recall@5@gpu") == {"a": {"1": 70}, "b": {"1": 75}}


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            {},
            {},
            "table: found metric 'ms' on 2 targets, with different values; expected one of 'ms@gpu', 'ms@cpu'; "
            "select one of them, or several",
        ),
        (
            {},
            {"inputs": "m@gpu"},
            "column 'metric': found no 'm@gpu'; expected one of the metrics: 'ms', 'top1'; select one of them",
        ),
        (
            {},
            {"inputs": "mss"},
            "column 'metric': found no 'mss'; expected one of the metrics: 'ms', 'top1'; select one of them; "
            "did you mean 'ms'?",
        ),
        (
            {},
            {"inputs": "ms@gpx"},
            "column 'target': found no 'ms@gpx'; expected one of the targets of that metric: 'ms@gpu', 'ms@cpu'; "
            "select one of them; did you mean 'ms@gpu'?",
        ),
        (
            {"run": [1, 1, 1, None, 1, 1, None, 2]},
            {"inputs": "ms@gpu"},
            "rows 0 and 4 (counted from 0): found run '1' of model 'a' twice for metric 'ms@gpu'; expected one row a "
            "run; add an iteration column, name the target's column, or drop one",
        ),
        (
            {"run": [1, 1, 1, None, None, 1, None, 2]},
            {"inputs": "ms@gpu"},
            "row 4 (counted from 0): found no run for metric 'ms@gpu' of model 'a', whose other rows have one; "
            "expected the run of each row; fill it in or drop the row",
        ),
        (
            {"unit": ["ms", "s", "ms", "%", "s", "s", "%", "ms"]},
            {"inputs": "ms@gpu"},
            "rows 0 and 4 (counted from 0), column 'unit': found units 'ms' and 's' for metric 'ms@gpu'; "
            "expected one unit a metric; convert the values to one unit",
        ),
        (
            {"metric": ["ms", "ms", "ms", "top1", "", "ms", "top1", "ms"]},
            {"inputs": "ms@gpu"},
            "row 4 (counted from 0), column 'metric': found no metric; expected its name; fill it in or drop the row",
        ),
        (
            {"target": ["gpu", "cpu", "cpu", None, "gpu", "cpu", None, "cpu"]},
            {"inputs": "ms@gpu"},
            "table: found no value of metric 'ms@gpu' for model 'b' in its 4 rows; expected every model with every "
            "metric; " + MEASURE,
        ),
        (
            {"value": ["x"] + [1] * 7},
            {"inputs": "ms@gpu"},
            "row 0 (counted from 0), column 'value': found text 'x' for metric 'ms@gpu'; expected a number; "
            "store numbers, not text",
        ),
    ],
)
def test_refused_long_tables(change, options, message):
    refused(message, LONG.assign(**change), **options)


def test_other_refused_long_tables():
    refused(
        "table: found no column 'target' for 'ms@gpu'; expected one that names the targets of metric 'ms'; "
        "select 'ms', or name the target's column",
        LONG.drop(columns="target"),
        inputs="ms@gpu",
    )
    refused(
        "table: found no column 'value'; expected the value column of a long table among 'm', 'kind', 'number'; "
        "name one of them",
        frame_of("m kind number", "a ms 1"),
        model="m",
        metric="kind",
    )
    three = pd.concat([LONG, LONG.replace({"model": {"a": "c", "b": "d"}})])
    refused(
        "table: found no value of metric 'top1' for model 'c' in its 3 rows, nor for 1 other model; "
        "expected every model with every metric; " + MEASURE,
        three[~(three["model"].isin(["c", "d"]) & (three["metric"] == "top1"))],
        inputs="ms@gpu",
    )
    refused(
        "inputs, outputs: found 'ms' and 'ms@gpu', which are the same measurements; expected each once; leave one out",
        LONG[LONG["target"] == "gpu"],
        error=OptionError,
        inputs="ms",
        outputs="ms@gpu",
    )


def test_a_blank_unit_is_an_unstated_one():
    assert measure(LONG.assign(unit=[None, "ms", "ms", "%", "ms", "ms", None, "ms"]), inputs="ms@gpu").units == {
        "ms@gpu": "ms",
        "top1": "%",
    }


# --- the same on all targets ---

ACCURACY = frame_of(
    "model target ms top1",
    """
    a gpu 1 70
    a gpu 2 70
    a cpu 8 70
    b gpu 3 75
    b cpu 9 75
    """,
)


def test_what_is_equal_on_all_targets_is_one_exact_value():
    data = measure(ACCURACY, inputs=["ms@gpu", "ms@cpu"])
    assert values(data, "top1") == {"a": {"1": 70}, "b": {"1": 75}}
    long = ACCURACY.melt(["model", "target"], var_name="metric")
    assert measure(long, inputs=["ms@gpu", "ms@cpu"]) == data


def test_a_target_must_share_a_model_with_another():
    top1 = "table: found metric 'top1' on 2 targets, {}; expected one of 'top1@gpu', 'top1@cpu'; " + (
        "select one of them, or several"
    )
    nowhere_both = frame_of("model target ms top1", "a gpu 1 70\nb cpu 2 75")
    refused(
        "table: found metric 'ms' on 2 targets, with no model on two of them to show that they agree; "
        "expected one of 'ms@gpu', 'ms@cpu'; select one of them, or several",
        nowhere_both,
    )
    refused(top1.format("with different values"), ACCURACY.assign(top1=[70, 70, 71, 75, 75]), inputs="ms@gpu")
    one_shared = frame_of("model target ms top1", "a gpu 1 70\na cpu 2 70\nb gpu 3 75")
    assert values(measure(one_shared, inputs="ms@gpu"), "top1") == {"a": {"1": 70}, "b": {"1": 75}}


# --- wide ---


def test_wide_columns_by_their_names_and_by_target():
    frame = ACCURACY.assign(**{"mj@gpu": [1, 1, 1, 2, 2]})
    data = measure(frame, inputs=["ms@gpu", "mj@gpu"])
    assert values(data, "ms@gpu") == {"a": {"1": 1, "2": 2}, "b": {"1": 3}}
    assert values(data, "mj@gpu") == {"a": {"1": 1}, "b": {"1": 2}}
    assert data.units["ms@gpu"] == ""


def test_wide_target_without_any_cell_is_no_target():
    frame = frame_of("model target ms top1", "a gpu 1 .\na . . 70\nb gpu 3 .\nb . . 75")
    assert values(measure(frame), "ms") == {"a": {"1": 1}, "b": {"1": 3}}
    assert values(measure(frame), "top1") == {"a": {"1": 70}, "b": {"1": 75}}


def test_metrics_of_a_wide_row_share_its_run():
    frame = frame_of("model run ms top1", "a x 1 70\na y 2 71\nb y 3 75\nb z 4 75")
    data = measure(frame)
    assert values(data, "ms") == {"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4}}
    assert values(data, "top1") == {"a": {"x": 70, "y": 71}, "b": {"y": 75, "z": 75}}


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (
            ACCURACY,
            {"inputs": "ms@tpu"},
            "column 'target': found no 'ms@tpu'; expected one of the targets: 'ms@gpu', 'ms@cpu'; "
            "select one of them; did you mean 'ms@gpu'?",
        ),
        (
            ACCURACY.drop(columns="target"),
            {"inputs": "ms@gpu"},
            "table: found no column 'ms@gpu' and no column 'target'; expected one that names the targets of metric "
            "'ms'; select 'ms', or name the target's column",
        ),
        (
            ACCURACY.assign(run=1),
            {"inputs": "ms@gpu"},
            "rows 0 and 1 (counted from 0): found run '1' of model 'a' twice for metric 'ms@gpu'; expected one row a "
            "run; add an iteration column, name the target's column, or drop one",
        ),
        (
            ACCURACY[:4],
            {"inputs": "ms@cpu"},
            "table: found no value of metric 'ms@cpu' for model 'b' in its 1 row; expected every model with every "
            "metric; " + MEASURE,
        ),
    ],
)
def test_refused_wide_tables(frame, options, message):
    refused(message, frame, **options)


# --- names of models ---


def test_several_columns_name_a_model():
    frame = frame_of("net bits ms top1", "a 8 1 70\na 16 2 71\nb 8 3 75")
    data = measure(frame, model=["net", "bits"])
    assert data.models == ("a/8", "a/16", "b/8")
    assert data.mean["ms"].tolist() == [1, 2, 3]


def test_joined_names_do_not_collide():
    refused(
        "rows 0 and 2 (counted from 0): found two different models that both join to 'a/b/c'; "
        "expected distinct names from columns 'net', 'bits'; write the slash in one of them differently",
        frame_of("net bits ms top1", "a/b c 1 70\nd e 1 70\na b/c 2 71"),
        model=["net", "bits"],
    )
    refused(
        "row 1 (counted from 0), column 'bits': found an empty model name; expected a name; fill it in or drop the row",
        frame_of("net bits ms top1", "a 8 1 70\nb . 2 71"),
        model=["net", "bits"],
    )
    refused(
        "table: found no column 'bit'; expected a model column among 'net', 'bits', 'ms', 'top1'; name one of them; "
        "did you mean 'bits'?",
        frame_of("net bits ms top1", "a 8 1 70"),
        model=["net", "bit"],
    )


def test_a_column_that_was_given_another_job_loses_its_usual_one():
    frame = frame_of("net target run ms top1", "a gpu 1 1 70\na gpu 2 2 70\na cpu 1 4 70\na cpu 2 5 70")
    data = measure(frame, model=["net", "target"])
    assert values(data, "ms") == {"a/gpu": {"1": 1, "2": 2}, "a/cpu": {"1": 4, "2": 5}}
    with pytest.warns(IterationsWarning):
        assert values(measure(frame, model=["net", "target"], iteration="run"), "top1") == {
            "a/gpu": {"1": 70},
            "a/cpu": {"1": 70},
        }


# --- published ---

SUMMARY = frame_of("model ms ms_sd ms_n top1", "a 1 0.1 5 70\nb 2 0.0 1 75")


def test_published_summary():
    data = measure(SUMMARY)
    expected = pd.DataFrame({"model": ["a", "b"], "metric": "ms", "mean": [1.0, 2], "sd": [0.1, 0], "n": [5.0, 1]})
    pd.testing.assert_frame_equal(data.published, expected, check_dtype=False)
    assert data.mean.to_dict("list") == {"ms": [1, 2], "top1": [70, 75]}
    assert data.sd.to_dict("list") == {"ms": [0.1, 0], "top1": [0, 0]}
    assert data.n_runs.to_dict("list") == {"ms": [5, 1], "top1": [1, 1]}
    assert values(data, "ms") == {}
    assert measure(SUMMARY.drop(columns="ms_n")).n_runs["ms"].isna().all()
    assert measure(SUMMARY.assign(ms_n=[5, None])).n_runs["ms"].tolist()[0] == 5
    assert measure(SUMMARY.assign(ms_sd=None)).published.empty


def test_published_on_targets():
    frame = frame_of(
        "model target ms ms_sd top1 top1_sd",
        "a gpu 1 0.1 70 0.5\na cpu 9 0.3 70 0.5\nb gpu 2 0.2 75 0.6\nb cpu 8 0.4 75 0.6",
    )
    data = measure(frame, inputs=["ms@gpu", "ms@cpu"])
    assert data.sd.to_dict("list") == {"ms@gpu": [0.1, 0.2], "ms@cpu": [0.3, 0.4], "top1": [0.5, 0.6]}
    for pattern in ("ms@gpu_{}", "ms_{}@gpu"):
        named = pd.DataFrame({"model": ["a", "b"], "ms@gpu": [1, 2], pattern.format("sd"): [0.1, 0.2], "top1": [1, 2]})
        assert measure(named, inputs="ms@gpu").sd["ms@gpu"].tolist() == [0.1, 0.2]
    frame.loc[0, "top1_sd"] = 0.7
    with pytest.raises(DataError, match="metric 'top1' on 2 targets, with different values"):
        measure(frame, inputs="ms@gpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"ms_sd": [0.1, -0.1]},
            "row 1 (counted from 0), column 'ms_sd': found -0.1; expected a standard deviation of zero or more; "
            "correct it or drop the column",
        ),
        (
            {"ms_sd": [0.1, None]},
            "row 1 (counted from 0), column 'ms_sd': found a missing value (nan) for metric 'ms'; expected a number; "
            "fill it in or drop the row",
        ),
        (
            {"ms_n": [0, 5]},
            "row 0 (counted from 0), column 'ms_n': found 0.0; expected a whole number of runs, 1 or more; "
            "correct it or drop the column",
        ),
        (
            {"ms_n": [5, 2.5]},
            "row 1 (counted from 0), column 'ms_n': found 2.5; expected a whole number of runs, 1 or more; "
            "correct it or drop the column",
        ),
        (
            {"model": ["a", "a"]},
            "rows 0 and 1 (counted from 0): found two rows of model 'a' beside published spreads in column 'ms_sd'; "
            "expected one row a model, since a mean and its sd stand for all runs; "
            "drop the duplicate, or column 'ms_sd' if each row is a run",
        ),
    ],
)
def test_refused_summaries(change, message):
    frame = pd.concat([SUMMARY.assign(**change), SUMMARY.assign(model=["c", "d"])])
    refused(message, frame)


# --- iterations ---


@st.composite
def iterated(draw):
    rows = []
    for model in range(draw(st.integers(2, 3))):
        for run in range(draw(st.integers(2, 3))):
            times = draw(st.lists(st.floats(0.1, 1e9), min_size=1, max_size=7))
            rows += [(f"m{model}", run, iteration, ms, 70.0 + model) for iteration, ms in enumerate(times)]
    return pd.DataFrame(draw(st.permutations(rows)), columns=["model", "run", "iteration", "ms", "top1"])


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(iterated(), st.sampled_from(["median", "mean", "p90", "p95", "p99"]))
def test_fold_against_a_plain_loop(frame, fold):
    folded = measure(frame, fold=fold)
    for (model, run), part in frame.groupby(["model", "run"]):
        if fold == "mean":
            expected = pytest.approx(np.mean(part["ms"]), rel=1e-14)
        else:
            expected = np.quantile(part["ms"], {"median": 0.5}.get(fold) or int(fold[1:]) / 100)
        assert values(folded, "ms")[model][str(run)] == expected
    assert (folded.sd["top1"] == 0).all()
    counts = frame.groupby("model")["run"].nunique()
    assert folded.n_runs["ms"].to_dict() == counts.to_dict()


def test_folds_keep_what_is_constant():
    frame = pd.DataFrame(
        {"model": list("aaabbb") * 2, "run": [1] * 6 + [2] * 6, "iteration": [1, 2, 3] * 4, "top1": 0.1}
    )
    for fold in ("mean", "p95"):
        data = measure(frame.assign(ms=range(1, 13)), fold=fold)
        assert (data.runs.query("metric == 'top1'")["value"] == 0.1).all()


@pytest.mark.parametrize("run", [{}, {"run": 7}])
def test_iterations_as_runs(run):
    frame = frame_of("model iteration ms top1", "a i 1 70\na j 3 70\nb i 2 75\nb j 5 75").assign(**run)
    message = (
        "metric 'ms': found several iterations of one run of each model; expected several runs; the iterations are "
        "used as runs, but they are autocorrelated, so that the spread is understated: repeat whole runs"
    )
    with pytest.warns(IterationsWarning, match=f"^{re.escape(message)}$") as caught:
        data = Measurements.from_frame(frame, inputs="ms", outputs="top1")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert values(data, "ms") == {"a": {"i": 1, "j": 3}, "b": {"i": 2, "j": 5}}
    label = str(run.get("run", 1))
    assert values(data, "top1") == {"a": {label: 70}, "b": {label: 75}}  # constant: exact, and no warning


def test_second_runs_forbid_iterations_as_runs():
    frame = frame_of("model run iteration ms top1", "a 1 1 1 70\na 1 2 3 70\na 2 1 4 70\nb 1 1 2 75\nb 1 2 6 75")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert values(measure(frame), "ms") == {"a": {"1": 2, "2": 4}, "b": {"1": 4}}


def test_blank_iterations():
    frame = pd.DataFrame(
        {
            "model": ["a", "a", "b", "b", "a", "b", "b"],
            "metric": ["ms"] * 4 + ["top1"] * 3,
            "run": ["1"] * 4 + ["1", "1", "2"],
            "iteration": ["1", "2", "1", "2", None, None, None],
            "value": [1.0, 3, 2, 5, 70, 75, 76],
        }
    )
    with pytest.warns(IterationsWarning, match="metric 'ms'"):
        assert values(measure(frame), "top1") == {"a": {"1": 70}, "b": {"1": 75, "2": 76}}
    frame.loc[1, "iteration"] = None
    refused(
        "row 1 (counted from 0): found no iteration for metric 'ms' of model 'a', whose run has other rows; "
        "expected the iteration of each row; fill it in or drop the row",
        frame,
    )
    frame.loc[1, "iteration"] = "1"
    refused(
        "rows 0 and 1 (counted from 0): found iteration '1' of run '1' of model 'a' twice for metric 'ms'; "
        "expected one row an iteration; number the iterations, name the run's or target's column, or drop one",
        frame,
    )
