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

from paretoscope.errors import DataError, RunFailedWarning
from paretoscope.measuring.conditions import Conditions
from paretoscope.measuring.fingerprint import machine_id, session_record
from paretoscope.measuring.ordering import shuffled_round
from paretoscope.measuring.processes import RunFailed, RunResult
from paretoscope.measuring.progress import Silence
from paretoscope.measuring.provenance import Provenance
from paretoscope.measuring.recording import COLUMNS, RunFile, open_runs
from paretoscope.measuring.rows import make_row
from paretoscope.measuring.specs import ModelSpec, model_sha256

Accuracies = Mapping[str, Mapping[str, float]]
OpenModels = Callable[[Sequence[Mapping[str, str]]], tuple[Collection[str], str]]  # open models, and a word on them


class Perform(Protocol):
    """What measures one run: `processes.run_once`."""

    def __call__(
        self, spec: ModelSpec, conditions: Conditions, *, run: int, seed: int, timeout: float | None
    ) -> RunResult: ...


class Examine(Protocol):
    """What tells before all runs that they cannot be: `processes.check`."""

    def __call__(self, specs: Sequence[ModelSpec], conditions: Conditions) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured; `sessions.measure` says what the fields mean."""

    specs: tuple[ModelSpec, ...]
    conditions: Conditions
    target: str
    out: Path
    runs: int
    seed: int = 0
    timeout: float | None = None
    iterations: Path | None = None
    allow_mixed: bool = False
    accuracies: Callable[[Collection[str]], Accuracies] | None = None
    costs: Callable[[float], Mapping[str, float]] | None = None
    open_models: OpenModels | None = None
    max_runs: int = 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: all rows of the file, its names of accuracies, and why models failed."""

    rows: list[dict[str, str]]
    accuracies: tuple[str, ...]
    failures: dict[str, str]


def carry_out(plan: Plan, *, perform: Perform, examine: Examine, progress: Silence) -> Outcome:
    """Measure what the file does not hold yet.

    Raises
    ------
    DataError
        If the file cannot be written to or its runs may not be mixed with these; finished runs stay in it.
    OptionError
        If the conditions let every run fail.

    Warns
    -----
    RunFailedWarning
        If a model fails; the others go on.
    """
    with open_runs(plan.out, iterations=plan.iterations) as runs:
        session = _Session(plan, runs, perform, progress)
        session.take_accuracies()
        missing = [session.missing(number, session.names) for number in range(1, plan.runs + 1)]
        if any(missing) or plan.open_models is not None:
            session.begin(examine)
            session.schedule(*missing)
            for number, models in enumerate(missing, start=1):
                session.measure_round(number, models)
            session.measure_until_resolved()
        return Outcome(runs.rows, runs.accuracies, session.failures)


class _Session:
    """One plan under way."""

    def __init__(self, plan: Plan, runs: RunFile, perform: Perform, progress: Silence) -> None:
        self.plan = plan
        self.runs = runs
        self.perform = perform
        self.progress = progress
        self.specs = {spec.name: spec for spec in plan.specs}
        self.names = list(self.specs)
        self.failures: dict[str, str] = {}
        self.accuracies: dict[str, dict[str, Any]] = {}
        self.provenance = Provenance(runs.path)
        self.machine = ""
        self.scheduled: Counter[str] = Counter()  # runs to come of each model, as the progress knows them

    def take_accuracies(self) -> None:
        """Bring accuracies into the file, and see to it that every model of the plan has those that the file knows."""
        if self.plan.accuracies is not None:
            known = dict.fromkeys([*(row["model"] for row in self.runs.rows), *self.names])
            given = self.plan.accuracies(known)
            if taken := {name for values in given.values() for name in values} & set(COLUMNS):
                raise DataError(
                    f"accuracy: found a column {min(taken)!r}; expected none that measuring itself writes; rename it"
                )
            self.accuracies = {model: dict(values) for model, values in given.items()}
            self.runs.set_accuracies(given)
        for row in self.runs.rows:
            for name in self.runs.accuracies:
                if row[name]:
                    self.accuracies.setdefault(row["model"], {}).setdefault(name, row[name])
        for name in self.runs.accuracies:
            if lacking := [model for model in self.names if name not in self.accuracies.get(model, {})]:
                raise DataError(
                    f"{self.runs.path}: found the column {name!r} and no value for {', '.join(lacking)}; expected one "
                    "for every model; give a table with it by --accuracy FILE"
                )

    def missing(self, number: int, models: Iterable[str]) -> list[str]:
        """Which of some models lack a run, in the order in which to measure them."""
        target = self.plan.target
        done = {row["model"] for row in self.runs.rows if row["target"] == target and int(row["run"]) == number}
        return shuffled_round([name for name in models if name not in done], number=number, seed=self.plan.seed)

    def begin(self, examine: Examine) -> None:
        """Find models that cannot run, refuse to mix what cannot be compared, and write down what will be measured."""
        fingerprint = self._examine(examine)
        if fingerprint is None:
            return
        self.machine = machine_id(fingerprint)
        plan, provenance = self.plan, self.provenance
        rows = [row for row in self.runs.rows if row["target"] == plan.target]
        hashes = {name: model_sha256(spec) for name, spec in self.specs.items() if name not in self.failures}
        if not plan.allow_mixed:
            provenance.check_machine(plan.target, (row["machine"] for row in rows), self.machine, fingerprint)
            measured = {row["model"] for row in rows}
            for name in measured & set(hashes):
                provenance.check_model(plan.target, name, self.specs[name].text, hashes[name])
        for name, sha256 in hashes.items():
            provenance.add_model(plan.target, name, self.specs[name].text, sha256)
        provenance.add_machine(self.machine, fingerprint)
        provenance.add_session(session_record() | {"command": _command(), "settings": self._settings()})
        provenance.write()

    def _examine(self, examine: Examine) -> dict[str, Any] | None:
        """The fingerprint of the runs to come; models that cannot be loaded drop out."""
        try:
            return examine(list(self.specs.values()), self.plan.conditions)
        except (DataError, RunFailed):
            pass  # one process looked at all of them; which is it?
        fingerprint = None
        for name, spec in self.specs.items():
            try:
                fingerprint = examine([spec], self.plan.conditions)
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
        for name in models:
            if name in self.failures:
                continue
            self.progress.start(name, number)
            try:
                result = self.perform(
                    self.specs[name],
                    self.plan.conditions,
                    run=number,
                    seed=self.plan.seed,
                    timeout=self.plan.timeout,
                )
            except RunFailed as error:
                self._fail(name, error.reason)
                continue
            row = make_row(name, self.plan.target, number, result, training=self.plan.conditions.training)
            self._check_machine(str(row["machine"]), result.fingerprint)
            if self.plan.costs is not None:
                row |= self.plan.costs(float(str(row["train_step_ms"])))
            self.runs.append(row | self.accuracies.get(name, {}), result.iterations_ns)
            self.scheduled[name] -= 1
            self.progress.finish(row)

    def _fail(self, name: str, reason: str) -> None:
        self.failures[name] = reason
        self.progress.drop(self.scheduled.pop(name, 0))
        warnings.warn(f"{name}: {reason}; the other models go on", RunFailedWarning, stacklevel=2)

    def _check_machine(self, machine: str, fingerprint: Mapping[str, Any]) -> None:
        """Stop if the machine has changed under the runs, say its governor."""
        if machine == self.machine:
            return
        if not self.plan.allow_mixed:
            self.provenance.check_machine(self.plan.target, [self.machine], machine, fingerprint)
        self.provenance.add_machine(machine, fingerprint)
        self.provenance.write()

    def measure_until_resolved(self) -> None:
        """Go on, round by round, with the models whose order is open.

        Who is measured in a round depends on the rounds before it alone, so that a session that was cut off goes on as it
        would have gone.
        """
        plan = self.plan
        if plan.open_models is None or len(self.failures) == len(self.specs):
            return
        for number in range(plan.runs + 1, plan.max_runs + 1):
            before = [row for row in self.runs.rows if row["target"] != plan.target or int(row["run"]) < number]
            found, sentence = plan.open_models(before)
            chosen = [name for name in found if name in self.specs and name not in self.failures]
            if models := self.missing(number, chosen):
                self.progress.note(sentence)
                self.schedule(models)
                self.measure_round(number, models)
            elif not chosen:
                self.progress.note(sentence)
                return

    def _settings(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "models": [spec.text for spec in plan.specs],
            "target": plan.target,
            "runs": plan.runs,
            "seed": plan.seed,
            "timeout": plan.timeout,
            "allow_mixed": plan.allow_mixed,
            "until_resolved": plan.open_models is not None,
            "max_runs": plan.max_runs,
        }


def _command() -> str:
    """How this process was started."""
    program = Path(sys.argv[0]).name
    return shlex.join(["paretoscope" if program == "__main__.py" else program, *sys.argv[1:]])


def n_saved(rows: Iterable[Mapping[str, str]], models: Collection[str]) -> int:
    """How many runs fewer there are than if every model had as many as the one that has most.

    Examples
    --------
    >>> n_saved([{"model": "a"}, {"model": "a"}, {"model": "b"}], {"a", "b"})
    1
    """
    counts = Counter(row["model"] for row in rows if row["model"] in models)
    return sum(max(counts.values()) - count for count in counts.values()) if counts else 0
