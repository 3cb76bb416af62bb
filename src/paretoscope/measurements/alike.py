"""Names that look alike but differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paretoscope.measurements.columns import Columns
    from paretoscope.measurements.tables import Table

_SHOWN: Final = 5  # groups in one message
_LONGEST: Final = 80  # characters of a name in it


def appearance(name: str) -> str:
    r"""What of a name an eye takes in: no space, no case, no character without width, and one kind of dash.

    Examples
    --------
    >>> appearance("ResNet\u201050\u200b ") == appearance("resnet-50")
    True
    """
    # Dashes first: the decomposition would make spaces and other marks of some of them.
    plain = "".join("-" if unicodedata.category(mark) == "Pd" or mark == "\u2212" else mark for mark in name)
    plain = unicodedata.normalize("NFKC", plain).casefold()
    plain = unicodedata.normalize("NFKC", plain)  # again, since folding may undo it
    visible = "".join(mark for mark in plain if not (mark.isspace() or _is_invisible(mark)))
    return unicodedata.normalize("NFKC", visible)


def _is_invisible(mark: str) -> bool:
    return unicodedata.category(mark) in ("Cf", "Cc") or "\ufe00" <= mark <= "\ufe0f"  # variation selectors


def look_alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of distinct names that look alike, in the order of their first appearance.

    Examples
    --------
    >>> look_alike(["a", "b", "A ", "b"])
    [('a', 'A ')]
    """
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(appearance(name), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def describe(groups: Iterable[tuple[str, ...]]) -> str:
    """Show groups in quotes; letters that only their numbers tell apart are shown by these.

    Examples
    --------
    >>> describe([("a", "a ")])
    "'a' and 'a '"
    """
    shown = [" and ".join(_cut(_shown(name, group)) for name in group) for group in groups]
    more = f"; and {len(shown) - _SHOWN} more such" if len(shown) > _SHOWN else ""
    return "; ".join(shown[:_SHOWN]) + more


def names_alike(table: Table, columns: Columns, models: Sequence[str], metrics: Sequence[str]) -> str:
    """Say which models look alike, which targets, and which metrics of the table one of those selected; "" if none.

    Parameters
    ----------
    table : Table
    columns : Columns
    models, metrics : sequence of str
        The models, and the selected metrics.
    """
    target, metric, value = (columns.find(table, job) for job in ("target", "metric", "value"))
    known = table.columns if metric is None or value is None else table.labels(metric)
    asked = {name for selected in metrics for name in (selected, selected.rpartition("@")[0])}
    found = {
        "models": look_alike(models),
        "targets": [] if target is None else look_alike(filter(None, table.labels(target))),
        "metrics": [group for group in look_alike(known) if asked.intersection(group)],
    }
    said = [f"{what} {describe(groups)}" for what, groups in found.items() if groups]
    if not said:
        return ""
    place = f"{table.source}: " * bool(table.source)
    return f"{place}found {', and '.join(said)}, which look alike; kept apart: write them alike if they are the same"


def labels(names: Iterable[str]) -> dict[str, str]:
    """Each name as a table may show it: in quotes where another one looks alike.

    Examples
    --------
    >>> labels(["a", "b", "a "])
    {'a': "'a'", 'b': 'b', 'a ': "'a '"}
    """
    known = list(names)
    return dict(zip(known, known, strict=True)) | {
        name: _shown(name, group) for group in look_alike(known) for name in group
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}...{text[-1]}"


def _shown(name: str, group: tuple[str, ...]) -> str:
    plain = {re.sub(r"\s", "", other).casefold() for other in group}
    return repr(name) if len(plain) == 1 else ascii(name)
