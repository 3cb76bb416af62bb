"""What a training costs, measured around the user's own loop, in whatever framework it is written."""

from __future__ import annotations

import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from paretoscope.errors import OptionError, ParetoscopeError, UnrecordedWarning, quote
from paretoscope.measuring.run.fingerprint import cpu_model, load_average, machine_id, utc_now
from paretoscope.measuring.run.memory import peak_resident_bytes
from paretoscope.measuring.runfile.costs import check_positive, train_usd
from paretoscope.measuring.runfile.provenance import Provenance
from paretoscope.measuring.runfile.recording import open_runs

_FRAMEWORKS: Final = ("torch", "lightning", "pytorch_lightning", "transformers", "jax", "tensorflow", "keras")


class TrainingCost:
    """The cost of one training; made by `training_cost`.

    Attributes
    ----------
    model, target : str
        What the run is called.
    price_per_hour : float or None
        US dollars for the machine.
    out : Path or None
        The file of runs.
    state : str
        ``"ready"``, ``"running"``, ``"paused"``, ``"finished"``, or ``"abandoned"`` where the training failed.
    peak_memory_mb : float or None
        Megabytes (10^6 bytes), known in the end, if the system tells: the most that torch had allocated on its current
        GPU since the start, where it uses one; else the largest resident set of this process since it began.
    """

    def __init__(
        self, model: str, *, price_per_hour: float | None, out: Path | None, target: str, clock: Callable[[], float]
    ) -> None:
        self.model = model
        self.target = target
        self.price_per_hour = price_per_hour
        self.out = out
        self.state = "ready"
        self.peak_memory_mb: float | None = None
        self._clock = clock
        self._before = 0.0  # seconds of the stretches that are over
        self._since = 0.0  # when the present stretch began
        self._started = ""
        self._load: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds of training so far, without pauses."""
        return self._before + (self._clock() - self._since if self.state == "running" else 0.0)

    @property
    def train_hours(self) -> float:
        """Hours of training so far, without pauses."""
        return self.elapsed_s / 3600.0

    @property
    def train_usd(self) -> float | None:
        """Price of these hours; None without a price per hour."""
        return None if self.price_per_hour is None else train_usd(self.train_hours, price_per_hour=self.price_per_hour)

    def __repr__(self) -> str:
        """Say how far it is."""
        usd = "" if self.train_usd is None else f", {self.train_usd:.4g} USD"
        return f"TrainingCost({self.model}: {self.train_hours:.4g} h{usd}; {self.state})"

    def __enter__(self) -> TrainingCost:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abandon()
        elif self.state in ("running", "paused"):
            self.finish()

    def start(self, *, record: bool = True) -> None:
        """Begin; what a ``with`` does on entering.

        Parameters
        ----------
        record : bool
            Whether to write the run in the end.  Of a distributed training only the first process should; those that
            ``torchrun`` started know which one they are, by the variable RANK, and the others do not write anyway.

        Raises
        ------
        DataError
            If the run could not be written in the end.
        OptionError
            If it was started before.
        """
        self._expect("ready")
        if not record or os.environ.get("RANK", "0") != "0":
            self.out = None
        if self.out is not None:
            with open_runs(self.out) as runs:  # better now than after days of training
                Provenance(runs.path)
        self._started, self._load = utc_now(), load_average()
        if cuda := _cuda():
            cuda.reset_peak_memory_stats()
        self._resume()

    def pause(self) -> None:
        """Stop the clock, for what is no training, such as an evaluation."""
        self._expect("running")
        self._stop("paused")

    def resume(self) -> None:
        """Let the clock go on."""
        self._expect("paused")
        self._resume()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock for the length of a block."""
        self.pause()
        try:
            yield
        except BaseException:
            if self.state == "paused":  # not by `resume`: waiting for a GPU that failed would hide the error
                self.state, self._since = "running", self._clock()
            raise
        if self.state == "paused":
            self.resume()

    def finish(self) -> None:
        """End, and write the run to the file; what a ``with`` does on leaving.

        Warns
        -----
        UnrecordedWarning
            If the run cannot be written.  The training is done, and what follows it, such as saving the model, should
            not fail for that.
        """
        self._expect("running", "paused")
        self._stop("finished")
        self.peak_memory_mb = _peak_memory_mb()
        if self.out is not None:
            try:
                self._record(self.out)
            except ParetoscopeError as error:
                message = f"{error}; the run is not written: {self._row()}"
                warnings.warn(message, UnrecordedWarning, stacklevel=3)

    def abandon(self) -> None:
        """End without a result, as the training has failed; nothing is written."""
        if self.state in ("ready", "running", "paused"):
            self._stop("abandoned")

    def _expect(self, *states: str) -> None:
        if self.state not in states:
            raise OptionError(
                f"training_cost: found the training of {quote(self.model)} {self.state}; expected it "
                f"{' or '.join(states)}; make another one for another training"
            )

    def _resume(self) -> None:
        _wait_for_gpu()
        self.state, self._since = "running", self._clock()

    def _stop(self, state: str) -> None:
        if state != "abandoned":  # a GPU that failed would fail again, in place of the error itself
            _wait_for_gpu()
        self._before, self.state = self.elapsed_s, state

    def _row(self) -> dict[str, object]:
        usd = self.train_usd
        return {
            "model": self.model,
            "target": self.target,
            "started": self._started,
            "train_hours": _rounded(self.train_hours),
            "train_usd": None if usd is None else _rounded(usd),
            "peak_memory_mb": None if self.peak_memory_mb is None else round(self.peak_memory_mb, 1),
            "iterations": 1,  # of the whole training
            "load_average": self._load,
        }

    def _record(self, out: Path) -> None:
        machine = _fingerprint()
        with open_runs(out) as runs:
            provenance = Provenance(runs.path)
            provenance.add_machine(machine_id(machine), machine)
            provenance.write()
            of_model = [row for row in runs.rows if row["model"] == self.model]
            done = [int(row["run"]) for row in of_model if row["target"] == self.target]
            accuracies = {name: row[name] for row in of_model for name in runs.accuracies if row[name]}
            row = self._row() | {"run": max(done, default=0) + 1, "machine": machine_id(machine)}
            runs.append(row | accuracies, [])


def training_cost(
    model: str,
    *,
    price_per_hour: float | None = None,
    out: str | os.PathLike[str] | None = None,
    target: str = "train",
    clock: Callable[[], float] = time.perf_counter,
) -> TrainingCost:
    """Measure what a training costs, as a context manager around the loop.

    Where torch uses a GPU, it is waited for at both ends and at pauses.  A block that fails is not written, and its
    error goes on.

    Parameters
    ----------
    model : str
        Its name.
    price_per_hour : float, optional
        US dollars an hour, for all that the training runs on.
    out : path, optional
        A file of runs, as ``paretoscope measure`` writes it, to which the training is added as one more independent
        run, with the metrics ``train_hours`` and ``train_usd``.
    target : str
        What it was trained on, such as ``"train-a100"``.
    clock : callable
        Tells the time in seconds; by default the wall's.

    Returns
    -------
    TrainingCost
        With `elapsed_s`, `train_hours`, `train_usd`, `peak_memory_mb`, and `paused` for what is not to be counted.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.

    Examples
    --------
    >>> with training_cost("resnet18", price_per_hour=2.5) as cost:
    ...     for epoch in range(3):
    ...         pass  # train
    ...         with cost.paused():
    ...             pass  # evaluate
    >>> cost.state, cost.train_hours < 0.1
    ('finished', True)
    """
    for name, found in (("model", model), ("target", target)):
        if not isinstance(found, str) or not found.strip():
            raise OptionError(f"{name}: found {quote(found)}; expected a name; write {name}='resnet18', for example")
    price = None if price_per_hour is None else check_positive("price_per_hour", price_per_hour)
    path = None if out is None else Path(out)
    return TrainingCost(model, price_per_hour=price, out=path, target=target, clock=clock)


def _cuda() -> Any:
    """torch.cuda, if the training uses it."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None


def _peak_memory_mb() -> float | None:
    if cuda := _cuda():
        return float(cuda.max_memory_allocated()) / 1e6
    with suppress(ImportError):  # Windows does not tell
        return peak_resident_bytes() / 1e6
    return None


def _wait_for_gpu() -> None:
    """Kernels run on after the call that started them has returned."""
    if cuda := _cuda():
        cuda.synchronize()


def _fingerprint() -> dict[str, Any]:
    """The machine and the frameworks that the process has imported; what the loop does with them is its own matter."""
    cuda = _cuda()
    loaded = {name: getattr(sys.modules.get(name), "__version__", None) for name in _FRAMEWORKS}
    return {
        "cpu": cpu_model(),
        "gpu": cuda.get_device_name() if cuda else None,
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: str(version) for name, version in loaded.items() if version},
        "conditions": {"loop": "the user's own"},
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
