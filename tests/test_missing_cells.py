"""Missing cells: refused, or left out by model or metric where that was asked for."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paretoscope as ps
from helpers import FILL, MEASURE, measure, refused, without_advice
from paretoscope.cli import main
from paretoscope.errors import DataError, DroppedWarning, OptionError, ParetoscopeWarning

TEXT = "model,cpu_ms,gpu_ms,top1\na,10,2,70\nb,20,,75\nc,5,1,60\nd,40,4,80\n"
ROLES = {"inputs": ["cpu_ms", "gpu_ms"], "outputs": "top1"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    return path


def gaps(**columns):
    """Three models, two runs each."""
    base = {"model": list("aabbcc"), "run": [1, 2] * 3, "ms": [1.0, 2, 3, 4, 5, 6], "top1": [60.0, 60, 70, 70, 80, 80]}
    return pd.DataFrame(base | columns)


def test_by_default_they_are_refused_with_the_remedy(file):
    with pytest.raises(DataError) as caught:
        ps.read(file, **ROLES)
    assert str(caught.value) == (
        f"t.csv, line 3, column 'gpu_ms': found '', a missing value; expected a number; {FILL}"
    )


def test_models_are_left_out_and_named(file):
    with pytest.warns(DroppedWarning) as caught:
        data = ps.read(file, **ROLES, drop_incomplete="models")
    assert str(caught[0].message) == "t.csv: left out 1 of 4 models that lack a value: 'b' (gpu_ms)"
    assert caught[0].filename == __file__
    assert data.models == ("a", "c", "d")
    assert data.metrics == ("cpu_ms", "gpu_ms", "top1")


def test_metrics_are_left_out_and_named(file):
    with pytest.warns(DroppedWarning) as caught:
        data = ps.read(file, **ROLES, drop_incomplete="Metrics")
    assert str(caught[0].message) == (
        "t.csv: left out 1 of 3 metrics that models lack: 'gpu_ms' (lacked by 1 of 4 models, first 'b')"
    )
    assert (data.inputs, data.outputs) == (("cpu_ms",), ("top1",))
    assert data.models == ("a", "b", "c", "d")


def test_a_complete_table_stays_as_it_is_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParetoscopeWarning)
        for what in ("models", "metrics"):
            assert measure(gaps(), drop_incomplete=what) == measure(gaps())


def test_what_was_not_selected_does_not_matter():
    frame = gaps(other=[1.0, None, None, 2, 3, 4])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParetoscopeWarning)
        assert measure(frame, drop_incomplete="models").models == ("a", "b", "c")


def test_one_blank_of_several_runs_makes_a_model_incomplete():
    frame = gaps(ms=[1.0, 2, 3, None, 5, 6])
    with pytest.warns(DroppedWarning, match=r"^left out 1 of 3 models that lack a value: 'b' \(ms\)$"):
        data = measure(frame, drop_incomplete="models")
    assert data == measure(gaps()[lambda rows: rows["model"] != "b"])


def test_more_runs_of_one_metric_than_of_another_are_complete():
    frame = pd.DataFrame(
        {
            "model": list("aaabbb"),
            "metric": ["ms", "ms", "top1"] * 2,
            "value": [1.0, 2, 70, 3, 4, 75],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParetoscopeWarning)
        assert measure(frame, drop_incomplete="models") == measure(frame)


def test_long_tables_lack_rows_or_cells():
    rows = [("a", "ms", 1.0), ("a", "top1", 70), ("b", "ms", 2), ("c", "ms", None), ("c", "top1", 72)]
    rows += [("d", "ms", 4), ("d", "top1", 80)]
    frame = pd.DataFrame(rows, columns=["model", "metric", "value"])
    refused(
        "row 3 (counted from 0), column 'value': found a missing value (nan) for metric 'ms'; expected a number; "
        f"{FILL}",
        frame,
    )
    refused(
        "table: found no value of metric 'top1' for model 'b' in its 1 row; expected every model with every metric; "
        f"{MEASURE}",
        frame.drop(3).drop(4),
    )
    with pytest.warns(DroppedWarning, match=r"left out 2 of 4 models that lack a value: 'b' \(top1\), 'c' \(ms\)$"):
        data = measure(frame, drop_incomplete="models")
    assert data.models == ("a", "d")


def test_a_model_that_was_not_measured_on_one_target():
    rows = [("a", "ms", "cpu", 1.0), ("a", "ms", "gpu", 0.1), ("b", "ms", "cpu", 2.0), ("c", "ms", "cpu", 3.0)]
    rows += [("c", "ms", "gpu", 0.3), *((model, "top1", "", 70.0 + n) for n, model in enumerate("abc"))]
    frame = pd.DataFrame(rows, columns=["model", "metric", "target", "value"])
    roles = {"inputs": ["ms@cpu", "ms@gpu"]}
    with pytest.warns(DroppedWarning, match=r"'b' \(ms@gpu\)$"):
        assert measure(frame, **roles, drop_incomplete="models").models == ("a", "c")
    with pytest.warns(DroppedWarning, match=r"left out 1 of 3 metrics that models lack: 'ms@gpu'"):
        assert measure(frame, **roles, drop_incomplete="metrics").inputs == ("ms@cpu",)


def test_a_published_mean_without_its_spread_is_incomplete():
    frame = pd.DataFrame({"model": list("abc"), "ms": [1.0, 2, 3], "ms_sd": [0.1, None, 0.1], "top1": [70.0, 75, 80]})
    with pytest.warns(DroppedWarning, match=r"'b' \(ms\)$"):
        assert measure(frame, drop_incomplete="models").models == ("a", "c")


def test_what_remains_must_be_enough():
    frame = gaps(ms=[1.0, 2, 3, None, 5, None])
    refused(
        "table: found 1 of 3 models with a value of every metric (lacking: 'ms'); expected two or more that are "
        "complete; fill in the values, select other metrics, or drop the metrics in place of the models",
        frame,
        drop_incomplete="models",
    )
    refused(
        "table: found no metric that all 3 models have; expected one or more; fill in the values, or drop the models "
        "in place of the metrics",
        gaps(ms=[None, 2, 3, 4, 5, 6], top1=[1, 1, 1, 1, 1, None]),
        drop_incomplete="metrics",
    )
    refused(
        "drop_incomplete: found 'rows'; expected one of models, metrics",
        gaps(),
        error=OptionError,
        drop_incomplete="rows",
    )
    refused("drop_incomplete: found True; expected one of models, metrics", gaps(), OptionError, drop_incomplete=True)


def test_a_role_may_lose_its_last_metric():
    frame = gaps(top1=[60.0, None, 70, 70, 80, 80])
    with pytest.warns(DroppedWarning, match="'top1'"):
        data = measure(frame, drop_incomplete="metrics")
    assert (data.inputs, data.outputs) == (("ms",), ())


def test_places_in_later_messages_are_those_of_the_whole_table(file):
    file.write_text(TEXT.replace("d,40,4", "d,40,x"))
    with (
        pytest.warns(DroppedWarning),
        pytest.raises(DataError, match=r"^t\.csv, line 5, column 'gpu_ms': found text 'x'"),
    ):
        ps.read(file, **ROLES, drop_incomplete="models")
    frame = gaps(ms=[None, 2, 3, 4, 5, np.inf])
    with (
        pytest.warns(DroppedWarning),
        pytest.raises(DataError, match=r"^row 5 \(counted from 0\), column 'ms': found 'inf'"),
    ):
        measure(frame, drop_incomplete="models")


def test_many_names_are_cut():
    n = 40
    frame = pd.DataFrame(
        {"model": [f"m{i}" for i in range(n)], "ms": [1.0, 2.0] + [np.nan] * (n - 2), "top1": np.arange(n) + 1.0}
    )
    with pytest.warns(DroppedWarning, match=r"left out 38 of 40 .*'m9' \(ms\), and 30 more$"):
        measure(frame, drop_incomplete="models")


def test_on_the_command_line_and_in_a_study_file(file, capsys):
    options = ["--inputs", "cpu_ms,gpu_ms", "--outputs", "top1", "--resamples", "20", "--format", "csv"]
    assert main(["rank", str(file), *options]) == 2
    assert capsys.readouterr().err.endswith(
        "fill it in, drop the row, or give --drop-incomplete models (or metrics) to leave out what is incomplete\n"
    )
    assert main(["rank", str(file), *options, "--drop-incomplete", "models"]) == 0
    out, err = capsys.readouterr()
    assert "warning: t.csv: left out 1 of 4 models that lack a value: 'b' (gpu_ms)\n" in err
    study = file.with_name("study.toml")
    study.write_text('drop_incomplete = "models"\n')
    assert main(["rank", str(file), *options, "--study", str(study)]) == 0
    assert capsys.readouterr().out == out
    assert main(["rank", "imagenet", "--drop-incomplete", "models"]) == 2
    assert capsys.readouterr().err.startswith("error: --drop-incomplete: found beside a dataset")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.booleans()] * 3), min_size=3, max_size=6), st.sampled_from(["models", "metrics"]))
def test_what_remains_is_complete(filled, what):
    values = np.where(np.array(filled), np.arange(1, 3 * len(filled) + 1).reshape(-1, 3), np.nan)
    models = [f"m{i}" for i in range(len(filled))]
    frame = pd.DataFrame(values, columns=["ms", "usd", "top1"]).assign(model=models)
    complete = ~np.isnan(values)
    try:
        data = without_advice(measure, frame, inputs=["ms", "usd"], drop_incomplete=what)
    except DataError:
        assert complete.all(axis=1).sum() < 2 if what == "models" else not complete.all(axis=0)[:2].any()
        return
    if what == "models":
        assert list(data.models) == [model for model, full in zip(models, complete.all(axis=1), strict=True) if full]
    else:
        metrics = zip(("ms", "usd", "top1"), complete.all(axis=0), strict=True)
        assert list(data.metrics) == [metric for metric, full in metrics if full]
    assert np.isfinite(data.mean.to_numpy()).all()


def test_the_report_tells_the_command_with_it(file, capsys):
    out = file.with_name("r.html")
    options = ["--inputs", "cpu_ms,gpu_ms", "--outputs", "top1", "--resamples", "20", "--drop-incomplete", "models"]
    assert main(["report", str(file), *options, "--out", str(out)]) == 0
    capsys.readouterr()
    page = out.read_text(encoding="utf-8")
    assert "--drop-incomplete=models" in page
    assert "left out 1 of 4 models that lack a value" in page
