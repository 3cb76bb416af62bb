"""Measure models: many runs, each in a fresh process, and a file that loses none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.errors import OptionError
from paretoscope.measuring.campaign import Plan, carry_out, n_saved
from paretoscope.measuring.conditions import PROVIDERS, Conditions
from paretoscope.measuring.processes import check, run_once
from paretoscope.measuring.progress import showing
from paretoscope.measuring.rows import runs_frame
from paretoscope.measuring.specs import ModelSpec, parse_specs

if TYPE_CHECKING:
    import os


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
    specs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
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
    iterations: str | os.PathLike[str] | None = None,
    allow_mixed: bool = False,
    progress: bool = False,
) -> MeasuredRuns:
    """Measure models, each run in a fresh process, and append each run to a file as soon as it is there.

    """
    parsed = parse_specs([str(specs)] if isinstance(specs, str) or hasattr(specs, "__fspath__") else map(str, specs))
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
    plan = Plan(
        specs=parsed,
        conditions=conditions,
        target=default_target(conditions) if target is None else target,
        out=Path(out),
        runs=_check_count("runs", runs, 1),
        seed=_check_count("seed", seed, 0),
        timeout=timeout,
        iterations=None if iterations is None else Path(iterations),
        allow_mixed=allow_mixed,
    )
    return _measure(plan, show=progress)


def _measure(plan: Plan, *, show: bool, perform: Any = run_once, examine: Any = check) -> MeasuredRuns:
    with showing(show) as progress:
        outcome = carry_out(plan, perform=perform, examine=examine, progress=progress)
    names = {spec.name for spec in plan.specs}
    rows = [row for row in outcome.rows if row["target"] == plan.target and row["model"] in names]
    table = runs_frame(rows, outcome.accuracies)
    saved = n_saved(rows, names) if plan.open_models is not None else 0
    return MeasuredRuns(table, plan.out, plan.target, outcome.failures, (), saved)


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


def _check_count(option: str, found: object, least: int) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise OptionError(f"{option}: found {found!r}; expected a whole number of at least {least}")
    return found
