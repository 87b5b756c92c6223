"""The loops over parameters: known answers, chance taken apart, cells shared, resumed and the same for everybody."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model import cells, population, uncertainty
from model.cells import OUTCOMES, Frame, Lot, Point, World
from model.changes import Change
from model.draws import Input, Uncertainty, default_spread, moved_list
from model.draws import uncertainty as all_uncertain
from model.inputs import InputError, Parameter, Posterior, draw_parameters, load_parameters, load_posterior
from model.luck import Stakes
from model.psa import Psa
from model.scenario import load_scenarios
from model.smoothing import kept_by_smoothing
from model.spreads import Spread
from model.states import Fixed, Now, Trait
from model.store import Store
from model.uncertainty import (
    LUCK,
    Computed,
    net_benefit,
    outcome,
    psa_arrays,
    screening,
    slopes_of_luck,
    sobol_indices,
    spreading,
    without_luck,
)
from model.workers import Crew, world_of
from results.findings import CLOSED, Findings

QALYS = outcome("qalys")


def frame(people: int = 400, batches: int = 4, years: int = 2, policy: str = "liste_en_sus") -> Frame:
    registry = load_parameters()
    scenarios = tuple(load_scenarios(["baseline", policy], registry))
    return Frame(scenarios, registry, people, batches, 7, years, "test")


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(frame())


# ---------------------------------------------------------------- known answers


def three_uniforms() -> Uncertainty:
    """Return three independent inputs, uniform from -π to π."""
    names = ("x.one", "x.two", "x.three")
    registry: Any = {name: SimpleNamespace(id=name, value=0.0, range=(-np.pi, np.pi)) for name in names}
    spreads = dict.fromkeys(names, Spread("uniform"))
    return Uncertainty(registry, tuple(Input(name, (name,)) for name in names), frozenset(), {}, None, spreads)


def computes(function: Callable[[Mapping[str, Any]], float], noise: float, size: int = 4) -> Any:
    """Return what computes a function of the values instead of lives, with luck of its own in every batch."""
    rng = np.random.default_rng(3)

    def compute(_: Frame, points: Sequence[Point]) -> Computed:
        out = np.zeros((len(points), 2, len(OUTCOMES), size))
        for i, point in enumerate(points):
            out[i, 1, QALYS] = function(point.values) + noise * rng.standard_normal(size)
        return Computed(out)

    return compute


def ishigami(v: Mapping[str, float]) -> float:
    return float(np.sin(v["x.one"]) + 7.0 * np.sin(v["x.two"]) ** 2 + 0.1 * v["x.three"] ** 4 * np.sin(v["x.one"]))


@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_the_sweep_finds_the_known_indices_of_ishigami_and_chance_does_not_move_them(noise: float) -> None:
    """Ishigami and Homma 1990, a = 7, b = 0.1. With noise, chance is over a fifth of the variance simulated."""
    two: Any = SimpleNamespace(scenarios=(SimpleNamespace(id="baseline"), SimpleNamespace(id="policy")))
    inputs = three_uniforms()
    run = uncertainty.sweep(
        *(two, inputs, 1.0, computes(ishigami, noise), frozenset(inputs.names)),
        trajectories=20,
        rows=2048,
        kept=3,
        seed=5,
    )
    found = run.indices["policy"]
    first = dict(zip(found.names, found.first, strict=True))
    total = dict(zip(found.names, found.total, strict=True))
    errors = dict(zip(found.names, zip(found.first_error, found.total_error, strict=True), strict=True))
    for name, s1, st in (("x.one", 0.3139, 0.5576), ("x.two", 0.4424, 0.4424), ("x.three", 0.0, 0.2437)):
        assert abs(first[name] - s1) < 5 * errors[name][0]
        assert abs(total[name] - st) < 5 * errors[name][1]
        assert max(errors[name]) < 0.06
    assert found.variance == pytest.approx(13.84, rel=0.1)
    simulated = 4.0**2 / 4 if noise else 0.0
    assert found.share == pytest.approx(simulated / (13.84 + simulated), abs=0.05)


def test_no_index_is_given_of_a_variance_that_is_all_chance() -> None:
    """Rows of noise alone: the variance across batches is as often below nil as above."""
    found = sobol_indices(["x", "y"], np.random.default_rng(2).standard_normal((16 * 4, 4)), 1)
    assert np.isnan([found.first, found.total, found.first_error, found.total_error]).all()
    assert 0.5 < found.share <= 1.0


def test_salib_reads_the_files_of_a_sweep_and_finds_the_same(tmp_path: Path) -> None:
    from SALib.analyze import morris
    from SALib.util import read_param_file

    from results.uncertainty_report import write_salib

    two: Any = SimpleNamespace(scenarios=(SimpleNamespace(id="baseline"), SimpleNamespace(id="policy")))
    inputs = three_uniforms()
    exact = computes(ishigami, 0.0)
    run = uncertainty.sweep(two, inputs, 1.0, exact, frozenset(inputs.names), trajectories=8, rows=8, kept=3, seed=2)
    write_salib(run, tmp_path / "salib")
    problem = read_param_file(str(tmp_path / "salib" / "morris_problem.txt"))
    design = np.loadtxt(tmp_path / "salib" / "morris_design.txt")
    output = np.loadtxt(tmp_path / "salib" / "morris_output_policy.txt")
    theirs = morris.analyze(problem, design, output)
    assert problem["names"] == list(inputs.names)
    assert run.screenings["policy"].mu_star == pytest.approx(np.asarray(theirs["mu_star"], dtype=float))
    assert run.screenings["policy"].sigma == pytest.approx(np.asarray(theirs["sigma"], dtype=float))
    assert len(np.loadtxt(tmp_path / "salib" / "sobol_output_policy.txt")) == 8 * (3 + 2)


def test_screening_of_a_line_is_its_slope_and_a_failed_point_is_left_out() -> None:
    inputs = three_uniforms()
    two: Any = SimpleNamespace(scenarios=(SimpleNamespace(id="baseline"), SimpleNamespace(id="policy")))
    exact = computes(lambda v: 3.0 * v["x.one"], 0.0)
    run = uncertainty.sweep(two, inputs, 1.0, exact, frozenset(inputs.names), trajectories=6, rows=8, kept=2, seed=1)
    slope = 3.0 * 2.0 * np.pi * 0.95
    assert run.screenings["policy"].mu_star == pytest.approx([slope, 0.0, 0.0], abs=1e-9)
    assert run.screenings["policy"].sigma == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    broken = run.morris_benefit[:, 0].copy()
    broken[5] = np.nan
    again = screening(inputs.names, run.morris_design, broken)
    assert again.mu_star == pytest.approx([slope, 0.0, 0.0], abs=1e-9)


def test_a_failed_row_spoils_no_index() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 512, 2))
    rows = np.stack(
        [a.sum(1), np.column_stack([b[:, 0], a[:, 1]]).sum(1), np.column_stack([a[:, 0], b[:, 1]]).sum(1), b.sum(1)]
    )
    benefit = np.repeat(rows.T.reshape(-1, 1), 3, axis=1)
    benefit[10] = np.nan
    found = sobol_indices(("one", "two"), benefit, seed=1)
    assert np.isfinite(found.first).all()
    assert (np.abs(found.first - 0.5) < 5 * found.first_error).all()


def test_chance_and_parameters_are_told_apart() -> None:
    """Parameters of sd 3, chance of sd 8 a batch (4 a draw of 4): nested analysis of variance finds both."""
    rng = np.random.default_rng(2)
    truth = 10.0 + 3.0 * rng.standard_normal((4_000, 1))
    found = spreading(truth + 8.0 * rng.standard_normal((4_000, 4)))
    assert found.mean == pytest.approx(10.0, abs=5 * found.mean_error)
    assert found.mean_error == pytest.approx(5.0 / np.sqrt(4_000), rel=0.1)
    assert found.noise_sd == pytest.approx(4.0, rel=0.05)
    assert found.sd == pytest.approx(3.0, rel=0.1)
    assert (found.low, found.high) == pytest.approx((10.0 - 1.96 * 3.0, 10.0 + 1.96 * 3.0), abs=0.7)
    assert found.seen[0] < found.low < found.high < found.seen[1]


def test_work_goes_first_to_draws_then_to_people_then_to_draws() -> None:
    """Chance is told once draws are smoothed, which leaves the less of it the more they are."""
    noisy = uncertainty.split_of_work(share=0.95, people=2_000, seconds=0.2, budget=600.0)
    assert (noisy.draws, noisy.people) == (1_000, 6_000)
    left = 19.0 / 3.0 * kept_by_smoothing(1_000)
    assert noisy.share == pytest.approx(left / (1.0 + left))
    plenty = uncertainty.split_of_work(share=0.95, people=2_000, seconds=0.2, budget=60_000.0)
    assert plenty.people == pytest.approx(9.0 * 19.0 * 2_000 * kept_by_smoothing(1_000), abs=500)
    assert plenty.share < 0.02
    assert plenty.draws > 10_000
    poor = uncertainty.split_of_work(share=0.5, people=2_000, seconds=0.2, budget=10.0)
    assert (poor.draws, poor.people) == (100, 1_000)
    assert poor.share == pytest.approx(2.0 / 3.0), "too few draws to be smoothed"


def test_the_noise_of_a_psa_is_that_of_its_batches() -> None:
    rng = np.random.default_rng(4)
    outcomes = rng.normal(size=(5, 3, len(OUTCOMES), 4))
    arrays = psa_arrays(frame(), outcomes, "collective")
    psa = Psa(
        ("a", "b", "c"), parameters=np.zeros((5, 0)), parameter_names=(), groups=(), iterations=np.arange(5), **arrays
    )
    assert psa.incremental_cost_noise_var is not None
    assert psa.incremental_effect_noise_var is not None
    assert psa.incremental_noise_cov is not None
    ours = (
        30.0**2 * psa.incremental_effect_noise_var + psa.incremental_cost_noise_var - 60.0 * psa.incremental_noise_cov
    )
    benefit = net_benefit(outcomes, 30.0)
    assert 30.0 * psa.incremental_effects - psa.incremental_costs == pytest.approx(benefit.mean(axis=-1))
    assert ours == pytest.approx(benefit.var(axis=-1, ddof=1) / 4)


def test_luck_taken_out_leaves_means_and_less_chance() -> None:
    """What follows luck by known slopes, the parameters moving it too: nothing but chance is taken."""
    rng = np.random.default_rng(8)
    draws, luck = 400, [outcome(name) for name in LUCK]
    own = rng.normal(size=(draws, 2, 1, 1)) * np.array([1.0, 3.0])[:, None, None]
    outcomes = own + 0.1 * rng.normal(size=(draws, 2, len(OUTCOMES), 4))
    outcomes[:, :, luck] = 10.0 * rng.normal(size=(draws, 2, 1, 4))
    true = outcomes.copy()
    others = [k for k in range(len(OUTCOMES)) if k not in luck and k != outcome("persons")]
    base, added = outcomes[:, 0, luck], outcomes[:, 1, luck] - outcomes[:, 0, luck]
    outcomes[:, 0, others] += 0.7 * base
    outcomes[:, 1, others] += 0.7 * base + 2.0 * added - 0.5 * base
    found = without_luck(outcomes, slopes_of_luck(outcomes))
    assert found[:, :, others] == pytest.approx(true[:, :, others], abs=0.2)
    assert np.array_equal(found[:, :, luck], outcomes[:, :, luck])
    shorter = without_luck(outcomes[:200], slopes_of_luck(outcomes[:200]))
    assert np.array_equal(shorter, found[:200]), "the first draws of a longer run are those of a shorter one"
    assert slopes_of_luck(outcomes[:3]) is None


# ---------------------------------------------------------------- what is uncertain


def test_draws_are_those_of_the_registry_and_defaults_stay_in_range() -> None:
    registry = load_parameters()
    inputs = all_uncertain(registry)
    points = [inputs.values(row) for row in inputs.draw(20, 9)]
    for name, drawn in draw_parameters(registry, 20, 9).items():
        assert [point[name] for point in points] == pytest.approx(drawn.tolist(), rel=1e-9, abs=1e-12), name
    for point in points:
        registry.replace(point, "test")  # refuses what is out of range
    assert inputs.defaults
    assert set(inputs.fixed) | {name for one in inputs.inputs for name in one.members} == set(registry)
    assert len(inputs.components) == len(inputs.row(points[0]))


def test_a_list_moves_as_a_whole_and_shares_still_sum_to_one() -> None:
    assert moved_list((0.1, 0.2), (0.0, 1.0), 0.2, 1.0) == pytest.approx((0.1 * np.exp(0.2), 0.2 * np.exp(0.2)))
    shares = moved_list((0.5, 0.3, 0.2), (0.0, 1.0), 0.2, 2.0)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] / (1.0 - shares[0]) == pytest.approx(np.exp(0.4))
    assert shares[1] / shares[2] == pytest.approx(1.5)
    assert moved_list((0.5, 0.3, 0.2), (0.0, 1.0), 0.2, 0.0) == pytest.approx((0.5, 0.3, 0.2))


def parameter(value: Any, bounds: tuple[float, float]) -> Parameter:
    from datetime import date

    return Parameter("a.b", value, "unit", "none", "D", "assumption", date(2026, 1, 1), range=bounds)


def test_the_default_spread_is_a_fifth_or_a_quarter_of_a_narrow_range() -> None:
    wide, narrow = default_spread(parameter(10.0, (0.0, 100.0)), 0.2), default_spread(parameter(10.0, (9.0, 11.0)), 0.2)
    assert wide is not None
    assert wide.ci95 == pytest.approx((10.0 / np.exp(1.96 * 0.2), 10.0 * np.exp(1.96 * 0.2)), rel=1e-3)
    assert narrow is not None
    assert narrow.ci95 == pytest.approx((10.0 / np.exp(1.96 * 0.05), 10.0 * np.exp(1.96 * 0.05)), rel=1e-3)
    share = default_spread(parameter(0.9, (0.0, 1.0)), 0.2)
    assert share is not None
    assert (share.distribution, share.sd) == ("beta", pytest.approx(0.02))


def test_calibrated_draws_move_as_one_block(tmp_path: Path) -> None:
    registry = load_parameters()
    path = tmp_path / "draws.csv"
    items = [f"care.seek.monthly_hazard.{i}" for i in (1, 2, 3)]
    header = ",".join(["course.remission.monthly_hazard", *items])
    path.write_text(f"{header}\n0.2,0.05,0.1,0.2\n0.25,0.04,0.08,0.16\n", encoding="utf-8")
    posterior = load_posterior(registry, path)
    assert isinstance(posterior, Posterior)
    inputs = all_uncertain(registry, posterior)
    assert inputs.inputs[0].members == ("course.remission.monthly_hazard", "care.seek.monthly_hazard")
    point = np.full(len(inputs.inputs), np.nan)
    point[0] = 0.75
    assert inputs.values(point) == {
        "course.remission.monthly_hazard": 0.25,
        "care.seek.monthly_hazard": (0.04, 0.08, 0.16),
    }
    assert "calibrated" in inputs.source
    assert "not calibrated" in all_uncertain(registry).source
    path.write_text("course.remission.monthly_hasard\n0.1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"Did you mean course\.remission\.monthly_hazard"):
        load_posterior(registry, path)


def test_one_way_takes_the_calibrated_block_apart(tmp_path: Path) -> None:
    """Draws have no order: each fitted parameter goes to the ends of its own draws, those moved alike together."""
    registry, path = load_parameters(), tmp_path / "draws.csv"
    rng = np.random.default_rng(1)
    remission, ratio = rng.uniform(0.2, 0.4, 400), np.exp(0.2 * rng.standard_normal(400))
    ect = ("access.ect.epsm.monthly_probability", "access.ect.clinic.monthly_probability")
    header = ",".join(["weight", "course.remission.monthly_hazard", *ect])
    rows = [f"1,{a},{0.002 * b},{0.001 * b}" for a, b in zip(remission, ratio, strict=True)]
    path.write_text("\n".join([header, *rows, "0,0.45,0.1,0.1"]) + "\n", encoding="utf-8")
    uncertain = all_uncertain(registry, load_posterior(registry, path))
    alone, together = uncertain.fitted_ends(0.025, 0.975)
    assert alone[0] == "course.remission.monthly_hazard"
    ends = [end["course.remission.monthly_hazard"] for end in alone[1:]]
    assert ends == pytest.approx(np.quantile(remission, [0.025, 0.975]), abs=0.003)
    assert set(together[1]) == set(ect)
    low, high = (end[ect[0]] for end in together[1:])
    assert np.log(high / low) == pytest.approx(2 * 1.96 * 0.2, rel=0.15)


# ---------------------------------------------------------------- lives


@pytest.mark.parametrize("policy", ["liste_en_sus", "good_practice_reference", "dedicated_allocation"])
def test_a_cell_is_what_compare_says_of_the_same_people(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joint programme costs and envelopes included, whether or not the nation was asked for beside the cohort."""
    from model import branches
    from model.study import run_study

    monkeypatch.setattr(branches, "TRIES", 1)
    monkeypatch.setattr(cells, "EVENNESS", population.EVENNESS)
    whole = dataclasses.replace(frame(people=2_000, batches=50, policy=policy), shares=population.SHARES)
    world = World(whole)
    world.stakes = Stakes(np.zeros_like(world.stakes.suicide), world.stakes.ill)  # suicides as counted
    world._tries = {world.changes_of_lives(scenario): 1 for scenario in whole.scenarios}
    ours = world.evaluate(Point({}))
    study = run_study(["baseline", policy], people=2_000, seed=7, horizon=2, population="cohort", explore=False)
    worths = Findings(study).worths[CLOSED]
    for place, scenario in enumerate(study.scenarios):
        one = worths[scenario.id]
        persons = ours[place, outcome("persons")]
        assert ours[place, QALYS] * persons == pytest.approx(one.qalys(2, discounted=True), rel=1e-12)
        cost = one.cost("collective", 2, discounted=True)
        assert ours[place, outcome("cost_collective")] * persons == pytest.approx(cost, rel=1e-12)


def test_month_0_follows_parameters_person_by_person(world: World) -> None:
    lot = world.lot(0)
    assert isinstance(lot, Lot)
    before = lot.people.persons["trait"]
    assert np.array_equal(lot.traits(world.base), before)
    moved = cells.Values({**world.base, "course.covariate.anxiety.remission_ratio": 0.5})
    ratio = lot.traits(moved) / before
    anxious = lot.fixed[:, Fixed.ANXIETY] == 1
    expected = 0.5 / world.base["course.covariate.anxiety.remission_ratio"]
    assert ratio[anxious, Trait.REMISSION] == pytest.approx(expected)
    assert (ratio[~anxious] == 1.0).all()
    wider = cells.Values({**world.base, "course.frailty.response_variance": 2.0})
    after = lot.traits(wider)[:, Trait.REMISSION]
    plain = np.ones(len(before))
    covariates = cells.multipliers(lot.fixed, world.base, plain, plain)[:, Trait.REMISSION]
    order = np.argsort(before[:, Trait.REMISSION] / covariates)
    assert (np.diff((after / covariates)[order]) >= -1e-9).all(), "ranks are kept"
    assert np.array_equal(lot.traits(wider)[:, Trait.SEEK], before[:, Trait.SEEK])


def test_the_past_of_a_draw_is_lived_under_its_values() -> None:
    """And raked to the same margins: as many people are ill, but not the same; luck is the lot's own."""
    setting = dataclasses.replace(frame(people=2_000), relived=True)
    own = World(setting)
    hazard = "course.recurrence.monthly_hazard"
    more = cells.Values({**own.base, hazard: 2.0 * own.base[hazard]})
    found, again, other, moved = (
        own.relived(*asked).people for asked in ((0, own.base), (0, own.base), (1, own.base), (0, more))
    )
    assert np.array_equal(found.persons, again.persons)
    assert not set(found.persons["key"].tolist()) & set(other.persons["key"].tolist())

    def ill(people: Any) -> float:
        recent = people.persons["now"][:, Now.MONTHS_SINCE_ILL] < 12
        return float(people.person_weights()[recent].sum())

    assert ill(moved) == pytest.approx(ill(found), rel=0.02)
    assert moved.persons["now"][:, Now.EPISODES].mean() > 1.1 * found.persons["now"][:, Now.EPISODES].mean()
    assert setting.keys(Point({}))[0] != frame(people=2_000).keys(Point({}))[0]


def test_what_is_only_worth_lives_no_life_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    base = world.evaluate(Point({}))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("lives were lived again")

    monkeypatch.setattr(cells.forks, "live", refuse)
    dearer = world.evaluate(Point({"price.gp_visit": 40.0, "utility.trd.severe": 0.3}))
    assert (dearer[:, outcome("cost_collective")] > base[:, outcome("cost_collective")]).all()
    assert (dearer[:, QALYS] < base[:, QALYS]).all()
    assert np.array_equal(dearer[:, outcome("episode_months")], base[:, outcome("episode_months")])
    with pytest.raises(AssertionError, match="lived again"):
        world.evaluate(Point({"course.remission.monthly_hazard": 0.4}))


def test_values_that_move_nothing_a_scenario_meets_live_no_life_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An effect of a programme that no scenario of the frame has; the base is remembered however many points pass."""
    name, hazard = "gp_training.effect.detection_ratio", "course.remission.monthly_hazard"
    assert name in world.life_ids
    base = world.evaluate(Point({}))
    others = [world.evaluate(Point({hazard: 0.2 + 0.01 * k})) for k in range(cells.POINTS_KEPT)]
    monkeypatch.setattr(cells.forks, "live", None)
    assert np.array_equal(world.evaluate(Point({name: 2.0})), base)
    last = {hazard: 0.2 + 0.01 * (cells.POINTS_KEPT - 1)}
    assert np.array_equal(world.evaluate(Point({name: 2.0, **last})), others[-1])


def test_a_scenario_that_only_changes_prices_shares_the_lives_of_the_baseline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, policy = world.frame.scenarios
    dearer = Change("price.gp_visit", "value", 40.0)
    cheap = dataclasses.replace(policy, id="dearer_gp", changes={"price.gp_visit": (dearer,)})
    lived: list[Any] = []
    true = cells.forks.live
    monkeypatch.setattr(cells.forks, "live", lambda *a: lived.append(len(a[2])) or true(*a))
    world.tries(policy)
    lived.clear()
    world._lived.clear()
    found = world.evaluate(Point({}), [base, cheap, policy])
    assert lived == [1], "the baseline, and the policy that changes care where lives part"
    assert np.array_equal(found[0, QALYS], found[1, QALYS])
    assert (found[1, outcome("cost_collective")] > found[0, outcome("cost_collective")]).all()


def points(n: int) -> list[Point]:
    inputs = all_uncertain(load_parameters())
    return [Point(inputs.values(row), lot) for lot, row in enumerate(inputs.draw(n, 3))]


def test_interrupted_twice_is_the_same_as_uninterrupted_on_any_number_of_threads(tmp_path: Path) -> None:
    asked, setting = points(6), frame()
    with Store(None, setting.columns) as memory:
        whole = Crew(memory, jobs=1)(setting, asked)
    assert whole.sound.all()
    assert whole.fresh == 6

    def stop_after(chunks: int) -> Any:
        left = [chunks]

        def progress(*_: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

        return progress

    fresh = 0
    for chunks in (2, 2):
        with Store(tmp_path, setting.columns) as store:
            before = len(store)
            with pytest.raises(KeyboardInterrupt):
                Crew(store, jobs=2, progress=stop_after(chunks))(setting, asked)
            fresh += (len(store) - before) // 2
    with Store(tmp_path, setting.columns) as store:
        last = Crew(store, jobs=2)(setting, asked)
        assert last.outcomes.tobytes() == whole.outcomes.tobytes()
        assert 0 < last.fresh < 6, "what was finished before the interruptions was kept"
        assert last.fresh + fresh == 6
        assert Crew(store)(setting, asked).fresh == 0


def test_cells_depend_on_values_people_and_scenario_and_on_no_order() -> None:
    setting, other = frame(), frame(people=800)
    price = {"price.gp_visit": 40.0, "price.ect_session": 100.0}
    reordered = dict(reversed(price.items()))
    assert setting.keys(Point(price))[0] == setting.keys(Point(reordered))[0]
    today = {"price.gp_visit": setting.registry.value("price.gp_visit")}
    assert setting.keys(Point({}))[0] == setting.keys(Point(today))[0]
    keys = [
        *(*setting.keys(Point({})), other.keys(Point({}))[0]),
        *(setting.keys(Point(price))[0], setting.keys(Point({}, lot=1))[0]),
    ]
    assert len(set(keys)) == 5


def test_a_point_that_fails_is_tried_again_then_named(monkeypatch: pytest.MonkeyPatch) -> None:
    setting, tries = frame(), dict[float, int]()
    true = World.evaluate

    def fails(self: World, point: Point) -> Any:
        price = float(point.values["price.gp_visit"])  # type: ignore[arg-type]
        tries[price] = tries.get(price, 0) + 1
        if price == 31.0 or (price == 32.0 and tries[price] == 1):
            raise ValueError("unlucky")
        return true(self, point)

    monkeypatch.setattr(World, "evaluate", fails)
    asked = [Point({"price.gp_visit": price}) for price in (30.5, 31.0, 32.0)]
    with Store(None, setting.columns) as store:
        found = Crew(store)(setting, asked)
    assert found.sound.tolist() == [True, False, True]
    assert found.failed == {1: "ValueError: unlucky"}
    assert tries == {30.5: 1, 31.0: 2, 32.0: 2}


def test_a_dask_cluster_gives_the_same_bytes() -> None:
    from distributed import LocalCluster

    asked, setting = points(3), frame()
    with Store(None, setting.columns) as memory:
        alone = Crew(memory)(setting, asked)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Store(None, setting.columns) as memory,
    ):
        together = Crew(memory, cluster=cluster.scheduler_address)(setting, asked)
    assert together.outcomes.tobytes() == alone.outcomes.tobytes()


def test_the_mean_over_draws_stands_beside_the_run_at_the_central_values() -> None:
    setting, inputs = frame(), all_uncertain(load_parameters())
    with Store(None, setting.columns) as store:
        run = uncertainty.probabilistic(setting, inputs, 4, 3, Crew(store))
        centre = Crew(store)(setting, [Point({}, uncertainty.FIRST_OF_CENTRE + lot) for lot in range(2)])
        longer = uncertainty.probabilistic(setting, inputs, 6, 3, Crew(store))
    assert run.psa.strategies == ("baseline", "liste_en_sus")
    assert len(run.psa) == 4
    assert run.central.shape == (2, len(OUTCOMES), 8)
    assert centre.fresh == 0
    assert longer.computed.fresh == 2, "the first draws of a longer run are those of a shorter one"
    assert np.array_equal(longer.outcomes[:4], run.outcomes)
    assert np.array_equal(run.central[:, QALYS], centre.outcomes[:, :, QALYS].transpose(1, 0, 2).reshape(2, -1))
    assert run.psa.effects == pytest.approx(run.outcomes[:, :, QALYS].mean(axis=-1))
    drawn = run.psa.parameters[:, run.psa.parameter_names.index("price.ect_session")]
    assert drawn == pytest.approx(draw_parameters(setting.registry, 4, 3)["price.ect_session"])


def test_one_way_moves_each_input_alone_and_names_what_runs_do_not_read() -> None:
    setting = frame(years=1)
    inputs = all_uncertain(setting.registry)
    world = world_of(setting)
    wanted = {"price.ect_session", "population.bipolar.share"}
    few = [one for one in inputs.inputs if wanted & set(one.members)]
    inputs = Uncertainty(setting.registry, tuple(few), inputs.defaults, {}, None, inputs._spreads)
    with Store(None, setting.columns) as store:
        run = uncertainty.one_way(setting, inputs, 50_000.0, Crew(store), (world.life_ids, world.worth_ids))
    assert run.unread == ("population.bipolar.share",)
    (bar, *views) = run.bars
    assert (bar.name, bar.kind, bar.simulated) == ("session costs", "spread", False)
    assert [view.kind for view in views] == ["perspective"] * 4
    low, high = (ends["price.ect_session"] for ends in bar.tried)
    assert low < setting.registry.value("price.ect_session") < high
    assert bar.width[0] == 0.0


def test_of_many_bars_of_chance_hardly_any_is_told_and_rounding_never() -> None:
    """Three hundred bars with nothing behind them, five with something; 1.96 errors would tell fifteen by chance."""
    rng, batches = np.random.default_rng(4), 10
    base = np.zeros((1, batches))

    def bar(name: str, effect: float, noise: float) -> uncertainty.Bar:
        low, high = (sign * effect + noise * rng.standard_normal((1, batches)) for sign in (-1.0, 1.0))
        return uncertainty._bar(name, "spread", ({}, {}), (low, high, base), True)

    bars = [bar("chance", 0.0, 5.0) for _ in range(300)] + [bar("real", 20.0, 5.0) for _ in range(5)]
    bars.append(uncertainty._bar("rounding", "spread", ({}, {}), (base + 3e-12, base + 1e-12, base), True))
    bars.append(uncertainty._bar("without error", "spread", ({}, {}), (base - 1.0, base + 1.0, base), False))
    told = uncertainty._told_from_chance(bars, batches)[:, 0]
    assert told[300:305].all()
    assert told[:300].sum() <= 2
    assert told[305:].tolist() == [False, True]
    one_sided = uncertainty._bar("turns", "spread", ({}, {}), (base - 4.0, base - 4.0, base), True)
    assert one_sided.width[0] == 4.0, "both ends on one side of the base"


def test_what_no_one_does_yet_is_no_uncertainty_of_those_who_do_something_else() -> None:
    setting, everything = frame(), frozenset(load_parameters())
    inputs = all_uncertain(setting.registry)
    names = {name for name, *_ in uncertainty._ends(setting, inputs, everything)[0]}
    assert "gp_training.share" in inputs.fixed
    assert "gp_training.share" not in names
    assert "economy.discount.first_rate" in names, "conventions move over their range"


def test_an_input_that_fails_is_named_and_the_others_stay() -> None:
    inputs = three_uniforms()
    true = computes(lambda values: sum(values.values()), 0.0)

    def fails(setting: Frame, asked: Sequence[Point]) -> Computed:
        found = true(setting, asked)
        found.outcomes[3] = np.nan
        return Computed(found.outcomes, {3: "ValueError: unlucky"})

    two: Any = SimpleNamespace(scenarios=(None, None), registry=inputs.registry)
    everything = frozenset(inputs.names)
    run = uncertainty.one_way(two, inputs, 1.0, fails, (everything, frozenset()), measure="qalys")
    assert dict(run.failed) == {"x.two": "ValueError: unlucky"}
    assert [bar.name for bar in run.bars] == ["x.one", "x.three"], "QALYs are the same in all perspectives"
    assert np.isfinite([bar.width for bar in run.bars]).all()


def test_the_lives_of_many_scenarios_are_remembered_for_the_points_that_only_change_prices(world: World) -> None:
    lived: Any = object()
    world._lived.clear()
    for point in range(cells.POINTS_KEPT + 1):
        for scenario in range(40):
            world.remember((0, (("course", point),), f"scenario {scenario}", False), lived)
            assert world.remembered((0, (("course", point),), "scenario 0", False)) is lived
    assert world.remembered((0, (("course", 0),), "scenario 0", False)) is None, "memory is bounded"
    world._lived.clear()
