"""Costs of trainings, by a clock that the tests set; callbacks by stand-ins, and by the real libraries if installed."""

from __future__ import annotations

import json
import re
import sys
import types

import pytest

import paretoscope as ps
from paretoscope.errors import DataError, OptionError, UnrecordedWarning
from paretoscope.measuring.runfile.annotations import with_accuracies
from paretoscope.measuring.runfile.recording import COLUMNS, open_runs
from paretoscope.measuring.training.callbacks import lightning_callback, transformers_callback
from paretoscope.measuring.training.loops import training_cost


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1e6

        def __call__(self):
            return self.now

        def wait(self, seconds):
            self.now += seconds

    monkeypatch.delenv("RANK", raising=False)
    return Clock()


def rows(path):
    with open_runs(path) as runs:
        return runs.rows


def add_accuracies(path, accuracies):
    with open_runs(path) as runs:
        runs.rewrite(*with_accuracies(runs.rows, runs.accuracies, accuracies))


# --- the clock --------------------------------------------------------------------------------------------------------


def test_the_block_is_measured_without_its_pauses(clock):
    with training_cost("net", price_per_hour=2.5, clock=clock) as cost:
        clock.wait(3600)
        assert cost.train_hours == 1.0
        with cost.paused():
            clock.wait(900)
            assert cost.state == "paused"
        clock.wait(1800)
        cost.pause()
        clock.wait(900)
        cost.resume()
        assert (cost.elapsed_s, cost.state) == (5400.0, "running")
    clock.wait(900)
    assert (cost.elapsed_s, cost.train_hours, cost.train_usd, cost.state) == (5400.0, 1.5, 3.75, "finished")
    assert cost.peak_memory_mb > 10
    assert repr(cost) == "TrainingCost(net: 1.5 h, 3.75 USD; finished)"


def test_without_a_price_there_are_hours_only(clock):
    with training_cost("net", clock=clock) as cost:
        assert repr(cost) == "TrainingCost(net: 0 h; running)"
        clock.wait(360)
    assert (cost.train_hours, cost.train_usd) == (0.1, None)


def test_an_end_within_a_pause_or_before_the_end_of_the_block(clock):
    with training_cost("net", clock=clock) as cost:
        clock.wait(10)
        cost.pause()
        clock.wait(10)
    assert (cost.elapsed_s, cost.state) == (10.0, "finished")
    with training_cost("net", clock=clock) as cost:
        clock.wait(10)
        cost.finish()
        clock.wait(10)
    assert (cost.elapsed_s, cost.state) == (10.0, "finished")


def test_a_pause_ends_even_where_its_block_fails(clock):
    with training_cost("net", clock=clock) as cost:
        with pytest.raises(KeyError), cost.paused():
            raise KeyError
        assert cost.state == "running"


def test_what_cannot_be_done_twice(clock):
    cost = training_cost("net", clock=clock)
    for method in ("pause", "resume", "finish"):
        with pytest.raises(OptionError, match="training_cost: found the training of 'net' ready; expected it"):
            getattr(cost, method)()
    with (
        cost,
        pytest.raises(OptionError, match="found the training of 'net' running; expected it paused"),
    ):
        cost.resume()
    with pytest.raises(OptionError, match="found the training of 'net' finished; expected it ready"):
        cost.start()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": " "}, "model: found ' '; expected a name"),
        ({"model": 3}, "model: found 3; expected a name"),
        ({"target": ""}, "target: found ''; expected a name"),
        ({"price_per_hour": 0}, "price_per_hour: found 0; expected a number above 0"),
        ({"price_per_hour": "2"}, "price_per_hour: found '2'"),
    ],
)
def test_impossible_options(options, message):
    with pytest.raises(OptionError, match=message):
        training_cost(options.pop("model", "net"), **options)


# --- the file of runs -------------------------------------------------------------------------------------------------


def test_each_training_is_a_run_of_the_file(clock, tmp_path):
    out = tmp_path / "runs.csv"
    for model, hours in (("a", 1.0), ("b", 2.0), ("a", 1.2), ("b", 2.1)):
        with training_cost(model, price_per_hour=2.5, out=out, clock=clock):
            clock.wait(3600 * hours)
    found = rows(out)
    assert [(row["model"], row["run"], row["train_hours"], row["train_usd"]) for row in found] == [
        ("a", "1", "1.0", "2.5"),
        ("b", "1", "2.0", "5.0"),
        ("a", "2", "1.2", "3.0"),
        ("b", "2", "2.1", "5.25"),
    ]
    assert {row["target"] for row in found} == {"train"}
    assert all(float(row["peak_memory_mb"]) > 10 for row in found)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["started"]) for row in found)
    machines = json.loads((tmp_path / "runs.csv.machines.json").read_text())["machines"]
    (machine,) = {row["machine"] for row in found}
    assert machines[machine]["conditions"] == {"loop": "the user's own"}
    assert machines[machine]["python"] == ".".join(map(str, sys.version_info[:3]))


def test_the_file_can_be_ranked(clock, tmp_path):
    out = tmp_path / "runs.csv"
    for model, hours, top1 in (("a", 1.0, 70), ("b", 2.0, 75), ("c", 4.0, 78)):
        for run in range(2):
            with training_cost(model, out=out, target="train-a100", clock=clock):
                clock.wait(3600 * hours + run)
        add_accuracies(out, {model: {"top1": top1}})
    data = ps.read(out, inputs="train_hours", outputs="top1")
    assert data.mean["train_hours"].tolist() == pytest.approx([1.0, 2.0, 4.0], rel=1e-3)
    assert data.n_runs["train_hours"].tolist() == [2, 2, 2]


def test_a_run_takes_its_number_and_accuracy_from_what_is_there(clock, tmp_path):
    out = tmp_path / "runs.csv"
    with open_runs(out) as runs:
        runs.append({"model": "a", "target": "cpu-1t", "run": 7, "latency_ms": 3.0, "iterations": 5}, [])
        runs.append({"model": "a", "target": "train", "run": 3, "train_hours": 3.0, "iterations": 1}, [])
    add_accuracies(out, {"a": {"top1": 70.5}})
    for model in "ab":
        with training_cost(model, out=out, clock=clock):
            clock.wait(1)
    assert [(row["run"], row["top1"]) for row in rows(out)] == [("7", "70.5"), ("3", "70.5"), ("4", "70.5"), ("1", "")]


def test_a_training_that_fails_leaves_no_run_and_its_error_goes_on(clock, tmp_path):
    def train(error):
        with cost:
            clock.wait(60)
            raise error

    for error in (ZeroDivisionError, KeyboardInterrupt):
        cost = training_cost("net", out=tmp_path / "runs.csv", clock=clock)
        with pytest.raises(error):
            train(error)
        assert (cost.state, cost.elapsed_s) == ("abandoned", 60.0)
        assert repr(cost) == "TrainingCost(net: 0.01667 h; abandoned)"
    assert rows(tmp_path / "runs.csv") == []


def test_a_file_that_cannot_be_written_stops_the_training_before_it_begins(clock, tmp_path):
    cost = training_cost("net", out=tmp_path / "nowhere" / "runs.csv", clock=clock)
    with pytest.raises(DataError, match="no such folder"), cost:
        pytest.fail("the block ran")
    assert cost.state == "ready"
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"other\.csv, line 1: found the columns a, b"):
        training_cost("net", out=tmp_path / "other.csv", clock=clock).start()
    (tmp_path / "runs.csv.machines.json").write_text("no JSON")
    with pytest.raises(DataError, match=r"runs\.csv\.machines\.json: cannot be read as JSON"):
        training_cost("net", out=tmp_path / "runs.csv", clock=clock).start()


def test_a_file_that_went_wrong_meanwhile_does_not_fail_what_follows_the_training(clock, tmp_path):
    out = tmp_path / "runs.csv"
    expected = r"runs\.csv, line 1: found the columns a, b;.*; the run is not written: .*'train_hours': 2\.0"
    cost = training_cost("net", out=out, clock=clock)
    cost.start()
    clock.wait(7200)
    out.write_text("a,b\n1,2\n")
    with pytest.warns(UnrecordedWarning, match=expected):
        cost.finish()
    assert (cost.state, cost.train_hours) == ("finished", 2.0)
    assert out.read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize(("rank", "n_rows"), [("0", 1), ("1", 0), ("7", 0)])
def test_of_a_distributed_training_the_first_process_writes(clock, tmp_path, monkeypatch, rank, n_rows):
    monkeypatch.setenv("RANK", rank)
    out = tmp_path / "runs.csv"
    with training_cost("net", out=out, clock=clock) as cost:
        clock.wait(1)
    assert cost.elapsed_s == 1.0
    assert len(rows(out)) == n_rows


# --- a GPU ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gpu(monkeypatch, clock):
    """Stand in for torch with a GPU whose kernels still take 5 s when a call returns."""
    torch = types.ModuleType("torch")
    torch.__version__ = "2.6.0"
    torch.pending, torch.peak = 0.0, 9_000_000_000

    class Cuda:
        def is_initialized(self):
            return True

        def synchronize(self):
            clock.wait(torch.pending)
            torch.pending = 0.0

        def reset_peak_memory_stats(self):
            torch.peak = 0

        def max_memory_allocated(self):
            return torch.peak

        def get_device_name(self):
            return "NVIDIA A100"

    torch.cuda = Cuda()
    monkeypatch.setitem(sys.modules, "torch", torch)
    return torch


def test_the_gpu_is_waited_for_and_its_memory_counts(gpu, clock, tmp_path):
    gpu.pending = 3.0  # of what came before
    with training_cost("net", out=tmp_path / "runs.csv", clock=clock) as cost:
        clock.wait(10)
        gpu.pending, gpu.peak = 5.0, 2_000_000_000
        with cost.paused():
            gpu.pending = 7.0
        clock.wait(10)
        gpu.pending = 5.0
    assert cost.elapsed_s == 30.0
    assert cost.peak_memory_mb == 2000.0
    (machine,) = json.loads((tmp_path / "runs.csv.machines.json").read_text())["machines"].values()
    assert (machine["gpu"], machine["versions"]["torch"]) == ("NVIDIA A100", "2.6.0")


def test_a_gpu_that_failed_does_not_hide_the_error(gpu, clock, monkeypatch):
    cost = training_cost("net", clock=clock)
    cost.start()
    monkeypatch.setattr(type(gpu.cuda), "synchronize", lambda self: 1 / 0)
    cost.abandon()
    assert cost.state == "abandoned"


# --- callbacks --------------------------------------------------------------------------------------------------------


def fake_module(monkeypatch, name, **content):
    module = types.ModuleType(name)
    vars(module).update(content)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def lightning(monkeypatch):
    """Stand in for Lightning: its trainer calls these hooks of every callback, and `on_exception` before it raises."""

    class Callback:
        def setup(self, trainer, pl_module, stage):
            pass

        def on_fit_start(self, trainer, pl_module):
            pytest.fail("the hook was not overridden")

        on_fit_end = on_fit_start

        def on_exception(self, trainer, pl_module, exception):
            pytest.fail("the hook was not overridden")

    class Trainer:
        def __init__(self, callbacks, is_global_zero=True):
            self.callbacks, self.is_global_zero = callbacks, is_global_zero

        def fit(self, module):
            try:
                self._call("setup", module, stage="fit")
                self._call("on_fit_start", module)
                module()
                self._call("on_fit_end", module)
            except BaseException as error:
                self._call("on_exception", module, error)
                raise

        def _call(self, hook, module, *args, **kwargs):
            for callback in self.callbacks:
                getattr(callback, hook)(self, module, *args, **kwargs)

    monkeypatch.setitem(sys.modules, "pytorch_lightning", None)
    fake_module(monkeypatch, "lightning")
    fake_module(monkeypatch, "lightning.pytorch", Callback=Callback)
    return Trainer


@pytest.fixture
def transformers(monkeypatch):
    """Stand in for transformers: its handler looks up every event on every callback, and tells nothing of errors."""

    class TrainerCallback:
        def on_init_end(self, args, state, control, **kwargs):
            pass

        on_epoch_begin = on_step_begin = on_step_end = on_evaluate = on_epoch_end = on_init_end

        def on_train_begin(self, args, state, control, **kwargs):
            pytest.fail("the event was not overridden")

        on_train_end = on_train_begin

    class Trainer:
        def __init__(self, callbacks, is_global_zero=True):
            self.callbacks = callbacks
            self.state = types.SimpleNamespace(is_world_process_zero=is_global_zero)
            self._call("on_init_end")

        def fit(self, module):
            for event in ("on_train_begin", "on_epoch_begin", "on_step_begin"):
                self._call(event)
            module()
            for event in ("on_step_end", "on_evaluate", "on_epoch_end", "on_train_end"):
                self._call(event)

        def _call(self, event):
            for callback in self.callbacks:
                getattr(callback, event)(None, self.state, None, model=None, optimizer=None, train_dataloader=None)

    fake_module(monkeypatch, "transformers", TrainerCallback=TrainerCallback)
    return Trainer


CALLBACKS = [("lightning", lightning_callback), ("transformers", transformers_callback)]


@pytest.mark.parametrize(("library", "make"), CALLBACKS)
def test_a_callback_measures_the_training(request, clock, tmp_path, library, make):
    trainer = request.getfixturevalue(library)
    out = tmp_path / "runs.csv"
    cost = training_cost("net", price_per_hour=2.0, out=out, clock=clock)
    trainer([make(cost)]).fit(lambda: clock.wait(1800))
    assert (cost.train_hours, cost.state) == (0.5, "finished")
    assert [(row["train_hours"], row["train_usd"]) for row in rows(out)] == [("0.5", "1.0")]


@pytest.mark.parametrize(("library", "make"), CALLBACKS)
def test_a_callback_writes_nothing_on_other_processes(request, clock, tmp_path, library, make):
    trainer = request.getfixturevalue(library)
    cost = training_cost("net", out=tmp_path / "runs.csv", clock=clock)
    trainer([make(cost)], is_global_zero=False).fit(lambda: clock.wait(1800))
    assert cost.train_hours == 0.5
    assert not (tmp_path / "runs.csv").exists()


@pytest.mark.parametrize(("library", "make", "state"), [(*CALLBACKS[0], "abandoned"), (*CALLBACKS[1], "running")])
def test_a_callback_writes_nothing_of_a_training_that_fails(request, clock, tmp_path, library, make, state):
    trainer = request.getfixturevalue(library)
    cost = training_cost("net", out=tmp_path / "runs.csv", clock=clock)
    with pytest.raises(ZeroDivisionError):
        trainer([make(cost)]).fit(lambda: 1 / 0)
    assert cost.state == state
    assert rows(tmp_path / "runs.csv") == []


def test_the_package_of_lightning_that_is_in_use(monkeypatch, lightning):
    class Other:
        pass

    assert not isinstance(lightning_callback(training_cost("net")), Other)
    fake_module(monkeypatch, "pytorch_lightning", Callback=Other)
    monkeypatch.delitem(sys.modules, "lightning.pytorch")
    assert isinstance(lightning_callback(training_cost("net")), Other)


@pytest.mark.parametrize(("library", "make"), CALLBACKS)
def test_a_missing_library(monkeypatch, library, make):
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        OptionError, match=f"^{library}: not installed; expected for its callback; pip install {library}$"
    ):
        make(training_cost("net"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_real_lightning(tmp_path):
    torch = pytest.importorskip("torch", reason="needs torch and lightning")
    lightning = pytest.importorskip("lightning", reason="needs lightning")

    class Module(lightning.LightningModule):
        def __init__(self, fails):
            super().__init__()
            self.layer, self.fails = torch.nn.Linear(4, 1), fails

        def training_step(self, batch, number):
            if self.fails:
                raise ZeroDivisionError
            return self.layer(batch).square().mean()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.01)

    def fit(cost, *, fails=False):
        lightning.Trainer(
            max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, default_root_dir=tmp_path, callbacks=[lightning_callback(cost)],
        ).fit(Module(fails), torch.utils.data.DataLoader(torch.randn(8, 4), 4))  # fmt: skip

    costs = [training_cost("net", out=tmp_path / "runs.csv") for _ in range(2)]
    fit(costs[0])
    with pytest.raises(ZeroDivisionError):
        fit(costs[1], fails=True)
    assert [cost.state for cost in costs] == ["finished", "abandoned"]
    assert [float(row["train_hours"]) > 0 for row in rows(tmp_path / "runs.csv")] == [True]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_real_transformers(tmp_path):
    torch = pytest.importorskip("torch", reason="needs torch, transformers and accelerate")
    pytest.importorskip("accelerate", reason="needs accelerate")
    transformers = pytest.importorskip("transformers", reason="needs transformers")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x, labels=None):
            return {"loss": (self.layer(x) - labels).square().mean()}

    cost = training_cost("net", out=tmp_path / "runs.csv")
    transformers.Trainer(
        model=Module(),
        args=transformers.TrainingArguments(
            output_dir=str(tmp_path / "out"), max_steps=2, report_to=[], use_cpu=True, save_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=[{"x": torch.randn(4), "labels": torch.zeros(1)} for _ in range(8)],
        callbacks=[transformers_callback(cost)],
    ).train()  # fmt: skip
    assert cost.state == "finished"
    assert [float(row["train_hours"]) > 0 for row in rows(tmp_path / "runs.csv")] == [True]


def test_columns_of_the_file_are_those_that_a_training_fills():
    assert {"train_hours", "train_usd", "peak_memory_mb", "load_average", "machine"} < set(COLUMNS)
