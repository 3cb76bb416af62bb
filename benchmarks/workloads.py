"""The data sets that the benchmarks run on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import paretoscope as ps

if TYPE_CHECKING:
    from paretoscope.resampling.draws import EfficiencyDraws

Array = np.ndarray

# The columns of the timm table that serve; the training cost is made from train_samples_per_s.
TIMM_INPUTS = ["gpu_latency_ms", "cpu_latency_ms", "train_ms_per_image"]
TIMM_OUTPUT = "top1"


@dataclass(frozen=True)
class Workload:
    """Measurements, and how much each metric varies."""

    name: str
    data: ps.Measurements
    noise: dict[str, str]

    @property
    def n_models(self) -> int:
        """Number of models."""
        return len(self.data.models)

    @property
    def n_metrics(self) -> int:
        """Number of inputs and outputs."""
        return len(self.data.metrics)

    def bootstrap(self, n_resamples: int, rts: str, n_jobs: int = 1) -> EfficiencyDraws:
        """Run the whole public call, with a fixed seed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ps.ParetoscopeWarning)
            return ps.bootstrap(
                self.data, n_resamples=n_resamples, rts=rts, noise=self.noise, rng=0, n_jobs=n_jobs, progress=False
            )

    def roles(self, frame: pd.DataFrame) -> tuple[Array, Array]:
        """Inputs and outputs, (n_models, number), of a frame of metrics, each divided by its geometric mean.

        Every solver gets them so: absolute tolerances of 1e-9 mean little for metrics of a thousand or a millionth.
        """
        scaled = frame / np.exp(np.log(frame).mean())
        return scaled[list(self.data.inputs)].to_numpy(), scaled[list(self.data.outputs)].to_numpy()


def timm(path: Path) -> Workload:
    """714 pretrained image classifiers: latency on a GPU and a CPU, cost of training, top-1 accuracy."""
    table = pd.read_csv(path)
    table["train_ms_per_image"] = 1000.0 / table["train_samples_per_s"]
    data = ps.Measurements.from_frame(table, model=["model", "img_size"], inputs=TIMM_INPUTS, outputs=[TIMM_OUTPUT])
    return Workload("timm", data, dict.fromkeys(TIMM_INPUTS, "3%") | {TIMM_OUTPUT: "0.2%"})


def random_models(n_models: int, n_inputs: int, n_outputs: int = 1, seed: int = 0) -> Workload:
    """Models of log-normal size: large ones cost more and, by less, achieve more."""
    rng = np.random.default_rng(seed)
    log_size = rng.standard_normal(n_models)
    inputs = {f"input{k}": np.exp(0.7 * log_size + 0.5 * rng.standard_normal(n_models)) for k in range(n_inputs)}
    outputs = {f"output{k}": np.exp(0.15 * log_size + 0.05 * rng.standard_normal(n_models)) for k in range(n_outputs)}
    frame = pd.DataFrame({"model": [f"m{i}" for i in range(n_models)], **inputs, **outputs})
    data = ps.Measurements.from_frame(frame, inputs=list(inputs), outputs=list(outputs))
    noise = dict.fromkeys(inputs, "5%") | dict.fromkeys(outputs, "0.5%")
    return Workload(f"{n_models:,} random, {n_inputs}-{n_outputs}", data, noise)


def runs_table(n_models: int, n_runs: int, seed: int = 0) -> pd.DataFrame:
    """A wide table of repeated runs, as the command line reads it: columns model, run, latency_ms, train_usd, top1."""
    rng = np.random.default_rng(seed)
    log_size = rng.standard_normal(n_models)
    means = {"latency_ms": np.exp(0.7 * log_size), "train_usd": np.exp(0.9 * log_size), "top1": 75.0 + 2.0 * log_size}
    spread = {"latency_ms": 0.03, "train_usd": 0.03, "top1": 0.002}
    repeated = {
        metric: np.repeat(mean, n_runs) * (1.0 + spread[metric] * rng.standard_normal(n_models * n_runs))
        for metric, mean in means.items()
    }
    names = np.repeat([f"m{i}" for i in range(n_models)], n_runs)
    return pd.DataFrame({"model": names, "run": np.tile(np.arange(1, n_runs + 1), n_models), **repeated})
