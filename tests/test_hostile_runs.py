"""Models whose code does more than it should: answers it makes up, words it leaves, processes it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import warnings
from collections import Counter

import msgspec
import pytest

from measuring_helpers import MACHINE, Bench, has_ended, measured, plan, rows_of
from paretoscope.errors import RunFailedWarning, StrayProcessWarning
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.processes import RunFailed, run_once
from paretoscope.measuring.run.specs import parse_spec

QUICK = Conditions(min_time=0.0, warmup=0.0)
RESULT = {
    "type": "result",
    "iterations_ns": [1000, 1001],
    "n_images": 1,
    "peak_memory_mb": 1.0,
    "load_s": 0.1,
    "fingerprint": {"cpu": "forged"},
    "started": "2026-01-01T00:00:00Z",
    "load_average": 0.0,
}
# A library in onnxruntime's place, whose code runs in the process of the run.
LIBRARY = """
import os, subprocess, sys, time
__version__ = "0"
def get_available_providers():
    {body}
"""


@pytest.fixture
def run_beside(tmp_path, monkeypatch):
    """One run of a model, with some code in the place of the runtime."""
    model = tmp_path / "net.onnx"
    model.write_bytes(b"no model is loaded")

    def run(body, **options):
        library = tmp_path / "library"
        library.mkdir(exist_ok=True)
        (library / "onnxruntime.py").write_text(LIBRARY.format(body=body))
        monkeypatch.syspath_prepend(library)
        return run_once(parse_spec(str(model)), QUICK, run=1, **options)

    return run


def forged(answer):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return f"os.write(int(sys.argv[1]), {text.encode()!r}); os._exit(0)"


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        [],
        [RESULT],
        "result",
        "null",
        "5",
        "{",
        "[" * 100_000,
        '{"type": "result"',
        {"type": "result"},
        {"type": "other"},
        {"type": "checked", "fingerprint": {}},
        RESULT | {"iterations_ns": []},
        RESULT | {"iterations_ns": [0, 0]},
        RESULT | {"iterations_ns": [-5, 5]},
        RESULT | {"iterations_ns": [10**30]},
        RESULT | {"iterations_ns": ["1"]},
        RESULT | {"iterations_ns": None},
        RESULT | {"n_images": 0},
        RESULT | {"peak_memory_mb": -1.0},
        RESULT | {"load_s": "fast"},
        RESULT | {"load_average": -3.0},
        RESULT | {"fingerprint": []},
        RESULT | {"started": "=cmd()\n"},
        json.dumps(RESULT).replace("0.1", "1e999"),
    ],
)
def test_a_forged_answer_is_the_models_failure(run_beside, answer):
    with pytest.raises(RunFailed, match=r"net\.onnx: found .* in place of a result; expected that") as caught:
        run_beside(forged(answer))
    assert caught.value.reason.isprintable()


@pytest.mark.slow
def test_what_a_model_writes_before_the_run_answers_does_not_count(run_beside):
    with pytest.raises(RunFailed, match=r"net\.onnx: failed by ValueError \(its own words\)$"):
        run_beside("os.write(int(sys.argv[1]), b'[1, 2]'); raise ValueError('its own words')")


@pytest.mark.slow
def test_a_forged_reason_is_shown_on_one_line_without_control_characters(run_beside):
    with pytest.raises(RunFailed) as caught:
        run_beside(forged({"type": "failure", "error": "net\n\x1b[2Jgone \u202e", "kind": "DataError"}))
    assert caught.value.reason == r"net \x1b[2Jgone \u202e"


@pytest.mark.slow
def test_last_words_are_shown_escaped(run_beside):
    with pytest.raises(RunFailed) as caught:
        run_beside("print('\\x1b[31mred\\x07\\u202e', file=sys.stderr, flush=True); os._exit(1)")
    assert caught.value.reason.endswith(r"; its last words: \x1b[31mred\x07\u202e")
    assert caught.value.reason.isprintable()


DETACHED = (
    "child = subprocess.Popen(['sleep', '600'], start_new_session={}, stdout=subprocess.DEVNULL); "
    "open('pid', 'w').write(str(child.pid)); os._exit(3)"
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the environment of other processes is read from /proc")
def test_a_process_that_leaves_the_group_is_named(run_beside, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.warns(StrayProcessWarning) as caught, pytest.raises(RunFailed, match="exit code 3"):
        run_beside(DETACHED.format(True))
    pid = int((tmp_path / "pid").read_text())
    try:
        assert [str(warning.message).partition("net.onnx: ")[2] for warning in caught] == [
            f"found process {pid} ('sleep 600'), which the run started and which goes on after it; expected none, "
            f"since it disturbs the runs to come; end it: kill {pid}"
        ]
        assert not has_ended(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_process_that_ends_with_its_group_is_not_told(run_beside, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunFailed, match="exit code 3"):  # a warning would be an error
        run_beside(DETACHED.format(False))


# --- sessions ---


class Forger(Bench):
    """Model b answers with a machine of its own."""

    def perform(self, spec, conditions, **options):
        result = super().perform(spec, conditions, **options)
        fingerprint = {"cpu": "forged"} if spec.name == "b" else self.machine
        return msgspec.structs.replace(result, fingerprint=fingerprint)


def test_a_result_of_another_machine_is_that_models_failure_and_the_rest_is_measured(tmp_path):
    with pytest.warns(RunFailedWarning, match="b: bench:b: found the result of another machine than this one"):
        result = measured(plan(tmp_path / "runs.csv"), Forger())
    assert set(result.failures) == {"b"}
    assert Counter(result.table["model"]) == {"a": 3, "c": 3, "d": 3}
    assert {row["machine"] for row in rows_of(tmp_path / "runs.csv")} == set(result.table["machine"])
    assert result.table["machine"].nunique() == 1


def with_loads(path, loads):
    """Put other loads into the file of runs."""
    lines = path.read_text().splitlines()
    at = lines[0].split(",").index("load_average")
    for number, load in loads.items():
        cells = lines[number].split(",")
        cells[at] = str(load)
        lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


def test_loaded_runs_are_dropped_and_measured_anew(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    measured(plan(path), Bench())
    first = rows_of(path)
    with_loads(path, {2: 7.5, 9: 6.0})  # of 8 cores
    (told,) = [note for note in measured(plan(path), Bench()).notices if "load" in note]
    assert told.startswith("2 of 12 runs began under a load of up to 7.5 on 8 cores; ")
    assert "drop_loaded_runs=True" in told
    bench = Bench()
    result = measured(plan(path, drop_loaded_runs=True), bench, show=True)
    said = capsys.readouterr().err
    for number in (1, 8):
        name, run = first[number]["model"], first[number]["run"]
        assert f"dropped run {run} of {name}, which began under a load of " in said
    assert sorted(bench.done) == sorted((first[number]["model"], int(first[number]["run"])) for number in (1, 8))
    assert len(result.table) == 12
    assert result.table["load_average"].max() == 0.5


def test_runs_of_other_models_and_targets_are_not_dropped(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path), Bench())
    measured(plan(path, target="other"), Bench())
    with_loads(path, dict.fromkeys(range(1, 25), 8.0))
    bench = Bench()
    measured(plan(path, models=("a", "b"), drop_loaded_runs=True), bench)
    assert sorted(bench.done) == [(model, run) for model in "ab" for run in (1, 2, 3)]
    left = [(row["model"], row["target"]) for row in rows_of(path) if row["load_average"] == "8.0"]
    assert Counter(left) == {("c", "t"): 3, ("d", "t"): 3} | {(model, "other"): 3 for model in "abcd"}


@pytest.mark.parametrize("cores", [None, "many", -1, []])
def test_without_a_number_of_cores_no_run_counts_as_loaded(tmp_path, cores):
    path, machine = tmp_path / "runs.csv", MACHINE | {"cores_usable": cores}
    measured(plan(path), Bench(machine=machine))
    with_loads(path, {1: 99.0})
    bench = Bench(machine=machine)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured(plan(path, drop_loaded_runs=True), bench)
    assert bench.done == []
    assert re.search("99.0", path.read_text())
