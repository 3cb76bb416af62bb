"""What a user should know before reading numbers: found by the core, given as warnings by the public function."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import NamedTuple


class Notice(NamedTuple):
    """Something to warn of.

    The core returns notices and never warns, since Python's list of ignored warnings is one for all threads.
    """

    category: type[Warning]
    message: str


Notices = list[Notice]


def give_notice(notices: Iterable[Notice], depth: int = 1) -> None:
    """Raise each notice as a warning at the line that called the function `depth` calls above."""
    for category, message in notices:
        warnings.warn(message, category, stacklevel=2 + depth)
