"""Warm up, then time iterations until they have lasted long enough."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable
from time import perf_counter_ns


def time_iterations(step: Callable[[], object], *, min_time: float, warmup: float, least: int) -> array[int]:
    """Time a step again and again.

    The step must return only when its work is done: on a GPU it synchronises. Python's garbage collector rests
    meanwhile, and the loop does nothing besides.

    Parameters
    ----------
    step : callable
        Called without arguments.
    min_time : float
        Seconds after which the last timed iteration may end.
    warmup : float
        Seconds of iterations before, at least one, that do not count.
    least : int
        Iterations to time at least.

    Returns
    -------
    array of int
        Nanoseconds of each iteration. A compact array, because a list of a million integers would show in the peak
        memory of a small model.

    Examples
    --------
    >>> len(time_iterations(lambda: None, min_time=0, warmup=0, least=3))
    3
    """
    times = array("q")
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        warm_until = perf_counter_ns() + round(warmup * 1e9)
        step()
        while perf_counter_ns() < warm_until:
            step()
        measure_until = perf_counter_ns() + round(min_time * 1e9)
        end = 0
        while end < measure_until or len(times) < least:
            start = perf_counter_ns()
            step()
            end = perf_counter_ns()
            times.append(end - start)
    finally:
        if collecting:
            gc.enable()
    return times
