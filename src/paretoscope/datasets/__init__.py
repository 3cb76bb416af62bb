"""Datasets that come with the package: measured with its own scripts, or cited figure by figure."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pandas as pd

from paretoscope.errors import OptionError, nearest
from paretoscope.measurements import Measurements


def _imagenet() -> Measurements:
    folder = resources.files(__name__) / "imagenet"
    tables = []
    for name in ("latency.csv", "top1.csv"):
        with resources.as_file(folder / name) as path:
            tables.append(pd.read_csv(path))
    latency, top1 = tables
    top1 = top1.assign(metric="top1", value=top1["top1"])
    columns = ["model", "target", "metric", "value", "unit", "run"]
    frame = pd.concat([latency[columns], top1.reindex(columns=columns)], ignore_index=True)
    frame["target"] = frame["target"].fillna("")
    # Each target's runs are processes of their own, so run 1 of one target has nothing to do with run 1 of another.
    frame["run"] = frame["target"] + "-" + frame["run"].fillna(1).astype(int).astype(str)
    return Measurements.from_frame(
        frame, inputs=["latency_ms@cpu-1t", "latency_ms@cpu-2t"], outputs=["top1"], source="imagenet"
    )


DATASETS = {"imagenet": _imagenet}


def load(name: str) -> Measurements:
    """Load a shipped dataset.

    Parameters
    ----------
    name : {"imagenet"}
        ``"imagenet"``: nine ImageNet classifiers; latencies of single images in onnxruntime with one and with two
        threads, ten runs each, every run its own process; published top-1 accuracies, cited in ``top1.csv``.

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
    if name not in DATASETS:
        raise OptionError(f"dataset: found {name!r}; expected one of {', '.join(DATASETS)}{nearest(name, DATASETS)}")
    return DATASETS[name]()


def provenance(name: str) -> dict[str, Any]:
    """Machine, software versions, command and date behind a dataset's measurements."""
    load(name)
    text = (resources.files(__name__) / name / "machine.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
