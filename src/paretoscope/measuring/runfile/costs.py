"""What a training costs, by the time of its step."""

from __future__ import annotations

import math
from numbers import Real

from paretoscope.arrays import check_count
from paretoscope.errors import OptionError, quote

_MS_PER_HOUR = 3.6e6


def train_hours(step_ms: float, *, batch: int, images: int, epochs: float) -> float:
    """Hours that a training takes at the pace of one step.

    Every epoch has as many steps as it takes to see all images; the last one may be a partial batch and counts in full.
    Evaluation, loading of data that the step does not wait for, and checkpoints are not in it.

    Parameters
    ----------
    step_ms : float
        Milliseconds of a step: forward, backward and update.
    batch : int
        Images in a step.
    images : int
        Images in an epoch, such as 1,281,167 for ImageNet-1K.
    epochs : float
        Passes over the images.

    Raises
    ------
    OptionError
        If one of them is not positive, or `batch` or `images` is not whole.

    Examples
    --------
    >>> train_hours(72.0, batch=100, images=50_000, epochs=100)
    1.0
    """
    step_ms, epochs = check_positive("step_ms", step_ms), check_positive("epochs", epochs)
    steps = -(-check_whole("images", images) // check_whole("batch", batch))
    return steps * epochs * step_ms / _MS_PER_HOUR


def train_usd(hours: float, *, price_per_hour: float) -> float:
    """Price of some hours of a machine.

    Parameters
    ----------
    hours : float
        Wall-clock hours, 0 or more.
    price_per_hour : float
        US dollars an hour for the whole machine, all its accelerators included.

    Raises
    ------
    OptionError
        If `hours` is negative or the price not positive.

    Examples
    --------
    >>> train_usd(36.0, price_per_hour=2.5)
    90.0
    """
    if hours != 0.0:
        check_positive("hours", hours)
    return float(hours) * check_positive("price_per_hour", price_per_hour)


def check_positive(name: str, found: object) -> float:
    """Raise OptionError unless `found` is a finite number above 0."""
    if isinstance(found, bool) or not isinstance(found, Real) or not 0.0 < float(found) < math.inf:
        raise OptionError(f"{name}: found {quote(found)}; expected a number above 0")
    return float(found)


def check_whole(name: str, found: object) -> int:
    """Check a count as `check_count` does, but take 5e4 as well, as sizes of data sets are often written."""
    return check_count(name, int(found) if isinstance(found, float) and found.is_integer() else found)
