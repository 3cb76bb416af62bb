"""The roles of metrics: which are inputs, and which are outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paretoscope.errors import OptionError, nearest
from paretoscope.measurements.tables import listing


def check_names(option: str, names: str | Sequence[str]) -> tuple[str, ...]:
    """Return names as a tuple; a single name may stand alone.

    Raises
    ------
    OptionError
        If there are none, one is empty or no text, or one is listed twice.

    Examples
    --------
    >>> check_names("outputs", "top1")
    ('top1',)
    """
    if not isinstance(names, str) and not isinstance(names, Iterable):
        raise OptionError(f"{option}: found {names!r}; expected a list of names; write {option}=['NAME', ...]")
    checked = (names,) if isinstance(names, str) else tuple(names)
    if not checked:
        raise OptionError(f"{option}: found no name; expected at least one; write {option}=['NAME', ...]")
    seen: set[str] = set()
    for name in checked:
        if not isinstance(name, str):
            raise OptionError(f"{option}: found {name!r}; expected names as text; write {str(name)!r}")
        if not name.strip():
            raise OptionError(f"{option}: found the empty name {name!r}; expected a name; leave it out")
        if name in seen:
            raise OptionError(f"{option}: found {name!r} twice; expected each name once; leave one out")
        seen.add(name)
    return checked


def check_roles(inputs: str | Sequence[str], outputs: str | Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return inputs and outputs as tuples.

    Raises
    ------
    OptionError
        If a role has no metric, or a metric has two roles.
    """
    checked_inputs, checked_outputs = check_names("inputs", inputs), check_names("outputs", outputs)
    taken = set(checked_inputs)
    for name in checked_outputs:
        if name in taken:
            raise OptionError(
                f"inputs, outputs: found {name!r} in both; expected one role a metric; "
                "an input is better small, an output better large"
            )
    return checked_inputs, checked_outputs


def check_known(option: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Raise `OptionError` at a name that is not among those known."""
    for name in names:
        if name not in known:
            raise OptionError(
                f"{option}: found {name!r}; expected some of {listing(known)}; correct it{nearest(name, known)}"
            )
