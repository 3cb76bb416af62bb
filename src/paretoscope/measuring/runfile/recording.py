"""The file of runs: one line a run, on disk before the next run starts."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from paretoscope.errors import DataError, RepairWarning, listing, quote, unquoted
from paretoscope.files import behind_links, check_destination, write_whole
from paretoscope.flags import option_name
from paretoscope.measuring.runfile.locking import locked

COLUMNS: Final = (
    "model",
    "target",
    "run",
    "started",
    "latency_ms",
    "latency_ms_mean",
    "latency_ms_p90",
    "latency_ms_p99",
    "latency_ms_min",
    "throughput_per_s",
    "train_step_ms",
    "train_images_per_s",
    "train_hours",
    "train_usd",
    "peak_memory_mb",
    "iterations",
    "load_average",
    "machine",
)
_NUMBERS: Final = tuple(name for name in COLUMNS if name not in ("model", "target", "run", "started", "machine"))
Row = dict[str, str]
_ITERATIONS_BEGIN: Final = '{"model": '
_ITERATIONS_KEY: Final = ("model", "target", "run", "started")


class _Iterations(msgspec.Struct):
    """A line of the other file."""

    model: str
    target: str
    run: str
    started: str
    iterations_ns: list[int]


class RunFile:
    """The runs so far, and the right to add to them; made by `open_runs`.

    Attributes
    ----------
    path : Path
        The file.
    accuracies : tuple of str
        Names of the columns behind those of a run.
    rows : list of dict of str to str
        One a run, in the order of measuring, all cells as text.
    """

    def __init__(self, path: Path, iterations: Path | None) -> None:
        self.path = path
        self._iterations = iterations
        _mend(path, ",".join(COLUMNS))
        self.accuracies, self.rows = _read(path)
        _check_writable(path)
        if iterations is not None:
            _mend(iterations, _ITERATIONS_BEGIN)
            _check_writable(iterations)
            _check_iterations(iterations)

    def append(self, row: Mapping[str, object], iterations_ns: Sequence[int]) -> None:
        """Put a run on disk.

        Its iterations come first: a run without them would be measured for nothing, while iterations without their run
        hurt nobody, since `read_iterations` passes over them.

        Raises
        ------
        DataError
            If there is no room, or the file was taken away.  What was written before remains.
        """
        cells = {name: as_cell(row.get(name)) for name in (*COLUMNS, *self.accuracies)}
        if self._iterations is not None:
            record = {name: cells[name] for name in _ITERATIONS_KEY}
            line = json.dumps(record | {"iterations_ns": list(iterations_ns)}, ensure_ascii=False)
            self._append_line(self._iterations, line + "\n")
        self._append_line(self.path, _csv_line(cells.values()))
        self.rows.append(cells)

    def rewrite(self, rows: Sequence[Row], accuracies: Iterable[str]) -> None:
        """Put other rows in place of these, whole or not at all; nothing is written where nothing changes.

        Raises
        ------
        DataError
            If the folder cannot be written to, or the disk is full.
        """
        accuracies = tuple(accuracies)
        if accuracies != self.accuracies or list(rows) != self.rows:
            _write(self.path, accuracies, rows)
            self.accuracies, self.rows = accuracies, list(rows)

    def _append_line(self, path: Path, line: str) -> None:
        try:
            _append(path, line.encode())
        except OSError as error:
            remedy = {
                errno.ENOSPC: "make room, and give the same command again",
                errno.EDQUOT: "make room, and give the same command again",
                errno.ENOENT: "leave the file where it is while it is written to",
            }.get(error.errno or 0, "give the same command again when it can be")
            raise DataError(
                f"{path}: the last run could not be written ({error.strerror}); its {len(self.rows)} finished runs are "
                f"safe; {remedy}"
            ) from error


@contextmanager
def open_runs(path: str | Path, *, iterations: str | Path | None = None) -> Iterator[RunFile]:
    """Open the file of runs for this process alone; make it if there is none, and mend its end if that is cut off.

    Parameters
    ----------
    path : path
        The file.
    iterations : path, optional
        Another one for the raw times of the iterations, in JSON lines.

    Raises
    ------
    DataError
        If another process writes to one of the files, the first holds something else, or they cannot be written to.

    Warns
    -----
    RepairWarning
        If a line was half written and is removed.
    """
    for each in (path, iterations):
        if each is not None:
            check_destination(Path(each), kept=True)
    paths = [behind_links(Path(each)) for each in (path, iterations) if each is not None]
    if len({each.resolve() for each in paths}) < len(paths):
        raise DataError(
            f"{iterations}: found the file of runs; expected another one for the iterations; {_elsewhere()}"
        )
    with ExitStack() as stack:
        for each in paths:
            stack.enter_context(locked(each))
        is_new = not paths[0].exists()
        try:
            yield RunFile(paths[0], paths[1] if len(paths) > 1 else None)
        finally:
            # The disk decides: an interruption may have come between it and the rows in memory.
            if is_new and paths[0].exists() and paths[0].read_bytes().count(b"\n") == 1:
                paths[0].unlink()


def read_iterations(path: Path, rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[Row, list[int]]]:
    """Read the raw times of some runs.

    Yields
    ------
    (dict, list of int)
        Model, target, run and start, as in the row, and the nanoseconds of each iteration.

    Raises
    ------
    DataError
        If a line is none that `RunFile.append` wrote.
    """
    wanted = {tuple(row[name] for name in _ITERATIONS_KEY) for row in rows}
    decoder = msgspec.json.Decoder(_Iterations)
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                record = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DataError(
                    f"{path}, line {number}: found no iterations of a run ({error}); expected lines of "
                    "'paretoscope measure'; remove the line, or give "
                    f"another {option_name('iterations')}"
                ) from None
            label = {name: getattr(record, name) for name in _ITERATIONS_KEY}
            if tuple(label.values()) in wanted:
                yield label, record.iterations_ns


def _read(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """Read names of accuracies and rows, of a file that ends with a whole line or does not exist."""
    if not path.exists() or path.stat().st_size == 0:
        _write(path, (), [])
        return (), []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read()
        header, *cells = [*csv.reader(io.StringIO(text, newline=""), strict=True)] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read as CSV ({reason}); expected a file of runs; {_elsewhere()}") from None
    if tuple(header[: len(COLUMNS)]) != COLUMNS or "" in header or len(set(header)) < len(header):
        shown = listing(header, unquoted)
        raise DataError(
            f"{path}, line 1: found the columns {shown}; expected {', '.join(COLUMNS[:6])}, ..., as "
            f"'paretoscope measure' writes them, and behind them accuracies only; {_elsewhere()}"
        )
    if not text.endswith("\n"):
        raise DataError(f"{path}: found lines that do not end with a line feed; expected that they do; save it as LF")
    rows, seen = [], set()
    for number, row_cells in enumerate(cells, start=2):
        if len(row_cells) != len(header):
            raise DataError(
                f"{path}, line {number}: found {len(row_cells)} cells; expected {len(header)} as in the header; "
                f"mend the line or remove it, or {_elsewhere()}"
            )
        row = dict(zip(header, row_cells, strict=True))
        if not (row["run"].isdecimal() and int(row["run"]) > 0):
            raise DataError(
                f"{path}, line {number}, column 'run': found {quote(row['run'])}; expected a number from 1 on; "
                f"mend the line or remove it, or {_elsewhere()}"
            )
        for name in _NUMBERS:
            if row[name] and not _is_number(row[name]):
                raise DataError(
                    f"{path}, line {number}, column {quote(name)}: found {quote(row[name])}; expected a number; "
                    f"mend the line or remove it, or {_elsewhere()}"
                )
        label = row["model"], row["target"], int(row["run"])
        if label in seen:
            raise DataError(
                f"{path}, line {number}: found run {label[2]} of {quote(label[0])} on {quote(label[1])} a second time; "
                "expected it once; remove one of the lines"
            )
        seen.add(label)
        rows.append(row)
    return tuple(header[len(COLUMNS) :]), rows


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _write(path: Path, accuracies: tuple[str, ...], rows: Iterable[Row]) -> None:
    columns = (*COLUMNS, *accuracies)
    with write_whole(path) as stream:
        stream.write(_csv_line(columns).encode())
        for row in rows:
            stream.write(_csv_line(row[name] for name in columns).encode())
    _sync_folder(path.parent)


def _append(path: Path, line: bytes) -> None:
    """Add a line and wait until it is on disk; leave nothing of it if there is no room for all."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    try:
        end = os.fstat(handle).st_size
        try:
            while line:  # one write, except where room ends within the line: then the second one says why
                line = line[os.write(handle, line) :]
            os.fsync(handle)
        except OSError:
            with suppress(OSError):  # else the half line is mended when the file is opened again
                os.ftruncate(handle, end)
            raise
    finally:
        os.close(handle)


def _mend(path: Path, begin: str) -> None:
    """Remove what follows the last end of a line: a run that was being written when the machine or process stopped.

    A file that does not begin as it should is left as it is, and so is one whose lines end otherwise.  Some file
    systems leave zero bytes where data did not reach the disk before the power went.
    """
    if not path.is_file():
        return
    try:
        with path.open("r+b") as stream:
            content = stream.read()
            end = content.rstrip(b"\0").rfind(b"\n") + 1
            lost = content[end:].rstrip(b"\0").decode("utf-8", errors="replace")
            if end == len(content) or not _begins(content, begin) or "\r" in lost:
                return
            stream.truncate(end)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        return  # who reads or writes it will say why
    warnings.warn(
        f"{path}: found a half-written last line, {quote(lost[:40])}; removed it; if it was a run, that is "
        "measured again",
        RepairWarning,
        stacklevel=2,
    )


def _begins(content: bytes, begin: str) -> bool:
    """Whether some content begins with a text, or ends before its end; marks that an editor may add do not matter."""
    start = content[: 2 * len(begin)].removeprefix(b"\xef\xbb\xbf").replace(b'"', b"").rstrip(b"\0")
    expected = begin.replace('"', "").encode()
    return start[: len(expected)] == expected[: len(start)]


def _check_iterations(path: Path) -> None:
    with path.open("rb") as stream:
        content = stream.read(80)
    if not _begins(content, _ITERATIONS_BEGIN):
        raise DataError(
            f"{path}, line 1: found {quote(content[:40].decode(errors='replace'))}; expected iterations that "
            f"'paretoscope measure' wrote; give another {option_name('iterations')}"
        )


def _elsewhere() -> str:
    return f"give another {option_name('out')}"


def _check_writable(path: Path) -> None:
    """Raise DataError if nothing can be added to the file, which is made if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666))
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written to ({error.strerror}); expected a file that can; change its mode, "
            f"or {_elsewhere()}"
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make sure that the file's name is on disk too; Windows has no way to ask for it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def as_cell(value: object) -> str:
    """A value as text, blank where there is none."""
    return "" if value is None else str(value)
