"""A probabilistic analysis made anywhere is read, told apart from noise, and analysed; faults are told at once."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import run
from model import economics
from model.complaints import InputError
from model.economics import Status
from model.psa import Psa
from results.decisions import Deciders, decisions
from results.psa_intake import ascii_ids, read_psa, read_separate, read_tidy
from results.psa_report import Question, Reading, at_most, psa_charts, psa_summary, psa_tables, write_psa
from results.voi_report import value_of_information, voi_summary

DRAWS = 200
COSTS = 1_000.0 + np.random.default_rng(1).normal(size=(DRAWS, 3)) * 50 + np.array([0.0, 100.0, 250.0])
EFFECTS = 10.0 + np.random.default_rng(2).normal(size=(DRAWS, 3)) * 0.002 + np.array([0.0, 0.004, 0.006])
THETA = np.random.default_rng(3).normal(size=(DRAWS, 2))


def csv_of(header, rows, separator=",", decimal="."):
    text = [separator.join(header)]
    text += [separator.join(str(cell).replace(".", decimal) for cell in row) for row in rows]
    return "\n".join(text) + "\n"


def written(folder, *, header=("Usual care", "Drug A", "Drug B"), effect_header=None, **style):
    """Write costs, effects, parameters as dampack, BCEA and SAVI have them; return their paths."""
    costs, effects, parameters = (folder / f"{name}.csv" for name in ("costs", "effects", "parameters"))
    costs.write_text(csv_of(header, COSTS.tolist(), **style), encoding="utf-8")
    effects.write_text(csv_of(effect_header or header, EFFECTS.tolist(), **style), encoding="utf-8")
    parameters.write_text(csv_of(("theta.1", "theta.2"), THETA.tolist(), **style), encoding="utf-8")
    return costs, effects, parameters


def same_numbers(psa):
    assert np.array_equal(psa.costs, COSTS)
    assert np.array_equal(psa.effects, EFFECTS)
    assert psa.strategies == ("usual_care", "drug_a", "drug_b")


# ---------------------------------------------------------------- reading


def test_three_files_with_a_column_a_strategy(tmp_path):
    psa = read_separate(*written(tmp_path))
    same_numbers(psa)
    assert np.array_equal(psa.parameters, THETA)
    assert psa.about["titles"]["drug_a"] == "Drug A"
    same_numbers(read_psa(tmp_path))


def test_a_french_excel_is_read(tmp_path):
    same_numbers(read_separate(*written(tmp_path, separator=";", decimal=",")))
    for name, encoding in (("costs", "cp1252"), ("effects", "utf-8-sig")):
        path = tmp_path / f"{name}.csv"
        text = path.read_text(encoding="utf-8").replace("Usual care", "Soins à l'hôpital")
        path.write_text(re.sub(r"\b1(\d\d\d),", "1\u00a0\\1,", text), encoding=encoding)
    assert "1\u00a0" in (tmp_path / "costs.csv").read_text(encoding="cp1252")
    psa = read_psa(tmp_path)
    assert psa.strategies[0] == "soins_a_l_hopital"
    assert np.array_equal(psa.costs, COSTS)


def test_row_names_of_r_and_columns_of_iterations_are_left_out(tmp_path):
    costs, effects, _ = written(tmp_path)
    for path, lead in ((costs, '""'), (effects, "sim")):
        lines = path.read_text(encoding="utf-8").splitlines()
        numbered = [f"{number},{line}" for number, line in enumerate(lines)]
        path.write_text("\n".join([f"{lead},{lines[0]}", *numbered[1:]]), encoding="utf-8")
    psa = read_separate(costs, effects)
    same_numbers(psa)


def test_effects_in_another_order_are_put_in_that_of_costs(tmp_path):
    header = ("cost_A", "cost_B", "cost_C")
    costs, effects, _ = written(tmp_path, header=header)
    lines = [line.split(",") for line in effects.read_text(encoding="utf-8").splitlines()]
    turned = [[line[2], line[0], line[1]] for line in lines]
    turned[0] = ["qaly_C", "qaly_A", "qaly_B"]
    effects.write_text("\n".join(",".join(line) for line in turned), encoding="utf-8")
    psa = read_separate(costs, effects)
    assert psa.strategies == ("a", "b", "c")
    assert np.array_equal(psa.effects, EFFECTS)


def tidy_rows():
    for s, name in enumerate(("Usual care", "Drug A", "Drug B")):
        for d in range(DRAWS):
            yield name, d, COSTS[d, s], EFFECTS[d, s], 1.5 * EFFECTS[d, s]


def test_a_tidy_file_as_heormodel_has_it(tmp_path):
    path = tmp_path / "psa.csv"
    rows = list(tidy_rows())
    np.random.default_rng(4).shuffle(rows)
    rows.sort(key=lambda row: ("Usual care", "Drug A", "Drug B").index(row[0]))
    path.write_text(csv_of(("strategy", "iteration", "cost", "qaly", "ly"), rows), encoding="utf-8")
    psa = read_tidy(path)
    same_numbers(psa)
    assert np.array_equal(psa.components["ly"], 1.5 * EFFECTS)
    same_numbers(read_psa(tmp_path))
    same_numbers(read_psa(path))


def test_the_comparator_can_be_named_by_id_or_title(tmp_path):
    files = written(tmp_path)
    for name in ("Drug B", "drug_b"):
        psa = read_separate(*files, comparator=name)
        assert psa.strategies == ("drug_b", "usual_care", "drug_a")
        assert np.array_equal(psa.costs[:, 0], COSTS[:, 2])
    with pytest.raises(InputError, match=r"has no strategy Drug C\..*Did you mean"):
        read_separate(*files, comparator="Drug C")


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    costs, effects, parameters = written(tmp_path)
    lines = costs.read_text(encoding="utf-8").splitlines()
    lines[4] = "12,NA,3"
    lines[7] = "12,3"
    costs.write_text("\n".join(lines), encoding="utf-8")
    effects.write_text(csv_of(("Usual care", "Drug A", "Drug A"), EFFECTS.tolist()), encoding="utf-8")
    parameters.write_text(csv_of(("theta", ""), THETA[:50].tolist()), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_separate(costs, effects, parameters)
    told = str(caught.value)
    assert 'costs.csv has 2 problems:\n  * line 5, column Drug A is "NA"; expected a number.' in told
    assert "line 8 has 2 cells; expected 3, as the first line." in told
    assert "line 1 names the column Drug A 2 times; expected once." in told
    assert "parameters.csv" in told
    assert "column 2 has no name" in told


def test_files_that_do_not_fit_each_other_are_refused(tmp_path):
    costs, effects, parameters = written(tmp_path, effect_header=("Usual care", "Drug X", "Drug B"))
    parameters.write_text(csv_of(("theta",), THETA[:50, :1].tolist()), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_separate(costs, effects, parameters)
    told = str(caught.value)
    assert "column Drug X is not a strategy of costs.csv. Did you mean Drug A?" in told
    assert "parameters.csv has 1 problem:\n  * has 50 draws; expected 200, as costs.csv." in told


def test_a_tidy_file_without_balance_is_refused(tmp_path):
    path = tmp_path / "psa.csv"
    rows = [row for row in tidy_rows() if (row[0], row[1]) != ("Drug A", 3)]
    rows.append(rows[-1])
    path.write_text(csv_of(("strategy", "iteration", "cost", "qaly", "ly"), rows), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_tidy(path)
    assert "line 601: strategy Drug B has iteration 199 twice; expected once." in str(caught.value)
    assert "strategy Drug A has no iteration 3 (1 missing); expected all." in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "holds no number"),
        ("1,2,3\n4,5,6\n", "line 1 holds numbers only; expected the names of the columns"),
        ("a,b\n1,2\n3,4\n", "has 2 draws; expected 20 or more"),
        ("a\n" + "1\n" * 30, "has 1 strategy; expected two or more"),
    ],
)
def test_what_is_no_psa_is_refused(tmp_path, content, expected):
    (tmp_path / "costs.csv").write_text(content, encoding="utf-8")
    (tmp_path / "effects.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=expected):
        read_psa(tmp_path)


def test_a_folder_without_a_psa_is_told_with_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"a folder that holds notes\.txt; expected a folder with costs\.csv"):
        read_psa(tmp_path)
    with pytest.raises(InputError, match="is not there"):
        read_psa(tmp_path / "nowhere")


def test_ids_are_plain_and_all_different():
    assert ascii_ids(["Soins habituels", "Été", "été", "β"]) == ("soins_habituels", "ete", "ete_3", "strategy_4")


# ---------------------------------------------------------------- published frontiers


def frontier_of(costs, effects):
    """Return status, and ICER along the frontier."""
    found = economics.frontier(np.asarray(costs, dtype=float), np.asarray(effects, dtype=float))
    return [Status(int(status)).name for status in found.status], found.icer[found.order[1:]]


def test_frontier_of_the_va_example():
    """Health Economics Resource Center, US Department of Veterans Affairs; as in dampack's tests (DARTH)."""
    status, icers = frontier_of([55_000, 35_000, 25_000, 10_000, 12_000, 5_000], [5, 4, 3, 2, 1.5, 1])
    assert status == ["ND", "ND", "ED", "ND", "D", "ND"]
    assert icers.tolist() == [5_000.0, 12_500.0, 20_000.0]


def test_frontier_of_hiv_screening():
    """Paltiel 2006, Ann Intern Med 145:797, table 4, high-risk population; as in dampack's vignette."""
    months = np.array([277.25, 277.57, 277.78, 277.83, 277.76])
    status, icers = frontier_of([26_000, 27_000, 28_020, 28_440, 29_440], months / 12)
    assert status == ["ND", "ND", "ND", "ND", "D"]
    assert icers == pytest.approx([37_500.0, 58_285.71, 100_800.0])


def test_frontier_of_clostridioides_difficile():
    """Rajasingham 2020, Clin Infect Dis 70:754; mean costs and QALYs as in dampack's psa_cdiff."""
    names = ("s3", "s27", "s33", "s31", "s43", "s44", "s39", "s4", "s13", "s37", "s20")
    costs = [57336.006, 57541.253, 57642.259, 57934.074, 58072.114, 58665.782]
    costs += [57814.647, 57887.482, 58018.625, 58081.795, 58634.203]
    effects = [12.939964, 13.014064, 13.038912, 13.096626, 13.112858, 13.128333]
    effects += [13.046279, 12.997065, 13.065041, 13.102971, 13.110057]
    status, icers = frontier_of(costs, effects)
    assert dict(zip(names, status, strict=True)) == {
        **dict.fromkeys(names[:6], "ND"), "s39": "ED", **dict.fromkeys(names[7:], "D")
    }  # fmt: skip
    assert icers == pytest.approx([2_769.85, 4_065.03, 5_056.22, 8_504.22, 38_362.65], rel=1e-3)


# ---------------------------------------------------------------- decisions


def psa_of(costs, effects, **more):
    names = ("baseline", *(f"policy_{place}" for place in range(1, costs.shape[1])))
    theta = np.random.default_rng(5).normal(size=(len(costs), 1))
    return Psa(names, costs, effects, theta, ("theta",), ("theta",), np.arange(1, len(costs) + 1), **more)


def test_policies_are_weighed_alone_unless_they_exclude_each_other():
    psa = psa_of(COSTS, EFFECTS)
    assert [one.options for one in decisions(psa, {})] == [("baseline", "policy_1"), ("baseline", "policy_2")]
    (one,) = decisions(psa, {"both": ("policy_1", "policy_2")})
    assert (one.id, one.options) == ("both", ("baseline", "policy_1", "policy_2"))
    assert [one.id for one in decisions(psa, {"lonely": ("policy_1",)})] == ["policy_1", "policy_2"]


def test_ceac_and_evpi_of_a_gaussian_decision():
    chance = np.random.default_rng(6)
    costs, effects = np.zeros((20_000, 2)), np.zeros((20_000, 2))
    costs[:, 1], effects[:, 1] = chance.normal(500, 400, 20_000), chance.normal(0.02, 0.02, 20_000)
    (decision,) = decisions(psa_of(costs, effects), {})
    curves = decision.curves(np.array([10_000.0, 30_000.0]))
    for t, threshold in enumerate((10_000.0, 30_000.0)):
        mean, sd = threshold * 0.02 - 500, np.hypot(400, 0.02 * threshold)
        chance_of = norm.cdf(mean / sd)
        evpi = sd * norm.pdf(mean / sd) - abs(mean) * norm.cdf(-abs(mean) / sd)
        assert abs(curves.ceac[t, 1] - chance_of) < 5 * np.sqrt(chance_of * (1 - chance_of) / 20_000)
        assert abs(curves.evpi[t] - evpi) < 5 * curves.evpi_error[t]
        assert curves.best[t] == int(mean > 0)
        assert curves.ceac[t].sum() == pytest.approx(1.0)


def test_known_noise_is_taken_out_of_probabilities_and_evpi():
    chance = np.random.default_rng(7)
    true = np.zeros((4_000, 2))
    true[:, 1] = chance.normal(100.0, 50.0, 4_000)
    seen = true + np.array([0.0, 80.0]) * chance.standard_normal((4_000, 2))
    one = np.ones((4_000, 2)) * np.array([0.0, 1.0])
    effects = np.full((4_000, 2), [0.0, 0.001])
    noise = {
        "incremental_cost_noise_var": 6_400.0 * one,
        "incremental_effect_noise_var": 0.0 * one,
        "incremental_noise_cov": 0.0 * one,
    }
    (decision,) = decisions(psa_of(seen, effects, **noise), {})
    curves = decision.curves(np.array([50_000.0]))
    exact = norm.cdf(-1.0)  # net benefit 50 − cost: N(−50, 50)
    loss = 50 * norm.pdf(1.0) - 50 * norm.cdf(-1.0)
    assert abs(curves.ceac[0, 1] - exact) < 5 * curves.ceac_error[0, 1]
    assert abs(curves.evpi[0] - loss) < 5 * curves.evpi_error[0]
    assert curves.ceac_with_noise[0, 1] > exact + 0.1
    assert curves.evpi_with_noise[0] > 2 * loss
    assert decision.noise_shares()[0] == pytest.approx(0.72, abs=0.05)
    few = psa_of(seen, effects, **noise, about={"lots": 2})
    assert decisions(few, {})[0].noise[0, 0] == pytest.approx(3_200.0)  # half the luck is common to all draws


def test_a_spread_drowned_in_noise_is_said_to_be_not_shown_as_none():
    one = np.ones_like(COSTS)
    noise = {
        "incremental_cost_noise_var": 1e6 * one,
        "incremental_effect_noise_var": 1e-9 * one,
        "incremental_noise_cov": 0.0 * one,
    }
    psa = psa_of(COSTS, EFFECTS, **noise)
    text = psa_summary(psa, "en", Question(thresholds=(20_000.0,)))
    assert "spread drowned in noise" in text
    assert "makes up to 100% of the spread" in text
    table = next(table for table in psa_tables(Reading(psa, Question(), "en")) if table.name == "psa_outcomes")
    drowned = next(iter(table.where(strategy="policy_1", outcome="incremental_cost")))
    told = next(iter(table.where(strategy="policy_1", outcome="incremental_qaly")))
    assert (drowned["lower"], drowned["upper"]) == (None, None)
    for _, draw in psa_charts(Reading(psa, Question(), "en"))[1:]:
        assert [text.get_text() for text in draw().axes[0].texts] == ["nearly all of it is chance (--people)"]
    assert "neither probability nor EVPI is told" in voi_summary(value_of_information(psa, "en"))
    assert told["lower"] < told["mean"] < told["upper"]


def test_an_evpi_not_told_from_zero_is_told_by_what_it_is_at_most():
    assert at_most(0.5, 0.1, "en") == "€0.50 ± €0.20"
    assert at_most(0.05, 0.1, "en") == "at most €0.2"
    assert at_most(0.0, 0.0, "en") == "€0"


def test_a_summary_tells_the_ratio_of_means_and_quadrants_that_are_nearly_empty():
    text = psa_summary(psa_of(COSTS, EFFECTS), "en", Question(thresholds=(20_000.0,)))
    assert re.search(r"Cost per QALY, means over draws: €\d+,000 \(€\d+,000 to €\d+,000\)", text)
    costs = np.zeros((1_000, 2))
    costs[:, 1] = np.linspace(1.0, 2.0, 1_000)
    effects = np.zeros((1_000, 2))
    effects[:, 1] = 0.01
    effects[:2, 1] = -0.01
    text = psa_summary(psa_of(costs, effects), "en", Question(thresholds=(20_000.0,)))
    assert "Quadrants: more QALYs, dearer >99%; fewer QALYs, dearer <1%" in text
    assert "Cost per QALY" not in psa_summary(psa_of(-COSTS, -EFFECTS), "en"), "saved per QALY lost is another ratio"


def test_value_of_information_of_few_draws_says_that_it_cannot_be_quoted():
    few, many = (voi_summary(value_of_information(psa_of(COSTS[:n], EFFECTS[:n]), "en")) for n in (50, 200))
    assert few.startswith("Beware: 50 draws only")
    assert "Beware" not in many


def test_deciders_carry_a_value_to_a_nation():
    psa = psa_of(COSTS, EFFECTS)
    question = Question(thresholds=(20_000.0,), deciders=Deciders(1_000.0, 50.0, 10.0, 0.0))
    table = next(table for table in psa_tables(Reading(psa, question, "en")) if table.name == "psa_evpi")
    row = next(row for row in table.where(threshold=20_000.0))
    assert row["people"] == 1_500.0
    assert row["national_evpi"] == pytest.approx(1_500.0 * row["evpi"])


def test_quadrants_of_each_policy_sum_to_one_and_swapped_labels_mirror_them():
    psa = psa_of(COSTS, EFFECTS)
    swapped = psa_of(COSTS[:, [1, 0, 2]], EFFECTS[:, [1, 0, 2]])
    found = [Reading(one, Question(), "fr") for one in (psa, swapped)]
    shares = [next(t for t in psa_tables(one) if t.name == "psa_quadrants") for one in found]
    first, mirrored = ([row["probability"] for row in one.where(strategy="policy_1")] for one in shares)
    assert sum(first) == pytest.approx(1.0)
    assert mirrored == pytest.approx([first[2], first[3], first[0], first[1]])


# ---------------------------------------------------------------- the folder


@pytest.fixture(scope="module")
def made_elsewhere(tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    return read_separate(*written(folder))


QUESTION = Question(thresholds=(20_000.0, 50_000.0), french_csv=True)


@pytest.fixture(scope="module")
def written_folder(made_elsewhere, tmp_path_factory):
    return write_psa(made_elsewhere, tmp_path_factory.mktemp("results") / "run", "fr", QUESTION)


def test_a_psa_made_elsewhere_gets_a_whole_folder(written_folder):
    folder = written_folder
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"manifest.json", "summary.fr.txt", "tables.xlsx", "tables/frontier_all.csv", "psa/psa.csv"} <= names
    assert {f"figures/{name}.fr.{kind}" for name in ("plane", "ceac") for kind in ("svg", "png", "pdf")} <= names
    assert "Plan coût-efficacité, comparateur\u202f: Usual care" in _svg_words(folder / "figures" / "plane.fr.svg")
    first = (folder / "tables" / "psa_evpi.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert first.startswith("decision;threshold;best;evpi;mc_se")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["strategies"] == ["usual_care", "drug_a", "drug_b"]
    assert manifest["exclusive_sets"] == {"all": ["usual_care", "drug_a", "drug_b"]}
    same_numbers(read_psa(folder))


def _svg_words(path: Path) -> str:
    """Return the texts matplotlib leaves as comments in an SVG."""
    return "\n".join(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8")))


def test_the_same_psa_gives_the_same_bytes(made_elsewhere, written_folder, tmp_path):
    again = write_psa(made_elsewhere, tmp_path / "again", "fr", QUESTION)
    files = [path for path in sorted(again.rglob("*")) if path.is_file()]
    assert len(files) > 15
    for path in files:
        assert path.read_bytes() == (written_folder / path.relative_to(again)).read_bytes(), path.name


@pytest.mark.parametrize(("lang", "word"), [("fr", "EVPI par personne"), ("en", "EVPI per person")])
def test_the_summary_says_thresholds_errors_and_the_best_option(made_elsewhere, lang, word):
    text = psa_summary(made_elsewhere, lang, Question(thresholds=(20_000.0, 50_000.0)))
    assert word in text
    assert "Drug B" in text
    assert "±" in text
    assert ("20\u202f000" if lang == "fr" else "20,000") in text


# ---------------------------------------------------------------- the front door


def test_psa_and_voi_of_files_from_the_command_line(tmp_path, capsys):
    costs, effects, parameters = (str(path) for path in written(tmp_path))
    words = ["--costs", costs, "--effects", effects, "--threshold", "20000", "--lang", "en"]
    assert run.main(["psa", *words, "--out", str(tmp_path / "psa_run")]) == run.DONE
    assert "Options that exclude each other" in capsys.readouterr().out
    persons = ["--parameters", parameters, "--persons", "1000", "--incident", "100"]
    assert run.main(["voi", *words, *persons, "--out", str(tmp_path / "voi_run")]) == run.DONE
    assert "for everybody" in capsys.readouterr().out
    assert (tmp_path / "psa_run" / "tables" / "psa_ceac.csv").is_file()
    evppi = (tmp_path / "voi_run" / "tables" / "evppi.csv").read_text(encoding="utf-8")
    assert "parameter,theta.1,theta.1" in evppi
