"""Lives lived where a policy parts them: the same counts as living everybody again, and no bias from what is rare."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from model import branches, cells, chance, forks, simulation
from model.books import Books
from model.cells import Frame, Point, World
from model.draws import uncertainty
from model.forks import EVERYTHING, Road
from model.inputs import load_parameters
from model.ledgers import Ledgers
from model.luck import COURSE, SUICIDES, Stakes
from model.phases import Values
from model.scenario import load_scenarios
from model.simulation import People
from model.states import Care, Event, Fixed, Health, Hospital, Now, Resource, Trait, Treatment
from model.workers import world_of

YEARS = 25
PARTED = ("liste_en_sus", "collaborative_care", "collaborative_care_brief_effect", "shared_care", "ketamine_iv_access")
ALONE = ("gp_training",)


@cache
def world() -> World:
    registry = load_parameters()
    scenarios = tuple(load_scenarios(["baseline", *PARTED, *ALONE], registry))
    return world_of(Frame(scenarios, registry, 1_600, 4, 7, YEARS, "forks"))


@cache
def roads(draw: int) -> tuple[People, dict[str, Road]]:
    """Return the cohort and what every scenario's calendar says, at the registry's values (0) or at a draw."""
    frame, inputs = world().frame, uncertainty(load_parameters())
    point = Point(inputs.values(inputs.draw(draw, 1)[-1]) if draw else {})
    registry = frame.registry.replace(dict(point.values), "point")
    values = Values({name: parameter.value for name, parameter in registry.items()})
    lives = cells._Lives(world(), point, registry, values)
    begun = lives.begun(frame.scenarios[0], None, with_use=True)
    return lives.people[1], {one.id: lives.begun(one, begun).road for one in frame.scenarios}


@pytest.mark.parametrize("draw", [0, 3])
def test_lives_that_part_give_the_counts_of_living_everybody_again(draw: int) -> None:
    cohort, ways = roads(draw)
    names = [*PARTED, *ALONE]
    policies = forks.stacked(
        ways["baseline"], [ways[name] for name in names], [1] * len(names), cohort.slices, choosing=True
    )
    books, _, arms = forks.live_beside(cohort, ways["baseline"], policies, world().stakes)
    for k, name in enumerate(names):
        again = everybody(cohort, ways[name])[1].pages
        alone = bool(policies.contact[k, 0] & EVERYTHING)
        assert alone == (name in ALONE)
        assert alone or 0 < arms.partings[k].sum() < 0.5 * len(cohort)
        for table in again.dtype.names:
            found = arms.policy[k][table]
            if not alone:
                found = books.pages[table] - arms.today[k][table] + found
            assert np.array_equal(found, again[table]), (name, table)


def test_sums_over_slices_are_the_counts_weighted() -> None:
    """Slices lived one after the other on the same pages leave nothing on them, and add to their own batch."""
    cohort, ways = roads(0)
    names = ["liste_en_sus", "collaborative_care", *ALONE]
    tries = forks.by_weight(cohort, [8, 3, 1])
    asked = (cohort, ways["baseline"], [ways[name] for name in names], tries, world().stakes)
    sums, policies = forks.live(*asked)
    assert policies.policy.tolist() == [0, 1, 1, 2], "collaborative care is lived in two shares"
    assert np.array_equal(policies.tries[:, [0, 3]], np.maximum(1, np.rint(tries[:, [0, 2]])))
    assert len(np.unique(policies.tries[:, 0])) > 3
    assert policies.every[:, 1].max() > 2, "people who stand for few are not all tested"
    books, luck, arms = forks.live_beside(cohort, ways["baseline"], policies, world().stakes)
    today = simulation.weighted_pages(cohort, books.pages)
    for place in range(4):
        found = simulation.yearly_tables(sums.cells[place])
        for table in found:
            wanted = today[table]
            if place:
                wanted = 0.0
                for k in np.flatnonzero(policies.policy == place - 1):
                    share = forks.spread(np.diff(cohort.starts), policies.every[:, k]) / policies.tries[:, k]
                    shared = replace(cohort, weight=cohort.weight * policies.ranks[k, 1] * share)
                    here = today if place == 3 else simulation.weighted_pages(shared, arms.today[k])
                    wanted = wanted + simulation.weighted_pages(shared, arms.policy[k])[table] - here[table]
            assert np.allclose(found[table], wanted, rtol=1e-9, atol=1e-6), (place, table)
    for batch in range(cohort.batches):
        mine = cohort.batch == batch
        assert np.allclose(sums.luck[0, batch], np.tensordot(cohort.weight[mine], luck[mine], 1))
    assert np.array_equal(sums.partings, arms.partings)


def test_pairs_of_arms_weigh_about_the_same() -> None:
    """Who stands for more people is tried under more lucks; one luck for all is everybody's own."""
    people = People(np.zeros(5), np.array([0, 1, 5]), np.array([0, 0]), np.array([6.0, 1.0]))
    assert forks.by_weight(people, [10, 2, 1]).tolist() == [[30.0, 6.0, 1.0], [5.0, 1.0, 1.0]]
    cohort, ways = roads(3)
    spread = {}
    for name, tries in (("even", [200]), ("by weight", forks.by_weight(cohort, [200]))):
        sums, policies = forks.live(cohort, ways["baseline"], [ways["liste_en_sus"]], tries, world().stakes)
        each = np.repeat(cohort.weight / policies.tries[:, 0], sums.partings[0])
        spread[name] = each.std() / each.mean()
    assert spread["by weight"] < 0.2 * spread["even"]


@pytest.mark.parametrize("name", ["liste_en_sus", "ketamine_iv_access"])
def test_ledgers_of_a_policy_that_parts_few_lives_are_those_of_everybody(name: str) -> None:
    """Under one luck, the same to the last count, who is where each month and places among them; on any threads."""
    cohort, ways = roads(0)
    assert branches.parts_few(ways["baseline"], ways[name])
    assert not branches.parts_few(ways["baseline"], ways["collaborative_care"])
    today, again = (simulation.weighted(*everybody(cohort, ways[one])) for one in ("baseline", name))
    one, other = (
        branches.changed(cohort, today, ways["baseline"], [ways[name]] * 2, [2, 1], jobs)[1] for jobs in (1, 2)
    )
    for table in Ledgers.__dataclass_fields__:
        assert np.allclose(getattr(one, table), getattr(again, table), rtol=0.0, atol=1e-6), table
        assert getattr(one, table).tobytes() == getattr(other, table).tobytes(), table
    assert not np.array_equal(today.trace, again.trace)


def test_a_policy_of_some_gps_is_lived_by_everybody_as_if_theirs_were_among_them() -> None:
    """Each share weighs its part of the nation; the sum is what living everybody once is on average, with less chance.

    Over independent slices: months in episode gained and follow-ups begun, their paired difference from one share.
    """
    cohort, ways = roads(0)
    today, policy = ways["baseline"], ways["collaborative_care"]
    reached = float(policy.tables.care["participation"].max())
    assert forks.shares(today, policy) == [(0.0, reached, 0), (reached, 1.0 - reached, forks.BY_GP)]
    for other in ("liste_en_sus", "shared_care", *ALONE):
        assert forks.shares(today, ways[other]) == [forks.EVERYBODY], other
    assert forks.shares(policy, policy) == [forks.EVERYBODY], "where GPs take part today, nobody is moved"
    cohort, found = often(cohort, 6), {}
    for sharing in (False, True):
        policies = forks.stacked(today, [policy], [1], cohort.slices, sharing=sharing)
        *_, arms = forks.live_beside(cohort, today, policies, world().stakes)
        months = (there["events"][..., Event.EPISODE_MONTH].astype(float) for there in (arms.policy, arms.today))
        change = np.subtract(*months).sum(axis=(2, 3)) * policies.ranks[:, 1:]
        starts = arms.policy["resources"][..., Resource.SESAME_START].sum(axis=(2, 3, 4)) * policies.ranks[:, 1:]
        found[sharing] = np.stack([change.sum(axis=0), starts.sum(axis=0)])
        if sharing:
            assert starts[1].sum() == 0.0 < starts[0].sum(), "no nurse follows patients of the others"
    for whole, shared in zip(found[False], found[True], strict=True):
        assert abs((whole - shared).sum()) < 3.5 * np.sqrt(((whole - shared) ** 2).sum())
    chance_of = {sharing: made[1].reshape(-1, 4).var(axis=1, ddof=1).sum() for sharing, made in found.items()}
    assert chance_of[True] < 0.7 * chance_of[False]


def test_people_in_shares_or_in_one_batch_are_the_same_nation() -> None:
    cohort, _ = roads(0)
    one = cohort.in_one_batch()
    assert (one.batches, one.slices) == (1, cohort.slices // cohort.batches)
    assert np.allclose(one.person_weights(), cohort.person_weights())
    found = forks.in_shares(one, [forks.Share(0.0, 0.3, 0), forks.Share(0.3, 0.7, forks.BY_GP)])
    assert found.person_weights().sum() == pytest.approx(cohort.person_weights().sum())
    assert np.array_equal(found.persons["key"], np.tile(cohort.persons["key"], 2))
    rank = found.persons["trait"][:, Trait.SESAME_RANK].reshape(2, -1)
    assert (rank[0] < 0.3).all()
    assert (rank[1] >= 0.3).all()
    assert found.person_weights()[: len(cohort)].sum() == pytest.approx(0.3 * cohort.person_weights().sum())


def everybody(cohort: People, road: Road) -> tuple[People, Books]:
    """Return everybody lived from month 0, and their books."""
    people, cycles = cohort.fresh(), 12 * YEARS
    books = simulation.new_books(people.slices, cycles, YEARS)
    books = books._replace(rations=simulation.new_rations(road.rations))
    simulation.advance(people, 0, cycles, road.tables, road.calendar, books)
    simulation.close(people, road.calendar, books)
    return cohort, books


def often(cohort: People, copies: int, seed: int = 11) -> People:
    """Return every person of a cohort several times, each with luck of their own."""
    persons = np.repeat(cohort.persons, copies).view(np.recarray)
    persons["key"] = chance.keys(seed, len(persons))
    return People(persons, cohort.starts * copies, cohort.batch, cohort.weight / copies)


@pytest.mark.parametrize(("name", "tries"), [("liste_en_sus", 64), ("collaborative_care", 3)])
def test_more_tries_have_the_same_mean_and_less_chance(name: str, tries: int) -> None:
    """What starts and what it costs in months ill, the same people under eight lucks: paired with one try."""
    found: dict[int, list[list[float]]] = {1: [], tries: []}
    cohort, ways = roads(3)
    for luck in range(8):
        people = often(cohort, 1, luck)
        for count, totals in found.items():
            policies = forks.stacked(ways["baseline"], [ways[name]], [count], people.slices, choosing=True)
            *_, arms = forks.live_beside(people, ways["baseline"], policies, world().stakes)
            events, used = (
                (arms.policy[table].astype(float) - arms.today[table]).reshape(-1, arms.policy[table].shape[-1])
                for table in ("events", "resources")
            )
            starts = events[:, Event.ESKETAMINE_START] if name == "liste_en_sus" else used[:, Resource.SESAME_START]
            totals.append([starts.sum() / count, events[:, Event.EPISODE_MONTH].sum() / count])
    one, many = (np.array(totals) for totals in found.values())
    error = (one - many).std(axis=0, ddof=1) / np.sqrt(len(one))
    assert (np.abs((one - many).mean(axis=0)) < 3.5 * error).all()
    assert one[:, 0].mean() > 0.0 < many[:, 0].mean()
    assert (many.var(axis=0) < 0.8 * one.var(axis=0)).all()


def test_chosen_lucks_part_as_many_lives_as_tried_ones() -> None:
    """The person's own luck still says until when two lives are one: without it, the same person would part twice."""
    cohort, ways = roads(3)
    cohort, rates = often(cohort, 6), []
    for choosing, count in ((False, forks.MOST_TRIED), (True, 64)):
        policies = forks.stacked(ways["baseline"], [ways["liste_en_sus"]], [count], cohort.slices, choosing=choosing)
        assert policies.chosen.all() == choosing
        *_, arms = forks.live_beside(cohort, ways["baseline"], policies, world().stakes)
        rates.append((arms.partings[0] / policies.tries[:, 0]).sum())
    assert rates[1] == pytest.approx(rates[0], rel=0.08), "chance is 2.4 % of it; parting twice added 18 %"


def test_who_parts_under_any_luck_parts_under_as_many_as_are_chosen() -> None:
    """An EPSM's esketamine patient, whose devices change payer: one luck lived 64 times would weigh as 64 people."""
    cohort, ways = roads(3)
    mine = cohort.persons[cohort.persons["fixed"][:, Fixed.HOSPITAL] == Hospital.EPSM][:40].copy().view(np.recarray)
    now = mine["now"]
    now[:, [Now.HEALTH, Now.SEVERITY]] = Health.SEVERE
    now[:, [Now.TREATMENT, Now.CARE]] = Treatment.ESKETAMINE, Care.PSYCHIATRIST
    mine["fixed"][:, Fixed.ENTRY] = 12  # the scenario has begun
    alone = People(mine, np.arange(len(mine) + 1), np.zeros(len(mine), np.int64), np.ones(len(mine)))
    policies = forks.stacked(ways["baseline"], [ways["liste_en_sus"]], [64], alone.slices, choosing=True)
    *_, arms = forks.live_beside(alone, ways["baseline"], policies, world().stakes)
    assert (arms.partings[0] >= 64).all()
    once = arms.partings[0] == 64
    months = arms.today["events"][0, once][..., Event.EPISODE_MONTH].sum(axis=(1, 2))
    assert once.sum() >= 5
    assert (months % 64 != 0).mean() > 0.9


def test_lucks_are_chosen_where_answers_differ_and_as_often_as_they_do() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        access, other = rng.random(2)
        ration, other_ration = np.minimum(1.0, 2.0 * rng.random(2))
        asked = (access, ration, other, other_ration)
        share = forks.chance_of(*asked)
        assert share == pytest.approx(
            np.mean([forks.differs(u, *asked) for u in (np.arange(2_000) + 0.5) / 2_000]), abs=2e-3
        )
        found = [forks.within(v * share, *asked) for v in (np.arange(50) + 0.5) / 50]
        assert all(forks.differs(u, *asked) for u in found)


def test_luck_has_mean_nil_and_moves_with_what_happens() -> None:
    """Suicides and moves of the course, counted less expected, each with a weight of one."""
    cohort, ways = roads(0)
    stakes = Stakes(np.ones_like(world().stakes.suicide), np.ones_like(world().stakes.ill))
    policies = forks.stacked(ways["baseline"], [], [], cohort.slices)
    books, luck, _ = forks.live_beside(often(cohort, 6), ways["baseline"], policies, stakes)
    events = books.pages["events"].sum(axis=(1, 2)).astype(float)
    total = luck.sum(axis=1)
    slices = np.sqrt((total**2).sum(axis=0))
    assert (slices > 0.0).all()
    assert (np.abs(total.sum(axis=0)) < 4.0 * slices).all()
    deaths = events[:, Event.SUICIDE]
    expected = deaths - total[:, SUICIDES]
    assert deaths.sum() > 20
    assert (expected > 0.0).all()
    assert expected.sum() == pytest.approx(deaths.sum(), abs=4.0 * np.sqrt(deaths.sum()))


def test_bad_luck_of_the_course_brings_months_in_episode() -> None:
    """The same people lived under several lucks, each slice beside its own mean: a month of bad luck, about a month."""
    cohort, ways = roads(0)
    stakes = Stakes(np.zeros_like(world().stakes.suicide), np.ones_like(world().stakes.ill))
    policies, found = forks.stacked(ways["baseline"], [], [], cohort.slices), []
    for seed in range(12):
        books, luck, _ = forks.live_beside(often(cohort, 1, seed), ways["baseline"], policies, stakes)
        months = books.pages["events"][..., Event.EPISODE_MONTH].sum(axis=(1, 2))
        found.append([luck[..., COURSE].sum(axis=1), months])
    bad, months = np.moveaxis(np.array(found, dtype=float) - np.mean(found, axis=0), 1, 0)
    assert 0.3 < (bad * months).sum() / (bad * bad).sum() < 2.0
