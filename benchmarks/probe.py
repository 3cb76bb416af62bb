"""One bootstrap in a process of its own: prints its time and peak memory as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from measure import peak_bytes, seconds
from workloads import random_models, timm


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--warm", action="store_true", help="load the machine code before the clock starts")
    options = parser.parse_args()
    workload = timm(options.data) if options.data else random_models(1000, 3)
    if options.warm:
        workload.bootstrap(10, "vrs")
    took = seconds(lambda: workload.bootstrap(options.draws, "vrs"))
    scores = options.draws * workload.n_models * 8
    print(json.dumps({"workload": workload.name, "seconds": took, "peak_bytes": peak_bytes(), "scores_bytes": scores}))


if __name__ == "__main__":
    main()
