"""Many runs: their order, what stays after a crash, what is refused; on a simulated bench and on real onnxruntime."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import paretoscope as ps
from measuring_helpers import (
    MACHINE,
    MODELS,
    SETTINGS,
    Bench,
    environment,
    measured,
    plan,
    rows_of,
    wait_until,
    workers_in,
)
from paretoscope.cli import main
from paretoscope.errors import (
    DriftWarning,
    FewRunsWarning,
    IterationShapeWarning,
    LoadWarning,
    RepairWarning,
    RunFailedWarning,
    RunSpreadWarning,
)
from paretoscope.measuring import sessions
from paretoscope.measuring.ordering import shuffled_round
from paretoscope.measuring.progress import Lines, describe
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.fingerprint import machine_id
from paretoscope.measuring.run.processes import RunResult
from paretoscope.measuring.run.specs import ModelSpec
from paretoscope.measuring.runfile.provenance import Provenance
from paretoscope.measuring.runfile.recording import COLUMNS
from paretoscope.measuring.runfile.rows import make_row

DIAGNOSES = {DriftWarning, FewRunsWarning, IterationShapeWarning, LoadWarning, RunSpreadWarning}


def no_sentence(*_):
    return (), "all settled"


def beside(path):
    return json.loads(path.with_name(path.name + ".machines.json").read_text())


# --- order ---


def test_each_round_holds_each_model_once_in_an_order_of_its_own():
    rounds = [shuffled_round(MODELS, number=number, seed=0) for number in range(1, 25)]
    assert all(sorted(found) == sorted(MODELS) for found in rounds)
    assert len(set(map(tuple, rounds))) > 10
    assert rounds != [shuffled_round(MODELS, number=number, seed=1) for number in range(1, 25)]


def test_every_order_of_three_is_equally_likely():
    """Chi-squared with 5 degrees of freedom, 1,200 rounds: above 20.5 with probability 0.001."""
    counts = Counter(tuple(shuffled_round("abc", number=number, seed=3)) for number in range(1200))
    assert len(counts) == 6
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 20.5


def test_an_order_does_not_depend_on_who_else_is_there():
    whole = shuffled_round(map(str, range(50)), number=7, seed=1)
    part = shuffled_round([str(i) for i in range(49, -1, -3)], number=7, seed=1)
    assert part == [name for name in whole if name in part]


def test_runs_come_in_rounds(tmp_path):
    bench = Bench()
    measured(plan(tmp_path / "runs.csv", seed=5), bench)
    assert bench.done == [(m, r) for r in (1, 2, 3) for m in shuffled_round(MODELS, number=r, seed=5)]


# --- resuming ---


@pytest.mark.slow
def test_an_interruption_anywhere_changes_nothing(tmp_path):
    whole, twin = Bench(), tmp_path / "whole.csv"
    measured(plan(twin), whole)
    for stop in range(12):
        path = tmp_path / f"{stop}.csv"
        first, second = Bench(stop_after=stop), Bench()
        with pytest.raises(KeyboardInterrupt):
            measured(plan(path), first)
        measured(plan(path), second)
        assert first.done + second.done == whole.done
        assert path.read_bytes() == twin.read_bytes()


@pytest.mark.slow
def test_a_file_cut_anywhere_is_finished_and_nothing_done_twice(tmp_path):
    path, twin = tmp_path / "runs.csv", tmp_path / "twin.csv"
    made = {"models": ("a", "b"), "runs": 2}
    measured(plan(twin, **made), Bench())
    whole = twin.read_bytes()
    header = whole.index(b"\n") + 1
    for end in [*range(0, header, 50), *range(header, len(whole), 7)]:
        path.write_bytes(whole[:end])
        path.with_name("runs.csv.machines.json").write_bytes(twin.with_name("twin.csv.machines.json").read_bytes())
        bench = Bench()
        if end and whole[end - 1 : end] != b"\n":
            with pytest.warns(RepairWarning):
                measured(plan(path, **made), bench)
        else:
            measured(plan(path, **made), bench)
        assert path.read_bytes() == whole
        assert len(bench.done) == 4 - max(0, whole[:end].count(b"\n") - 1)


def test_more_runs_and_more_models_join_the_file(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, "ab", runs=2), Bench())
    bench = Bench()
    result = measured(plan(path, "abc", runs=3), bench)
    assert Counter(bench.done) == Counter([("a", 3), ("b", 3), ("c", 1), ("c", 2), ("c", 3)])
    assert repr(result) == "MeasuredRuns(9 runs of 3 models on t)"
    assert len(measured(plan(path, "c", runs=1), Bench(stop_after=0)).table) == 3  # nothing to do, so nothing is asked


def test_targets_share_a_file_and_not_their_runs(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path), Bench())
    other = Bench(dict.fromkeys(MODELS, 10.0), machine=MACHINE | {"cpu": "Z80"})
    result = measured(plan(path, target="u"), other)
    assert len(other.done) == 12
    assert set(result.table["target"]) == {"u"}
    assert len(path.read_text().splitlines()) == 25
    assert len(beside(path)["machines"]) == 2


def test_iterations_are_kept_in_step_with_runs(tmp_path):
    path, times = tmp_path / "runs.csv", tmp_path / "times.jsonl"
    with pytest.raises(KeyboardInterrupt):
        measured(plan(path, iterations=times), Bench(stop_after=5))
    with times.open("a") as stream:
        stream.write(
            '{"model": "d", "target": "t", "run": "3", "started": "2020", "iterations_ns": [1]}\n{"model": "d", "ta'
        )
    with pytest.warns(RepairWarning):
        measured(plan(path, iterations=times), Bench())
    rows = rows_of(path)
    lines = [record for record in map(json.loads, times.read_text().splitlines()) if record["started"] != "2020"]
    assert [record["run"] for record in lines] == [row["run"] for row in rows]
    for record, row in zip(lines, rows, strict=True):
        assert float(np.median(record["iterations_ns"])) / 1e6 == pytest.approx(float(row["latency_ms"]), abs=1e-6)


# --- rows ---


def test_a_row_sums_up_a_run():
    times = [1_000_000 * i for i in range(1, 102)]
    result = RunResult(times, 8, 123.456, 0.5, MACHINE, "2024-05-01T10:00:00Z", 0.123)
    row = make_row("a", "t", 2, result, training=False)
    timed = {name: row[name] for name in row if name.startswith(("latency", "through"))}
    assert timed == {
        "latency_ms": 51.0,
        "latency_ms_mean": 51.0,
        "latency_ms_p90": 91.0,
        "latency_ms_p99": 100.0,
        "latency_ms_min": 1.0,
        "throughput_per_s": 156.863,
    }
    assert (row["peak_memory_mb"], row["iterations"], row["load_average"]) == (123.5, 101, 0.12)
    row = make_row("a", "t", 2, result, training=True)
    assert {name for name in row if name.startswith(("latency", "through"))} == set()
    assert (row["train_step_ms"], row["train_images_per_s"]) == (51.0, 156.863)
    assert set(row) <= set(COLUMNS)


# --- failures ---


def test_a_model_that_crashes_is_left_and_the_others_go_on(tmp_path):
    path = tmp_path / "runs.csv"
    with pytest.warns(RunFailedWarning, match="^b: bench:b: found that .* SIGSEGV; the other models go on") as given:
        result = measured(plan(path), Bench(failing="b"))
    assert len(given) == 1
    assert result.failures == {"b": "bench:b: found that the process was ended by SIGSEGV"}
    assert Counter(result.table["model"]) == {"a": 3, "c": 3, "d": 3}
    assert repr(result) == "MeasuredRuns(9 runs of 3 models on t; 1 failed)"
    assert Counter(measured(plan(path), Bench()).table["model"]) == dict.fromkeys(MODELS, 3)


def test_models_that_do_not_load_drop_out_before_measuring(tmp_path):
    path = tmp_path / "runs.csv"
    with pytest.warns(RunFailedWarning):
        result = measured(plan(path), Bench(broken="ad"))
    assert result.failures == {"a": "bench:a: found no model", "d": "bench:d: found no model"}
    assert Counter(result.table["model"]) == {"b": 3, "c": 3}
    made = plan(tmp_path / "none.csv", until_resolved=0.95, outputs="started")
    with pytest.warns(RunFailedWarning):
        nothing = measured(made, Bench(broken=MODELS), open_models=no_sentence)
    assert set(nothing.failures) == set(MODELS)
    assert len(nothing.table) == 0


def test_no_room_for_a_process_is_told_as_such(tmp_path):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with pytest.raises(ps.DataError, match=r"run 1 of .: found that no process could be started \(No space left"):
        sessions.measure_plan(plan(tmp_path / "runs.csv"), perform=full, examine=Bench().examine)


# --- what must not be mixed ---


def test_another_machine_is_refused_before_measuring(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, "ab", runs=1), Bench())
    whole = path.read_bytes()
    other = Bench(machine=MACHINE | {"versions": {"onnxruntime": "1.23.0"}, "governor": "powersave"})
    message = (
        r"target 't': found runs measured otherwise \(onnxruntime 1\.22\.0 there, 1\.23\.0 here; governor none there, "
        r"powersave here\); expected one machine, .*allow_mixed=True"
    )
    with pytest.raises(ps.DataError, match=message):
        measured(plan(path), other)
    assert other.done == []
    assert path.read_bytes() == whole
    measured(plan(path, "ab", runs=1), other)  # nothing to measure, nothing to mix
    measured(plan(path, allow_mixed=True), other)
    assert len(other.done) == 10
    with pytest.raises(ps.DataError, match="found runs measured otherwise"):
        measured(plan(path, runs=4), Bench())


def test_a_machine_that_changes_meanwhile_stops_the_session(tmp_path):
    class Changing(Bench):
        def perform(self, *arguments, **options):
            if len(self.done) == 4:
                self.machine = MACHINE | {"governor": "powersave"}
            return super().perform(*arguments, **options)

    path = tmp_path / "runs.csv"
    with pytest.raises(ps.DataError, match="governor none there, powersave here"):
        measured(plan(path), Changing())
    assert len(path.read_text().splitlines()) == 5
    measured(plan(path, allow_mixed=True), Changing())
    assert len(path.read_text().splitlines()) == 13


def test_a_fingerprint_that_is_gone_is_told(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, runs=1), Bench())
    record = path.with_name("runs.csv.machines.json")
    record.unlink()
    measured(plan(path), Bench())
    record.unlink()
    with pytest.raises(
        ps.DataError, match=r"machines\.json: found no fingerprint of machine '\w{12}', on which runs of"
    ):
        measured(plan(path, runs=4), Bench(machine=MACHINE | {"cpu": "Z80"}))
    for content in ("{", "[]", '{"machines": []}'):
        record.write_text(content)
        with pytest.raises(ps.DataError, match=r"machines\.json: (cannot be read as JSON|found something else)"):
            measured(plan(path, runs=4), Bench())


def test_what_is_not_known_in_the_record_is_kept(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, runs=1), Bench())
    record = path.with_name("runs.csv.machines.json")
    content = beside(path)
    content["remark"] = {"by": "hand"}
    content["sessions"][0]["cooling"] = "fan"
    record.write_text(json.dumps(content))
    measured(plan(path), Bench())
    assert beside(path)["remark"] == {"by": "hand"}
    assert [session.get("cooling") for session in beside(path)["sessions"]] == ["fan", None]


def test_the_record_of_the_shipped_runs_can_be_read():
    runs = resources.files("paretoscope") / "datasets" / "imagenet" / "runs.csv"
    known = Provenance(Path(str(runs)))
    machines = {row["machine"] for row in rows_of(runs)}
    assert all(machine_id(known.fingerprint(machine)) == machine for machine in machines)


def test_a_model_file_that_changed_is_refused(tmp_path):
    path, model = tmp_path / "runs.csv", tmp_path / "a.onnx"

    def made(**changes):
        spec = ModelSpec("a", "file", str(model), "a.onnx")
        return plan(path, specs=(spec,), conditions=Conditions(), **changes)

    model.write_bytes(b"one")
    measured(made(), Bench())
    model.write_bytes(b"two")
    bench = Bench()
    message = r"a\.onnx has changed \(sha256 7692c3ad3540 there, 3fc4ccfe7458 here\); .*rename it by NEW=a\.onnx"
    with pytest.raises(ps.DataError, match=message):
        measured(made(runs=4), bench)
    assert bench.done == []
    measured(made(runs=4, allow_mixed=True), bench)
    assert bench.done == [("a", 4)]
    model.write_bytes(b"one")
    measured(made(target="u"), Bench())  # which is another target's affair
    other = plan(path, "a", runs=5)
    with pytest.raises(ps.DataError, match=r"'a' was a\.onnx there and is bench:a here"):
        measured(other, Bench())


def test_what_was_measured_stands_beside_the_runs(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, inputs="latency_ms"), Bench())
    found = beside(path)
    assert set(found) == {"machines", "sessions", "models", "accuracies"}
    assert list(found["machines"].values()) == [MACHINE]
    (session,) = found["sessions"]
    assert set(session) >= {"started", "git", "command", "settings"}
    models = [f"bench:{model}" for model in MODELS]
    assert session["settings"] == {"models": models} | SETTINGS | {"inputs": ["latency_ms"], "outputs": []}
    assert found["models"]["a"] == {"t": {"spec": "bench:a", "sha256": None}}
    assert {row["machine"] for row in rows_of(path)} == set(found["machines"])


# --- accuracies and costs ---


def accuracies(tmp_path, text):
    file = tmp_path / "accuracies.csv"
    file.write_text(text)
    return str(file)


def test_accuracies_join_runs_old_and_new(tmp_path):
    path = tmp_path / "runs.csv"
    measured(plan(path, "ab", runs=1), Bench())
    table = "model,top1,top5\na,70.5,90\nb,75.25,91\nc,80,92\nz,1,2\n"
    result = measured(plan(path, "abc", accuracy=accuracies(tmp_path, table)), Bench())
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS) + ",top1,top5"
    assert {tuple(row) for row in result.table[["model", "top1", "top5"]].to_numpy().tolist()} == {
        ("a", 70.5, 90.0),
        ("b", 75.25, 91.0),
        ("c", 80.0, 92.0),
    }
    assert beside(path)["accuracies"]["b"] == "accuracies.csv, line 3"
    data = ps.read(path, inputs=["latency_ms"], outputs=["top1"])
    assert data.mean.loc["b", "top1"] == 75.25
    # The next call knows them from the file; a corrected table wins over it.
    assert measured(plan(path, "abc", runs=4), Bench()).table["top1"].notna().all()
    corrected = measured(plan(path, "abc", runs=4, accuracy=accuracies(tmp_path, table.replace("80", "81"))), Bench())
    assert set(corrected.table.loc[corrected.table["model"] == "c", "top1"]) == {81.0}


def test_a_model_without_accuracy_is_told_before_measuring(tmp_path):
    path, bench = tmp_path / "runs.csv", Bench()
    found = accuracies(tmp_path, "model,top1\na,70\n")
    with pytest.raises(ps.DataError, match="no row of model 'b'"):
        measured(plan(path, "ab", accuracy=found), bench)
    measured(plan(path, "a", accuracy=found), bench)
    bench.done.clear()
    with pytest.raises(ps.DataError, match=r"found the column 'top1', and no value for b, c; .*by accuracy$"):
        measured(plan(path, "abc"), bench)
    taken = accuracies(tmp_path, "model,top1,iterations\na,70,5\n")
    with pytest.raises(ps.DataError, match=r"found a metric 'iterations'; .*rename it"):
        measured(plan(path, "a", accuracy=taken), bench)
    assert bench.done == []


def test_costs_follow_the_step_and_hold_for_all_runs_of_a_target(tmp_path):
    path = tmp_path / "runs.csv"
    training = Conditions(runtime="torch", training=True, batch=10)
    costs = {"images": 36_000, "epochs": 100, "price_per_hour": 2.0}
    made = {"conditions": training, "target": "train"}
    measured(plan(path, "ab"), Bench())
    first = measured(plan(path, "ab", **made), Bench()).table
    assert first["train_hours"].isna().all()
    assert first["latency_ms"].isna().all()
    table = measured(plan(path, "ab", runs=4, **costs, **made), Bench()).table
    assert len(table) == 8
    np.testing.assert_allclose(table["train_hours"], table["train_step_ms"] / 10.0, rtol=1e-5)
    np.testing.assert_allclose(table["train_usd"], table["train_step_ms"] / 5.0, rtol=1e-5)
    with pytest.raises(
        ps.OptionError, match=r"found none, and runs of target 'train' with train_hours; .*give them again"
    ):
        measured(plan(path, "ab", runs=5, **made), Bench())
    dearer = costs | {"price_per_hour": 4.0}
    table = measured(plan(path, "ab", runs=4, **dearer, **made), Bench()).table
    np.testing.assert_allclose(table["train_usd"], table["train_step_ms"] / 2.5, rtol=1e-5)
    inference = [row for row in rows_of(path) if row["target"] == "t"]
    assert len(inference) == 6
    assert all(row["train_hours"] == "" for row in inference)


# --- until resolved ---

# a and d are on the frontier; b and c, of the same accuracy, are hard to tell apart.
CLOSE = {"a": 1.0, "b": 2.06, "c": 2.0, "d": 3.0}
TOP1 = "model,top1\na,60\nb,60.5\nc,60.5\nd,70\n"


def resolving(path, tmp_path, **changes):
    options = {"until_resolved": 0.95, "max_runs": 12} | changes
    return plan(path, accuracy=accuracies(tmp_path, TOP1), **options)


@pytest.mark.slow
def test_runs_go_to_the_models_whose_order_is_open(tmp_path):
    result = measured(resolving(tmp_path / "runs.csv", tmp_path), Bench(CLOSE, cv=0.03))
    counts = Counter(result.table["model"])
    assert min(counts.values()) == 3
    assert 3 < max(counts.values()) <= 12
    assert result.n_saved == 4 * max(counts.values()) - sum(counts.values()) > 0


@pytest.mark.slow
def test_an_interruption_changes_nothing_of_who_is_measured(tmp_path):
    whole, twin = Bench(CLOSE, cv=0.03), tmp_path / "twin.csv"
    measured(resolving(twin, tmp_path), whole)
    assert len(whole.done) > 14
    for stop in (5, 13, len(whole.done) - 1):
        path = tmp_path / f"{stop}.csv"
        first, second = Bench(CLOSE, cv=0.03, stop_after=stop), Bench(CLOSE, cv=0.03)
        with pytest.raises(KeyboardInterrupt):
            measured(resolving(path, tmp_path), first)
        measured(resolving(path, tmp_path), second)
        assert first.done + second.done == whole.done
        assert path.read_bytes() == twin.read_bytes()


def test_rounds_end_at_the_largest_number_of_runs(tmp_path):
    seen = []

    def never(rows, inputs, outputs):
        seen.append((len(rows), inputs, outputs))
        return ("a", "z", "b"), "open: a, b"

    result = measured(resolving(tmp_path / "runs.csv", tmp_path, max_runs=5), Bench(), open_models=never)
    assert Counter(result.table["model"]) == {"a": 5, "b": 5, "c": 3, "d": 3}
    assert seen == [(n_rows, ("latency_ms",), ("top1",)) for n_rows in (12, 14, 16)]
    assert result.n_saved == 4


def test_failed_models_are_no_reason_to_go_on_or_to_stop(tmp_path):
    class Failing(Bench):
        def perform(self, spec, conditions, *, run, seed, timeout):
            self.failing = "b" if run == 2 else ""
            return super().perform(spec, conditions, run=run, seed=seed, timeout=timeout)

    with pytest.warns(RunFailedWarning):
        result = measured(resolving(tmp_path / "runs.csv", tmp_path), Failing(CLOSE, cv=0.001))
    assert Counter(result.table["model"]) == {"a": 3, "b": 1, "c": 3, "d": 3}


def test_roles_are_checked_before_measuring(tmp_path):
    path, bench = tmp_path / "runs.csv", Bench()
    with pytest.raises(
        ps.OptionError,
        match=r"until_resolved: found no output; .*give accuracy, or outputs, or inputs for a",
    ):
        measured(plan(path, until_resolved=0.95), bench)
    with pytest.raises(ps.OptionError, match=r"inputs, outputs: found 'latncy_ms'; .*did you mean 'latency_ms'"):
        measured(resolving(path, tmp_path, inputs=("latncy_ms",)), bench)
    assert bench.done == []


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ({"inputs": ("latency_ms", "peak_memory_mb")}, (("latency_ms", "peak_memory_mb"), ())),
        ({"outputs": ("throughput_per_s",)}, ((), ("throughput_per_s",))),
        ({"outputs": "top1", "accuracy": True}, (("latency_ms",), ("top1",))),
    ],
)
def test_one_role_is_enough_to_rank_by(given, roles, tmp_path):
    seen = []

    def settle(rows, inputs, outputs):
        seen.append((inputs, outputs))
        return (), "settled"

    given = given | ({"accuracy": accuracies(tmp_path, TOP1)} if "accuracy" in given else {})
    options = {"until_resolved": 0.95, "max_runs": 4} | given
    measured(plan(tmp_path / "runs.csv", **options), Bench(CLOSE, cv=0.001), open_models=settle)
    assert seen == [roles]
    result = measured(plan(tmp_path / "again.csv", **options), Bench(CLOSE, cv=0.001))
    assert result.table.groupby("model").size().between(3, 4).all()


# --- options ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"specs": []}, "models: found none"),
        ({"specs": ["onnx:squeezenet", "torchvision:resnet18"]}, "models: found onnx:squeezenet for onnxruntime and"),
        ({"runs": 0}, "runs: found 0; expected a whole number of at least 1"),
        ({"runs": 2, "until_resolved": 0.95}, "runs: found 2; expected a whole number of at least 3"),
        ({"until_resolved": 1.5}, "until_resolved: found 1.5"),
        ({"until_resolved": 0.95, "max_runs": 4}, "max_runs: found 4; expected a whole number of at least 5"),
        ({"seed": -1}, "seed: found -1; expected a whole number of at least 0"),
        ({"timeout": 0.0}, "timeout: found 0.0; expected a number above 0"),
        ({"target": "a@b"}, "target: found 'a@b'; expected a name without '@'"),
        ({"images": 5}, "images, epochs, price_per_hour: found images only; expected all three and training"),
        ({"threads": 0}, "threads: found 0"),
        ({"thread": 2}, "thread: found no such option; expected provider, device, threads, "),
        ({"thread": 2}, "did you mean 'threads'?"),
        ({"run": 2}, "did you mean 'runs'?"),
        ({"runtime": "torch"}, "runtime: found no such option"),
        ({"conditions": Conditions(), "batch": 2}, "conditions: found them and batch besides; expected one or the oth"),
        ({"conditions": Conditions(runtime="torch")}, "conditions: found the runtime torch; expected onnxruntime for"),
    ],
)
def test_impossible_options_are_told(tmp_path, options, message):
    pytest.importorskip("onnx")
    options = {"specs": ["onnx:squeezenet"], "out": tmp_path / "runs.csv"} | options
    with pytest.raises(ps.OptionError, match=re.escape(message)):
        sessions.measure(**options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_conditions_are_given_whole_or_by_their_fields(tiny, tmp_path):
    given = {"batch": np.int64(1), "min_time": 0.0, "warmup": 0.0, "provider": None, "dims": None, "input_shape": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, options in (("a", given), ("b", {"conditions": Conditions(min_time=0.0, warmup=0.0)})):
            sessions.measure(tiny / "small.onnx", out=tmp_path / name, runs=np.int32(1), seed=np.uint8(3), **options)
    assert beside(tmp_path / "a")["machines"] == beside(tmp_path / "b")["machines"]
    assert beside(tmp_path / "a")["sessions"][0]["settings"]["seed"] == 3


def test_default_conditions_are_those_of_the_command():
    assert Conditions().to_json_dict() == {
        "runtime": "onnxruntime",
        "provider": "CPUExecutionProvider",
        "device": "cpu",
        "threads": 1,
        "batch": 1,
        "dims": {},
        "input_shape": None,
        "compiled": False,
        "flush_denormals": False,
        "training": False,
        "optimizer": "sgd",
        "min_time": 3.0,
        "warmup": 1.0,
    }


def test_default_targets():
    def name(**fields):
        return sessions.default_target(Conditions(**fields))

    assert name(threads=4) == "cpu-4t"
    assert name(provider="cuda") == "cuda"
    assert name(provider="TensorrtExecutionProvider") == "tensorrt"
    assert name(provider="VitisAIExecutionProvider") == "vitisai"
    assert name(runtime="torch") == "torch-cpu-1t"
    assert name(runtime="torch", device="cuda:1", compiled=True) == "torch-cuda-compiled"
    assert name(runtime="torch", training=True) == "train-torch-cpu-1t"


# --- progress ---


def test_lines_count_and_tell_the_time_left(capsys, monkeypatch):
    now = iter([0.0, 10.0, 30.0, 3000.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    row = {"model": "a", "target": "t", "run": 1, "latency_ms": 12.3456}
    lines = Lines()
    lines.begin(500)
    lines.finish(row)
    lines.drop(100)
    lines.finish(row)
    lines.drop(390)
    lines.finish({"model": "a", "target": "t", "run": 1, "train_step_ms": 2.0})
    assert capsys.readouterr().err.splitlines() == [
        "1/500 a t run 1: 12.35 ms; 1 h 23 min left",
        "2/400 a t run 1: 12.35 ms; 1 h 39 min left",
        "3/10 a t run 1: 2 ms; 1 h 56 min left",
    ]
    assert describe(row) == "a t run 1: 12.35 ms"


# --- real runs ---


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Folder of models that load and run in no time, and one that never ends."""
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper

    folder = tmp_path_factory.mktemp("models")
    shaped = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64, 64])] for name in ("x", "y")]

    def save(name, nodes, initializers=()):
        graph = helper.make_graph(nodes, "g", *shaped, initializer=list(initializers))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.save(model, folder / name)

    save("small.onnx", [helper.make_node("Softmax", ["x"], ["y"])])
    chain = ["x", *(f"h{i}" for i in range(7)), "y"]
    save("large.onnx", [helper.make_node("Softmax", [a], [b]) for a, b in pairwise(chain)])
    inside = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["goes"]), helper.make_node("Sin", ["before"], ["after"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, [1, 64, 64]),
        ],
        [
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, [1, 64, 64]),
        ],
    )
    save(
        "endless.onnx",
        [helper.make_node("Loop", ["often", "yes", "x"], ["y"], body=inside)],
        [
            helper.make_tensor("often", TensorProto.INT64, [], [1 << 60]),
            helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
        ],
    )
    (folder / "broken.onnx").write_bytes(b"no model at all")
    return folder


def start(folder, *words, **options):
    arguments = [sys.executable, "-m", "paretoscope", "measure", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    return subprocess.Popen(arguments, cwd=folder, env=environment(), start_new_session=True, **pipes)


def finish(folder, *words):
    process = start(folder, *words)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


FAST = ["--min-time", "0.05", "--warmup", "0"]


@pytest.mark.slow
def test_real_models_from_the_shell_to_the_ranking(tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    (tmp_path / "top1.csv").write_text("model,top1\nsqueezenet,58.1\nshufflenet_v1,67.8\n")
    words = ["onnx:squeezenet", "onnx:shufflenet_v1", "--out", "runs.csv", *FAST]
    code, out, err = finish(tmp_path, *words, "--runs", 3, "--show", "--iterations", "times.jsonl")
    assert code == 0, err
    progress = [line for line in err.splitlines() if not line.startswith("warning:")]
    assert len(progress) == 6
    for number, line in enumerate(progress, start=1):
        assert re.fullmatch(rf"{number}/6 \w+ cpu-1t run \d: [\d.]+ ms; .* left", line)
    assert re.search(r"squeezenet +3 +[\d.]+ ± [\d.]+ ", out)
    assert re.search(r"shufflenet_v1  .{3}  min [\d.]+  median [\d.]+  max [\d.]+  CV [\d.]+ %", out)
    assert "next: the same command with --accuracy FILE" in out
    rows = rows_of(tmp_path / "runs.csv")
    assert list(rows[0]) == list(COLUMNS)
    for row in rows:
        assert 0 < float(row["latency_ms_min"]) <= float(row["latency_ms"]) <= float(row["latency_ms_p99"])
        assert float(row["throughput_per_s"]) == pytest.approx(1e3 / float(row["latency_ms"]), rel=1e-4)
        assert float(row["peak_memory_mb"]) > 20
        assert int(row["iterations"]) >= 10
    assert len((tmp_path / "times.jsonl").read_text().splitlines()) == 6
    (machine,) = beside(tmp_path / "runs.csv")["machines"].values()
    assert (machine["conditions"]["min_time"], machine["conditions"]["warmup"]) == (0.05, 0.0)

    code, out, err = finish(tmp_path, *words, "--runs", 3, "--accuracy", "top1.csv")
    assert code == 0
    assert "/6" not in err
    (following,) = re.findall("next: paretoscope (.*)", out)
    assert following == "rank runs.csv --inputs latency_ms --outputs top1"
    data = ps.read(tmp_path / "runs.csv", inputs=["latency_ms"], outputs=["top1"])
    assert dict(data.mean["top1"]) == {"squeezenet": 58.1, "shufflenet_v1": 67.8}


@pytest.mark.slow
def test_python_gives_what_the_shell_gives(tiny, tmp_path):
    with pytest.warns() as given:
        result = sessions.measure(
            [tiny / "small.onnx", tiny / "large.onnx"], out=tmp_path / "runs.csv", runs=2, min_time=0.02, warmup=0.0
        )
    assert {w.category for w in given} <= DIAGNOSES
    assert result.notices == tuple(str(w.message) for w in given)
    assert Path(given[0].filename) == Path(__file__)
    assert Counter(result.table["model"]) == {"small": 2, "large": 2}
    assert result.table["latency_ms"].gt(0).all()
    assert (result.target, result.failures, result.n_saved) == ("cpu-1t", {}, 0)


@pytest.mark.slow
def test_broken_and_endless_models_are_skipped_and_summed_up(tiny, tmp_path):
    models = [tiny / name for name in ("broken.onnx", "endless.onnx", "small.onnx")]
    code, out, err = finish(tmp_path, *models, "--out", "runs.csv", "--runs", 2, "--timeout", 4, *FAST)
    assert code == 1, err
    assert Counter(row["model"] for row in rows_of(tmp_path / "runs.csv")) == {"small": 2}
    told = [line for line in err.splitlines() if line.startswith("warning: ") and "the other models go on" in line]
    assert re.match(r"warning: broken: .*broken\.onnx: found no model", told[0])
    assert re.match(r"warning: endless: .*endless\.onnx: found no result after 4\.05 s", told[1])
    assert len(told) == 2
    failed = [line for line in err.splitlines() if line.startswith("failed:")]
    assert failed == ["failed: 2 of 3 models, as told above: 'broken', 'endless'"]
    assert "small" in out
    assert workers_in(tmp_path) == []


@pytest.mark.slow
def test_ctrl_c_keeps_finished_runs(tiny, tmp_path):
    words = [tiny / "small.onnx", tiny / "large.onnx", "--out", "runs.csv", "--runs", 50, *FAST]
    process = start(tmp_path, *words)
    assert re.match("1/100 ", process.stderr.readline())
    assert re.match("2/100 ", process.stderr.readline())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "runs.csv: keeps all finished runs; the same command goes on from there\n\ninterrupted\n" in err
    assert out == ""
    assert len((tmp_path / "runs.csv").read_text().splitlines()) >= 3
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["runs.csv", "runs.csv.machines.json"]
    assert workers_in(tmp_path) == []


@pytest.mark.slow
def test_two_sessions_on_one_file(tiny, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [tiny / "small.onnx", "--out", "runs.csv", "--runs", 50, *FAST]
    first = start(tmp_path, *words)
    first.stderr.readline()
    assert main(["measure", *map(str, words)]) == 2
    assert re.match(
        rf"error: runs\.csv: found another writer \(process {first.pid} on .*\); expected one at a time; wait for it",
        capsys.readouterr().err,
    )
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    before = (tmp_path / "runs.csv").read_text()
    code, _, err = finish(tmp_path, *words[:-6], "--runs", before.count("\n"), *FAST)
    assert code == 0, err
    assert (tmp_path / "runs.csv").read_text().startswith(before)


@pytest.mark.slow
def test_a_terminal_gets_a_bar(tiny, tmp_path):
    if sys.platform == "win32":
        pytest.skip("no pseudo-terminals")
    ours, theirs = os.openpty()
    words = [tiny / "small.onnx", tiny / "broken.onnx", "--out", "runs.csv", "--runs", 2, *FAST]
    process = start(tmp_path, *words, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    process.communicate(timeout=60)
    assert process.returncode == 1
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert re.search(r"small, run 2 .* 1/2 ", text)
    assert "warning: broken: " in text
    assert "failed: 1 of 2 models, as told above: 'broken'" in text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_at_random_moments_nothing_finished_is_lost_and_nothing_done_twice(tiny, tmp_path):
    n_kills = int(os.environ.get("PARETOSCOPE_KILLS", "6"))
    n_runs = 2 + n_kills
    words = [tiny / "small.onnx", tiny / "large.onnx", "--out", "runs.csv", "--iterations", "times.jsonl", *FAST]
    words += ["--runs", n_runs]
    path = tmp_path / "runs.csv"
    seed = int(os.environ.get("PARETOSCOPE_KILLS_SEED", secrets.randbits(32)))
    print(f"again by PARETOSCOPE_KILLS={n_kills} PARETOSCOPE_KILLS_SEED={seed}")  # shown where the test fails
    clock = random.Random(seed)
    before = ""
    for _ in range(n_kills):
        process = start(tmp_path, *words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if clock.random() < 0.7:  # most of them while runs are measured, the others while all begins
            size = len(before)
            # Or all runs are done, and nothing is left to measure.
            wait_until(
                lambda size=size, process=process: (
                    (path.exists() and path.stat().st_size > size) or process.poll() is not None
                )
            )
        time.sleep(clock.uniform(0.0, 1.5))
        process.kill()
        process.wait()
        wait_until(lambda: not workers_in(tmp_path))
        after = path.read_text() if path.exists() else ""
        assert after.startswith(before)
        before = after[: after.rfind("\n") + 1]
    code, _, err = finish(tmp_path, *words)
    assert code == 0, err
    assert path.read_text().startswith(before)
    rows = rows_of(path)
    expected = {(model, str(run)): 1 for model in ("small", "large") for run in range(1, n_runs + 1)}
    assert Counter((row["model"], row["run"]) for row in rows) == expected
    kept = {(row["model"], row["run"], row["started"]) for row in rows}
    records = [json.loads(line) for line in (tmp_path / "times.jsonl").read_text().splitlines()]
    assert kept <= {(record["model"], record["run"], record["started"]) for record in records}
    assert len(records) - len(rows) <= n_kills  # those that were in flight
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["runs.csv", "runs.csv.machines.json", "times.jsonl"]


# --- the command line ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["onnx:squeezenet"], "error: out: found none; expected a file for the runs; give --out runs.csv"),
        (["--out", "r.csv"], "error: models: found none; expected FILE.onnx, torchvision:NAME, "),
        (["onnx:squeezenet", "--out", "no/r.csv"], "error: no/r.csv: cannot be written (no such folder)"),
        (["onnx:squeezenet", "--out", "."], "error: .: found a folder; expected the name of a file"),
        (["onnx:squeezenet", "--out", "other.csv"], "error: other.csv, line 1: found the columns model, ms; expected"),
        (["onnx:squeezenet", "--out", "r.csv", "--dim", "n"], "error: dim: found 'n'; expected NAME=SIZE"),
        (["onnx:squeezenet", "--out", "r.csv", "--input-shape", "3x9"], "error: input_shape: found '3x9'; expected"),
        (["onnx:squeezenet", "--out", "r.csv", "--runs", "x"], "error: Invalid value for '--runs'"),
        (["onnx:squezenet", "--out", "r.csv"], "did you mean 'squeezenet'?"),
        (
            ["onnx:squeezenet", "--out", "r.csv", "--provider", "none"],
            "error: provider: found 'none'; expected one that",
        ),
        (
            ["onnx:squeezenet", "--out", "r.csv", "--accuracy", "no.csv"],
            "error: no.csv: found no such file; expected a",
        ),
        (["none.onnx", "--out", "r.csv"], "error: none.onnx: found no such file; expected an ONNX file"),
    ],
)
def test_mistakes_end_in_one_line(tmp_path, monkeypatch, capsys, words, message):
    pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.csv").write_text("model,ms\na,1\n")
    assert main(["measure", *words]) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.csv"]
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert message in err
    assert (tmp_path / "other.csv").read_text() == "model,ms\na,1\n"
