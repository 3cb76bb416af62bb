"""Read measurements from files; one format a module."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from paretoscope.measurements import Measurements
from paretoscope.measurements.columns import check_columns
from paretoscope.measurements.roles import check_roles
from paretoscope.readers.formats.delimited import read_delimited
from paretoscope.readers.formats.jsonl import read_jsonl
from paretoscope.readers.formats.parquet import read_parquet

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from paretoscope.measurements.tables import Table

__all__ = ["read", "read_table"]

_READERS: dict[str, Callable[[str | os.PathLike[str]], Table]] = {
    ".tsv": partial(read_delimited, delimiter="\t"),
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
}


def read(
    path: str | os.PathLike[str],
    *,
    outputs: str | Sequence[str],
    inputs: str | Sequence[str],
    model: str | Sequence[str] = "model",
    target: str = "target",
    metric: str = "metric",
    value: str = "value",
    unit: str = "unit",
    run: str = "run",
    iteration: str = "iteration",
    repeats: str | Sequence[str] = (),
    fold: str = "median",
    bounds: Mapping[str, float | None] | None = None,
) -> Measurements:
    r"""Read measurements from a file: CSV, TSV, JSON lines or Parquet, by its ending; CSV if it has another.

    The table is long, wide, or a published summary, as `Measurements.from_frame` recognises it, with the same options.

    Parameters
    ----------
    path : path
        The file; text is in UTF-8.
    outputs, inputs : str or sequence of str
        Metrics that are better large, and better small; ``m@t`` is metric `m` on target `t`.
    model : str or sequence of str
        The column that names the model, or several, whose names are joined by a slash.
    target, metric, value, unit, run, iteration : str
        Names of the other columns.
    repeats : str or sequence of str
        Columns that only number repeats, although a metric follows them.
    fold : {"median", "mean", "p90", "p95", "p99"}
        How the iterations of one run become its value.
    bounds : mapping of str to float or None, optional
        The largest possible value of a metric, None if it has none.

    Returns
    -------
    Measurements
        With the file's name as source.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have.
    DataError
        If the file cannot be read or its content cannot be used; the message names the line or column, and the remedy.

    Warns
    -----
    IterationsWarning
        If iterations had to take the place of runs.
    SpreadWarning
        If a column looks like the spread of a metric, and is not used.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     file = pathlib.Path(directory, "runs.csv")
    ...     _ = file.write_text("model,run,latency_ms,top1\na,1,1.5,70\na,2,1.7,70\nb,1,2.5,75\nb,2,2.3,75\n")
    ...     read(file, inputs="latency_ms", outputs="top1")
    Measurements(2 models, inputs: latency_ms; outputs: top1; 2 runs)
    """
    columns = check_columns(
        model=model,
        target=target,
        metric=metric,
        value=value,
        unit=unit,
        run=run,
        iteration=iteration,
        repeats=repeats,
    )
    roles = check_roles(inputs, outputs)
    return Measurements._from_table(read_table(path), columns, roles, fold=fold, bounds=bounds, stacklevel=3)


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a file's cells, without a look at what they mean."""
    return _READERS.get(Path(path).suffix.lower(), read_delimited)(path)
