"""Measurements that are saved and compared: nothing is lost, and nothing damaged is read."""

from __future__ import annotations

import json
import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import environment, measure, wide, without_advice
from paretoscope.errors import DataError
from paretoscope.measurements import Measurements

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(str.strip)
VALUES = st.floats(0, 1e12, allow_subnormal=True)


@st.composite
def tables(draw):
    models = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    n_runs = [draw(st.integers(1, 3)) for _ in models]
    rows = [model for model, n in zip(models, n_runs, strict=True) for _ in range(n)]
    inputs = draw(st.lists(VALUES.map(lambda value: value + 1e-3), min_size=len(rows), max_size=len(rows)))
    outputs = [draw(VALUES) + 1 for _ in rows]
    return pd.DataFrame({"model": rows, "ms": inputs, "top1": outputs})


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(tables())
def test_json_and_frames_round_trip(frame):
    data = measure(frame)
    record = json.loads(json.dumps(data.to_json_dict(), allow_nan=False))
    again = Measurements.from_json_dict(record)
    assert again == data
    assert hash(again) == hash(data)
    pd.testing.assert_frame_equal(again.runs, data.runs, check_exact=True)
    pd.testing.assert_frame_equal(again.mean, data.mean, check_exact=True)
    assert measure(data.to_frame()) == data
    assert pickle.loads(pickle.dumps(data)) == data


def test_published_round_trip():
    frame = pd.DataFrame(
        {"model": ["a", "b"], "ms": [1.0, 2.0], "ms_sd": [0.1, 0.2], "ms_n": [5, None], "top1": [70, 75]}
    )
    data = measure(frame, source="bench")
    record = json.loads(json.dumps(data.to_json_dict(), allow_nan=False))
    assert record["published"]["b"]["ms"] == {"mean": 2.0, "sd": 0.2, "n": None}
    again = Measurements.from_json_dict(record)
    assert again == data
    assert again.source == "bench"
    assert measure(data.to_frame()) == data
    assert data.to_frame().columns.tolist() == ["model", "metric", "value", "unit", "run", "value_sd", "value_n"]
    both = frame.assign(top1_sd=0.5)
    assert measure(measure(both).to_frame()) == measure(both)


def test_fingerprint_tells_content_apart():
    data = measure(wide())
    assert re.fullmatch("[0-9a-f]{64}", data.fingerprint)
    assert measure(wide(), source="elsewhere") == data
    assert data != "data"
    others = [
        measure(wide(ms=[1.0, 2.0, 2.0, np.nextafter(5, 6)])),
        measure(wide(run=["x", "y", "x", "y"])),
        measure(wide().iloc[::-1]),
        measure(wide(model=["a", "a", "c", "c"])),
        measure(wide(), bounds={"top1": None}),
        without_advice(measure, wide(), inputs="top1", outputs="ms"),
    ]
    assert len({data.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1


@pytest.mark.slow
def test_fingerprint_is_the_same_in_every_process():
    code = (
        "import pandas; from paretoscope.measurements import Measurements as M;"
        "print(M.from_frame(pandas.DataFrame({'model': ['a', 'é'], 'x': [0.1, 2], 'top1': [1, 2]}), inputs='x',"
        "outputs='top1').fingerprint)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env=environment(seed), check=True, capture_output=True, text=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    frame = pd.DataFrame({"model": ["a", "é"], "x": [0.1, 2], "top1": [1, 2]})
    assert outputs == {measure(frame, inputs="x").fingerprint}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda r: r.update(format="x"), "found no measurements; expected format 'paretoscope.measurements'"),
        (lambda r: r.update(version=2), "found version 2; expected version 1"),
        (lambda r: r.update(models="ab"), "found str under 'models'; expected a list"),
        (lambda r: r.update(models=["a", 1]), "found an entry that is no text under 'models'; expected text"),
        (lambda r: r.update(models=["a", "a"]), "found blank or repeated models; expected distinct names"),
        (lambda r: r.update(runs=None), "found NoneType under 'runs'; expected an object"),
        (lambda r: r.update(source=None), "found NoneType under 'source'; expected text"),
        (lambda r: r["units"].pop("ms"), "found NoneType under 'ms'; expected text"),
        (
            lambda r: r["runs"]["a"].pop("ms"),
            "found neither of runs and published for metric 'ms' of model 'a'; expected one of them",
        ),
        (
            lambda r: r.update(published={"a": {"ms": {"mean": 1, "sd": 1}}}),
            "found both of runs and published for metric 'ms' of model 'a'; expected one of them",
        ),
        (
            lambda r: r["runs"]["a"]["ms"]["value"].pop(),
            "found 2 labels and 1 values for metric 'ms' of model 'a'; expected distinct runs",
        ),
        (
            lambda r: r["bounds"].update(ms=-1.0),
            "found -1.0 for the bound of 'ms'; expected a number, zero or more",
        ),
        (
            lambda r: r["runs"]["a"]["ms"].update(value=[1.0, math.nan]),
            "found nan for metric 'ms' of model 'a'; expected a finite number",
        ),
        (
            lambda r: r["runs"]["a"]["ms"].update(value=[1.0, -math.inf]),
            "found -inf for metric 'ms' of model 'a'; expected a finite number",
        ),
    ],
)
def test_damaged_records(damage, message):
    record = measure(wide()).to_json_dict()
    damage(record)
    with pytest.raises(DataError) as caught:
        Measurements.from_json_dict(record)
    assert str(caught.value) == f"saved measurements: {message}; save them again"


def test_damaged_roles_and_values():
    record = measure(wide()).to_json_dict()
    with pytest.raises(DataError, match=r"^saved measurements, inputs, outputs: found no name; expected"):
        Measurements.from_json_dict(record | {"inputs": [], "outputs": []})
    with pytest.raises(DataError, match=r"^saved measurements: found the unknown name 'b' under runs or published"):
        Measurements.from_json_dict(record | {"models": ["a"]})
    with pytest.raises(DataError, match=r"^table: found one model, 'a'; expected two models or more"):
        Measurements.from_json_dict(record | {"models": ["a"], "runs": {"a": record["runs"]["a"]}})
