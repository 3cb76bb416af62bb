"""How far measuring is: a bar on a terminal, elsewhere one line a run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from paretoscope.errors import unquoted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Silence:
    """Says nothing; the others say more."""

    def begin(self, n_runs: int) -> None:
        """So many runs are to be done, besides those begun before."""

    def start(self, model: str, run: int) -> None:
        """A run starts."""

    def finish(self, row: Mapping[str, object]) -> None:
        """A run is on disk."""

    def drop(self, n_runs: int) -> None:
        """So many runs will not be done."""

    def note(self, text: str) -> None:
        """Something else to know."""


class Lines(Silence):
    """One line a run, on standard error."""

    def __init__(self) -> None:
        self._n_runs = self._n_done = 0
        self._begun = time.monotonic()

    def begin(self, n_runs: int) -> None:
        """Count them."""
        self._n_runs += n_runs

    def drop(self, n_runs: int) -> None:
        """Count them no more."""
        self._n_runs -= n_runs

    def finish(self, row: Mapping[str, object]) -> None:
        """Print the run and the time left."""
        self._n_done += 1
        seconds = (time.monotonic() - self._begun) / self._n_done * (self._n_runs - self._n_done)
        self.note(f"{self._n_done}/{self._n_runs} {describe(row)}; {_duration(seconds)} left")

    def note(self, text: str) -> None:
        """Print it."""
        print(text, file=sys.stderr, flush=True)


class TerminalBar(Silence):
    """A bar with the time left; it is drawn between runs only, so that nothing happens during one."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=0)
        self._n_runs = 0

    def begin(self, n_runs: int) -> None:
        """Make the bar longer."""
        self._n_runs += n_runs
        self._bar.update(self._task, total=self._n_runs, refresh=True)

    def drop(self, n_runs: int) -> None:
        """Make the bar shorter."""
        self.begin(-n_runs)

    def start(self, model: str, run: int) -> None:
        """Name it."""
        from rich.markup import escape

        self._bar.update(self._task, description=escape(f"{unquoted(model)}, run {run}"), refresh=True)

    def finish(self, row: Mapping[str, object]) -> None:
        """Move on."""
        self._bar.update(self._task, advance=1, refresh=True)

    def note(self, text: str) -> None:
        """Print it above the bar."""
        self._bar.console.print(text, markup=False, highlight=False)


def describe(row: Mapping[str, object]) -> str:
    """Sum up a run in a few words."""
    time_ms = row.get("latency_ms", row.get("train_step_ms"))
    return f"{unquoted(row['model'])} {unquoted(row['target'])} run {row['run']}: {time_ms:.4g} ms"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


@contextmanager
def showing(wanted: bool) -> Iterator[Silence]:
    """Show the progress in the way that suits standard error, if wanted."""
    if not wanted:
        yield Silence()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        # Runs take seconds to minutes: the time left is estimated from those of the last hour.
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, auto_refresh=False, speed_estimate_period=3600) as bar:
            yield TerminalBar(bar)
