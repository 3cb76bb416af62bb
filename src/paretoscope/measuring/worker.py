"""The fresh process of a run: ``python -m paretoscope.measuring.worker FD``.

The request comes as a line of JSON on standard input, which stays open: when it ends, the parent is gone, and so is the
worker. The answer goes as JSON to the file that FD describes, where nothing that a model prints can get in.

What a worker imports counts in the memory that it measures: so it makes do with the json module, and its parent checks
the types.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from paretoscope.errors import ParetoscopeError
from paretoscope.measuring.run.conditions import Conditions
from paretoscope.measuring.run.fingerprint import fingerprint, load_average, utc_now
from paretoscope.measuring.run.memory import peak_resident_bytes
from paretoscope.measuring.run.messages import one_line
from paretoscope.measuring.run.runtimes import EXTRAS, import_runtime
from paretoscope.measuring.run.specs import ModelSpec
from paretoscope.measuring.run.timing import time_iterations

_LEAST_ITERATIONS = 10
_LEAST_TRAINING_STEPS = 3
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer the request."""
    answers = int(sys.argv[1])
    os.set_inheritable(answers, False)
    request = json.loads(sys.stdin.buffer.readline())
    _die_with(request["parent"])
    try:
        answer = _answer(request)
    except ParetoscopeError as error:
        answer = {"type": "failure", "error": str(error), "kind": type(error).__name__}
    except Exception as error:
        place = request["specs"][0]["text"] if len(request["specs"]) == 1 else request["conditions"]["runtime"]
        answer = {
            "type": "failure",
            "error": f"{place}: failed by {type(error).__name__} ({one_line(error)})",
            "kind": "",
        }
    with os.fdopen(answers, "wb") as stream:
        stream.truncate(0)  # what the model's code may have written there is no answer
        stream.seek(0)
        stream.write(json.dumps(answer).encode())


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    specs = [ModelSpec(**spec) for spec in request["specs"]]
    conditions = Conditions.from_json_dict(request["conditions"])
    if request["run"] is None:
        import_runtime(conditions.runtime).check(specs, conditions)
        return {"type": "checked", "fingerprint": fingerprint(conditions)}
    return _measure(specs[0], conditions, request["seed"], request["run"])


def _measure(spec: ModelSpec, conditions: Conditions, seed: int, run: int) -> dict[str, Any]:
    started, load = utc_now(), load_average()
    runtime = import_runtime(conditions.runtime)
    if spec.kind in EXTRAS:
        importlib.import_module(spec.kind)
    import numpy as np

    begin = time.perf_counter()
    loaded = runtime.load(spec, conditions, np.random.default_rng([seed, run]))
    load_s = time.perf_counter() - begin
    least = _LEAST_TRAINING_STEPS if conditions.training else _LEAST_ITERATIONS
    times = time_iterations(loaded.step, min_time=conditions.min_time, warmup=conditions.warmup, least=least)
    peak = loaded.device_peak_bytes() if loaded.device_peak_bytes else peak_resident_bytes()
    return {
        "type": "result",
        "iterations_ns": times.tolist(),
        "n_images": conditions.batch,
        "peak_memory_mb": peak / 1e6,
        "load_s": load_s,
        "fingerprint": fingerprint(conditions),
        "started": started,
        "load_average": load,
    }


def _die_with(parent: int) -> None:
    """End this process when its parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    lifeline = os.dup(0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # a model that reads would wait for ever
    threading.Thread(target=_exit_at_end, args=[lifeline], daemon=True).start()


def _exit_at_end(stream: int) -> None:
    while os.read(stream, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
