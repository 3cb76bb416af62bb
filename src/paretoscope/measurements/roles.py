"""The roles of metrics: which are inputs, and which are outputs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from paretoscope.errors import DirectionWarning, OptionError, in_words, nearest, quote
from paretoscope.measurements.directions import usual_direction
from paretoscope.measurements.tables import listing
from paretoscope.notices import Notice, Notices

Roles = tuple[tuple[str, ...], tuple[str, ...]]  # inputs and outputs


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


def check_roles(inputs: str | Sequence[str], outputs: str | Sequence[str]) -> Roles:
    """Return inputs and outputs as tuples.

    Raises
    ------
    OptionError
        If a role has no metric, or a metric has two roles.
    """
    checked_inputs, checked_outputs = check_names("inputs", inputs), check_names("outputs", outputs)
    for name in checked_outputs:
        if name in checked_inputs:
            raise OptionError(
                f"inputs, outputs: found {name!r} in both; expected one role a metric; "
                "an input is better small, an output better large"
            )
    return checked_inputs, checked_outputs


def stated_roles(inputs: str | Sequence[str] | None, outputs: str | Sequence[str] | None) -> Roles | None:
    """Return the roles, checked, or None if neither was stated.

    Raises
    ------
    OptionError
        As `check_roles`.
    """
    if inputs is None and outputs is None:
        return None
    return check_roles(() if inputs is None else inputs, () if outputs is None else outputs)


def contrary_roles(roles: Roles, units: Mapping[str, str], source: str) -> Notices:
    """Say which metrics have a role against what their names and units say.

    Parameters
    ----------
    roles : tuple of tuples of str
        Inputs and outputs.
    units : mapping of str to str
        Unit of each metric, "" if unknown.
    source : str
        Name of the data, "" if it has none.

    Returns
    -------
    list of Notice
        One a metric.
    """
    notices = []
    for metrics, role, other, better in (
        (roles[0], "an input", "outputs", "lower"),
        (roles[1], "an output", "inputs", "higher"),
    ):
        for metric in metrics:
            usual = usual_direction(metric, units[metric])
            if usual is None or usual == better:
                continue
            by_name = usual_direction(metric) == usual
            what = "its name says" if by_name else f"its unit {quote(units[metric])} says"
            remedy = in_words(
                python=f"pass it among the {other}, or ignore paretoscope.errors.DirectionWarning if it is meant so",
                flags=f"give --{other} {shlex.quote(write_names([metric]))}, or leave it where it is if it is meant so",
            )
            notices.append(
                Notice(
                    DirectionWarning,
                    f"{source or 'table'}: found {quote(metric)} as {role}, where {better} is better; "
                    f"{what} that {usual} is better; {remedy}",
                )
            )
    return notices


def write_names(names: Iterable[str]) -> str:
    """Join names by commas, as a flag takes them; those that could be misread stand in quotation marks.

    Examples
    --------
    >>> write_names(["acc,none", "top1"])
    '"acc,none",top1'
    """
    return ",".join(
        '"' + name.replace('"', '""') + '"' if name != name.strip() or not {",", '"'}.isdisjoint(name) else name
        for name in names
    )


def check_known(option: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Raise `OptionError` at a name that is not among those known."""
    for name in names:
        if name not in known:
            raise OptionError(
                f"{option}: found {name!r}; expected some of {listing(known)}; correct it{nearest(name, known)}"
            )
