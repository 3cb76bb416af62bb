"""Measurements: roles, bounds, means, what is handed out, and what is refused."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import FILL, environment, measure, refused, wide, without_advice
from paretoscope.errors import DataError, NamesWarning, OptionError
from paretoscope.measurements.moments import group_moments

# --- what it holds ---


def test_fields():
    data = measure(wide(mb=[3, 3, 4, 4]), inputs=["ms", "mb"])
    assert data.models == ("a", "b")
    assert data.inputs == ("ms", "mb")
    assert data.outputs == ("top1",)
    assert data.metrics == ("ms", "mb", "top1")
    assert data.source == ""
    assert data.units == {"ms": "", "mb": "", "top1": ""}
    assert data.bounds == {"top1": 100.0}
    assert data.runs.columns.tolist() == ["model", "metric", "run", "value"]
    assert data.runs.query("metric == 'ms'")["value"].tolist() == [1.0, 2.0, 2.0, 5.0]
    assert data.runs.query("metric == 'ms'")["run"].tolist() == ["1", "2", "1", "2"]
    assert data.published.empty
    assert data.published.columns.tolist() == ["model", "metric", "mean", "sd", "n"]
    assert data.mean.to_dict("list") == {"ms": [1.5, 3.5], "mb": [3.0, 4.0], "top1": [70.0, 75.0]}
    assert data.sd["ms"].tolist() == pytest.approx([math.sqrt(0.5), math.sqrt(4.5)])
    assert data.sd["top1"].tolist() == [0.0, 0.0]
    assert (data.n_runs == 2).all(axis=None)


def test_order_is_of_first_appearance_and_of_the_request():
    frame = wide().iloc[[2, 0, 3, 1]]
    data = without_advice(measure, frame, inputs="top1", outputs="ms")
    assert data.models == ("b", "a")
    assert data.mean.columns.tolist() == ["top1", "ms"]
    assert data.runs["model"].tolist() == ["b"] * 4 + ["a"] * 4
    assert data.runs["metric"].tolist() == ["top1", "top1", "ms", "ms"] * 2


@pytest.mark.parametrize(
    ("frame", "options", "expected"),
    [
        (wide(), {}, "Measurements(2 models, inputs: ms; outputs: top1; 2 runs)"),
        (wide()[:3], {}, "Measurements(2 models, inputs: ms; outputs: top1; 1 to 2 runs)"),
        (wide()[1:3], {}, "Measurements(2 models, inputs: ms; outputs: top1; 1 run)"),
        (wide(ms_sd=1.0, top1_sd=0.1)[1:3], {}, "Measurements(2 models, inputs: ms; outputs: top1; published)"),
        (wide(ms_sd=1.0, ms_n=7)[1:3], {}, "Measurements(2 models, inputs: ms; outputs: top1; 7 runs)"),
    ],
)
def test_repr(frame, options, expected):
    assert repr(measure(frame, **options)) == expected


def test_what_is_handed_out_is_a_copy():
    data = measure(wide())
    before = data.fingerprint
    for frame in (data.runs, data.published, data.mean, data.sd, data.n_runs, data.to_frame()):
        frame.loc[:, :] = np.nan if frame.shape[0] else 0
    data.units["ms"] = "s"
    data.bounds["top1"] = 1.0
    data.to_json_dict()["runs"]["a"]["ms"]["value"][0] = 9.0
    assert data.fingerprint == before
    assert data.mean.loc["a", "ms"] == 1.5
    with pytest.raises(AttributeError):
        data.models = ()


def test_the_callers_frame_is_not_changed():
    frame = wide(run=["x", "y", "x", "y"])
    frame.index = [5, 5, 1, 0]
    before = frame.copy(deep=True)
    data = measure(frame)
    pd.testing.assert_frame_equal(frame, before)
    frame.loc[:, "ms"] = 0.0
    assert data.mean.loc["a", "ms"] == 1.5


def test_polars_without_pyarrow(monkeypatch):
    monkeypatch.setattr(pl.DataFrame, "to_pandas", None)
    assert measure(pl.DataFrame(wide().to_dict("list"))) == measure(wide())


@pytest.mark.slow
def test_polars_is_not_imported():
    code = (
        "import sys, pandas; from paretoscope.measurements import Measurements as M;"
        "M.from_frame(pandas.DataFrame({'model': ['a', 'b'], 'x': [1, 2], 'y': [1, 2]}), inputs='x', outputs='y');"
        "assert 'polars' not in sys.modules; assert not any('paretoscope.readers' in name for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment("0"))


def test_what_converts_itself_to_pandas():
    class Table:
        def to_pandas(self):
            return wide()

    assert measure(Table()) == measure(wide())


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "Float64", "int64[pyarrow]", "double[pyarrow]", object])
def test_number_types(dtype):
    values = [1, 2, 2, 5]
    assert measure(wide(ms=pd.array(values, dtype=dtype))) == measure(wide())


def test_names_and_labels_become_text():
    data = measure(wide(model=[1, 1, 2, 2], run=[1.0, 2.0, 1.0, 2.0]))
    assert data.models == ("1", "2")
    assert data.runs["run"].tolist() == ["1.0", "2.0"] * 4
    with pytest.warns(NamesWarning):
        blanks = measure(wide(model=[" a", " a", "a", "a"], run=[1.0, None, 1.0, 2.0])[[True, False, True, True]])
    assert blanks.models == (" a", "a")  # blanks are part of a name


def test_whole_run_numbers_beside_gaps_stay_whole():
    frame = pd.DataFrame(
        {
            "model": ["a", "a", "b", "b", "a", "b"],
            "metric": ["ms"] * 4 + ["top1"] * 2,
            "run": [1, 2, 1, 2, None, None],
            "value": [1.0, 2.0, 2.0, 5.0, 70.0, 75.0],
        }
    )
    assert measure(frame).runs["run"].tolist() == ["1", "2", "1"] * 2


# --- means and spreads ---


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1e300, allow_subnormal=False), min_size=1, max_size=6), min_size=1, max_size=5))
def test_moments_against_exact_fractions(groups):
    starts = np.cumsum([0] + [len(group) for group in groups[:-1]])
    mean, sd = group_moments(np.concatenate(groups), starts)
    for group, group_mean, group_sd in zip(groups, mean, sd, strict=True):
        assert group_mean == pytest.approx(statistics.mean(group), rel=1e-14)
        spread = 0.0
        if len(group) > 1:
            scale = max(group) or 1.0  # the twin's squares would overflow
            spread = scale * statistics.stdev(value / scale for value in group)
        assert group_sd == pytest.approx(spread, rel=1e-9, abs=1e-15 * max(group))


def test_moments_neither_overflow_nor_invent_spread():
    mean, sd = group_moments(np.array([1.7e308, 1.7e308, 1.5e308, 0.1, 0.1, 0.1, 0.0]), np.array([0, 3, 6]))
    assert mean.tolist() == [pytest.approx(1.6333333333333333e308), 0.1, 0.0]
    assert sd.tolist() == [pytest.approx(1.1547005383792515e307), 0.0, 0.0]


# --- roles and other options ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"inputs": [], "outputs": ()},
            "inputs, outputs: found no name; expected a metric in one of the roles; "
            "give inputs=['NAME', ...] or outputs=['NAME', ...]",
        ),
        ({"model": []}, "model: found no name; expected at least one; write model=['NAME', ...]"),
        ({"inputs": ["ms", "ms"]}, "inputs: found 'ms' twice; expected each name once; leave one out"),
        ({"inputs": ["ms", " "]}, "inputs: found the empty name ' '; expected a name; leave it out"),
        ({"inputs": [1]}, "inputs: found 1; expected names as text; write '1'"),
        (
            {"inputs": ["top1", "ms"]},
            "inputs, outputs: found 'top1' in both; expected one role a metric; "
            "an input is better small, an output better large",
        ),
        (
            {"fold": "p9"},
            "fold: found 'p9'; expected one of median, mean, p90, p95, p99",
        ),
        ({"fold": None}, "fold: found None; expected one of median, mean, p90, p95, p99"),
        ({"run": ""}, "run: found ''; expected the name of a column; name one or leave the option out"),
        (
            {"run": "k", "iteration": "k"},
            "iteration: found 'k', which was named as run too; expected one job a column; name another",
        ),
        (
            {"bounds": {"top5": 1}},
            "bounds: found 'top5'; expected one of 'ms', 'top1'; correct it; did you mean 'top1'?",
        ),
        ({"bounds": [1]}, "bounds: found [1]; expected a mapping; write bounds={'top1': 100}"),
        (
            {"bounds": {"top1": math.inf}},
            "bounds: found inf for 'top1'; expected a positive finite number, or None; correct it",
        ),
        (
            {"bounds": {"top1": "1"}},
            "bounds: found '1' for 'top1'; expected a positive finite number, or None; correct it",
        ),
        ({"bounds": {"top1": 0}}, "bounds: found 0 for 'top1'; expected a positive finite number, or None; correct it"),
    ],
)
def test_bad_options(options, message):
    refused(message, wide(), error=OptionError, **options)


@pytest.mark.filterwarnings("ignore::paretoscope.errors.DirectionWarning")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "unit", "values", "bound"),
    [
        ("top1", "", [70, 75], 100.0),
        ("Top-1", "", [0.7, 0.75], 1.0),
        ("top1_real@v100", "", [0.7, 1.0], 1.0),
        ("top5", "", [70, 101], None),
        ("acc", "", [70, 75], 100.0),
        ("acc@5", "", [70, 75], 100.0),
        ("Accuracy", "", [1, 100], 100.0),
        ("acc_val", "", [70, 75], 100.0),
        ("access_ms", "", [70, 75], None),
        ("mIoU", "", [0.1, 0.2], 1.0),
        ("mAP", "", [10, 20], 100.0),
        ("F1", "", [0.1, 0.2], 1.0),
        ("AUC", "", [0.1, 0.2], 1.0),
        ("error_pct", "", [0.3, 0.4], 100.0),  # percent, however small
        ("cpu_percent", "", [200, 300], None),
        ("speed", "%", [0.3, 0.4], 100.0),
        ("speed", "percent", [3, 4], 100.0),
        ("latency_ms", "ms", [0.3, 0.4], None),
        ("maple", "", [0.3, 0.4], None),
        ("share", "fraction", [0.3, 0.4], 1.0),
        ("acc", "points", [70, 75], None),
        ("acc_time_s", "", [0.3, 0.4], None),
        ("top1_time_ms", "", [30, 40], None),
    ],
)
@pytest.mark.parametrize("role", ["inputs", "outputs"])
def test_bounds_by_unit_or_name(name, unit, values, bound, role):
    frame = pd.DataFrame(
        {
            "model": ["a", "b"] * 2,
            "metric": [name] * 2 + ["x"] * 2,
            "unit": [unit] * 2 + [""] * 2,
            "value": [*values, 1, 2],
        }
    )
    roles = {"inputs": "x", "outputs": "x"} | {role: name}
    guessed = bound is not None and not unit
    data = measure(frame, **roles)
    assert data.bounds == ({} if bound is None or (guessed and role == "inputs") else {name: bound})
    assert data.guessed_bounds == ((name,) if guessed and role == "outputs" else ())


def test_stated_bounds_win():
    frame = wide(**{"top1@x": [0.5] * 4}).drop(columns="top1").rename(columns={"top1@x": "top1@gpu"})
    roles = {"outputs": "top1@gpu"}
    assert measure(frame, **roles).bounds == {"top1@gpu": 1.0}
    assert measure(frame, bounds={"top1": 100}, **roles).bounds == {"top1@gpu": 100.0}
    assert measure(frame, bounds={"top1@gpu": 10, "top1": 100}, **roles).bounds == {"top1@gpu": 10.0}
    assert measure(frame, bounds={"top1": None}, **roles).bounds == {}
    assert measure(wide(), bounds={"ms": 5}).bounds == {"ms": 5.0, "top1": 100.0}


def test_values_above_their_bound():
    remedy = "or pass bounds={'ms': None} if the metric has no largest value"
    refused(
        f"row 3 (counted from 0), column 'ms': found 5.0 for metric 'ms'; expected at most 4; correct it, {remedy}",
        wide(),
        bounds={"ms": 4},
    )
    frame = wide()[["model", "ms"]].rename(columns={"ms": "value"}).assign(metric="ms", unit="%")
    frame = pd.concat([frame, frame.assign(metric="top1", unit="")])
    frame["value"] *= 30
    refused(
        f"row 3 (counted from 0), column 'value': found 150.0 for metric 'ms'; expected at most 100; "
        f"correct it, {remedy}",
        frame,
    )
    assert measure(frame, bounds={"ms": None}).bounds == {}


# --- refused values ---


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ([1.0, np.nan, 2.0, 2.0], "a missing value (nan); expected a number; " + FILL),
        (
            pd.array([1, None, 2, 2], dtype="Int64"),
            "a missing value (<NA>); expected a number; " + FILL,
        ),
        ([1.0, None, "x", 2.0], "a missing value (None); expected a number; " + FILL),
        ([1.0, " ", 2.0, 2.0], "' ', a missing value; expected a number; " + FILL),
        (
            [1, np.inf, 2, 2],
            "'inf', which is not finite as a float; expected a finite number; correct it or drop the row",
        ),
        (
            [1, -np.inf, 2, 2],
            "'-inf', which is not finite as a float; expected a finite number; correct it or drop the row",
        ),
        (["1", "2", "2", "2"], "text '1'; expected a number; store numbers, not text"),
        ([1, "2", 2, 2], "text '2'; expected a number; store numbers, not text"),
        ([1, True, 2, 2], "the truth value True; expected a number; select another column or convert it to 0 and 1"),
        ([1, 2 + 1j, 2, 2], "'(2+1j)' (complex); expected a number; select another column or convert it to numbers"),
        (
            pd.Series([1, pd.Timestamp("2026-01-01"), 2, 2], dtype=object),
            "'2026-01-01 00:00:00' (Timestamp); expected a number; select another column or convert it to numbers",
        ),
        (
            pd.Series([1, 10**400, 2, 2], dtype=object),
            "'1"
            + "0" * 74
            + "...', which is not finite as a float; expected a finite number; correct it or drop the row",
        ),
    ],
)
def test_refused_cells(column, found):
    row = 0 if found.startswith("text '1'") else 1
    frame = wide(ms=column)
    frame.index = [9, 9, 9, 9]
    if np.asarray(column).dtype == complex:
        frame["ms"] = frame["ms"].astype(object).where(frame["ms"] != 1, 1)
    refused(f"row {row} (counted from 0), column 'ms': found {found}", frame)


def test_refused_cells_of_an_output_and_a_bool_column():
    refused(
        "bench, row 0 (counted from 0), column 'top1': found the truth value False; expected a number; "
        "select another column or convert it to 0 and 1",
        wide(top1=[False, True, True, True]),
        source="bench",
    )


def test_other_columns_may_hold_anything():
    assert measure(wide(note=["x", None, True, {}], other=np.inf)) == measure(wide())


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (wide()[:0], "table: found no rows; expected one row a run of a model; add the measurements"),
        (
            wide()[:2],
            "table: found one model, 'a', in 2 rows; expected two models or more; "
            "add those it is to be compared with, or name the right model column",
        ),
        (
            wide(model=["a", "", "b", "b"]),
            "row 1 (counted from 0), column 'model': found an empty model name; expected a name; "
            "fill it in or drop the row",
        ),
        (
            wide(model=["a", "b", None, "b"]),
            "row 2 (counted from 0), column 'model': found an empty model name; expected a name; "
            "fill it in or drop the row",
        ),
        (
            wide().set_axis(["model", "ms", "ms"], axis=1),
            "table: found two columns named 'ms', columns 2 and 3; expected distinct column names; rename or drop one",
        ),
        (
            wide().set_index("model"),
            "table: found no column 'model'; expected the model column among 'ms', 'top1'; "
            "it is the frame's index: call reset_index() first",
        ),
        (
            wide().rename(columns={"model": "mode"}),
            "table: found no column 'model'; expected the model column among 'mode', 'ms', 'top1'; name one of "
            "them, as in model='NAME'; "
            "did you mean 'mode'?",
        ),
        (
            wide().rename(columns={"ms": "m s"}),
            "table: found no column 'ms'; expected a metric among 'model', 'm s', 'top1'; name one of them; "
            "did you mean 'm s'?",
        ),
        (
            pd.concat({"x": wide()}, axis=1),
            "frame: found column names of 2 levels; expected one level; join the levels into one name",
        ),
        ([1], "frame: found list; expected a pandas or polars DataFrame; build one, or use read() for a file"),
        (
            pl.LazyFrame({"model": []}),
            "frame: found a polars LazyFrame; expected a DataFrame; call .collect() or .to_frame()",
        ),
    ],
)
def test_refused_tables(frame, message):
    refused(message, frame)


def test_single_zeros_are_fine():
    data = measure(wide(ms=[0, 1, 0, 0], mb=[0, 0, 1, 1]), inputs=["ms", "mb"])
    assert data.mean["ms"].tolist() == [0.5, 0.0]
    assert math.copysign(1, measure(wide(ms=[-0.0, 1, 1, 1])).runs["value"][0]) == 1


# --- select ---


def test_select():
    frame = wide(mb=[3, 3, 4, 4], top5=[90, 90, 91, 91])
    frame = pd.concat([frame, frame.assign(model=frame["model"] + "2")])
    data = measure(frame, inputs=["ms", "mb"], outputs=["top1", "top5"], bounds={"ms": 9, "top5": 95})
    less = data.select(inputs="mb", models=["b2", "a"])
    assert (less.models, less.inputs, less.outputs) == (("b2", "a"), ("mb",), ("top1", "top5"))
    assert less.bounds == {"top1": 100.0, "top5": 95.0}
    assert less == measure(
        frame[frame.model.isin(["a", "b2"])].iloc[::-1], inputs="mb", outputs=["top1", "top5"], bounds={"top5": 95}
    )
    assert data.select() == data
    assert without_advice(data.select, inputs=["top5"], outputs=["ms"]).metrics == ("top5", "ms")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"inputs": "mss"},
            OptionError,
            "inputs, outputs: found 'mss'; expected some of 'ms', 'top1'; correct it; did you mean 'ms'?",
        ),
        ({"models": ["a", "c"]}, OptionError, "models: found 'c'; expected some of 'a', 'b'; correct it"),
        ({"models": ["a", "a"]}, OptionError, "models: found 'a' twice; expected each name once; leave one out"),
        ({"inputs": "top1"}, OptionError, "inputs, outputs: found 'top1' in both; expected one role a metric"),
        (
            {"models": "a"},
            DataError,
            "bench: found one model, 'a'; expected two models or more; add those it is to be compared with",
        ),
    ],
)
def test_bad_selections(options, error, message):
    with pytest.raises(error) as caught:
        measure(wide(), source="bench").select(**options)
    assert str(caught.value).startswith(message)
