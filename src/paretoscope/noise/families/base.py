"""What a family of noise must bring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

from paretoscope.noise.fitted import FittedMetric
from paretoscope.noise.runs import MetricRuns


class Family(ABC):
    """How one metric varies.  To add a family, give it a file here and a line in `FAMILIES`, in ``__init__.py``.

    A family is a frozen dataclass: its fields are what a user states (a percentage, a number of images), so that two
    are equal if they state the same.  It brings:

    - how it is written: `form`, and, where it has fields, `parse` to read and `__str__` to write them;
    - what it cannot describe: `check`, which raises DataError;
    - how it is fitted to a metric: `fit`, which returns a `FittedMetric`.  That one draws whole batches.  If its values
      can leave the domain (an input of 0, a percentage above 100), it is an `RedrawnMetric`, which also draws single
      values again.

    Attributes
    ----------
    form : str
        As users write it, for messages.
    rests_on_runs : bool
        Whether the spread is learned from repeated runs: more runs narrow it, and few deserve a warning.
    allows_for_few_runs : bool
        Whether the draws are wider where the spread is known from few runs, so that two runs need no warning.
    pools_models : bool
        Whether models lend each other their spreads, so that one with a single run varies as well.
    needs_single_runs : bool
        Whether a mean and a standard deviation will not do.
    on_logarithms : bool
        Whether the logarithms of the runs are normal, not the runs.
    states_spread : bool
        Whether a metric varies even if nothing was repeated.
    """

    form: ClassVar[str]
    rests_on_runs: ClassVar[bool] = False
    allows_for_few_runs: ClassVar[bool] = False
    pools_models: ClassVar[bool] = False
    needs_single_runs: ClassVar[bool] = False
    on_logarithms: ClassVar[bool] = False
    states_spread: ClassVar[bool] = False

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what a user wrote; None if it is not of this family, or states something impossible."""
        return cls() if text == cls.form else None

    def __str__(self) -> str:
        """Write what `parse` reads."""
        return self.form

    def check(self, metric: MetricRuns, scope: str) -> None:
        """Raise DataError if the family cannot describe the metric.

        Under scope "mean", a spread of runs is divided by the root of their number, which must be known.
        """
        if self.rests_on_runs and scope == "mean":
            metric.refuse_fewer_runs(1)

    @abstractmethod
    def fit(self, metric: MetricRuns, scope: str) -> FittedMetric:
        """Fit the metric of every model to its runs, in the metric's unit.

        Parameters
        ----------
        metric : MetricRuns
            What `check` let pass.
        scope : {"run", "mean"}
            Whether a draw is one more run, or one more estimate of the mean.
        """
