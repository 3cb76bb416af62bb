"""Carry out a plan of runs, one after the other, in an order that time cannot bias, with nothing lost on the way."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from paretoscope.errors import DataError, OptionError, RunFailedWarning, nearest, quote, unquoted
from paretoscope.flags import option_name
from paretoscope.measuring.diagnosis import RunShape, describe_run, is_loaded
from paretoscope.measuring.ordering import shuffled_round
from paretoscope.measuring.progress import Silence
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.fingerprint import machine_id, session_record, usable_cores
from paretoscope.measuring.run.processes import RunFailed, RunResult
from paretoscope.measuring.run.specs import ModelSpec, model_sha256
from paretoscope.measuring.runfile.accuracy import Accuracies, read_accuracy
from paretoscope.measuring.runfile.annotations import Costs, accuracies_of, make_costs, with_accuracies, with_costs
from paretoscope.measuring.runfile.provenance import Provenance
from paretoscope.measuring.runfile.recording import COLUMNS, Row, RunFile, open_runs, read_iterations
from paretoscope.measuring.runfile.rows import make_row
from paretoscope.measuring.settings import Settings

# From rows, inputs and outputs to the models whose order is open, and a sentence on them.
OpenModels = Callable[[Sequence[Row], Sequence[str], Sequence[str]], tuple[Collection[str], str]]


class Perform(Protocol):
    """What measures one run: `processes.run_once`."""

    def __call__(
        self, spec: ModelSpec, conditions: Conditions, *, run: int, seed: int, timeout: float | None
    ) -> RunResult:
        """Measure, or raise RunFailed."""


class Examine(Protocol):
    """What tells before all runs that they cannot be: `processes.check`."""

    def __call__(self, specs: Sequence[ModelSpec], conditions: Conditions) -> dict[str, Any]:
        """Return the fingerprint of the runs to come, or raise OptionError, DataError or RunFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured, how, and into which files.

    Attributes
    ----------
    specs : tuple of ModelSpec
    conditions : Conditions
    settings : Settings
    target : str
        The name of the conditions and their machine.
    out : Path
        The file of runs.
    iterations : Path, optional
        The file of the times of iterations.
    """

    specs: tuple[ModelSpec, ...]
    conditions: Conditions
    settings: Settings
    target: str
    out: Path
    iterations: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    Attributes
    ----------
    rows : list of dict of str to str
        Those of the plan's models on its target, in the order of measuring.
    accuracies : tuple of str
        Names of the accuracies that they have.
    failures : dict of str to str
        Why models failed.
    shapes : dict of (str, int) to RunShape
        What the iterations tell, for the runs whose iterations are known.
    fingerprint : dict
        Of the machine that did the last run.
    """

    rows: list[Row]
    accuracies: tuple[str, ...]
    failures: dict[str, str]
    shapes: dict[tuple[str, int], RunShape]
    fingerprint: dict[str, Any]


def carry_out(
    plan: Plan, *, perform: Perform, examine: Examine, progress: Silence, open_models: OpenModels | None = None
) -> Outcome:
    """Measure what the file does not hold yet; with `open_models` go on until no model is open.

    Raises
    ------
    DataError
        If the file cannot be written to or its runs may not be mixed with these; finished runs stay in it.
    OptionError
        If the conditions let every run fail, or the settings do not go with them.

    Warns
    -----
    RunFailedWarning
        If a model fails; the others go on.
    """
    settings = plan.settings
    costs = make_costs(
        training=plan.conditions.training,
        batch=plan.conditions.batch,
        images=settings.images,
        epochs=settings.epochs,
        price_per_hour=settings.price_per_hour,
    )
    with open_runs(plan.out, iterations=plan.iterations) as runs:
        session = _Session(plan, runs, perform, examine, progress, open_models, costs)
        session.refuse_other_conditions()  # before anything is worked out from them, or shown as measured under them
        if settings.drop_loaded_runs:
            session.drop_loaded_runs()
        session.annotate()
        inputs, outputs = session.roles()
        missing = [session.missing(number, session.specs) for number in range(1, settings.runs + 1)]
        if any(missing) or open_models is not None:
            session.begin()
            session.schedule(*missing)
            for number, models in enumerate(missing, start=1):
                session.measure_round(number, models)
            session.measure_until_resolved(inputs, outputs)
        return session.outcome()


class _Session:
    """One plan under way."""

    def __init__(
        self,
        plan: Plan,
        runs: RunFile,
        perform: Perform,
        examine: Examine,
        progress: Silence,
        open_models: OpenModels | None,
        costs: Costs | None,
    ) -> None:
        self.plan = plan
        self.settings = plan.settings
        self.runs = runs
        self.perform = perform
        self.examine = examine
        self.progress = progress
        self.open_models = open_models
        self.costs = costs
        self.specs = {spec.name: spec for spec in plan.specs}
        self.failures: dict[str, str] = {}
        self.accuracies: dict[str, dict[str, str]] = {}
        self.shapes: dict[tuple[str, int], RunShape] = {}
        self.provenance = Provenance(runs.path)
        self.machine = ""
        self.scheduled: Counter[str] = Counter()  # runs to come of each model, as the progress knows them

    def refuse_other_conditions(self) -> None:
        """Raise DataError if the target has runs under other conditions, or of a model file that has changed."""
        if self.settings.allow_mixed:
            return
        rows = self._rows_of_target()
        known = (row["machine"] for row in rows)
        self.provenance.check_conditions(self.plan.target, known, self.plan.conditions.to_json_dict())
        for name in dict.fromkeys(row["model"] for row in rows):
            if (
                (spec := self.specs.get(name)) is not None
                and spec.runtime == "onnxruntime"
                and Path(spec.location).is_file()
            ):
                self.provenance.check_model(self.plan.target, name, spec.text, model_sha256(spec))

    def drop_loaded_runs(self) -> None:
        """Take the plan's runs that began under load out of the file, and say which."""
        threads = self.plan.conditions.threads
        dropped = [
            row
            for row in self._rows_of_target()
            if row["model"] in self.specs
            and row["load_average"]
            and (cores := usable_cores(self.provenance.fingerprint(row["machine"]))) is not None
            and is_loaded(float(row["load_average"]), cores=cores, threads=threads)
        ]
        for row in dropped:
            self.progress.note(
                f"dropped run {row['run']} of {row['model']}, which began under a load of {row['load_average']}"
            )
        self.runs.rewrite([row for row in self.runs.rows if row not in dropped], self.runs.accuracies)

    def annotate(self) -> None:
        """Bring accuracies and costs into the file, and see to it that the runs to come will have them too."""
        plan, runs = self.plan, self.runs
        given: Mapping[str, Mapping[str, float]] = {}
        if self.settings.accuracy is not None:
            models = dict.fromkeys([*(row["model"] for row in runs.rows), *self.specs])
            found = find_accuracies(self.settings.accuracy, plan.specs, models)
            self.provenance.add_accuracies(found.origins)
            given = found.values
        rows, names = with_accuracies(runs.rows, runs.accuracies, given)
        self.accuracies = accuracies_of(self.specs, rows, names, given, str(runs.path))
        rows = with_costs(rows, plan.target, self.costs)
        if given:
            self.provenance.write()
        runs.rewrite(rows, names)

    def roles(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Inputs and outputs of the ranking that runs are to settle; by default the time and all accuracies.

        Outputs that were measured, such as a throughput, need no input.

        Raises
        ------
        OptionError
            If a metric is not in the file.
        """
        if self.open_models is None:
            return (), ()
        inputs, outputs = tuple(self.settings.inputs), tuple(self.settings.outputs) or self.runs.accuracies
        if not inputs and not outputs:
            raise OptionError(
                "until_resolved: found no output; expected a metric that is better large, such as an accuracy; give "
                f"{option_name('accuracy')}, or {option_name('outputs')}, or {option_name('inputs')} for a ranking by "
                "these alone"
            )
        if not inputs and set(outputs) <= set(self.runs.accuracies):
            inputs = (self._own_metric(),)
        known = (*COLUMNS, *self.runs.accuracies)
        for metric in (*inputs, *outputs):
            if metric.partition("@")[0] not in known:
                raise OptionError(
                    f"inputs, outputs: found {quote(metric)}; expected columns of "
                    f"{self.runs.path}{nearest(metric, known)}"
                )
        return inputs, outputs

    def _own_metric(self) -> str:
        """The median time on this target, by a name that tells it from other targets' in the file."""
        metric = timed_metric(self.plan.conditions)
        elsewhere = any(row[metric] for row in self.runs.rows if row["target"] != self.plan.target)
        return f"{metric}@{self.plan.target}" if elsewhere else metric

    def missing(self, number: int, models: Iterable[str]) -> list[str]:
        """Which of some models lack a run, in the order in which to measure them."""
        done = {row["model"] for row in self._rows_of_target() if int(row["run"]) == number}
        return shuffled_round([name for name in models if name not in done], number=number, seed=self.settings.seed)

    def begin(self) -> None:
        """Find models that cannot run, refuse to mix what cannot be compared, and write down what will be measured."""
        fingerprint = self._examine()
        if fingerprint is None:
            return
        self.machine = machine_id(fingerprint)
        plan, provenance = self.plan, self.provenance
        rows = self._rows_of_target()
        hashes = {name: model_sha256(spec) for name, spec in self.specs.items() if name not in self.failures}
        if not self.settings.allow_mixed:
            provenance.check_machine(plan.target, (row["machine"] for row in rows), self.machine, fingerprint)
            measured = {row["model"] for row in rows}
            for name in (name for name in hashes if name in measured):
                provenance.check_model(plan.target, name, self.specs[name].text, hashes[name])
        for name, sha256 in hashes.items():
            provenance.add_model(plan.target, name, self.specs[name].text, sha256)
        provenance.add_machine(self.machine, fingerprint)
        settings = {"models": [spec.text for spec in plan.specs]} | self.settings.to_json_dict()
        provenance.add_session(session_record() | {"command": _command(), "settings": settings})
        provenance.write()

    def _examine(self) -> dict[str, Any] | None:
        """The fingerprint of the runs to come; models that cannot be loaded drop out."""
        try:
            return self.examine(list(self.specs.values()), self.plan.conditions)
        except (DataError, RunFailed):
            pass  # one process looked at all of them; which is it?
        fingerprint = None
        for name, spec in self.specs.items():
            try:
                fingerprint = self.examine([spec], self.plan.conditions)
            except (DataError, RunFailed) as error:
                self._fail(name, str(error))
        return fingerprint

    def schedule(self, *rounds: Sequence[str]) -> None:
        """Tell how many runs are to come."""
        added = Counter(name for models in rounds for name in models if name not in self.failures)
        self.scheduled += added
        self.progress.begin(added.total())

    def measure_round(self, number: int, models: Sequence[str]) -> None:
        """Measure run `number` of some models."""
        conditions = self.plan.conditions
        for name in models:
            if name in self.failures:
                continue
            self.progress.start(name, number)
            try:
                result = self.perform(
                    self.specs[name],
                    conditions,
                    run=number,
                    seed=self.settings.seed,
                    timeout=self.settings.timeout + conditions.warmup + conditions.min_time,
                )
            except RunFailed as error:
                self._fail(name, error.reason)
                continue
            except OSError as error:
                raise DataError(
                    f"run {number} of {unquoted(name)}: found that no process could be started ({error.strerror}); "
                    "expected room for one; finished runs are safe: make room, and give the same command again"
                ) from error
            row = make_row(name, self.plan.target, number, result, training=conditions.training)
            if not self._is_of_this_machine(str(row["machine"]), result.fingerprint):
                self._fail(name, f"{self.specs[name].text}: found the result of another machine than this one")
                continue
            if self.costs is not None:
                row |= self.costs(float(str(row["train_step_ms"])))
            self.runs.append(row | self.accuracies[name], result.iterations_ns)
            self.shapes[name, number] = describe_run(result.iterations_ns)
            self.scheduled[name] -= 1
            self.progress.finish(row)

    def _fail(self, name: str, reason: str) -> None:
        self.failures[name] = reason
        self.progress.drop(self.scheduled.pop(name, 0))
        warnings.warn(f"{unquoted(name)}: {reason}; the other models go on", RunFailedWarning, stacklevel=2)

    def _is_of_this_machine(self, machine: str, fingerprint: Mapping[str, Any]) -> bool:
        """Whether a result tells of this machine; stop if that has changed under the runs, say its governor.

        The result was written by a process in which the model's code ran, so another process is asked.
        """
        if machine == self.machine:
            return True
        if machine_id(self.examine([], self.plan.conditions)) != machine:
            return False
        if not self.settings.allow_mixed:
            self.provenance.check_machine(self.plan.target, [self.machine], machine, fingerprint)
        self.provenance.add_machine(machine, fingerprint)
        self.provenance.write()
        return True

    def measure_until_resolved(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Go on, round by round, with the models whose order is open.

        Who is measured in a round depends on the rounds before it alone, so that a session that was cut off goes on as
        it would have gone.
        """
        plan, most = self.plan, self.settings.max_runs
        if self.open_models is None or len(self.failures) == len(self.specs):
            return
        said = ""
        for number in range(self.settings.runs + 1, most + 2):
            compared = {row["model"] for row in self._rows_of_target()} - set(self.failures)
            rows = [row for row in self.runs.rows if row["model"] in compared]
            before = [row for row in rows if row["target"] != plan.target or int(row["run"]) < number]
            found, sentence = self.open_models(before, inputs, outputs)
            chosen = [name for name in found if name in self.specs and name not in self.failures]
            models = self.missing(number, chosen) if number <= most else []
            if sentence != said and (models or not chosen):
                self.progress.note(said := sentence)
            if not chosen:
                return
            self.schedule(models)
            self.measure_round(number, models)
        self.progress.note(f"{sentence}; stopped at {most} runs")

    def outcome(self) -> Outcome:
        """Sum up."""
        rows = [row for row in self._rows_of_target() if row["model"] in self.specs]
        if self.plan.iterations is not None:
            for label, times in read_iterations(self.plan.iterations, rows):
                self.shapes[label["model"], int(label["run"])] = describe_run(times)
        fingerprint = self.provenance.fingerprint(rows[-1]["machine"]) if rows else {}
        return Outcome(rows, self.runs.accuracies, self.failures, self.shapes, fingerprint)

    def _rows_of_target(self) -> list[Row]:
        return [row for row in self.runs.rows if row["target"] == self.plan.target]


def find_accuracies(source: str, specs: Sequence[ModelSpec], models: Collection[str]) -> Accuracies:
    """Accuracies of models; torchvision knows a renamed model by its own name."""
    names = {model: model for model in models}
    if source.partition("@")[0] == "torchvision":
        names |= {spec.name: spec.location for spec in specs if spec.kind == "torchvision"}
    return read_accuracy(source, names)


def timed_metric(conditions: Conditions) -> str:
    """The column of the median time of an iteration."""
    return "train_step_ms" if conditions.training else "latency_ms"


def _command() -> str:
    """How this process was started."""
    program = Path(sys.argv[0]).name
    return shlex.join(["paretoscope" if program == "__main__.py" else program, *sys.argv[1:]])
