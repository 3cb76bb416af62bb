"""Datasets that come with the package: measured with its own scripts, or cited figure by figure."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pandas as pd

from paretoscope.errors import OptionError, nearest, quote
from paretoscope.measurements import Measurements


def _imagenet() -> Measurements:
    with resources.as_file(resources.files(__name__) / "imagenet" / "runs.csv") as path:
        runs = pd.read_csv(path)
    # Each target's runs are processes of their own, so run 1 of one target has nothing to do with run 1 of another.
    runs["run"] = runs["target"] + "-" + runs["run"].astype(str)
    inputs = ["latency_ms@cpu-1t", "latency_ms@cpu-2t", "train_usd"]
    return Measurements.from_frame(runs, inputs=inputs, outputs=["top1"], source="imagenet")


DATASETS = {"imagenet": _imagenet}


def load(name: str) -> Measurements:
    """Load a shipped dataset.

    Parameters
    ----------
    name : {"imagenet"}
        ``"imagenet"``: the paper's 17 ImageNet classifiers; latencies of single images in ONNX Runtime with one and
        with two threads, the cost of a training by the time of its step in PyTorch, five runs each, every run its own
        process; published top-1 accuracies, cited in ``top1.csv``.

    Returns
    -------
    Measurements

    Raises
    ------
    OptionError
        If there is no such dataset.

    Examples
    --------
    >>> import paretoscope as ps
    >>> ps.load("imagenet").outputs
    ('top1',)
    """
    check_name(name)
    return DATASETS[name]()


def check_name(name: str) -> None:
    """Raise OptionError if there is no such dataset."""
    if name not in DATASETS:
        raise OptionError(
            f"dataset: found {quote(name)}; expected one of {', '.join(DATASETS)}{nearest(name, DATASETS)}"
        )


def provenance(name: str) -> dict[str, Any]:
    """Machines, software versions, commands and dates behind a dataset's measurements.

    Parameters
    ----------
    name : {"imagenet"}

    Returns
    -------
    dict
        As `paretoscope.measure` wrote it beside the runs: ``machines`` by their fingerprint, which the runs name, the
        ``sessions`` in which they were measured, and the ``models``.
    """
    check_name(name)
    text = (resources.files(__name__) / name / "runs.csv.machines.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
