"""Read measurements from files; one format a module."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from paretoscope.measurements import Measurements
from paretoscope.measurements.columns import check_columns
from paretoscope.measurements.roles import stated_roles
from paretoscope.readers.files import File, read_file
from paretoscope.readers.formats.delimited import read_delimited
from paretoscope.readers.formats.json import looks_like_json, read_json
from paretoscope.readers.formats.jsonl import read_jsonl
from paretoscope.readers.formats.parquet import read_parquet

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from paretoscope.measurements.tables import Table

__all__ = ["read", "read_table"]

_READERS: dict[str, Callable[[File], Table]] = {
    ".csv": read_delimited,
    ".tsv": partial(read_delimited, delimiter="\t"),
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
}


def read(
    path: str | os.PathLike[str],
    *,
    outputs: str | Sequence[str] | None = None,
    inputs: str | Sequence[str] | None = None,
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
    drop_incomplete: str | None = None,
) -> Measurements:
    r"""Read measurements from a file: CSV, TSV, JSON, JSON lines or Parquet, by its ending, or by what it holds.

    The table is long, wide, or a published summary, as `Measurements.from_frame` recognises it, with the same options.

    Parameters
    ----------
    path : path
        The file, or ``-`` for standard input; text is in UTF-8.  It is read once.
    outputs, inputs : str or sequence of str
        Metrics that are better large, and better small; one of the roles may be left out.  ``m@t`` is metric `m` on
        target `t`.
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
    drop_incomplete : {"models", "metrics"}, optional
        What to leave out where a model lacks a value of a metric; by default that is an error.

    Returns
    -------
    Measurements
        With the file's name as source.

    Raises
    ------
    OptionError
        If an option has a value that it cannot have; if neither inputs nor outputs are named, with the roles that the
        names of the metrics suggest.
    DataError
        If the file cannot be read or its content cannot be used; the message names the line or column, and the remedy.

    Warns
    -----
    DirectionWarning
        If a metric's name says that the other role is its own, such as an error among the outputs.
    IterationsWarning
        If iterations had to take the place of runs.
    DroppedWarning
        If something was left out because of `drop_incomplete`.
    NamesWarning
        If names of models, metrics or targets look alike but differ.
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
    roles = stated_roles(inputs, outputs)
    return Measurements._from_table(
        read_table(path), columns, roles, fold=fold, bounds=bounds, drop_incomplete=drop_incomplete, stacklevel=3
    )


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a file's cells, without a look at what they mean."""
    file = read_file(path)
    return (_READERS.get(Path(path).suffix.lower()) or _reader_of(file))(file)


def _reader_of(file: File) -> Callable[[File], Table]:
    """The reader for what a file without a known ending holds."""
    if file.content.startswith(b"PAR1"):
        return read_parquet
    text = file.text()
    if looks_like_json(text):
        return read_json
    header = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return partial(read_delimited, delimiter="\t" if "\t" in header and "," not in header else ",")
