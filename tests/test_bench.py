"""The bench measures what it says and refuses a wrong answer; speed itself is not tested here."""

import io

import pytest
from rich.console import Console

from tests.benchmarks import sick_sicker_model, sick_sicker_numpy
from tests.benchmarks.bench import Row, compare_sick_sicker, peak_memory, print_table, scaling, start_up
from tests.benchmarks.sick_sicker import Result, errors, exact


def test_the_exact_answer_is_the_published_one() -> None:
    cost, _, qaly, _ = exact()
    assert cost == pytest.approx([75_976.15, 141_623.03], abs=0.005)
    assert qaly == pytest.approx([15.83885, 16.40041], abs=0.000005)
    assert (cost[1] - cost[0]) / (qaly[1] - qaly[0]) == pytest.approx(116_901.38, abs=0.005)


@pytest.mark.parametrize(
    "run",
    [sick_sicker_model.run, sick_sicker_numpy.run, sick_sicker_numpy.run_tight],
    ids=lambda run: run.__module__,
)
def test_engines_find_it_and_no_closer_than_chance_allows(run) -> None:
    found = [errors(run(20_000, 30, seed), 20_000) for seed in range(5)]
    assert max(abs(error).max() for error in found) < 5
    assert max(abs(error).max() for error in found) > 0.1


def test_a_wrong_engine_is_refused() -> None:
    def wrong(people: int, cycles: int, seed: int) -> Result:
        result = sick_sicker_numpy.run_tight(people, cycles, seed)
        return {**result, "cost": (result["cost"][0] * 1.02, result["cost"][1])}

    with pytest.raises(ValueError, match=r"this model is .* standard errors from the exact answer"):
        compare_sick_sicker(wrong, 50_000, rounds=1, others={})


def test_rows_compare_with_the_first() -> None:
    def slower(people: int, cycles: int, seed: int) -> Result:
        result = sick_sicker_numpy.run_tight(people, cycles, seed)
        return {**result, "seconds": 3.0}

    def faster(people: int, cycles: int, seed: int) -> Result:
        return {**slower(people, cycles, seed), "seconds": 1.5}

    rows = compare_sick_sicker(faster, 1_000, rounds=2, others={"slower": slower, "absent": None})
    assert [(row.name, row.ratio, row.rate) for row in rows] == [
        ("this model", 1.0, 40_000.0),
        ("slower", 2.0, 20_000.0),
        ("absent", None, None),
    ]
    text = io.StringIO()
    print_table("Engines", rows, Console(file=text, width=120))
    assert "make peers" in text.getvalue()
    assert "peak MB" not in text.getvalue()


def test_work_is_people_times_cycles() -> None:
    seen = []
    rows = scaling(lambda people, cycles: seen.append((people, cycles)), (10, 20), (3,), rounds=2)
    assert seen == [(10, 3), (10, 3), (20, 3), (20, 3)]
    assert [(row.people, row.cycles, row.person_cycles) for row in rows] == [(10, 3, 30), (20, 3, 60)]


def test_a_fresh_interpreter_is_timed_and_weighed() -> None:
    cold, warm = start_up("import time; time.sleep(0.1)", rounds=1)
    assert cold.seconds >= 0.1
    assert warm.seconds >= 0.1
    small, large = peak_memory("small", "pass"), peak_memory("large", "block = b'x' * 100_000_000")
    assert 90 < large.megabytes - small.megabytes < 130
    assert isinstance(small, Row)
