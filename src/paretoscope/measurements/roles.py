"""The roles of metrics: which are inputs, and which are outputs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from paretoscope.errors import DirectionWarning, OptionError, in_words, listing, nearest, quote
from paretoscope.flags import flag_of, write_names
from paretoscope.measurements.directions import usual_direction
from paretoscope.notices import Notice, Notices

Roles = tuple[tuple[str, ...], tuple[str, ...]]  # inputs and outputs


def check_names(option: str, names: str | Sequence[str], *, or_none: bool = False) -> tuple[str, ...]:
    """Return names as a tuple; a single name may stand alone, and there may be none if `or_none`.

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
        raise OptionError(f"{option}: found {quote(names)}; expected a list of names; {_example(option)}")
    checked = (names,) if isinstance(names, str) else tuple(names)
    if not checked and not or_none:
        raise OptionError(f"{option}: found no name; expected at least one; {_example(option)}")
    seen: set[str] = set()
    for name in checked:
        if not isinstance(name, str):
            raise OptionError(f"{option}: found {quote(name)}; expected names as text; write {quote(str(name))}")
        if not name.strip():
            raise OptionError(f"{option}: found the empty name {quote(name)}; expected a name; leave it out")
        if name in seen:
            raise OptionError(f"{option}: found {quote(name)} twice; expected each name once; leave one out")
        seen.add(name)
    return checked


def _example(option: str) -> str:
    return in_words(python=f"write {option}=['NAME', ...]", flags=f"give {flag_of(option)} NAME,NAME")


def check_roles(inputs: str | Sequence[str], outputs: str | Sequence[str]) -> Roles:
    """Return inputs and outputs as tuples, of which one may be empty.

    Raises
    ------
    OptionError
        If there is no metric, or a metric has two roles.
    """
    checked_inputs, checked_outputs = (
        check_names(option, names, or_none=True) for option, names in (("inputs", inputs), ("outputs", outputs))
    )
    if not checked_inputs and not checked_outputs:
        name = in_words(python="inputs=['NAME', ...] or outputs=['NAME', ...]", flags="--inputs NAME or --outputs NAME")
        raise OptionError(f"inputs, outputs: found no name; expected a metric in one of the roles; give {name}")
    taken = set(checked_inputs)
    for name in checked_outputs:
        if name in taken:
            raise OptionError(
                f"inputs, outputs: found {quote(name)} in both; expected one role a metric; "
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


def check_known(option: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Raise `OptionError` at a name that is not among those known."""
    for name in names:
        if name not in known:
            raise OptionError(
                f"{option}: found {quote(name)}; expected some of {listing(known)}; correct it{nearest(name, known)}"
            )
