"""Results with unknown scores, which only older versions and other programs make: counted, said, and no obstacle."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from paretoscope import Comparison, EfficiencyDraws, bootstrap, load, plot, report
from paretoscope.cli import main
from paretoscope.errors import UncertifiedWarning
from paretoscope.orders import ranking

N_DRAWS, N_MODELS = 120, 17


@pytest.fixture(scope="module")
def whole():
    return bootstrap(load("imagenet"), n_resamples=N_DRAWS, rng=0)


def _one(unknown):
    unknown[3, 2] = True


def _some(unknown):
    unknown[:] = np.random.default_rng(0).random(unknown.shape) < 0.01


def _many(unknown):
    unknown[:] = np.random.default_rng(0).random(unknown.shape) < 0.4


def _a_draw(unknown):
    unknown[7] = True


def _a_model(unknown):
    unknown[:, 4] = True


def _two_models_and_some(unknown):
    unknown[:, [0, 5]] = True
    unknown[:10] = True


def _all(unknown):
    unknown[:] = True


KINDS = [_one, _some, _many, _a_draw, _a_model, _two_models_and_some, _all]


def with_unknown(whole, kind, *, means=False):
    unknown = np.zeros(whole.draws.shape, bool)
    kind(unknown)
    efficiency = whole.efficiency.copy()
    if means:
        efficiency.iloc[1] = np.nan
    return dataclasses.replace(whole, draws=np.where(unknown, np.nan, whole.draws), efficiency=efficiency)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_scores_are_counted(whole, kind):
    sim = with_unknown(whole, kind)
    assert sim.status["uncertified"] == np.isnan(sim.draws).sum() > 0
    assert len(sim.complete_draws) == sim.complete.sum() >= N_DRAWS / 2
    assert not np.isnan(sim.complete_draws).any()


@pytest.mark.parametrize("kind", [_one, _some, _a_draw])
def test_draws_with_an_unknown_score_are_left_out_of_every_answer(whole, kind):
    sim = with_unknown(whole, kind)
    kept = whole.draws[~np.isnan(sim.draws).any(axis=1)]
    assert 0 < len(kept) < N_DRAWS
    assert sim.summary().equals(ranking.summary(kept, whole.models, whole.efficiency))
    assert sim.pairwise().equals(ranking.pairwise(kept, whole.models))
    assert sim.rank_distribution().equals(ranking.rank_distribution(kept, whole.models))


def test_a_model_that_lacks_too_many_scores_is_not_waited_for(whole):
    sim = with_unknown(whole, _a_model)
    assert sim.complete.all()
    summary = sim.summary()
    name = whole.models[4]
    assert summary.index[-1] == name
    assert summary.loc[name, "mean"] == summary.loc[name, "p_efficient"] == 0.0
    others = [model for model in whole.models if model != name]
    assert summary.loc[others, "mean"].equals(whole.summary().loc[others, "mean"])


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_question_has_an_answer(whole, kind, means):
    sim = with_unknown(whole, kind, means=means)
    summary = sim.summary()
    assert sorted(summary.index) == sorted(whole.models)
    assert not summary.drop(columns="efficiency").isna().any(axis=None)
    assert not sim.rank().isna().any()
    assert not sim.rank("median").isna().any()
    np.testing.assert_allclose(sim.rank_distribution().sum(axis=1), 1.0)
    assert (sim.rank_interval()["rank_low"] <= sim.rank_interval()["rank_high"]).all()
    assert not sim.p_top(3).isna().any()
    assert not sim.pairwise().isna().any(axis=None)
    assert sim.tiers().min() == 1
    for order in (1, 2):
        assert sorted(sim.dominance(order=order).levels.index) == sorted(whole.models)
    assert len(Comparison({"one": sim, "other": whole}).table()) == N_MODELS


@pytest.mark.parametrize("kind", KINDS)
def test_saved_results_are_read_and_say_so(whole, kind, tmp_path):
    sim = with_unknown(whole, kind)
    sim.save(tmp_path / "draws.npz")
    with pytest.warns(UncertifiedWarning, match=r"^\d+ of 2040 scores could not be certified and are NaN; ") as warned:
        again = EfficiencyDraws.load(tmp_path / "draws.npz")
    assert str(warned[0].message) in again.notices
    assert "\n" not in str(warned[0].message)
    np.testing.assert_array_equal(again.draws, sim.draws)
    assert again.status == sim.status
    again.save(tmp_path / "again.npz")
    with pytest.warns(UncertifiedWarning):
        assert EfficiencyDraws.load(tmp_path / "again.npz").notices == again.notices


def test_the_warning_names_the_model_that_is_given_up(whole, tmp_path):
    with_unknown(whole, _two_models_and_some).save(tmp_path / "draws.npz")
    with pytest.warns(UncertifiedWarning, match=r"110 of 120 .* of model '.*' \(and 1 more\) count as 0"):
        EfficiencyDraws.load(tmp_path / "draws.npz")


def test_results_of_older_versions_keep_their_counts(whole, tmp_path):
    status = {"certified": whole.draws.size - 3, "highs": 3, "uncertified": 0}
    dataclasses.replace(whole, status=status).save(tmp_path / "draws.npz")
    assert EfficiencyDraws.load(tmp_path / "draws.npz").status == status | {"exact": 0}


@pytest.mark.parametrize("kind", [_one, _a_model, _all])
def test_commands_show_them(whole, kind, tmp_path, capsys):
    sim = with_unknown(whole, kind, means=True)
    path = str(tmp_path / "draws.npz")
    sim.save(path)
    n_unknown = int(np.isnan(sim.draws).sum())

    def run(*arguments):
        assert main([*arguments]) == 0
        out, err = capsys.readouterr()
        assert err.startswith(f"warning: {n_unknown} of 2040 scores could not be certified")
        assert err.count("\n") == 1
        return out

    out = run("rank", path)
    assert f"{N_DRAWS} draws ({sim.complete.sum()} complete)" in out
    assert all(model in out for model in whole.models)
    found = json.loads(run("rank", path, "--format", "json"))
    assert found["status"]["uncertified"] == n_unknown
    assert len(found["models"]) == N_MODELS
    assert any("could not be certified" in warning for warning in found["warnings"])
    rows = list(csv.DictReader(io.StringIO(run("rank", path, "--format", "csv"))))
    assert len(rows) == N_MODELS
    assert sum(row["efficiency"] == "" for row in rows) == 1


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("kind", [_one, _a_model, _all])
def test_the_report_and_every_figure_show_them(whole, kind, means, tmp_path):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    sim = with_unknown(whole, kind, means=means)
    report(sim, tmp_path / "report.html")
    assert f"{np.isnan(sim.draws).sum():,} uncertified" in (tmp_path / "report.html").read_text()
    plot.save(plot.efficiency(sim), tmp_path / "efficiency.svg")
    plot.save(plot.ranks(sim), tmp_path / "ranks.svg")
    plot.save(plot.dominance(sim.dominance()), tmp_path / "dominance.svg")
    plot.save(plot.compare(Comparison({"one": sim, "other": whole})), tmp_path / "compare.svg")
    pyplot.close("all")
    assert len(list(tmp_path.glob("*.svg"))) == 4
