"""Measure models: many runs, each in a fresh process, and a file that loses none of them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paretoscope.errors import FewRunsWarning, OptionError, nearest, quote, unquoted
from paretoscope.measurements import Measurements
from paretoscope.measuring.campaign import Examine, OpenModels, Perform, Plan, carry_out
from paretoscope.measuring.diagnosis import diagnose
from paretoscope.measuring.progress import showing
from paretoscope.measuring.run.conditions import PROVIDERS, Conditions
from paretoscope.measuring.run.fingerprint import usable_cores
from paretoscope.measuring.run.processes import check, run_once
from paretoscope.measuring.run.specs import ModelSpec, parse_specs
from paretoscope.measuring.runfile.recording import COLUMNS, Row
from paretoscope.measuring.runfile.rows import runs_frame
from paretoscope.measuring.settings import Settings
from paretoscope.notices import Notices, give_notice

if TYPE_CHECKING:
    import os

    import pandas as pd

    from paretoscope.stopping.open_pairs import Resolution


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MeasuredRuns:
    """What `measure` brought into the file of runs.

    Attributes
    ----------
    table : DataFrame
        One row a run of these models on this target, in the order of measuring, with the columns of the file.
    path : Path
        The file.
    target : str
        The target's name.
    failures : dict of str to str
        Why a model could not be measured, by its name.
    notices : tuple of str
        What the diagnosis found.
    n_saved : int
        Runs fewer than if every model had as many as the one that has most; 0 unless `until_resolved` was given.
    """

    table: pd.DataFrame
    path: Path
    target: str
    failures: dict[str, str]
    notices: tuple[str, ...]
    n_saved: int

    def __repr__(self) -> str:
        """Count runs and failures."""
        failed = f"; {len(self.failures)} failed" if self.failures else ""
        n_models = self.table["model"].nunique()
        return f"MeasuredRuns({len(self.table)} runs of {n_models} models on {self.target}{failed})"


def measure(
    specs: str | Path | Iterable[str | Path],
    *,
    out: str | os.PathLike[str],
    conditions: Conditions | None = None,
    runs: int = 5,
    target: str | None = None,
    timeout: float = 600.0,
    seed: int = 0,
    accuracy: str | os.PathLike[str] | None = None,
    images: int | None = None,
    epochs: float | None = None,
    price_per_hour: float | None = None,
    until_resolved: float | None = None,
    max_runs: int = 30,
    inputs: str | Sequence[str] = (),
    outputs: str | Sequence[str] = (),
    iterations: str | os.PathLike[str] | None = None,
    allow_mixed: bool = False,
    drop_loaded_runs: bool = False,
    progress: bool = False,
    **fields: Any,
) -> MeasuredRuns:
    r"""Measure models, each run in a fresh process, and append each run to a file as soon as it is there.

    What the file holds already is not measured again: the same call after an interruption does the rest.

    Parameters
    ----------
    specs : str, path, or iterable of them
        Models: ``"resnet50.onnx"``, ``"torchvision:resnet18"``, ``"timm:mobilenetv1_100"``, ``"onnx:resnet50"``,
        ``"package.module:factory"``; ``"NAME=..."`` in front renames one.
    out : path
        The file of runs, a CSV; it is made if there is none.
    conditions : Conditions, optional
        How to run the models.
    runs : int
        Runs of each model.
    target : str, optional
        Name of the hardware and runtime; by default one such as ``cpu-1t`` or ``torch-cuda``.
    timeout : float
        Seconds, besides the conditions' `warmup` and `min_time`, after which a run is given up.
    seed : int
        Seed of the order of the runs and of the random inputs.
    accuracy : path or str, optional
        A table with a column ``model`` and accuracies, or ``"torchvision"``; see `read_accuracy`.  They become columns.
    images, epochs, price_per_hour : optional
        Size of the training set, passes over it, and price of the machine in US dollars; all three make ``train_hours``
        and ``train_usd`` of the time of a training step.
    until_resolved : float, optional
        Go on after `runs` with the models whose order by efficiency is open, until every pair that can be settled is
        settled with this confidence.
    max_runs : int
        No model gets more than that.
    inputs, outputs : str or sequence of str
        Metrics of the ranking that `until_resolved` is about; by default the time, and all accuracies.  One role will
        do: inputs without any accuracy, or outputs that were measured, such as ``throughput_per_s``.
    iterations : path, optional
        A file for the time of each iteration, in JSON lines.
    allow_mixed : bool
        Let runs of another machine, software or model file join those of the target.
    drop_loaded_runs : bool
        First take those runs of these models on this target out of the file that began while other programs kept the
        machine busy, as `LoadWarning` tells; they are measured anew.
    progress : bool
        Show it on standard error.
    **fields
        In place of `conditions` some of its fields, such as ``threads=2, min_time=1.0``; see `Conditions`.  The runtime
        is that of the models, and None stands for a default.

    Returns
    -------
    MeasuredRuns
        All runs of these models on this target, those of earlier calls too.

    Raises
    ------
    OptionError
        If there is no such option, one has a value that it cannot have, or a library or device is missing.
    DataError
        If the file cannot be written to, holds something else, is written to by another process, or its runs may not be
        mixed with these, or a model has no accuracy.

    Warns
    -----
    RunFailedWarning
        If a model crashes, hangs or does not load; the others go on.
    RepairWarning
        If the file ended in half a line.
    StrayProcessWarning
        If a run leaves a process behind that goes on.
    DriftWarning, LoadWarning, IterationShapeWarning, RunSpreadWarning, FewRunsWarning, MixedMachinesWarning
        What `diagnose` found.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import paretoscope as ps
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     ps.measure(["onnx:squeezenet", "onnx:resnet50"], out=pathlib.Path(folder, "runs.csv"), threads=2)
    MeasuredRuns(10 runs of 2 models on cpu-2t)
    """
    parsed = parse_specs([str(specs)] if isinstance(specs, str | Path) else [str(spec) for spec in specs])
    conditions = _conditions_of(parsed, conditions, fields)
    settings = Settings(
        runs=runs,
        seed=seed,
        timeout=timeout,
        accuracy=None if accuracy is None else str(accuracy),
        images=images,
        epochs=epochs,
        price_per_hour=price_per_hour,
        until_resolved=until_resolved,
        max_runs=max_runs,
        inputs=inputs,
        outputs=outputs,
        allow_mixed=allow_mixed,
        drop_loaded_runs=drop_loaded_runs,
    )
    plan = Plan(
        specs=parsed,
        conditions=conditions,
        settings=settings,
        target=default_target(conditions) if target is None else _checked_target(target),
        out=Path(out),
        iterations=None if iterations is None else Path(iterations),
    )
    result, notices = measure_plan(plan, show=progress)
    give_notice(notices)
    return result


def measure_plan(
    plan: Plan,
    *,
    show: bool = False,
    perform: Perform = run_once,
    examine: Examine = check,
    open_models: OpenModels | None = None,
) -> tuple[MeasuredRuns, Notices]:
    """Carry out a plan, and look for reasons to distrust its runs.

    Parameters
    ----------
    plan : Plan
    show : bool
        Show the progress on standard error.
    perform, examine : callable
        What measures one run, and what looks at the models before all of them.
    open_models : callable, optional
        What tells which models to go on with, where the plan is to go on until they are resolved.

    Returns
    -------
    (MeasuredRuns, list of Notice)
        What came of it, and what `diagnose` found.

    Raises
    ------
    OptionError, DataError
        As `measure` does.
    """
    settings = plan.settings
    if open_models is None and settings.until_resolved is not None:
        open_models = _opener(settings.until_resolved, settings.seed)
    goes_on = open_models is not None
    with showing(show) as progress:
        outcome = carry_out(plan, perform=perform, examine=examine, progress=progress, open_models=open_models)
    table = runs_frame(outcome.rows, outcome.accuracies)
    cores = usable_cores(outcome.fingerprint)
    notices = diagnose(table, cores=cores, threads=plan.conditions.threads, shapes=outcome.shapes)
    if goes_on:  # that allows for few runs, and asks for more where they matter
        notices = [notice for notice in notices if notice[0] is not FewRunsWarning]
    counts = table.groupby("model").size()
    saved = int((counts.max() - counts).sum()) if goes_on else 0
    messages = tuple(message for _, message in notices)
    return MeasuredRuns(table, plan.out, plan.target, outcome.failures, messages, saved), notices


def _opener(confidence: float, seed: int) -> OpenModels:
    """A function that tells which models are open, and remembers what it found settled."""
    # Loads what ranks, and Numba with it, which plain measuring does without.
    from paretoscope.stopping.open_pairs import open_models

    previous: Resolution | None = None

    def choose(rows: Sequence[Row], inputs: Sequence[str], outputs: Sequence[str]) -> tuple[Collection[str], str]:
        nonlocal previous
        frame = runs_frame(rows, (name for name in rows[0] if name not in COLUMNS))
        data = Measurements.from_frame(frame, inputs=inputs, outputs=outputs)
        previous = open_models(data, previous=previous, confidence=confidence, rng=seed)
        return previous.models, previous.sentence

    return choose


def default_target(conditions: Conditions) -> str:
    """Name the target that conditions describe.

    Examples
    --------
    >>> default_target(Conditions(threads=2))
    'cpu-2t'
    >>> default_target(Conditions(runtime="torch", device="cuda:1", compiled=True, training=True))
    'train-torch-cuda-compiled'
    """
    if conditions.runtime == "torch":
        device = conditions.device.partition(":")[0]
        name = "torch-" + (f"cpu-{conditions.threads}t" if device == "cpu" else device)
    else:
        short = {provider: name for name, provider in PROVIDERS.items()}
        name = short.get(conditions.provider, conditions.provider.removesuffix("ExecutionProvider").lower())
        name += f"-{conditions.threads}t" if name == "cpu" else ""
    return ("train-" if conditions.training else "") + name + ("-compiled" if conditions.compiled else "")


def _conditions_of(specs: Sequence[ModelSpec], conditions: Conditions | None, fields: Mapping[str, Any]) -> Conditions:
    """The conditions as they were given, or made of some of their fields, for the runtime of the models."""
    runtime = _common_runtime(specs)
    own = [field.name for field in dataclasses.fields(Conditions) if field.name != "runtime"]
    known = [*own, *list(inspect.signature(measure).parameters)[1:-1]]
    for name in fields:
        if name not in own:
            raise OptionError(f"{name}: found no such option; expected {', '.join(known)}{nearest(name, known)}")
    if conditions is None:
        return Conditions(runtime=runtime, **{name: value for name, value in fields.items() if value is not None})
    if fields:
        raise OptionError(f"conditions: found them and {', '.join(fields)} besides; expected one or the other")
    if conditions.runtime != runtime:
        raise OptionError(
            f"conditions: found the runtime {conditions.runtime}; expected {runtime} for {specs[0].text}; "
            f"write Conditions(runtime={quote(runtime)}, ...)"
        )
    return conditions


def _common_runtime(specs: Sequence[ModelSpec]) -> str:
    first = specs[0]
    for spec in specs:
        if spec.runtime != first.runtime:
            raise OptionError(
                f"models: found {unquoted(first.text)} for {first.runtime} and {unquoted(spec.text)} for "
                f"{spec.runtime}; expected one runtime a call; measure them one after the other, into one file"
            )
    return first.runtime


def _checked_target(target: str) -> str:
    if not target.strip() or "@" in target or "\n" in target:
        raise OptionError(
            f"target: found {quote(target)}; expected a name without '@', which parts a metric and its target"
        )
    return target
