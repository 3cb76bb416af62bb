"""Numbers as people write them for people, and how to write them in a table."""

from __future__ import annotations

import re

_SIGN = r"[+\-−]?"
_GAP = "[ \u00a0\u2009\u202f'’_]"  # blanks and marks that stand between thousands
_COMMAS = re.compile(rf"({_SIGN}\d{{1,3}})((?:,\d{{3}})+)(\.\d+)?")
_POINTS = re.compile(rf"({_SIGN}\d{{1,3}})((?:\.\d{{3}})+),(\d+)")
_DECIMAL_COMMA = re.compile(rf"({_SIGN}\d+),(\d+)")
_GAPS = re.compile(rf"({_SIGN}\d{{1,3}})((?:{_GAP}\d{{3}})+)([.,]\d+)?")
_WITH_SPREAD = re.compile(rf"({_SIGN}[\d.]+)\s*(?:±|\+/-|\+-)\s*[\d.]+.*")
_UNIT = (
    "%|x|[kmunµμ]?s|secs?|seconds?|min|h|[kKMGT]?i?B|[kKMGTB]|[km]?W|[km]?J|[km]?Wh|[kMG]?Hz|[MGT]?FLOPS?|[MGT]?MACs|"
    "fps|qps|USD|EUR|(?:im(?:a?ge?)?s?|it(?:ers?)?|tok(?:en)?s?|samples?|req(?:uest)?s?|inf)/s|t/s"
)
_WITH_UNIT = re.compile(rf"([$€£])?\s*({_SIGN}\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*({_UNIT})?", re.IGNORECASE)


def how_to_write(text: str) -> tuple[str, str] | None:
    """Say what keeps a text from being a number, and how to write it; None where it is none at all.

    Returns
    -------
    what, remedy : str

    Examples
    --------
    >>> how_to_write("1,234.5")
    ('with commas between thousands', 'write 1234.5, and so in the whole column')
    >>> how_to_write("fast") is None
    True
    """
    text = text.strip()
    if match := _COMMAS.fullmatch(text):
        number = match[1] + match[2].replace(",", "") + (match[3] or "")
        if match[2].count(",") == 1 and not match[3]:
            other = text.replace(",", ".")
            return (
                "with a comma between thousands, or for the decimal point",
                f"write {number}, or {other} if that is meant, and so in the whole column",
            )
        return "with commas between thousands", f"write {number}, and so in the whole column"
    if match := _POINTS.fullmatch(text):
        number = f"{match[1]}{match[2].replace('.', '')}.{match[3]}"
        return "with points between thousands and a decimal comma", f"write {number}, and so in the whole column"
    if match := _DECIMAL_COMMA.fullmatch(text):
        return "with a decimal comma", f"write {match[1]}.{match[2]}, and so in the whole column"
    if match := _GAPS.fullmatch(text):
        number = match[1] + re.sub(_GAP, "", match[2]) + (match[3] or "").replace(",", ".")
        return "with marks between thousands", f"write {number}, and so in the whole column"
    if match := _WITH_SPREAD.fullmatch(text):
        return "with a spread", f"write {match[1]}, and the spread into a column that ends in _sd"
    if (match := _WITH_UNIT.fullmatch(text)) and (match[1] or match[3]):
        return "with a unit", f"write {match[2]}, and the unit into the column's name"
    return None
