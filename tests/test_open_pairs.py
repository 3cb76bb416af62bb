"""Which models are still open: verdicts against a plain twin, and campaigns whose truth is known."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pandas as pd
import pytest

import paretoscope as ps
from paretoscope.errors import DataError, FewModelsWarning, OptionError
from paretoscope.stopping.open_pairs import Resolution, open_models

TOP1 = np.array([60.0, 64, 67, 69, 71, 72.5, 74, 75, 76, 78, 80, 81])


def measurements(top1, runs):
    """One row a run; `runs` holds a list of latencies a model."""
    rows = [(f"m{i}", run, top1[i], value) for i, values in enumerate(runs) for run, value in enumerate(values)]
    frame = pd.DataFrame(rows, columns=["model", "run", "top1", "ms"])
    return ps.Measurements.from_frame(frame, inputs="ms", outputs="top1")


class Machine:
    """Lognormal latencies of known mean and coefficient of variation."""

    def __init__(self, top1, ms, cv, seed):
        self.top1, self.ms = np.asarray(top1), np.asarray(ms)
        self.sd = np.sqrt(np.log1p(np.broadcast_to(cv, self.ms.shape) ** 2))
        self.rng = np.random.default_rng(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewModelsWarning)
            self.truth = ps.efficiency(measurements(self.top1, [[ms] for ms in self.ms])).scores

    def measure(self, i):
        return self.ms[i] * math.exp(self.sd[i] * self.rng.standard_normal() - self.sd[i] ** 2 / 2)

    def campaign(self, *, first=3, most=15, everyone=False, at_once=False, **options):
        """Measure until resolved, `at_once` all runs up to the next look.

        Returns the last answer, runs by model, and after each round the number of runs and of settled pairs.
        """
        runs = [[self.measure(i) for _ in range(first)] for i in range(len(self.ms))]
        found, history = None, []
        while True:
            found = open_models(measurements(self.top1, runs), found, n_resamples=1000, **options)
            counts = [len(values) for values in runs]
            history.append((sum(counts), len(found.settled)))
            if not found.models or max(counts) == most:
                return found, counts, history
            for i in range(len(runs)):
                if everyone or f"m{i}" in found.models:
                    n_more = min(-(-counts[i] // 2), most - counts[i]) if at_once else 1
                    runs[i] += [self.measure(i) for _ in range(n_more)]

    def n_wrong(self, found):
        wrong = 0
        for (a, b), word in found.settled.items():
            tied = self.truth[a] == self.truth[b]
            wrong += not tied if word == "=" else tied or self.truth[a] < self.truth[b]
        return wrong


def random_machine(seed):
    rng = np.random.default_rng([1, seed])
    ms = np.exp(0.12 * (TOP1 - 60) + rng.normal(0, 0.35, TOP1.size))
    return Machine(TOP1, ms, rng.uniform(0.01, 0.10, TOP1.size), [2, seed])


# --- one look ---------------------------------------------------------------------------------------------------------


def plain_verdicts(draws, models, risk, indifference):
    """Count the draws against each verdict, pair by pair."""
    verdicts = {}
    for i, j in itertools.combinations(range(len(models)), 2):
        pairs = [(float(x), float(y)) for x, y in draws[:, [i, j]]]
        less, greater = sum(x < y for x, y in pairs), sum(x > y for x, y in pairs)
        apart = sum(abs(x - y) > indifference * max(x, y) for x, y in pairs)
        n = len(pairs)
        if (n - greater + 1) / (n + 1) <= risk:
            verdicts[models[i], models[j]] = ">"
        elif (n - less + 1) / (n + 1) <= risk:
            verdicts[models[j], models[i]] = ">"
        elif (apart + 1) / (n + 1) <= risk:
            verdicts[models[i], models[j]] = "="
    return verdicts


@pytest.mark.slow
@pytest.mark.parametrize("indifference", [0.0, 0.08])
@pytest.mark.parametrize("seed", range(4))
def test_verdicts_are_those_of_a_plain_count(seed, indifference):
    machine = random_machine(seed)
    data = measurements(TOP1, [[machine.measure(i) for _ in range(4)] for i in range(TOP1.size)])
    found = open_models(data, confidence=0.9, indifference=indifference, n_resamples=100, rng=3)
    sim = ps.bootstrap(data, n_resamples=100, noise="student", scope="mean", rng=3)
    assert found.settled == plain_verdicts(sim.draws, data.models, 0.05, indifference)
    assert {frozenset(pair) for pair in found.open_pairs} == {
        frozenset(pair) for pair in itertools.combinations(data.models, 2)
    } - {frozenset(pair) for pair in found.settled}


def test_without_noise_everything_is_settled_at_the_first_look():
    machine = Machine(TOP1, np.exp(0.1 * (TOP1 - 60) + np.sin(TOP1)), 0.0, 0)
    data = measurements(TOP1, [[ms] * 2 for ms in machine.ms])
    found = open_models(data)
    assert (found.models, found.open_pairs, found.look) == ((), (), 1)
    assert len(found.settled) == 66
    assert machine.n_wrong(found) == 0
    assert "=" in found.settled.values()  # several are efficient
    assert found.sentence == "66 of 66 pairs of models settled"


def test_equal_inefficient_models_without_noise_tie():
    data = measurements([70, 60, 60, 75, 60, 60], [[1.0] * 3, [3.0] * 3, [3.0] * 3, [2.0] * 3, [5.0] * 3, [4.0] * 3])
    assert open_models(data).settled["m1", "m2"] == "="


def test_a_tie_does_not_depend_on_rounding():
    # m0 is 0.3 times m1, and their scores under constant returns, both 0.375, differ in the last bit.
    data = measurements([27.0, 90, 80, 70], [[0.9] * 2, [3.0] * 2, [1.0] * 2, [9.0] * 2])
    assert open_models(data, rts="crs").settled["m0", "m1"] == "="


def test_the_peer_that_carries_the_spread_is_measured_rather_than_the_pair():
    # m2 is compared with m0 alone and m3 with m1 alone; only m0 varies.
    top1, runs = [60, 70, 60, 70], [[0.95, 1.0, 1.06], [10.0] * 3, [2.0] * 3, [20.0] * 3]
    with pytest.warns(FewModelsWarning):
        assert ps.efficiency(measurements(top1, runs), rts="fdh").scores.loc[["m2", "m3"]].tolist() == pytest.approx(
            [0.5, 0.5], abs=0.01
        )
    found = open_models(measurements(top1, runs), rts="fdh")
    assert found.open_pairs == (("m2", "m3"),)
    assert found.models == ("m0",)


def test_noise_that_a_pair_shares_does_not_keep_it_open():
    # Under constant returns all are compared with m0, whose noise moves both scores alike.
    top1, runs = [70, 70, 70, 70, 70, 70], [[0.9, 1.0, 1.2], [2.0] * 3, [2.01] * 3, [4.0] * 3, [5.0] * 3, [6.0] * 3]
    found = open_models(measurements(top1, runs), rts="crs")
    assert found.settled["m1", "m2"] == ">"
    assert found.models == ()


def test_more_runs_are_not_asked_for_where_they_would_not_help():
    # The accuracies' noise, of the choice of images, is all that keeps m1 and m2 apart or not.
    top1, runs = [60, 70, 70, 80, 50, 40], [[1.0] * 3, [2.0] * 3, [2.0] * 3, [4.0] * 3, [3.0] * 3, [3.5] * 3]
    found = open_models(measurements(top1, runs), noise={"top1": "binomial(50000)", "*": "student"})
    assert ("m1", "m2") in found.open_pairs
    assert found.models == ()
    assert found.sentence.endswith("; more runs would not settle the rest")


def test_what_correlates_by_chance_is_not_measured():
    # As above, with 30 noisy models that have nothing to do with the open pairs, and few draws.
    rng = np.random.default_rng(0)
    top1, runs = [60, 70, 70, 80], [[1.0] * 3, [2.0] * 3, [2.0] * 3, [4.0] * 3]
    others = [list(10 * 1.5**i * rng.normal(1, 0.01, 3)) for i in range(30)]
    noise = {"top1": "binomial(50000)", "*": "student"}
    found = open_models(measurements(top1 + [40] * 30, runs + others), noise=noise, n_resamples=200)
    assert {name for pair in found.open_pairs for name in pair} == {"m0", "m1", "m2", "m3"}
    assert found.models == ()


@pytest.mark.slow
@pytest.mark.parametrize("orientation", ["input", "output"])
@pytest.mark.parametrize("rts", ["vrs", "crs", "nirs", "ndrs", "fdh"])
def test_every_technology(rts, orientation):
    machine = random_machine(5)
    data = measurements(TOP1, [[machine.measure(i) for _ in range(3)] for i in range(TOP1.size)])
    found = open_models(data, rts=rts, orientation=orientation, n_resamples=500)
    assert len(found.settled) + len(found.open_pairs) == 66
    assert set(found.models) <= set(data.models)
    assert bool(found.models) == bool(found.open_pairs)


def test_the_seed_decides():
    machine = random_machine(6)
    data = measurements(TOP1, [[machine.measure(i) for _ in range(3)] for i in range(TOP1.size)])

    def answer(seed):
        found = open_models(data, rng=seed, n_resamples=300)
        return found.models, found.open_pairs, found.settled

    assert answer(7) == answer(7) == answer(np.random.SeedSequence(7))
    assert len({str(answer(seed)) for seed in range(5)}) > 1


# --- look after look --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_risk_is_spent_over_the_looks_and_a_look_waits_for_half_as_many_runs_again():
    top1 = [60, 60, 60, 50, 50, 50]
    rng = np.random.default_rng(0)
    runs = [list(ms * rng.normal(1, 0.1, 60)) for ms in (1.0, 1.0, 1.0, 3.0, 3.0, 3.0)]
    found, looks = None, {}
    for k in range(3, 28):
        answer = open_models(measurements(top1, [values[:k] for values in runs]), found, n_resamples=200)
        if answer is not found:
            looks[k] = answer.confidence
        found = answer
    assert looks == pytest.approx({k: 1 - 0.05 / (r * (r + 1)) for r, k in enumerate((3, 5, 8, 12, 18, 27), start=1)})
    assert sum(1 - confidence for confidence in looks.values()) < 0.05


def test_a_pair_that_is_settled_stays_settled():
    data = measurements([60, 60, 50], [[1.0, 1.01], [2.0, 2.02], [9.0, 9.1]])
    previous = Resolution(("m0",), (("m0", "m2"), ("m1", "m2")), {("m1", "m0"): ">"}, 1, 0.975, data)
    more = measurements([60, 60, 50], [[1.0, 1.01, 1.0], [2.0, 2.02, 2.0], [9.0, 9.1, 9.0]])
    found = open_models(more, previous)
    assert found.look == 2
    assert found.settled["m1", "m0"] == ">"
    assert ("m0", "m1") not in found.settled
    assert found.settled["m0", "m2"] == ">"


def test_a_model_that_is_gone_takes_its_pairs_along():
    data = measurements([60, 60, 50], [[1.0, 1.1], [1.05, 1.02], [9.0, 9.1]])
    first = open_models(data)
    found = open_models(data.select(models=["m0", "m1"]), first)
    assert found.look == 2
    assert {name for pair in [*found.settled, *found.open_pairs] for name in pair} == {"m0", "m1"}


def test_models_without_repeats_come_first_and_no_look_is_spent():
    found = open_models(measurements([60, 70, 80], [[1.0], [2.0], [3.0]]))
    assert (found.models, found.look, len(found.open_pairs)) == (("m0", "m1", "m2"), 0, 3)
    assert math.isnan(found.confidence)
    assert found.sentence == "3 models have a single run: nothing is known of their spread"
    assert repr(found) == "Resolution(look 0: 0 pairs settled, 3 open; 3 models to measure)"
    found = open_models(measurements([60, 70, 80], [[1.0, 1.1], [2.0], [3.0, 3.1]]), found)
    assert (found.models, found.look) == (("m1",), 0)
    found = open_models(measurements([60, 70, 80], [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), found)
    assert (found.models, found.look) == ((), 1)


@pytest.mark.slow
def test_identical_models_stay_open_until_the_last_run():
    machine = Machine([60, 70, 70, 80, 60, 65], [1.0, 2.0, 2.0, 4.0, 3.0, 4.0], 0.03, 1)
    found, counts, _ = machine.campaign(most=20)
    assert ("m1", "m2") in found.open_pairs
    assert max(counts[1:3]) == 20
    assert max(counts[0], *counts[3:]) < 20
    assert found.sentence.startswith(f"{len(found.settled)} of 15 pairs of models settled; to be measured again: ")


@pytest.mark.slow
def test_indifference_settles_identical_models():
    machine = Machine([60, 70, 70, 80, 60, 65], [1.0, 2.0, 2.0, 4.0, 3.0, 4.0], 0.03, 1)
    found, counts, _ = machine.campaign(most=40, indifference=0.1)
    assert found.settled.get(("m1", "m2")) == "="
    assert max(counts) < 40


# --- campaigns --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_settled_pairs_are_in_their_true_order():
    # 100 campaigns of 66 pairs.  By the union bound at most 5 % of the verdicts are wrong; most pairs are far apart, so
    # that 0.1 % are expected, and 1 % would be ten times as many.
    wrong = settled = 0
    for seed in range(100):
        machine = random_machine(seed)
        found, _, _ = machine.campaign(most=12)
        wrong += machine.n_wrong(found)
        settled += len(found.settled)
    assert settled > 0.7 * 6600
    assert wrong <= 0.01 * settled


@pytest.mark.slow
@pytest.mark.parametrize("first", [2, 3])
def test_looking_often_does_not_find_what_is_not_there(first):
    # m0 is better than m1 by a hundredth of a standard error, so each campaign errs with probability 0.05 at most (of
    # both models winning, 0.10).  Of 120, were it 0.05, more than 14 would err with probability 0.001.
    wrong = 0
    for seed in range(120):
        machine = Machine([70, 70, 60], [1.0, 1.0001, 3.0], 0.05, [first, seed])
        found, _, _ = machine.campaign(first=first, most=18, at_once=True, rts="crs")
        wrong += ("m1", "m0") in found.settled
    assert wrong <= 14


@pytest.mark.slow
def test_it_takes_fewer_runs_than_equal_repeats_to_settle_as_much():
    # The first round in which equal repeats have settled as many pairs; the seeds are fixed, and so is the outcome.
    adaptive = equal = 0
    for seed in range(30):
        found, counts, _ = random_machine(seed).campaign(most=12)
        _, _, history = random_machine(seed).campaign(most=18, everyone=True)
        adaptive += sum(counts)
        equal += next((runs for runs, settled in history if settled >= len(found.settled)), history[-1][0])
    assert adaptive < 0.9 * equal


@pytest.mark.slow
def test_a_few_close_models_among_clear_ones_cost_little():
    # m1 and m3 differ by 0.5 % of their score, and m8 reaches 0.98 of the frontier; the others are clear.
    ms = [1.0, 6.0, 1.3, 8.0, 1.8, 3.2, 2.5, 3.264, 3.4, 20.0, 5.0, 30.0]
    machine = Machine(TOP1, ms, 0.02, 1)
    found, counts, _ = machine.campaign(most=30)
    assert machine.n_wrong(found) == 0
    assert max(counts) == 30
    assert sum(counts) < 0.6 * 30 * len(counts)
    assert {name for pair in found.open_pairs for name in pair} & {"m1", "m8"}


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence": 1.0}, r"confidence: found 1\.0; expected a number above 0\.5 and below 1"),
        ({"confidence": 0.5}, r"confidence: found 0\.5; expected a number above 0\.5"),
        ({"indifference": 1.0}, r"indifference: found 1\.0; expected a number of at least 0 and below 1; pass 0\.01"),
        ({"indifference": -0.1}, r"indifference: found -0\.1"),
        ({"indifference": True}, r"indifference: found True"),
        ({"n_resamples": 0}, r"n_resamples: found 0; expected a whole number of at least 1"),
        ({"rts": "vsr"}, r"rts: found 'vsr'.*did you mean 'vrs'"),
        ({"orientation": "up"}, r"orientation: found 'up'"),
        ({"noise": "studnet"}, r"noise: found 'studnet'.*did you mean 'student'"),
        ({"rng": -1}, r"rng: found -1"),
    ],
)
def test_options_out_of_range(options, message):
    data = measurements([60, 70, 80], [[1.0, 1.1], [2.0, 2.1], [3.0, 3.1]])
    with pytest.raises(OptionError, match=message):
        open_models(data, **options)


def test_data_must_be_measurements_that_fit_their_noise():
    with pytest.raises(OptionError, match="data: found list; expected Measurements"):
        open_models([1.0])
    data = measurements([60, 70, 80], [[1.0, 1.1], [2.0, 2.1], [3.0, 3.1]])
    with pytest.raises(DataError, match="metric 'ms' of model 'm0': its repeats differ"):
        open_models(data, noise="exact")
