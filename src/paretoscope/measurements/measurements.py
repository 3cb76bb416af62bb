"""Measurements: what was measured, in which role; validated once, at the border."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.errors import OptionError, listing, unquoted
from paretoscope.measurements.assembly import assemble, propose
from paretoscope.measurements.columns import Columns, check_columns
from paretoscope.measurements.moments import (
    check_several,
    lowest_values,
    moments,
    reordered,
)
from paretoscope.measurements.roles import Roles, check_known, check_names, check_roles, contrary_roles, stated_roles
from paretoscope.measurements.saved import read_record, write_record
from paretoscope.measurements.tables import Table, from_frame
from paretoscope.notices import Notices, give_notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Measurements:
    """What was measured of each model, in which role; made by `from_frame` or `paretoscope.read`.

    Two are equal if they hold the same models, metrics, values and bounds in the same order, wherever they came from.
    Every frame and dictionary that it hands out is a copy.

    Attributes
    ----------
    models : tuple of str, length n
        In the order of their first appearance.
    inputs : tuple of str, length s
        Metrics that are better small, such as ``latency_ms@v100``.
    outputs : tuple of str, length m
        Metrics that are better large, such as ``top1``.
    source : str
        Name of the file or dataset, "" for a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"model": ["a", "a", "b", "b"], "top1": [70.0, 70, 75, 75], "ms": [1.0, 2.0, 2.0, 3.0]})
    >>> data = Measurements.from_frame(frame, inputs=["ms"], outputs=["top1"])
    >>> data
    Measurements(2 models, inputs: ms; outputs: top1; 2 runs)
    >>> data.mean.to_dict(orient="index")
    {'a': {'ms': 1.5, 'top1': 70.0}, 'b': {'ms': 2.5, 'top1': 75.0}}
    """

    models: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    _runs: pd.DataFrame
    _published: pd.DataFrame
    _units: dict[str, str]
    _bounds: dict[str, float]
    source: str = ""
    _guessed: frozenset[str] = frozenset()  # metrics whose bound is a guess from their name
    _mean: pd.DataFrame = field(init=False)
    _sd: pd.DataFrame = field(init=False)
    _n_runs: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        """Work out means, standard deviations and numbers of runs, once."""
        tables = moments(self._runs, self._published, self.models, self.metrics)
        for name, table in zip(("_mean", "_sd", "_n_runs"), tables, strict=True):
            object.__setattr__(self, name, table)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        outputs: str | Sequence[str] | None = None,
        inputs: str | Sequence[str] | None = None,
        model: str | Sequence[str] = "model",
        target: str = "target",
        metric: str = "metric",
        value: str = "value",
        unit: str = "unit",
        run: str = "run",
        iteration: str = "iteration",
        repeats: str | Sequence[str] = (),
        fold: str = "median",
        bounds: Mapping[str, float | None] | None = None,
        drop_incomplete: str | None = None,
        source: str = "",
    ) -> Measurements:
        """Take measurements from a table in memory.

        The layout is recognised: *long* if there are columns `metric` and `value`, else *wide*, a row a run of a model
        and a column a metric.  Columns ``m_sd`` and ``m_n`` beside a wide metric ``m`` make it a *published* mean,
        standard deviation and number of runs, one row a model (in a long table: ``value_sd`` and ``value_n``); so do
        other names, such as ``m_std``, ``m_stderr`` for a standard error of the mean, or ``stddev`` beside ``mean``.

        Parameters
        ----------
        frame : pandas.DataFrame or polars.DataFrame
            The table.  It is not changed, and its index plays no part.
        outputs, inputs : str or sequence of str
            Metrics that are better large, and better small; one of the roles may be left out.  ``m@t`` is metric `m` on
            target `t`.  Plain ``m`` will do where it has one target, or where each model's value is the same on all of
            them.
        model : str or sequence of str
            The column that names the model, or several, whose names are joined by a slash.
        target, metric, value, unit, run, iteration : str
            Names of the other columns.  One that is not named here may be absent.  Without a run column, each row is
            one run.
        repeats : str or sequence of str
            Columns that only number repeats, although a metric follows them: see `DataError` below.
        fold : {"median", "mean", "p90", "p95", "p99"}
            How the iterations of one run become its value.
        bounds : mapping of str to float or None, optional
            The largest possible value of a metric, None if it has none.  By default, percentages and fractions have
            one by their unit, and outputs by their name: see the property `bounds`.
        drop_incomplete : {"models", "metrics"}, optional
            What to leave out where a model lacks a value of a metric; by default that is an error.
        source : str
            The data's name, for messages and reports.

        Returns
        -------
        Measurements
            Checked: complete and finite.

        Raises
        ------
        OptionError
            If an option has a value that it cannot have, such as a metric in both roles; if neither inputs nor outputs
            are named, with the roles that the names of the metrics suggest.
        DataError
            If the table cannot be used; the message names the row or column, and the remedy.  So where a column without
            a job tells kinds apart, such as image sizes, and a metric follows it within models: rows of a model are to
            be repeats.

        Warns
        -----
        DirectionWarning
            If a metric's name says that the other role is its own, such as an error among the outputs.
        SpreadWarning
            If a column looks like the spread of a metric, and is not used.
        IterationsWarning
            If iterations had to take the place of runs.
        DroppedWarning
            If something was left out because of `drop_incomplete`.
        NamesWarning
            If names of models, metrics or targets look alike but differ.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame(
        ...     {
        ...         "model": ["a", "a", "b", "b"],
        ...         "metric": ["top1", "latency_ms", "top1", "latency_ms"],
        ...         "target": ["", "v100", "", "v100"],
        ...         "value": [70.0, 1.5, 75.0, 2.5],
        ...     }
        ... )
        >>> Measurements.from_frame(frame, inputs="latency_ms@v100", outputs="top1")
        Measurements(2 models, inputs: latency_ms@v100; outputs: top1; 1 run)
        """
        columns = check_columns(
            model=model,
            target=target,
            metric=metric,
            value=value,
            unit=unit,
            run=run,
            iteration=iteration,
            repeats=repeats,
        )
        roles = stated_roles(inputs, outputs)
        table = from_frame(frame, source=source)
        return cls._from_table(
            table, columns, roles, fold=fold, bounds=bounds, drop_incomplete=drop_incomplete, stacklevel=3
        )

    @classmethod
    def _from_table(
        cls, table: Table, columns: Columns, roles: Roles | None, *, stacklevel: int, **options: Any
    ) -> Measurements:
        """Take measurements from a table that may come from a file; without roles, refuse with a proposal."""
        notices: Notices = []
        try:
            if roles is None:
                raise propose(table, columns, notices=notices, **options)
            return cls(**assemble(table, columns, roles, notices=notices, **options))
        finally:  # what was noticed may explain an error
            give_notice(notices, depth=stacklevel - 1)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Inputs, then outputs."""
        return self.inputs + self.outputs

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run: columns model, metric, run (text) and value; by model, metric, and order in the table."""
        return self._runs.copy()

    @property
    def published(self) -> pd.DataFrame:
        """One row a published mean: columns model, metric, mean, sd and n (NaN if unknown)."""
        return self._published.copy()

    @property
    def units(self) -> dict[str, str]:
        """Unit of each metric, "" if unknown."""
        return dict(self._units)

    @property
    def bounds(self) -> dict[str, float]:
        """Largest possible value of each metric that has one: percentages and fractions.

        As stated, else by the unit: 100 for a percent sign, 1 for "fraction".  Else, for an output without a unit, a
        guess from names such as top1, accuracy, map, auc or sparsity_pct: 1 if no value exceeds it, 100 if no value
        exceeds that, else none; see `guessed_bounds`.
        """
        return dict(self._bounds)

    @property
    def guessed_bounds(self) -> tuple[str, ...]:
        """Outputs whose bound is a guess from their name; stating it, or None, with `bounds` settles it."""
        return tuple(metric for metric in self.outputs if metric in self._guessed)

    @property
    def mean(self) -> pd.DataFrame:
        """Mean over runs, shape (models, metrics)."""
        return self._mean.copy()

    @property
    def sd(self) -> pd.DataFrame:
        """Standard deviation of a run (ddof 1), shape (models, metrics); 0 where there is a single run."""
        return self._sd.copy()

    @property
    def n_runs(self) -> pd.DataFrame:
        """Number of runs, as float64, shape (models, metrics); NaN where a published mean does not tell."""
        return self._n_runs.copy()

    @property
    def lowest(self) -> pd.DataFrame:
        """The lowest run, or published mean, of each metric: columns value and model, by metric."""
        return lowest_values(self._runs, self._published).loc[list(self.metrics)]

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of models, metrics, runs, values, units and bounds in their order; not of the source."""
        record = self.to_json_dict()
        del record["source"], record["guessed_bounds"]
        # repr of a float is exact and the same everywhere, and so is ASCII.
        text = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def select(
        self,
        inputs: str | Sequence[str] | None = None,
        outputs: str | Sequence[str] | None = None,
        models: Iterable[str] | None = None,
    ) -> Measurements:
        """Take some of the metrics and models, in the order asked for; None keeps what there is.

        A metric may change its role, and a role may be empty, as in ``inputs=[]``.  Bounds stay as they are, but for
        those guessed from names: inputs have none.

        Raises
        ------
        OptionError
            If a name is unknown, listed twice or in both roles, or there is none.
        DataError
            If one model remains.

        Warns
        -----
        DirectionWarning
            If a metric changes its role against what its name says.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"model": ["a", "b", "c"], "top1": [70.0, 75, 78], "ms": [1.0, 2.0, 3.0]})
        >>> Measurements.from_frame(frame, inputs="ms", outputs="top1").select(models=["c", "a"]).models
        ('c', 'a')
        """
        roles = check_roles(self.inputs if inputs is None else inputs, self.outputs if outputs is None else outputs)
        metrics = roles[0] + roles[1]
        check_known("inputs, outputs", metrics, self.metrics)
        chosen = self.models if models is None else check_names("models", models)  # type: ignore[arg-type]
        check_known("models", chosen, self.models)
        bounded = [metric for metric in metrics if metric in self._bounds]
        kept = [metric for metric in bounded if metric not in self._guessed or metric in roles[1]]
        data = Measurements(
            models=chosen,
            inputs=roles[0],
            outputs=roles[1],
            _runs=reordered(self._runs, chosen, metrics),
            _published=reordered(self._published, chosen, metrics),
            _units={metric: self._units[metric] for metric in metrics},
            _bounds={metric: self._bounds[metric] for metric in kept},
            source=self.source,
            _guessed=self._guessed.intersection(kept),
        )
        check_several(data.models, data.source)
        changed = tuple(
            tuple(metric for metric in now if metric not in before)
            for now, before in zip(roles, (self.inputs, self.outputs), strict=True)
        )
        give_notice(contrary_roles((changed[0], changed[1]), data._units, data.source))
        return data

    def to_frame(self) -> pd.DataFrame:
        """Return a long table: model, metric, value, unit, run; `from_frame` reads it back.

        Published means add columns ``value_sd`` and ``value_n`` and have no run.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"model": ["a", "b"], "top1": [70.0, 75], "ms": [1.0, 2.0]})
        >>> Measurements.from_frame(frame, inputs="ms", outputs="top1").to_frame()
          model metric  value unit run
        0     a     ms    1.0        1
        1     a   top1   70.0        1
        2     b     ms    2.0        1
        3     b   top1   75.0        1
        """
        frame = self._runs.copy()
        if len(self._published):
            means = self._published.rename(columns={"mean": "value", "sd": "value_sd", "n": "value_n"})
            frame = means.assign(run="") if frame.empty else pd.concat([frame, means.assign(run="")])
            frame = reordered(frame, self.models, self.metrics)
        frame["unit"] = frame["metric"].map(self._units)
        names = ["model", "metric", "value", "unit", "run", "value_sd", "value_n"]
        return frame[[name for name in names if name in frame.columns]]

    def to_json_dict(self) -> dict[str, Any]:
        """Return the content as plain lists, dictionaries, text and numbers, to be saved as JSON."""
        return write_record(
            self.models,
            self.inputs,
            self.outputs,
            self._runs,
            self._published,
            self._units,
            self._bounds,
            self.guessed_bounds,
            self.source,
        )

    @classmethod
    def from_json_dict(cls, record: Mapping[str, Any]) -> Measurements:
        """Return the measurements that `to_json_dict` wrote, to the last bit.

        Raises
        ------
        DataError
            If `record` is damaged.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"model": ["a", "b"], "top1": [70.0, 75], "ms": [1.0, 2.0]})
        >>> data = Measurements.from_frame(frame, inputs="ms", outputs="top1")
        >>> Measurements.from_json_dict(data.to_json_dict()) == data
        True
        """
        data = cls(**read_record(record))
        check_several(data.models, data.source)
        return data

    def __eq__(self, other: object) -> bool:
        """Compare the content; the source plays no part."""
        return self.fingerprint == other.fingerprint if isinstance(other, Measurements) else NotImplemented

    def __hash__(self) -> int:
        """Hash the content."""
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        """Summarise on one line."""
        most = self._n_runs.max(axis=1)  # of a model's metrics; accuracy often has a single value
        low, high = float(most.min()), float(most.max())
        runs = "published" if isnan(low) else f"{low:.0f} run{'s' * (high != 1)}"
        if high > low:
            runs = f"{low:.0f} to {high:.0f} runs"
        roles = (("inputs", self.inputs), ("outputs", self.outputs))
        metrics = "; ".join(f"{role}: {listing(names, unquoted)}" if names else f"no {role}" for role, names in roles)
        return f"Measurements({len(self.models)} models, {metrics}; {runs})"


def check_data(data: object) -> None:
    """Raise OptionError unless `data` are measurements."""
    if not isinstance(data, Measurements):
        raise OptionError(
            f"data: found {type(data).__name__}; expected Measurements; make them with paretoscope.read or from_frame"
        )
