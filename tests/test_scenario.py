"""Scenarios: what a file may say, how files combine, and the values in force month by month."""

import pickle
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from model.changes import Change
from model.inputs import InputError, Registry, load_parameters
from model.scenario import (
    BASELINE,
    SCENARIOS,
    Scenario,
    load_scenario,
    load_scenarios,
    month_name,
    month_number,
    scenario_names,
)
from model.scenario_card import card, diff, number_text, starter
from model.scenario_schema import PAYERS

ACCESS = "access.esketamine.epsm.monthly_probability"
PARAMETERS = f"""
[{ACCESS}]
value = 0.01
unit = "probability per month"
range = [0, 1]
[referral.odds_ratio]
value = 1.0
unit = "ratio"
range = [0, 4]
[sesame.participation]
value = [0.1, 0.2]
unit = "share of GPs"
range = [0, 1]
[rtms.reimbursed]
value = false
unit = "switch"
[training.annual_cost]
value = 12000
unit = "EUR per year"
price_year = 2025
"""
TEXTS = """
title = { fr = "Essai", en = "Trial" }
summary = { fr = "Un essai.", en = "A trial." }
"""
POLICY = (
    TEXTS
    + """
proposal = "document, section 1"
uncertainty = "not known"
does_not_claim = { fr = "rien", en = "nothing" }
evidence = [{ effect = "more care", source = "a trial", grade = "A" }]
"""
)
WHY = 'grade = "D"\nwhy = "a trial"\n'


EXPLORE = """explore.parameter = "referral.odds_ratio"
explore.values = [1, 5]
explore.unit = "ratio"
explore.label = { fr = "x", en = "x" }
"""
LEGAL = """legal_test.criteria = [
    { title = { fr = "x", en = "x" }, rule = "x", value = 1, expected = 2 },
]
"""


def change(name: str, keys: str) -> str:
    return f'[changes."{name}"]\n{WHY}{keys}\n'


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    folder = tmp_path / "parameters"
    folder.mkdir()
    provenance = 'source = "a trial"\ngrade = "A"\nchecked = "yes"\nreviewed = 2026-11-22\n'
    text = PARAMETERS.replace("unit =", provenance + "unit =")
    (folder / "first.toml").write_text(text, encoding="utf-8")
    return load_parameters(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "baseline.toml").write_text(TEXTS, encoding="utf-8")
    return scenarios


def write(folder: Path, name: str, *tables: str, head: str = "") -> None:
    (folder / f"{name}.toml").write_text(head + POLICY + "".join(tables), encoding="utf-8")


def loaded(folder: Path, registry: Registry, *tables: str, head: str = "") -> Scenario:
    write(folder, "policy", *tables, head=head)
    return load_scenario("policy", registry, folder)


def refused(folder: Path, registry: Registry, *tables: str, head: str = "") -> list[str]:
    with pytest.raises(InputError, match="problem") as caught:
        loaded(folder, registry, *tables, head=head)
    return [line for lines in caught.value.problems.values() for line in lines]


def monthly(scenario: Scenario, registry: Registry, months: int, name: str = ACCESS) -> list[float]:
    found = scenario.values(registry, months)
    return [found.phases[phase][name] for phase in found.phase_of_month]


def test_months_are_counted_from_year_0():
    assert month_number("2027-01") == 2027 * 12
    assert month_name(month_number("2027-07") + 6) == "2028-01"
    for wrong in ("2027-13", "2027-00", "27-01", "2027-1"):
        with pytest.raises(ValueError, match="is not a month"):
            month_number(wrong)


def test_the_baseline_is_one_phase_with_the_values_of_the_registry(folder, registry):
    phases = load_scenario("baseline", registry, folder).values(registry, 1_000)
    assert len(phases.phases) == 1
    assert phases.phase_of_month.dtype == np.int32
    assert not phases.phase_of_month.any()
    assert dict(phases.phases[0]) == {name: registry.value(name) for name in registry}


@pytest.mark.parametrize(
    "keys",
    [
        'value = 0.01\nfrom = "2027-03"\nramp = "7 months"\nuntil = "2027-12"\ndecay = "5 months"',
        'multiply = 1\nfrom = "2027-03"\nramp = "7 months"',
        'add = 0\nfrom = "2027-03"\nramp = "7 months"',
        'multiply = 1\nfrom = "2027-03"\nwhere = { region = ["11"], hospital = ["epsm"] }',
    ],
)
def test_a_change_to_the_baseline_value_changes_nothing_to_the_bit(folder, registry, keys):
    baseline, same = (
        load_scenario("baseline", registry, folder),
        loaded(folder, registry, change(ACCESS, keys)),
    )
    expected, found = baseline.values(registry, 60), same.values(registry, 60)
    assert len(found.phases) == 1
    assert dict(found.phases[0]) == dict(expected.phases[0])
    assert np.array_equal(found.phase_of_month, expected.phase_of_month)


@cache
def evidence() -> Registry:
    return load_parameters()


def at_baseline(change: Change) -> Change:
    """Return a change on its own calendar, in its own places, to what its parameter is already."""
    null = {"multiply": 1.0, "add": 0.0, "value": evidence().value(change.parameter)}
    return replace(change, amount=null[change.operation])


@pytest.mark.parametrize("name", [name for name in scenario_names() if name != BASELINE])
def test_every_scenario_with_its_changes_at_the_baseline_value_is_the_baseline(name):
    """Ten years of the baseline's own values, to the bit: they live the same lives (tests/test_kernel.py)."""
    scenario = load_scenario(name, evidence())
    assert scenario.changes
    changes = {said: tuple(map(at_baseline, changes)) for said, changes in scenario.changes.items()}
    found = replace(scenario, changes=changes).values(evidence(), 120)
    assert len(found.phases) == 1
    assert dict(found.phases[0]) == {said: evidence().value(said) for said in evidence()}
    assert len(scenario.values(evidence(), 120).phases) > 1, "as written it does change something"


def test_a_ramp_takes_its_first_step_in_the_month_of_from_and_is_full_in_its_last(folder, registry):
    scenario = loaded(folder, registry, change(ACCESS, 'value = 0.05\nfrom = "2027-03"\nramp = "4 months"'))
    np.testing.assert_allclose(
        monthly(scenario, registry, 8), [0.01, 0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.05], rtol=1e-15
    )
    assert monthly(scenario, registry, 8)[-1] == 0.05
    assert scenario.values(registry, 8).phase_of_month.tolist() == [0, 0, 1, 2, 3, 4, 4, 4]


def test_a_ramp_runs_by_the_calendar_whatever_the_first_month(folder, registry):
    scenario = loaded(folder, registry, change(ACCESS, 'value = 0.05\nfrom = "2027-03"\nramp = "4 months"'))
    phases = scenario.values(registry, 2, start="2027-04")
    assert [values[ACCESS] for values in phases.phases] == pytest.approx([0.03, 0.04])


def test_after_until_the_effect_decays_to_the_baseline_and_its_phase_is_used_again(folder, registry):
    keys = 'value = 0.05\nfrom = "2027-02"\nuntil = "2027-03"\ndecay = "4 months"'
    scenario = loaded(folder, registry, change(ACCESS, keys))
    found = monthly(scenario, registry, 9)
    np.testing.assert_allclose(found, [0.01, 0.05, 0.05, 0.04, 0.03, 0.02, 0.01, 0.01, 0.01], rtol=1e-15)
    assert scenario.values(registry, 9).phase_of_month.tolist() == [0, 1, 1, 2, 3, 4, 0, 0, 0]
    abrupt = loaded(folder, registry, change(ACCESS, 'value = 0.05\nuntil = "2027-02"'))
    assert monthly(abrupt, registry, 4) == [0.05, 0.05, 0.01, 0.01]


def test_until_before_the_ramp_is_over_decays_from_where_it_stood(folder, registry):
    keys = 'add = 0.04\nfrom = "2027-01"\nramp = "4 months"\nuntil = "2027-02"\ndecay = "2 months"'
    found = monthly(loaded(folder, registry, change(ACCESS, keys)), registry, 5)
    np.testing.assert_allclose(found, [0.02, 0.03, 0.02, 0.01, 0.01], rtol=1e-14)


def test_lists_and_switches_take_a_value(folder, registry):
    scenario = loaded(
        folder,
        registry,
        change("sesame.participation", 'value = [0.3, 0.2]\nfrom = "2027-01"\nramp = "2 months"'),
        change("rtms.reimbursed", 'value = true\nfrom = "2027-02"'),
    )
    participation = monthly(scenario, registry, 2, "sesame.participation")
    assert participation == [(pytest.approx(0.2), 0.2), (0.3, 0.2)]
    assert monthly(scenario, registry, 2, "rtms.reimbursed") == [False, True]


def test_a_regional_change_is_read_by_region_only(folder, registry):
    keys = 'multiply = 3\nfrom = "2027-02"\nwhere = { region = ["11", "01"] }'
    phases = loaded(folder, registry, change(ACCESS, keys)).values(registry, 3)
    before, after = phases.phases
    np.testing.assert_array_equal(before.by_region(ACCESS), np.full(18, 0.01))
    changed = np.flatnonzero(after.by_region(ACCESS) != 0.01)
    assert changed.tolist() == [0, 5]  # rows of Guadeloupe (01) and Île-de-France (11)
    assert after.by_region(ACCESS)[5] == 0.03
    for values in (before, after):
        with pytest.raises(KeyError, match="differs between places: read it by_region"):
            values[ACCESS]
    with pytest.raises(KeyError, match="differs by region"):
        after.by_hospital(ACCESS)
    np.testing.assert_array_equal(after.by_region("referral.odds_ratio"), np.ones(18))


def test_a_hospital_change_is_read_by_hospital_and_both_by_place(folder, registry):
    keys = 'value = 0.5\nwhere = { hospital = ["general", "clinic"] }'
    (values,) = loaded(folder, registry, change(ACCESS, keys)).values(registry, 3).phases
    assert values.by_hospital(ACCESS).tolist() == [0.01, 0.5, 0.5]
    keys = 'value = 0.5\nwhere = { region = ["94"], hospital = ["epsm"] }'
    (values,) = loaded(folder, registry, change(ACCESS, keys)).values(registry, 3).phases
    assert np.argwhere(values.by_place(ACCESS) == 0.5).tolist() == [[17, 0]]
    with pytest.raises(KeyError, match="differs by hospital"):
        values.by_region(ACCESS)


def test_an_unknown_value_is_named_with_the_nearest(folder, registry):
    (values,) = load_scenario("baseline", registry, folder).values(registry, 1).phases
    with pytest.raises(KeyError, match=r"is not a parameter. Did you mean referral.odds_ratio\?"):
        values["referal.odds_ratio"]


def test_draws_move_what_is_relative_and_stay_in_range(folder, registry):
    scenario = loaded(folder, registry, change(ACCESS, "multiply = 4"))
    assert monthly(scenario, registry.replace({ACCESS: 0.2}, why="draw"), 1) == [0.8]
    assert monthly(scenario, registry.replace({ACCESS: 0.3}, why="draw"), 1) == [1.0]


def test_all_the_problems_of_a_file_are_said_at_once(folder, registry):
    write(
        folder,
        "liste_en_sus",
        change("acces.esketamine.epsm.monthly_probability", "value = 0.02"),
        change(ACCESS, 'value = 12\nramp = "2 years"'),
        change("referral.odds_ratio", 'multiply = 2\nfrom = "2027-13"'),
    )
    with pytest.raises(InputError, match="4 problems") as caught:
        load_scenario("liste_en_sus", registry, folder)
    assert str(caught.value) == (
        f"{folder}/liste_en_sus.toml has 4 problems:\n"
        '  * changes."acces.esketamine.epsm.monthly_probability" is not a parameter.'
        f" Did you mean {ACCESS}?\n"
        f'  * changes."{ACCESS}".ramp is "2 years"; expected a duration, as "24 months".\n'
        f'  * changes."{ACCESS}".value is 12; expected 0 to 1 (probability per month).\n'
        '  * changes."referral.odds_ratio".from is "2027-13"; expected a month, as "2027-07".'
    )


@pytest.mark.parametrize(
    ("name", "keys", "problem"),
    [
        (
            ACCESS,
            "multiply = 101",
            "multiply is 101: the value is 1.01; expected 0 to 1 (probability per month).",
        ),
        (ACCESS, "add = -0.02", "add is -0.02: the value is -0.01; expected 0 to 1 (probability per month)."),
        (ACCESS, "value = true", "value is true; expected a number (probability per month)."),
        (ACCESS, "value = nan", "value is nan; expected a number, true or false, or a list of numbers."),
        (ACCESS, "multiply = inf", "multiply is inf; expected a number."),
        (ACCESS, "add = true", "add is true; expected a number."),
        (ACCESS, "value = [0.1]", "value is [0.1]; expected a number (probability per month)."),
        (ACCESS, "vaule = 1\nadd = 0", "vaule is not a key here. Did you mean value?"),
        (ACCESS, "", " has none; expected exactly one of value, multiply, add."),
        (ACCESS, "value = 0.1\nadd = 0", " has value and add; expected exactly one of value, multiply, add."),
        (
            ACCESS,
            'add = 0\nramp = "2 months"',
            ' has a ramp but no from; expected from, a month, as "2027-07".',
        ),
        (
            ACCESS,
            'add = 0\ndecay = "2 months"',
            ' has a decay but no until; expected until, a month, as "2027-07".',
        ),
        (
            ACCESS,
            'add = 0\nfrom = "2027-02"\nuntil = "2027-01"',
            'until is "2027-01", before from; expected "2027-02" or later.',
        ),
        (ACCESS, "add = 0\nfrom = 2027-02-01", 'from is 2027-02-01; expected a month, as "2027-07".'),
        (ACCESS, "add = 0\noverlap = 0.5", "overlap goes with multiply only."),
        (ACCESS, "multiply = 2\noverlap = 1.5", "overlap is 1.5; expected a share, 0 to 1."),
        (ACCESS, "add = 0\nwhere = {}", "where names no place; expected region, hospital or both."),
        (
            ACCESS,
            'add = 0\nwhere = { region = ["Bretagne"] }',
            'where.region has "Bretagne"; expected its code, "53".',
        ),
        (
            ACCESS,
            "add = 0\nwhere = { region = [11] }",
            "where.region[1] is 11; expected a list of region codes",
        ),
        (ACCESS, 'add = 0\nwhere = { region = ["99"] }', 'where.region has "99", which is not a region.'),
        (
            ACCESS,
            'add = 0\nwhere = { hospital = ["espm"] }',
            'where.hospital has "espm", which is not one. Did you mean epsm?',
        ),
        (
            "sesame.participation",
            "add = 0.1",
            "add cannot change this parameter, which is a list; expected value.",
        ),
        ("sesame.participation", "value = [0.1]", "value has 1 numbers; expected 2 (share of GPs)."),
        ("sesame.participation", "value = [0.1, 2]", "value is [0.1, 2]; expected 0 to 1 (share of GPs)."),
        ("rtms.reimbursed", "value = 1", "value is 1; expected true or false (switch)."),
        (
            "rtms.reimbursed",
            'value = true\nfrom = "2027-01"\nramp = "2 months"',
            " is true or false; it cannot have where, ramp or decay.",
        ),
    ],
)
def test_what_a_change_may_not_say(folder, registry, name, keys, problem):
    (found,) = refused(folder, registry, change(name, keys))
    start = f'changes."{name}"'
    assert found.removeprefix(start).removeprefix(".").startswith(problem)


def test_a_change_gives_its_grade_and_its_reason(folder, registry):
    found = refused(folder, registry, f'[changes."{ACCESS}"]\nvalue = 0.1\n')
    assert [line.split(";")[0] for line in found] == [
        f'changes."{ACCESS}".grade is missing',
        f'changes."{ACCESS}".why is missing',
    ]


def test_a_parameter_written_without_quotes_is_understood(folder, registry):
    found = refused(folder, registry, f"[changes.{ACCESS}]\nvalue = 0.1\n")
    assert found == [f'changes."access" is not a parameter. Put the name in quotes: [changes."{ACCESS}"].']


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("titel = 1\n", "titel is not a key here. Did you mean title?"),
        ('population = "local"\n', 'population is "local"; expected "national" or "retrospective".'),
        ('start = "2023"\n', 'start is "2023"; expected a month, as "2027-07".'),
        ("unlimited_places = 1\n", "unlimited_places is 1; expected true or false."),
        ('colour = "blue"\n', 'colour is "blue"; expected a colour, as "#1b6ca8".'),
        ('extends = "basline"\n', 'extends has "basline", which is not a scenario. Did you mean baseline?'),
        ('includes = ["polici"]\n', 'includes has "polici", which is not a scenario. Did you mean policy?'),
        ('includes = ["policy"]\n', "includes goes round in a circle: policy → policy."),
        ('includes = "policy"\n', 'includes is "policy"; expected a list of names of scenarios.'),
        (
            EXPLORE.replace('"referral', '"referal'),
            'explore.parameter "referal.odds_ratio" is not a parameter. Did you mean referral.odds_ratio?',
        ),
        (
            EXPLORE,
            "explore.values[2] is 5; expected 0 to 4 (ratio).",
        ),
        (
            LEGAL,
            "legal_test.criteria[1].passes is missing; expected true or false.",
        ),
    ],
)
def test_what_a_scenario_may_not_say(folder, registry, head, words):
    assert refused(folder, registry, head=head) == [words]


def test_a_policy_says_what_it_is(folder, registry):
    (folder / "policy.toml").write_text('title = { fr = "Essai" }\n' + change(ACCESS, "value = 0.1"))
    with pytest.raises(InputError, match="6 problems") as caught:
        load_scenario("policy", registry, folder)
    missing = [line.split(" is missing")[0] for line in caught.value.problems[f"{folder}/policy.toml"]]
    assert missing == ["title.en", "summary", "proposal", "uncertainty", "does_not_claim", "evidence"]


COST = """
[[programme_cost]]
title = { fr = "Formation", en = "Training" }
parameter = "training.annual_cost"
per = "year"
payer = "amo"
from = "2027-07"
"""


def test_programme_costs_name_a_price_a_payer_and_a_unit(folder, registry):
    (cost,) = loaded(folder, registry, COST).programme_cost
    assert (cost.parameter, cost.per, cost.payer) == ("training.annual_cost", "year", "AMO")
    assert (cost.from_month, cost.until_month) == (month_number("2027-07"), None)
    (cost,) = loaded(folder, registry, COST.replace('"year"', '"gp_visit"')).programme_cost
    assert cost.per == "GP_VISIT"
    wrong = COST.replace("training.annual_cost", ACCESS).replace('"year"', '"month"').replace('"amo"', '"nobody"')
    found = refused(folder, registry, COST, wrong)
    assert found == [
        'programme_cost[2].per is "month"; expected "year", "once" or a resource or event.',
        f'programme_cost[2].payer is "nobody"; expected one of {", ".join(PAYERS)}.',
        f"programme_cost[2].parameter {ACCESS} is in probability per month; expected a parameter in EUR.",
    ]


def test_a_missing_file_is_named_with_the_nearest_and_all_files_are_checked(folder, registry):
    write(folder, "liste_en_sus", change(ACCESS, "value = 2"))
    (folder / "broken.toml").write_text("title = {\n")
    with pytest.raises(InputError, match="problem") as caught:
        load_scenarios(["list_en_sus", "liste_en_sus", "broken"], registry, folder)
    problems = caught.value.problems
    assert problems[f"{folder}/list_en_sus.toml"] == ["the file does not exist. Did you mean liste_en_sus.toml?"]
    assert len(problems[f"{folder}/liste_en_sus.toml"]) == 1
    (broken,) = problems[f"{folder}/broken.toml"]
    assert broken.startswith("not TOML: ")
    assert "line 1, column 10" in broken


def test_the_name_of_a_file_is_an_id(folder, registry):
    write(folder, "Liste-2")
    with pytest.raises(InputError, match="is not a name; expected lower-case letters"):
        load_scenario("Liste-2", registry, folder)


def test_extends_in_a_circle_is_refused(folder, registry):
    write(folder, "a", head='extends = "b"\n')
    write(folder, "b", head='includes = ["c"]\n')
    write(folder, "c", head='extends = "a"\n')
    with pytest.raises(InputError, match="extends goes round in a circle: a → b → c → a"):
        load_scenario("a", registry, folder)


def test_the_nearer_file_replaces_along_extends(folder, registry):
    keys = 'value = 0.2\nfrom = "2027-02"'
    write(folder, "near", change(ACCESS, keys), change("referral.odds_ratio", "value = 2"), COST)
    scenario = loaded(folder, registry, change(ACCESS, "multiply = 3"), head='extends = "near"\n')
    assert monthly(scenario, registry, 3) == [0.03] * 3
    assert monthly(scenario, registry, 1, "referral.odds_ratio") == [2.0]
    assert scenario.programme_cost[0].origin == "near"
    assert scenario.ancestors == {"near", "baseline"}
    assert [path.stem for path in scenario.files] == ["policy", "near", "baseline"]


def test_a_problem_in_an_extended_file_is_said_under_its_name(folder, registry):
    write(folder, "near", change(ACCESS, "value = 2"))
    with pytest.raises(InputError, match=r"near.toml has 1 problem:\n.*value is 2; expected 0 to 1"):
        loaded(folder, registry, head='extends = "near"\n')


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("multiply = 0.8", "multiply = 0.5", 0.4),  # 1 - (1 - 0.2)(1 - 0.5) of a reduction
        ("multiply = 0.8\noverlap = 1", "multiply = 0.5", 0.5),  # the weaker within the stronger
        ("multiply = 0.64\noverlap = 0.5", "multiply = 0.5", 0.5 * 0.8),
        ("multiply = 2\noverlap = 1", "multiply = 0.5", 1.0),  # opposite directions do not overlap
        ("multiply = 0", "multiply = 0.5\noverlap = 1", 0.0),
        ("value = 2", "value = 2", 2.0),
    ],
)
def test_included_changes_combine(folder, registry, one, two, expected):
    write(folder, "one", change("referral.odds_ratio", one))
    write(folder, "two", change("referral.odds_ratio", two))
    scenario = loaded(folder, registry, head='includes = ["one", "two"]\n')
    assert monthly(scenario, registry, 1, "referral.odds_ratio") == [pytest.approx(expected, rel=1e-15)]
    assert scenario.includes == ("one", "two")


def test_combined_changes_keep_their_own_calendar(folder, registry):
    write(folder, "one", change("referral.odds_ratio", 'multiply = 2\nfrom = "2027-02"'))
    write(folder, "two", change("referral.odds_ratio", 'multiply = 1.5\nfrom = "2027-03"'))
    scenario = loaded(folder, registry, head='includes = ["one", "two"]\n')
    assert monthly(scenario, registry, 4, "referral.odds_ratio") == [1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        ("value = 2", "value = 3", "is set by one and two, which differ"),
        ("value = 2", "multiply = 2", "is set by one and two, which differ"),
        ("add = 1", "add = 1", "is set by one and two, which differ"),
        ("multiply = 3", "multiply = 3", "multiplied by one and two is 9; expected 0 to 4"),
    ],
)
def test_included_changes_that_do_not_combine_are_refused_naming_both(folder, registry, one, two, words):
    write(folder, "one", change("referral.odds_ratio", one))
    write(folder, "two", change("referral.odds_ratio", two))
    (problem,) = refused(folder, registry, head='includes = ["one", "two"]\n')
    assert problem.startswith(f'changes."referral.odds_ratio" {words}')
    settled = loaded(folder, registry, change("referral.odds_ratio", "value = 1"), head='includes = ["one", "two"]\n')
    assert monthly(settled, registry, 1, "referral.odds_ratio") == [1.0]


def test_a_policy_included_twice_counts_once_and_costs_once(folder, registry):
    write(folder, "one", change("referral.odds_ratio", "multiply = 2"), COST)
    write(folder, "package", head='includes = ["one"]\n')
    scenario = loaded(folder, registry, head='includes = ["package", "one"]\n')
    assert monthly(scenario, registry, 1, "referral.odds_ratio") == [2.0]
    assert len(scenario.programme_cost) == 1


def test_what_is_only_inherited_does_not_replace(folder, registry):
    (folder / "baseline.toml").write_text(TEXTS + change(ACCESS, "value = 0.02"), encoding="utf-8")
    write(folder, "one", change(ACCESS, "value = 0.3"))
    write(folder, "two", change("referral.odds_ratio", "value = 2"))
    together = loaded(folder, registry, head='includes = ["two", "one"]\n')
    assert monthly(together, registry, 1) == [0.3]
    extended = loaded(folder, registry, head='extends = "one"\nincludes = ["two"]\n')
    assert monthly(extended, registry, 1) == [0.3]
    assert monthly(extended, registry, 1, "referral.odds_ratio") == [2.0]


def test_a_scenario_has_its_own_calendar_when_it_says_so(folder, registry):
    head = 'start = "2023-07"\npopulation = "retrospective"\n'
    scenario = loaded(folder, registry, change(ACCESS, 'value = 0.5\nfrom = "2023-09"'), head=head)
    assert scenario.population == "retrospective"
    assert monthly(scenario, registry, 4) == [0.01, 0.01, 0.5, 0.5]


def test_an_explored_effect_takes_the_calendar_of_its_change(folder, registry):
    explore = '[explore]\nparameter = "referral.odds_ratio"\nvalues = [1, 2]\nunit = "ratio"\n'
    explore += 'label = { fr = "orientation", en = "referral" }\n'
    scenario = loaded(folder, registry, change("referral.odds_ratio", 'value = 1\nfrom = "2027-02"'), explore)
    assert monthly(scenario.explored(2.0, registry), registry, 3, "referral.odds_ratio") == [1.0, 2.0, 2.0]
    with pytest.raises(InputError, match="is 5; expected 0 to 4"):
        scenario.explored(5.0, registry)
    assert scenario.own_size(registry) == 1.0
    always = loaded(folder, registry, explore)
    assert always.own_size(registry) == registry.value("referral.odds_ratio")
    assert monthly(always.explored(2.0, registry), registry, 2, "referral.odds_ratio") == [2.0, 2.0]


def test_scenarios_are_listed_with_the_baseline_first_and_asked_for_once(folder, registry):
    write(folder, "a_policy")
    assert scenario_names(folder) == ["baseline", "a_policy"]
    with pytest.raises(InputError, match="a_policy is there more than once"):
        load_scenarios(["a_policy", folder / "a_policy.toml"], registry, folder)


def test_a_scenario_can_stand_outside_the_folder(folder, registry, tmp_path):
    write(tmp_path, "mine", change(ACCESS, "value = 0.5"))
    assert load_scenario(tmp_path / "mine.toml", registry, folder).extends == "baseline"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_starter_passes_the_check_and_changes_nothing(folder, registry, lang):
    (folder / "mine.toml").write_text(starter("mine", lang), encoding="utf-8")
    scenario = load_scenario("mine", registry, folder)
    assert scenario.changes == {}
    assert scenario.title[lang] == "mine"


def test_the_examples_of_a_starter_hold_once_uncommented(folder, registry):
    lines = starter("mine").replace("programme_cost.pathway_per_patient", "training.annual_cost").splitlines()
    start = lines.index("# One table a parameter changed: its name in quotes; one of value, multiply, add.")
    examples = [
        line.removeprefix("# ")
        for line in lines[start:]
        if line.startswith(("# [", "# ")) and (" = " in line or "[" in line)
    ]
    (folder / "mine.toml").write_text("\n".join(lines[:start] + examples), encoding="utf-8")
    scenario = load_scenario("mine", registry, folder)
    assert scenario.changes[ACCESS][0].ramp == 24
    assert len(scenario.programme_cost) == len(scenario.evidence) == 1


def test_the_difference_of_two_scenarios_is_told_parameter_by_parameter(folder, registry):
    keys = 'multiply = 2\nfrom = "2027-07"\nramp = "24 months"\nwhere = { region = ["53"] }'
    scenario = loaded(folder, registry, change(ACCESS, keys))
    (row,) = diff(load_scenario("baseline", registry, folder), scenario, registry)
    assert (row.parameter, row.baseline, row.left) == (ACCESS, "0.01", "0.01")
    assert row.right == "0.02 (× 2), from 2027-07, over 24 months, only Bretagne"
    (row,) = diff(scenario, load_scenario("baseline", registry, folder), registry, lang="fr")
    assert row.left == "0,02 (× 2), à partir de 07/2027, montée en charge sur 24 mois, seulement Bretagne"
    assert diff(scenario, scenario, registry) == []


def test_a_card_says_all_that_the_file_says(folder, registry):
    legal = """
[legal_test]
derogation = { fr = "par la loi", en = "by law" }
[[legal_test.criteria]]
title = { fr = "ASMR", en = "ASMR" }
rule = "arrêté"
value = "V"
expected = "I-III"
passes = false
"""
    scenario = loaded(folder, registry, change(ACCESS, "value = 0.02"), COST, legal)
    english, french = card(scenario, registry, "en"), card(scenario, registry, "fr")
    for words in (
        "Trial (policy)",
        "document, section 1",
        f"{ACCESS}: 0.02",
        "Training: 12,000 EUR",
        "fails",
        "by law",
    ):
        assert words in english
    for words in (
        "Essai (policy)",
        f"{ACCESS}\u202f: 0,02",
        "Formation\u202f: 12\u202f000 EUR",
        "non satisfait",
    ):
        assert words in french
    assert "What changes: nothing" in card(load_scenario("baseline", registry, folder), registry)


def test_numbers_are_written_as_in_france_or_in_english():
    assert number_text(12_345.0, "fr") == "12\u202f345"
    assert number_text(12_345.0, "en") == "12,345"
    assert number_text((0.5, True), "fr") == "0,5\u202f; oui"


def test_scenarios_and_values_travel_between_processes(folder, registry):
    keys = 'multiply = 2\nfrom = "2027-02"\nwhere = { region = ["53"] }'
    scenario = loaded(folder, registry, change(ACCESS, keys))
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    values = scenario.values(registry, 2).phases[1]
    copy = pickle.loads(pickle.dumps(values))
    assert dict(copy) == dict(values)
    assert np.array_equal(copy.by_region(ACCESS), values.by_region(ACCESS))


def test_the_guide_leads_from_each_proposal_to_a_scenario_and_leaves_none_out():
    guide = (SCENARIOS.parent / "docs" / "scenarios.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`([a-z0-9_]+)`", row)}
    assert named == set(scenario_names()) - {BASELINE}
    bare = [row for row in rows if not all(cell.strip() for cell in row.strip("|").split("|"))]
    assert bare == [], "a proposal has a scenario or a reason"
