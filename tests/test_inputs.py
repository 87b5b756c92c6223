"""Parameters, tables and draws: what loads, what is refused and in which words."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from model.inputs import (
    PARAMETERS,
    InputError,
    Parameter,
    Registry,
    draw_parameters,
    load_parameters,
    load_table,
)

PROVENANCE = 'source = "a trial"\ngrade = "A"\nchecked = "yes"\nreviewed = 2026-11-22\n'


def registry_of(folder: Path, text: str, **more: str) -> Registry:
    (folder / "first.toml").write_text(text, encoding="utf-8")
    for name, other in more.items():
        (folder / f"{name}.toml").write_text(other, encoding="utf-8")
    return load_parameters(folder)


def parameter(name: str, keys: str) -> str:
    return f'[{name}]\nunit = "ratio"\n{PROVENANCE}{keys}\n'


def refused(folder: Path, text: str, **more: str) -> list[str]:
    with pytest.raises(InputError, match="problem") as caught:
        registry_of(folder, text, **more)
    return [line for lines in caught.value.problems.values() for line in lines]


def test_a_parameter_is_a_table_with_a_value_wherever_it_stands(tmp_path):
    registry = registry_of(
        tmp_path,
        parameter("treatment.esketamine.hazard_ratio", "value = 1.63\nrange = [1, 3]"),
        second=parameter("access.on", "value = true") + parameter("access.by_age", "value = [1, 2.5]"),
    )
    assert list(registry) == ["treatment.esketamine.hazard_ratio", "access.on", "access.by_age"]
    assert registry.value("treatment.esketamine.hazard_ratio") == 1.63
    assert registry.value("access.on") is True
    assert registry.value("access.by_age") == (1.0, 2.5)
    assert registry["treatment.esketamine.hazard_ratio"].range == (1.0, 3.0)
    assert [found.id for found in registry.matching("access")] == ["access.on", "access.by_age"]
    assert registry.matching("acc") == []
    assert registry.nearest("acess.by_age") == "access.by_age"
    assert registry.nearest("quite something else") is None


def test_a_missing_parameter_is_named_with_the_nearest(tmp_path):
    registry = registry_of(tmp_path, parameter("access.monthly_probability", "value = 1"))
    with pytest.raises(KeyError, match=r"acess.*is not a parameter. Did you mean access.monthly_probability\?"):
        registry["acess.monthly_probability"]


def test_all_problems_of_all_files_are_said_at_once(tmp_path):
    with pytest.raises(InputError, match="not TOML") as caught:
        registry_of(
            tmp_path,
            parameter("a.x", "value = nan\nrnage = [0, 1]") + '[a.y]\nvalue = 2\nsource = ""\n',
            broken="[a\n",
        )
    text = str(caught.value)
    assert f"{tmp_path}/first.toml has 7 problems:\n  * a.x.value is nan; expected a finite number" in text
    assert "  * a.x.rnage is not a key here. Did you mean range?" in text
    assert '  * a.y.source is ""; expected the source, in quotes.' in text
    for key in ("unit", "grade", "checked", "reviewed"):
        assert f"  * a.y.{key} is missing; expected " in text
    assert f"{tmp_path}/broken.toml has 1 problem:\n  * not TOML: " in text
    assert "line 1, column 3" in text


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("value = inf", "a.x.value is inf; expected a finite number, true or false, or a list of numbers."),
        ('value = "1"', 'a.x.value is "1"; expected a finite number'),
        ("value = []", "a.x.value is []; expected a finite number"),
        ("value = [1, true]", "a.x.value is [1, true]; expected a finite number"),
        ("value = 2\nrange = [0, 1]", "a.x.value is 2; expected 0 to 1 (ratio)."),
        ("value = [0.5, 2]\nrange = [0, 1]", "a.x.value is [0.5, 2]; expected 0 to 1 (ratio)."),
        ("value = 1\nrange = [2, 0]", "a.x.range is [2, 0]; expected two numbers, the lower first."),
        ("value = 1\nrange = [0, true]", "a.x.range is [0, true]; expected two numbers, the lower first."),
        ("value = 1\nfree = 1", "a.x.free is 1; expected true or false."),
        ("value = 1\nfree = true", "a.x.range is missing; expected two numbers"),
        ("value = true\nfree = true", "a.x.free is true; only numbers may be solved."),
        ('value = 1\ntitle = { fr = "x" }', "a.x.title.en is missing; expected a text in English."),
        (
            'value = 1\nspread = { distribution = "t" }',
            'a.x.spread.distribution is "t"; expected "lognormal"',
        ),
        (
            'value = 1\nrange = [0, 9]\nspread = { distribution = "lognormal", sd = 1.0 }',
            "a.x.spread is lognormal; expected ci95, on the natural scale.",
        ),
        (
            'value = 1\nrange = [0, 9]\nspread = { distribution = "normal", ci95 = [2, 3] }',
            "a.x.spread has ci95 [2, 3]; expected an interval around the value 1.",
        ),
        (
            'value = 0.5\nrange = [0, 1]\nspread = { distribution = "beta", sd = 0.6 }',
            "a.x.spread is beta; expected a value between 0 and 1",
        ),
        (
            'value = 1\nspread = { distribution = "normal", sd = 0.6 }',
            "a.x.range is missing; expected two numbers",
        ),
    ],
)
def test_what_a_parameter_may_not_say(tmp_path, keys, words):
    (problem,) = refused(tmp_path, parameter("a.x", keys))
    assert problem.startswith(words)


def test_a_number_outside_a_parameter_is_not_swallowed(tmp_path):
    assert refused(tmp_path, "x = 3\n[a]\ny = 2\n[b.c]\n") == [
        "x stands alone; expected a table with value, unit, source, grade.",
        "a.y stands alone; expected a table with value, unit, source, grade.",
        "b.c is empty; expected a table with value, unit, source, grade.",
    ]
    assert refused(tmp_path, "[a.x]\n" + PROVENANCE) == [
        "a.x.value is missing; expected a finite number, true or false, or a list of numbers."
    ]


def test_one_parameter_in_two_files_is_refused_naming_both(tmp_path):
    text = parameter("a.x", "value = 1")
    (problem,) = refused(tmp_path, text, second=text)
    assert problem == f"a.x is already in {tmp_path}/first.toml."


def test_a_price_has_a_year(tmp_path):
    price = parameter("a.x", "value = 1").replace('"ratio"', '"EUR per visit"')
    (problem,) = refused(tmp_path, price)
    assert problem == "a.x.price_year is missing; expected the year of the price, as 2025."
    assert registry_of(tmp_path, price + "price_year = 2025")["a.x"].price_year == 2025


def test_an_assumption_has_a_range_and_says_so(tmp_path):
    assumed = parameter("a.x", "value = 1").replace('grade = "A"', 'grade = "D"')
    (problem,) = refused(tmp_path, assumed)
    assert problem.startswith("a.x.range is missing")
    assert registry_of(tmp_path, assumed + "range = [0, 2]")["a.x"].is_assumption
    assert not registry_of(tmp_path, parameter("a.x", "value = 1"))["a.x"].is_assumption


def test_replace_checks_and_leaves_the_first_registry_alone(tmp_path):
    registry = registry_of(tmp_path, parameter("a.x", "value = 1\nrange = [0, 2]") + parameter("a.on", "value = true"))
    solved = registry.replace({"a.x": 2}, why="solved")
    assert (registry.value("a.x"), solved.value("a.x"), solved.reasons) == (1.0, 2.0, {"a.x": "solved"})
    with pytest.raises(InputError, match=r"(?s)a\.x is 3; expected 0 to 2 \(ratio\).*a\.y is not a parameter"):
        registry.replace({"a.x": 3, "a.y": 0}, why="solve")
    with pytest.raises(InputError, match="is true; expected a number"):
        registry.replace({"a.x": True}, why="solve")
    with pytest.raises(InputError, match="is 1; expected true or false"):
        registry.replace({"a.on": 1}, why="solve")


def test_the_hash_is_that_of_the_contents(tmp_path):
    x, y = parameter("a.x", "value = 1\nrange = [0, 2]"), parameter("a.y", "value = 2")
    first = registry_of(tmp_path, x + y)
    other = tmp_path / "other"
    other.mkdir()
    assert registry_of(other, y, second=x).hash() == first.hash()
    assert first.replace({"a.x": 1}, why="same").hash() == first.hash()
    assert first.replace({"a.x": 2}, why="other").hash() != first.hash()
    (other / "tables").mkdir()
    (other / "tables" / "t.csv").write_text("a\n1\n")
    assert load_parameters(other).hash() != first.hash()


def test_solved_values_are_laid_over_free_parameters_only(tmp_path):
    free = "value = 1\nrange = [0, 2]\nfree = true"
    registry_of(tmp_path, parameter("a.x", free) + parameter("a.y", "value = 1"))
    solved = tmp_path / "solved" / "solved.toml"
    solved.parent.mkdir()
    solved.write_text('[[moved]]\nid = "a.x"\nbefore = 1\nafter = 1.5\ntarget = "prevalence"\n')
    assert load_parameters(tmp_path, solved).value("a.x") == 1.5
    assert load_parameters(tmp_path, None).value("a.x") == 1.0
    solved.write_text("".join(f'[[moved]]\nid = "{name}"\nafter = 3\n' for name in ("a.x", "a.y", "b.x")))
    with pytest.raises(InputError, match="3 problems") as caught:
        load_parameters(tmp_path, solved)
    assert "moved[1].after, of a.x, is 3; expected 0 to 2 (ratio)." in str(caught.value)
    assert "moved[2].id a.y is not marked free" in str(caught.value)
    assert 'moved[3].id "b.x" is not a parameter.' in str(caught.value)


def drawn(folder: Path, *parameters: str, seed: int = 1, n: int = 40_000) -> dict[str, np.ndarray]:
    return draw_parameters(registry_of(folder, "".join(parameters)), n, seed)


WIDE = "range = [-1e9, 1e9]\n"


@pytest.mark.parametrize(
    ("value", "spread", "mean", "sd"),
    [
        (2.0, '{ distribution = "normal", sd = 0.5 }', 2.0, 0.5),
        (2.0, '{ distribution = "normal", ci95 = [1.0200180077299734, 2.9799819922700266] }', 2.0, 0.5),
        (0.3, '{ distribution = "beta", sd = 0.1 }', 0.3, 0.1),
        (40.0, '{ distribution = "gamma", sd = 10 }', 40.0, 10.0),
        (2.0, '{ distribution = "uniform", low = 1, high = 4 }', 2.5, 3 / 12**0.5),
        # lognormal, sigma 0.4: mean exp(0.08), sd mean × sqrt(exp(0.16) - 1)
        (
            1.0,
            f'{{ distribution = "lognormal", ci95 = [{np.exp(-0.4 * 1.959963984540054)}, '
            f"{np.exp(0.4 * 1.959963984540054)}] }}",
            np.exp(0.08),
            np.exp(0.08) * np.sqrt(np.expm1(0.16)),
        ),
    ],
)
def test_draws_have_the_moments_of_their_spread(tmp_path, value, spread, mean, sd):
    draws = drawn(tmp_path, parameter("a.x", f"value = {value}\n{WIDE}spread = {spread}"))["a.x"]
    n = draws.size
    assert abs(draws.mean() - mean) < 5 * sd / np.sqrt(n)
    centred = (draws - draws.mean()) ** 2
    assert abs(centred.mean() - sd**2) < 5 * centred.std() / np.sqrt(n)


def test_draws_keep_to_the_range_and_leave_certain_parameters_out(tmp_path):
    normal = 'spread = { distribution = "normal", sd = 1 }'
    draws = drawn(
        tmp_path,
        parameter("a.x", f"value = 1\nrange = [0.5, 1.5]\n{normal}"),
        parameter("a.y", "value = 1"),
        parameter("a.z", 'value = 1\nspread = { distribution = "fixed" }'),
    )
    assert list(draws) == ["a.x"]
    assert (draws["a.x"].min(), draws["a.x"].max()) == (0.5, 1.5)


def test_a_group_is_drawn_together_and_the_others_apart(tmp_path):
    grouped = WIDE + 'group = "g"\nspread = { distribution = "normal", sd = 2 }'
    x = parameter("a.x", "value = 1\n" + grouped)
    y = parameter("a.y", "value = 5\n" + grouped)
    z = parameter("a.z", "value = 1\n" + grouped.replace('group = "g"\n', ""))
    draws = drawn(tmp_path, x, y, z)
    np.testing.assert_allclose(draws["a.y"] - draws["a.x"], 4.0)
    correlation = np.corrcoef(draws["a.x"], draws["a.z"])[0, 1]
    assert abs(correlation) < 5 / np.sqrt(draws["a.x"].size)


def test_adding_a_parameter_disturbs_no_other_draw_and_the_seed_does(tmp_path):
    keys = f"value = 1\n{WIDE}spread = {{ distribution = 'normal', sd = 1 }}"
    alone = drawn(tmp_path, parameter("a.x", keys))
    beside = drawn(tmp_path, parameter("a.a", keys), parameter("a.x", keys))
    assert np.array_equal(alone["a.x"], beside["a.x"])
    assert not np.array_equal(alone["a.x"], drawn(tmp_path, parameter("a.x", keys), seed=2)["a.x"])


def table_of(folder: Path, text: str, columns: str = '{ region = "text", rate = "per year" }') -> dict:
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "rates.csv").write_text(text, encoding="utf-8")
    (folder / "tables" / "tables.toml").write_text(f"[rates]\n{PROVENANCE}columns = {columns}\n")
    return load_table("rates", folder)


def test_a_table_keeps_codes_as_words_and_reads_empty_cells_as_missing(tmp_path):
    table = table_of(tmp_path, "region,rate\n01,2.5\n11,\n")
    assert table["region"].tolist() == ["01", "11"]
    np.testing.assert_array_equal(table["rate"], [2.5, np.nan])


def test_what_a_table_may_not_hold(tmp_path):
    with pytest.raises(InputError, match=r'line 2, column rate is "x"; expected a number \(per year\).'):
        table_of(tmp_path, "region,rate\n01,x\n")
    with pytest.raises(InputError, match="rows differ in length; expected 2 cells in each"):
        table_of(tmp_path, "region,rate\n01\n")
    with pytest.raises(InputError, match=r"column rates is not in tables.toml. Did you mean rate\?"):
        table_of(tmp_path, "region,rates\n01,2\n")
    with pytest.raises(InputError, match=r"the file does not exist. Did you mean rates\?"):
        load_table("rate", tmp_path)
    (tmp_path / "tables" / "more.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match="more is missing; expected the source, grade and columns"):
        load_table("more", tmp_path)


def test_every_table_of_the_model_loads_with_its_provenance():
    names = [path.stem for path in sorted((PARAMETERS / "tables").glob("*.csv"))]
    assert "regions" in names
    tables = {name: load_table(name) for name in names}
    assert len(tables["regions"]["region"]) == 18
    national = tables["population_2023_age_sex"]
    assert national["pop"][national["geo"] == "FRANCE"].sum() == 68_042_591  # INSEE, 1 January 2023
    assert tables["population_2023_region_age_sex"]["pop"].sum() == 68_042_591
    assert tables["suicide_rates"]["deaths_2023_calibrated"].sum() == pytest.approx(8_848, abs=5)


def test_registries_and_complaints_travel_between_processes(tmp_path):
    registry = registry_of(tmp_path, parameter("a.x", 'value = 1\ntitle = { fr = "Un", en = "One" }'))
    copy = pickle.loads(pickle.dumps(registry))
    assert isinstance(copy["a.x"], Parameter)
    assert copy.hash() == registry.hash()
    error = pickle.loads(pickle.dumps(InputError({"a.toml": ["x is 1."]})))
    assert str(error) == "a.toml has 1 problem:\n  * x is 1."
