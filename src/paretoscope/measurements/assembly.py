"""From a table to the fields of `Measurements`: each check in its order, and what a user should know of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paretoscope.errors import DroppedWarning, IterationsWarning, NamesWarning, OptionError
from paretoscope.measurements.alike import names_alike
from paretoscope.measurements.bounds import check_bounds, guess_bound, metric_bound
from paretoscope.measurements.factors import check_factors
from paretoscope.measurements.folding import check_fold, fold_into_runs
from paretoscope.measurements.incomplete import check_dropped, without_gaps
from paretoscope.measurements.layouts import observe
from paretoscope.measurements.moments import PUBLISHED_COLUMNS, RUN_COLUMNS, check_several, long_table
from paretoscope.measurements.proposals import propose_roles
from paretoscope.measurements.roles import Roles, contrary_roles
from paretoscope.measurements.summaries import first_rows, spread_notices
from paretoscope.notices import Notice, Notices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paretoscope.measurements.columns import Columns
    from paretoscope.measurements.tables import Table


def assemble(
    table: Table,
    columns: Columns,
    roles: Roles,
    *,
    fold: str,
    bounds: Mapping[str, float | None] | None,
    drop_incomplete: str | None,
    notices: Notices,
) -> dict[str, Any]:
    """Check a table, and work out what `Measurements` holds.

    Parameters
    ----------
    table : Table
    columns : Columns
    roles : tuple of tuples of str
        Inputs and outputs.
    fold, bounds, drop_incomplete
        As `Measurements.from_frame` has them.
    notices : list of Notice
        What is found is added, so that it is known after an error too.

    Raises
    ------
    OptionError, DataError
        As `Measurements.from_frame`.
    """
    fold, dropped = check_fold(fold), check_dropped(drop_incomplete)
    stated = check_bounds(bounds, roles[0] + roles[1])
    if dropped:
        table, roles, left_out = without_gaps(table, columns, roles, dropped)
        if left_out:
            notices.append(Notice(DroppedWarning, left_out))
    inputs, outputs = roles
    metrics = inputs + outputs
    models, observations = observe(table, columns, metrics)
    check_factors(table, columns, models, observations)
    free = columns.without_job(table, {observed.column for observed in observations})
    notices += spread_notices(table, observations, free)
    known: dict[str, float] = {}
    guessed: set[str] = set()
    for observed in observations:
        metric = observed.metric
        bound = metric_bound(table, observed, stated)
        if bound is None and metric in outputs and metric not in stated:
            bound = guess_bound(metric, observed.unit, float(observed.values.max()))
            guessed |= {metric} if bound else set()
        if bound is not None:
            known[metric] = bound
    if alike := names_alike(table, columns, models, metrics):
        notices.append(Notice(NamesWarning, alike))
    runs: list[dict[str, Any]] = []
    published: list[dict[str, Any]] = []
    for position, observed in enumerate(observations):
        if observed.sd is not None and observed.n is not None:
            first = first_rows(table, models, observed)
            spread = {"mean": observed.values[first], "sd": observed.sd[first], "n": observed.n[first]}
            published.append({"model": observed.models[first], "metric": position} | spread)
            continue
        folded = fold_into_runs(table, observed, models, fold)
        if folded.warning:
            notices.append(Notice(IterationsWarning, folded.warning))
        runs.append({"model": folded.models, "metric": position, "run": folded.runs, "value": folded.values})
    units = {observed.metric: observed.unit for observed in observations}
    check_several(models, table.source)
    notices += contrary_roles(roles, units, table.source)
    return {
        "models": models,
        "inputs": inputs,
        "outputs": outputs,
        "_runs": long_table(runs, models, metrics, RUN_COLUMNS),
        "_published": long_table(published, models, metrics, PUBLISHED_COLUMNS),
        "_units": units,
        "_bounds": known,
        "source": table.source,
        "_guessed": frozenset(guessed),
    }


def propose(
    table: Table,
    columns: Columns,
    *,
    fold: str,
    bounds: Mapping[str, float | None] | None,
    drop_incomplete: str | None,
    notices: Notices,
) -> OptionError:
    """Make the error that proposes roles where none were stated.

    Raises
    ------
    OptionError, DataError
        What would stand in the way of any answer under these roles comes first.
    """
    check_fold(fold)
    proposal = propose_roles(table, columns, dropped=check_dropped(drop_incomplete))
    if any(proposal.roles):
        assemble(
            table,
            columns,
            proposal.roles,
            fold=fold,
            bounds=bounds,
            drop_incomplete=drop_incomplete,
            notices=notices,
        )
    return proposal.error(table.source)
