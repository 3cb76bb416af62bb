"""Accuracies that were not measured here: from a table, or as torchvision publishes them beside its weights."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from paretoscope.arrays import IntArray
from paretoscope.errors import OptionError, listing, nearest, quote
from paretoscope.measurements.tables import Table
from paretoscope.readers import read_table

if TYPE_CHECKING:
    import os

_TORCHVISION = "torchvision"
_FIRST_WEIGHTS = "IMAGENET1K_V1"
_LABELS = ("model", "target", "metric", "unit", "run", "iteration")  # columns that are no metric, numbers or not


@dataclass(frozen=True, slots=True)
class Accuracies:
    """Accuracies by model, and where each model's come from.

    Attributes
    ----------
    values : dict of str to dict of str to float
        Each model's metrics; all models have the same.
    origins : dict of str to str
        Such as ``"accuracies.csv, line 3"`` or ``"torchvision 0.20.1, ResNet18_Weights.IMAGENET1K_V1"``.
    """

    values: dict[str, dict[str, float]]
    origins: dict[str, str]


def read_accuracy(source: str | os.PathLike[str], models: Iterable[str] | Mapping[str, str]) -> Accuracies:
    r"""Find the accuracies of some models.

    Parameters
    ----------
    source : path or str
        A table with a column ``model`` and one column a metric, such as ``top1``, one row a model; or with columns
        ``metric`` and ``value``, one row a model and metric.  A column is a metric if most of its filled cells are
        numbers; others, such as remarks, are passed over, and so are models that nobody asks for.  CSV, TSV, JSON lines
        or Parquet, by its ending.

        ``"torchvision"`` stands for the top-1 accuracy on ImageNet-1K, in percent, that torchvision publishes for its
        weights ``IMAGENET1K_V1``; ``"torchvision@IMAGENET1K_V2"`` for that of others.  Nothing is downloaded.
    models : iterable of str, or mapping of str to str
        Their names; a mapping tells for each name what the source calls the model.

    Returns
    -------
    Accuracies

    Raises
    ------
    DataError
        If the table cannot be read, lacks a model or a value, has a model twice, or text where a number belongs.
    OptionError
        If torchvision is not installed, or has no such model or weights.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "accuracies.csv")
    ...     _ = file.write_text("model,top1,note\nresnet18,69.76,as published\nresnet50,76.13,\n")
    ...     read_accuracy(file, ["resnet18"])
    Accuracies(values={'resnet18': {'top1': 69.76}}, origins={'resnet18': 'accuracies.csv, line 2'})
    """
    names = dict(models) if isinstance(models, Mapping) else {name: name for name in models}
    library, at, weights = str(source).partition("@")
    if library == _TORCHVISION:
        return _from_torchvision(names, weights if at else _FIRST_WEIGHTS)
    return _from_table(read_table(source), names)


def _from_table(table: Table, names: Mapping[str, str]) -> Accuracies:
    table.require("model", what="the model column")
    labels = table.labels("model")
    asked = np.flatnonzero([label in names.values() for label in labels])
    for known in names.values():
        if known not in labels[asked]:
            raise table.error(
                f"no row of model {quote(known)}",
                "one for each model",
                f"add it{nearest(known, dict.fromkeys(labels))}",
            )
    values: dict[str, dict[str, float]] = {name: {} for name in names}
    rows: dict[str, list[int]] = {name: [] for name in names}
    for metric, column, candidates in _metrics(table, asked):
        row_of: dict[str, int] = {}
        for row in candidates.tolist():
            if labels[row] in row_of:
                raise table.error(
                    f"metric {quote(metric)} of model {quote(labels[row])} twice",
                    "one value, as accuracies have no runs here",
                    "keep one of them",
                    rows=[row_of[labels[row]], row],
                )
            row_of[labels[row]] = row
        for name, known in names.items():
            if known not in row_of:
                raise table.error(
                    f"no {quote(metric)} of model {quote(known)}", "every model with every metric", "add it"
                )
            values[name][metric] = float(table.numbers(column, np.array([row_of[known]]), metric=metric)[0])
            rows[name].append(row_of[known])
    origins = {name: f"{table.source}, {table.row_name(*dict.fromkeys(found))}" for name, found in rows.items()}
    return Accuracies(values, origins)


def _metrics(table: Table, asked: IntArray) -> list[tuple[str, str, IntArray]]:
    """Name each metric, the column that holds it, and the rows of the models asked for."""
    if {"metric", "value"} <= set(table.columns):
        labels = table.labels("metric")
        return [(metric, "value", asked[labels[asked] == metric]) for metric in dict.fromkeys(labels[asked])]
    metrics = [column for column in table.columns if column not in _LABELS and _holds_numbers(table, column)]
    if not metrics:
        raise table.error(
            f"no column of numbers among {listing(table.columns)}", "one a metric, such as 'top1'", "add the accuracies"
        )
    return [(metric, metric, asked) for metric in metrics]


def _holds_numbers(table: Table, column: str) -> bool:
    """Whether most of a column's filled cells are numbers: then one that is not is a mistake, and else a remark."""
    filled = table.frame[column][~table.missing(column)]
    # By way of text, in which a truth value is no number.
    return bool(2 * pd.to_numeric(filled.astype(str), errors="coerce").notna().sum() > len(filled))


def _from_torchvision(names: Mapping[str, str], weights: str) -> Accuracies:
    try:
        library: Any = importlib.import_module(_TORCHVISION)
        models: Any = importlib.import_module("torchvision.models")
    except ImportError:
        raise OptionError(
            "torchvision: not installed; expected for the accuracies that it publishes; pip install torchvision, or "
            "give a table"
        ) from None
    found = Accuracies({}, {})
    for name, known in names.items():
        available = models.list_models()
        if known not in available:
            raise OptionError(
                f"torchvision: found no model {quote(known)}; expected one of its {len(available)} names; "
                f"give a table{nearest(known, available)}"
            )
        published = {
            entry.name: (entry, entry.meta["_metrics"]["ImageNet-1K"]["acc@1"])
            for entry in models.get_model_weights(known)
            if "acc@1" in entry.meta.get("_metrics", {}).get("ImageNet-1K", {})
        }
        if weights not in published:
            raise OptionError(
                f"torchvision: found no accuracy on ImageNet-1K of {quote(known)} with weights {quote(weights)}; "
                f"expected {' or '.join(published) or 'a model that classifies ImageNet-1K'}; give a table"
            )
        entry, top1 = published[weights]
        found.values[name] = {"top1": float(top1)}
        found.origins[name] = f"torchvision {library.__version__}, {type(entry).__name__}.{entry.name}"
    return found
