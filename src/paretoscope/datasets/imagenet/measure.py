"""Measure the latencies of ``latency.csv``: nine ImageNet classifiers in onnxruntime on this machine's CPU.

    pip install onnx onnxruntime
    python measure.py --runs 10 --out latency.csv

The ``onnx`` wheel carries nine real architectures with their weights replaced by constants, which leaves the work of an
inference as it is.  A run is a fresh process: it loads one model, warms up, and times single images until
``--min-time`` is over.  The order of the (model, threads, run) triples is shuffled by a seed, so that a drift of the
machine does not fall on one model.  Each row is the median over the iterations of one run; rows are appended as soon as
they exist, and a second start with the same file measures only what is missing.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

MODELS = {
    "alexnet": "light_bvlc_alexnet",
    "densenet121": "light_densenet121",
    "inception_v1": "light_inception_v1",
    "inception_v2": "light_inception_v2",
    "resnet50": "light_resnet50",
    "shufflenet_v1": "light_shufflenet",
    "squeezenet": "light_squeezenet",
    "vgg19": "light_vgg19",
    "zfnet512": "light_zfnet512",
}
THREADS = (1, 2)
COLUMNS = ("model", "target", "metric", "value", "unit", "run", "iterations", "started")


def one_run(model: str, threads: int, min_time: float) -> None:
    """Time one model in this process and print its median latency as JSON."""
    import numpy as np
    import onnx
    import onnxruntime as ort

    # The wheel's backend module would need more packages; its folder is all that is wanted.
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Constant weights let activations fade into denormals, which trained weights do not; flush them.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = ort.InferenceSession(str(folder / f"{MODELS[model]}.onnx"), options, providers=["CPUExecutionProvider"])
    (image,) = session.get_inputs()
    feed = {image.name: np.random.default_rng(0).standard_normal(image.shape).astype(np.float32)}
    warm_up_until = time.perf_counter() + min(1.0, min_time)
    while time.perf_counter() < warm_up_until:
        session.run(None, feed)
    latencies: list[float] = []
    measure_until = time.perf_counter() + min_time
    while time.perf_counter() < measure_until or len(latencies) < 10:
        start = time.perf_counter()
        session.run(None, feed)
        latencies.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"median_ms": statistics.median(latencies), "iterations": len(latencies)}))


def fingerprint() -> dict[str, object]:
    """Describe the machine and the software that the latencies belong to."""
    import onnx
    import onnxruntime

    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "provider": "CPUExecutionProvider",
        "batch": 1,
        "precision": "float32",
        "measured": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
    }


def finished_runs(out: Path) -> set[tuple[str, str, str]]:
    """The (model, target, run) triples that the file already holds."""
    if not out.exists():
        return set()
    with out.open(newline="") as stream:
        return {(row["model"], row["target"], row["run"]) for row in csv.DictReader(stream)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, help="processes per model and target")
    parser.add_argument("--min-time", type=float, default=2.0, help="seconds of timed iterations in a run")
    parser.add_argument("--seed", type=int, default=0, help="seed of the order of the runs")
    parser.add_argument("--out", type=Path, default=Path("latency.csv"))
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "THREADS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one_run(arguments.one[0], int(arguments.one[1]), arguments.min_time)
        return

    todo = [(model, threads, run) for model in MODELS for threads in THREADS for run in range(1, arguments.runs + 1)]
    random.Random(arguments.seed).shuffle(todo)
    done = finished_runs(arguments.out)
    header = fingerprint() | {
        "command": f"python measure.py --runs {arguments.runs} --min-time {arguments.min_time} --seed {arguments.seed}"
    }
    arguments.out.with_name("machine.json").write_text(json.dumps(header, indent=2) + "\n")
    with arguments.out.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        if not done:
            writer.writeheader()
        for position, (model, threads, run) in enumerate(todo, start=1):
            target = f"cpu-{threads}t"
            if (model, target, str(run)) in done:
                continue
            started = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            child = subprocess.run(
                [sys.executable, __file__, "--one", model, str(threads), "--min-time", str(arguments.min_time)],
                check=True,
                capture_output=True,
                text=True,
            )
            result = json.loads(child.stdout)
            writer.writerow(
                {
                    "model": model,
                    "target": target,
                    "metric": "latency_ms",
                    "value": round(result["median_ms"], 4),
                    "unit": "ms",
                    "run": run,
                    "iterations": result["iterations"],
                    "started": started,
                }
            )
            stream.flush()
            os.fsync(stream.fileno())
            print(f"{position}/{len(todo)} {model} {target} run {run}: {result['median_ms']:.3f} ms", file=sys.stderr)


if __name__ == "__main__":
    main()
