"""Processes that a run started and that left its group, so that the end of the group did not end them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PROCESSES = Path("/proc")


class Process(NamedTuple):
    """A process that runs, and how it was started."""

    pid: int
    command: str


def processes_with(variable: str, value: str, *, outside: int) -> list[Process]:
    """Find processes that were started with a variable in their environment, and are in other groups than one.

    Parameters
    ----------
    variable, value : str
        Of the environment, which children inherit.  One that wipes its environment is not found.
    outside : int
        The group whose processes do not count.

    Returns
    -------
    list of Process
        By their numbers; none where the system has no ``/proc``, as macOS.
    """
    wanted = f"{variable}={value}".encode()
    found = []
    for folder in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            if wanted in (folder / "environ").read_bytes().split(b"\0") and os.getpgid(int(folder.name)) != outside:
                words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                found.append(Process(int(folder.name), b" ".join(words).decode(errors="backslashreplace")))
    return sorted(found)
