"""Measure models: many runs, each in a fresh process, and a file that loses none of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from paretoscope.errors import FewRunsWarning, OptionError
from paretoscope.measurements import Measurements
from paretoscope.measuring.campaign import Examine, OpenModels, Perform, Plan, carry_out
from paretoscope.measuring.diagnosis import diagnose
from paretoscope.measuring.progress import showing
from paretoscope.measuring.run.conditions import PROVIDERS, Conditions
from paretoscope.measuring.run.processes import check, run_once
from paretoscope.measuring.run.specs import ModelSpec, parse_specs
from paretoscope.measuring.runfile.accuracy import Accuracies, read_accuracy
from paretoscope.measuring.runfile.annotations import Costs, make_costs
from paretoscope.measuring.runfile.costs import check_positive
from paretoscope.measuring.runfile.recording import COLUMNS, Row
from paretoscope.measuring.runfile.rows import runs_frame
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
    runs: int = 5,
    target: str | None = None,
    threads: int = 1,
    provider: str | None = None,
    device: str | None = None,
    batch: int = 1,
    dims: Mapping[str, int] | None = None,
    input_shape: Sequence[int] | None = None,
    compiled: bool = False,
    flush_denormals: bool = False,
    training: bool = False,
    optimizer: str = "sgd",
    min_time: float = 3.0,
    warmup: float = 1.0,
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
    progress: bool = False,
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
    runs : int
        Runs of each model.
    target : str, optional
        Name of the hardware and runtime; by default one such as ``cpu-1t`` or ``torch-cuda``.
    threads, provider, device, batch, dims, input_shape, compiled, flush_denormals, training, optimizer
        How to run the models; see `Conditions`.
    min_time, warmup : float
        Seconds of timed iterations in a run at least, and of iterations before them that do not count.
    timeout : float
        Seconds, besides `warmup` and `min_time`, after which a run is given up.
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
        Metrics of the ranking that `until_resolved` is about; by default the time, and all accuracies.
    iterations : path, optional
        A file for the time of each iteration, in JSON lines.
    allow_mixed : bool
        Let runs of another machine, software or model file join those of the target.
    progress : bool
        Show it on standard error.

    Returns
    -------
    MeasuredRuns
        All runs of these models on this target, those of earlier calls too.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have, or a library or device is missing.
    DataError
        If the file cannot be written to, holds something else, is written to by another process, or its runs may not be
        mixed with these, or a model has no accuracy.

    Warns
    -----
    RunFailedWarning
        If a model crashes, hangs or does not load; the others go on.
    RepairWarning
        If the file ended in half a line.
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
    conditions = Conditions(
        runtime=_common_runtime(parsed),
        provider=provider or "",
        device=device or "cpu",
        threads=threads,
        batch=batch,
        dims=dims or {},
        input_shape=None if input_shape is None else tuple(input_shape),
        compiled=compiled,
        flush_denormals=flush_denormals,
        training=training,
        optimizer=optimizer,
        min_time=min_time,
        warmup=warmup,
    )
    n_runs = _check_count("runs", runs, 1 if until_resolved is None else 3)
    settings = {
        "models": [spec.text for spec in parsed],
        "runs": runs,
        "seed": seed,
        "timeout": timeout,
        "accuracy": None if accuracy is None else str(accuracy),
        "images": images,
        "epochs": epochs,
        "price_per_hour": price_per_hour,
        "until_resolved": until_resolved,
        "max_runs": max_runs,
        "inputs": _names(inputs),
        "outputs": _names(outputs),
        "allow_mixed": allow_mixed,
    }
    plan = Plan(
        specs=parsed,
        conditions=conditions,
        target=default_target(conditions) if target is None else _checked_target(target),
        out=Path(out),
        runs=n_runs,
        seed=_check_count("seed", seed, 0),
        timeout=check_positive("timeout", timeout),
        iterations=None if iterations is None else Path(iterations),
        allow_mixed=allow_mixed,
        accuracies=None if accuracy is None else partial(_find_accuracies, accuracy, parsed),
        costs=_costs(conditions, images, epochs, price_per_hour),
        open_models=None if until_resolved is None else _opener(until_resolved, seed),
        max_runs=_check_count("max_runs", max_runs, 1 if until_resolved is None else n_runs),
        inputs=_names(inputs),
        outputs=_names(outputs),
        settings=settings,
    )
    result, notices = _measure(plan, show=progress)
    give_notice(notices)
    return result


def _measure(
    plan: Plan, *, show: bool = False, perform: Perform = run_once, examine: Examine = check
) -> tuple[MeasuredRuns, Notices]:
    with showing(show) as progress:
        outcome = carry_out(plan, perform=perform, examine=examine, progress=progress)
    table = runs_frame(outcome.rows, outcome.accuracies)
    cores = outcome.fingerprint.get("cores_usable")
    notices = diagnose(table, cores=cores, threads=plan.conditions.threads, shapes=outcome.shapes)
    if plan.open_models is not None:  # which allows for few runs, and asks for more where they matter
        notices = [notice for notice in notices if notice[0] is not FewRunsWarning]
    counts = table.groupby("model").size()
    saved = 0 if plan.open_models is None else int((counts.max() - counts).sum())
    messages = tuple(message for _, message in notices)
    return MeasuredRuns(table, plan.out, plan.target, outcome.failures, messages, saved), notices


def _find_accuracies(source: str | os.PathLike[str], specs: Sequence[ModelSpec], models: Collection[str]) -> Accuracies:
    """Accuracies of models; torchvision knows a renamed model by its own name."""
    names = {model: model for model in models}
    if str(source).partition("@")[0] == "torchvision":
        names |= {spec.name: spec.location for spec in specs if spec.kind == "torchvision"}
    return read_accuracy(source, names)


def _opener(confidence: float, seed: int) -> OpenModels:
    """A function that tells which models are open, and remembers what it found settled."""
    from paretoscope.arrays import check_share
    from paretoscope.stopping.open_pairs import open_models  # compiles and loads much that plain measuring does without

    check_share("until_resolved", confidence, low=0.5, high=1.0)
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


def _common_runtime(specs: Sequence[ModelSpec]) -> str:
    first = specs[0]
    for spec in specs:
        if spec.runtime != first.runtime:
            raise OptionError(
                f"models: found {first.text} for {first.runtime} and {spec.text} for {spec.runtime}; expected one "
                "runtime a call; measure them one after the other, into the same file if you like"
            )
    return first.runtime


def _costs(
    conditions: Conditions, images: int | None, epochs: float | None, price_per_hour: float | None
) -> Costs | None:
    if images is None and epochs is None and price_per_hour is None:
        return None
    if images is None or epochs is None or price_per_hour is None or not conditions.training:
        given = {"images": images, "epochs": epochs, "price_per_hour": price_per_hour}
        found = [name for name, value in given.items() if value is not None] + ["training"] * conditions.training
        raise OptionError(
            f"images, epochs, price_per_hour: found {', '.join(found)} only; expected all three and training, to know "
            "what one costs; give the others too"
        )
    return make_costs(batch=conditions.batch, images=images, epochs=epochs, price_per_hour=price_per_hour)


def _checked_target(target: str) -> str:
    if not target.strip() or "@" in target or "\n" in target:
        raise OptionError(f"target: found {target!r}; expected a name without '@', which parts a metric and its target")
    return target


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _check_count(option: str, found: object, least: int) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise OptionError(f"{option}: found {found!r}; expected a whole number of at least {least}")
    return found
