"""All faults of a call at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from paretoscope.errors import ParetoscopeError


class FaultsError(ParetoscopeError):
    """Several faults of one call; each has a message of its own."""

    def __init__(self, faults: Iterable[ParetoscopeError]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def check_all(*checks: Callable[[], Any]) -> list[Any]:
    """Carry out all checks, and return their answers.

    Raises
    ------
    ParetoscopeError
        The fault that was found, or `FaultsError` where there are several: each once, in the order of the checks.
    """
    answers: list[Any] = []
    faults: dict[str, ParetoscopeError] = {}
    for check in checks:
        try:
            answers.append(check())
        except FaultsError as several:
            faults |= {str(fault): fault for fault in several.faults}
        except ParetoscopeError as fault:
            faults.setdefault(str(fault), fault)
    if len(faults) == 1:
        raise next(iter(faults.values()))
    if faults:
        raise FaultsError(faults.values())
    return answers
