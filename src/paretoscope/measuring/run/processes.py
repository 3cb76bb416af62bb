"""A run is a fresh process; this starts one, waits for it, and says what became of it."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import msgspec

from paretoscope.errors import DataError, OptionError, ParetoscopeError, StrayProcessWarning, quote
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.messages import one_line
from paretoscope.measuring.run.runtimes import EXTRAS, missing
from paretoscope.measuring.run.specs import ModelSpec
from paretoscope.measuring.run.strays import processes_with

_THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
_LAST_BYTES: Final = 8192
_LAST_LINES: Final = 3
_MOST_ANSWER_BYTES: Final = 2**28
_RUN_VARIABLE: Final = "PARETOSCOPE_RUN"  # what a run starts inherits it, and is known by it
_STARTED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class RunFailed(ParetoscopeError, RuntimeError):  # noqa: N818 - it tells of a run, not of a mistake
    """A run has no result: it crashed, hung, or the model does not load.

    Attributes
    ----------
    reason : str
        Why, in one line that starts with the model's specification.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RunResult(msgspec.Struct, frozen=True, tag="result"):
    """What one run measured.

    It comes from the process that ran the model, whose code may do what it likes: what cannot have been measured is
    refused.

    Attributes
    ----------
    iterations_ns : list of int
        Time of each iteration, in nanoseconds, in their order.
    n_images : int
        Samples in an iteration: the batch.
    peak_memory_mb : float
        The largest resident set of the process so far, in megabytes (10^6 bytes); on a GPU under torch, the most
        memory that torch had allocated there.
    load_s : float
        Seconds that it took to load or build the model, and to compile it; importing the runtime does not count.
    fingerprint : dict
        The machine and software as the run saw them.
    started : str
        When, UTC, ISO 8601, to the second.
    load_average : float or None
        The system's load over the minute before the run.
    """

    iterations_ns: list[int]
    n_images: int
    peak_memory_mb: float
    load_s: float
    fingerprint: dict[str, Any]
    started: str
    load_average: float | None

    def __post_init__(self) -> None:
        """Refuse what no run can measure."""
        if not self.iterations_ns or min(self.iterations_ns) <= 0 or max(self.iterations_ns) >= 2**63:
            raise ValueError("times of iterations that are no times")
        if self.n_images < 1:
            raise ValueError("iterations without samples")
        numbers = (self.peak_memory_mb, self.load_s, 0.0 if self.load_average is None else self.load_average)
        if not all(math.isfinite(number) and number >= 0.0 for number in numbers):
            raise ValueError("a negative or infinite memory, time of loading or load")
        if not _STARTED.fullmatch(self.started):
            raise ValueError("a start that is no time")


class Checked(msgspec.Struct, frozen=True, tag="checked"):
    """The models can be loaded; what their runs will have for a fingerprint."""

    fingerprint: dict[str, Any]


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """Why there is no result, and the class of the error if it is one of ours."""

    error: str
    kind: str


Answer = TypeVar("Answer", RunResult, Checked)


def run_once(
    spec: ModelSpec, conditions: Conditions, *, run: int, seed: int = 0, timeout: float | None = None
) -> RunResult:
    """Measure one run of a model in a fresh process.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    conditions : Conditions
        How to run it.
    run : int
        The run's number; with the seed it determines the inputs.
    seed : int
        Seed of the random inputs.
    timeout : float, optional
        Seconds after which the process is killed.

    Raises
    ------
    OptionError
        If the runtime is not installed, or is none for this model.
    RunFailed
        If the process crashed or took too long, or the model cannot be loaded or run under the conditions.
    """
    _check_libraries([spec], conditions)
    answer = _ask_worker([spec], conditions, RunResult, run=run, seed=seed, timeout=timeout)
    if isinstance(answer, Failure):
        raise RunFailed(answer.error)
    return answer


def check(specs: Sequence[ModelSpec], conditions: Conditions, *, timeout: float | None = 300.0) -> dict[str, Any]:
    """Find out what would let every run fail, before any: one process imports the runtime and looks at the models.

    ONNX models are loaded and their dimensions filled in; of PyTorch models only the names are looked up.

    Returns
    -------
    dict
        The fingerprint that the runs will have.

    Raises
    ------
    OptionError
        If a library, provider or device is missing, a name is unknown, or a model does not go with the conditions.
    DataError
        If a model cannot be read.
    RunFailed
        If the process crashed or took too long.
    """
    _check_libraries(specs, conditions)
    for spec in specs:
        if spec.kind == "module":
            _check_module(spec)
        elif spec.runtime == "onnxruntime" and not Path(spec.location).is_file():
            raise DataError(f"{spec.text}: found no such file; expected an ONNX file")
    answer = _ask_worker(specs, conditions, Checked, run=None, seed=0, timeout=timeout)
    if isinstance(answer, Failure):
        errors = {error.__name__: error for error in (OptionError, DataError)}
        raise errors.get(answer.kind, RunFailed)(answer.error)
    return answer.fingerprint


def _check_libraries(specs: Sequence[ModelSpec], conditions: Conditions) -> None:
    if os.name != "posix":
        raise OptionError(
            f"system: found {sys.platform}; expected Linux or macOS, whose processes can be ended in groups"
        )
    for spec in specs:
        if spec.runtime != conditions.runtime:
            raise OptionError(
                f"{spec.text}: found the runtime {conditions.runtime}; expected {spec.runtime} for this model; "
                "measure it as a target of its own"
            )
    for library in (conditions.runtime, *sorted({spec.kind for spec in specs} & set(EXTRAS))):
        if importlib.util.find_spec(library) is None:
            raise missing(library)


def _check_module(spec: ModelSpec) -> None:
    """Look the module up as an import would, in the current directory as well, but import nothing."""
    package, *rest = spec.location.partition(":")[0].split(".")
    found = PathFinder.find_spec(package, [str(Path.cwd())]) or importlib.util.find_spec(package)
    while rest and found is not None:
        package = f"{package}.{rest.pop(0)}"
        folders = found.submodule_search_locations
        found = PathFinder.find_spec(package, folders) if folders else None
    if found is None:
        raise OptionError(
            f"{spec.text}: found no module {quote(package)}; expected one that can be imported, "
            "in the current directory or installed"
        )


# --- the process ---


def _ask_worker(
    specs: Sequence[ModelSpec],
    conditions: Conditions,
    expected: type[Answer],
    *,
    run: int | None,
    seed: int,
    timeout: float | None,
) -> Answer | Failure:
    """Start a worker, wait for its end and read its answer; with ``run=None`` it only checks."""
    place = specs[0].text if len(specs) == 1 else conditions.runtime
    mark = secrets.token_hex(8)
    request = {
        "specs": [dataclasses.asdict(spec) for spec in specs],
        "conditions": conditions.to_json_dict(),
        "run": run,
        "seed": seed,
        "parent": os.getpid(),
    }
    # Files without names: whatever ends this process, nothing of them is left.
    with tempfile.TemporaryFile() as answers, tempfile.TemporaryFile() as messages:
        expired = threading.Event()
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "paretoscope.measuring.worker", str(answers.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=messages,
            env=worker_environment(conditions.threads) | {_RUN_VARIABLE: mark},
            pass_fds=[answers.fileno()],
            start_new_session=True,  # of a group of its own, which can be killed whole
        )

        def expire() -> None:
            expired.set()
            worker.kill()

        # A timer and not the timeout of `wait`, which would wake up again and again beside the measurement.
        timer = threading.Timer(threading.TIMEOUT_MAX if timeout is None else timeout, expire)
        timer.daemon = True
        assert worker.stdin is not None
        try:
            timer.start()
            with suppress(BrokenPipeError):
                worker.stdin.write(json.dumps(request).encode() + b"\n")
                worker.stdin.flush()
            worker.wait()
        finally:
            timer.cancel()
            _kill_group(worker.pid)  # with what it may have started
            worker.wait()
            with suppress(BrokenPipeError):
                worker.stdin.close()
            _warn_of_strays(place, mark, worker.pid)
        try:
            return _read_answer(answers, expected)
        except _NoAnswer as error:
            if expired.is_set():
                reason = f"found no result after {timeout:g} s; expected one; raise the timeout"
            elif str(error) and worker.returncode == 0:
                reason = f"found {error} in place of a result; expected that the model leaves the answer to the run"
            else:
                reason = f"{_describe_end(worker.returncode)}{_last_words(messages)}"
            raise RunFailed(f"{place}: {reason}") from None


def worker_environment(threads: int) -> dict[str, str]:
    """The environment of a worker: it searches modules where this process does, and computes in so many threads."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    offline = {"HF_HUB_OFFLINE": "1"}  # no weights are to be downloaded, unless the user says so
    return {**offline, **os.environ, "PYTHONPATH": path, **dict.fromkeys(_THREAD_VARIABLES, str(threads))}


def _kill_group(leader: int) -> None:
    """End what a worker has started; as psutil sees children, those whose parent has ended are nobody's."""
    with suppress(ProcessLookupError, PermissionError):  # macOS does not permit it if all have ended
        os.killpg(leader, signal.SIGKILL)


def _warn_of_strays(place: str, mark: str, group: int) -> None:
    """Name what a run has left behind: it takes time from the runs that follow."""
    for process in processes_with(_RUN_VARIABLE, mark, outside=group):
        warnings.warn(
            f"{place}: found process {process.pid} ({quote(process.command)}), which the run started and which goes on "
            f"after it; expected none, since it disturbs the runs to come; end it: kill {process.pid}",
            StrayProcessWarning,
            stacklevel=2,
        )


class _NoAnswer(Exception):  # noqa: N818 - it is told as the failure of a run
    """There is no answer, or what is there is none: then it says what."""


def _read_answer(stream: IO[bytes], expected: type[Answer]) -> Answer | Failure:
    size = stream.seek(0, os.SEEK_END)
    if not size:
        raise _NoAnswer
    if size > _MOST_ANSWER_BYTES:
        raise _NoAnswer(f"{size} bytes")
    stream.seek(0)
    either: Any = expected | Failure
    try:
        answer: Answer | Failure = msgspec.json.decode(stream.read(), type=either)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _NoAnswer(one_line(error)) from None
    if isinstance(answer, Failure):
        return Failure(one_line(answer.error, _LAST_BYTES), answer.kind)
    return answer


def _describe_end(code: int) -> str:
    if code >= 0:
        return f"found that the process ended with exit code {code}; expected a result"
    known = {int(one): one.name for one in signal.Signals}
    name = known.get(-code, f"signal {-code}")
    if name == "SIGKILL":
        return (
            "found that the process was killed by SIGKILL, perhaps for want of memory; expected a result; try --batch 1"
        )
    return f"found that the process was ended by {name}; expected a result; update the runtime, or change the model"


def _last_words(stream: IO[bytes]) -> str:
    """The last lines that the process wrote to standard error."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _LAST_BYTES))
    lines = [line.strip() for line in stream.read().decode(errors="replace").splitlines() if line.strip()]
    return f"; its last words: {one_line(' | '.join(lines[-_LAST_LINES:]))}" if lines else ""
