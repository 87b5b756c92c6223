"""Studies one could carry out: the file, the data it would bring, what they are worth."""

from dataclasses import replace

import numpy as np
import pytest

from model.complaints import InputError
from model.inputs import load_parameters
from model.psa import Psa
from model.research import Measure, Research, load_research, research_names, simulated_summaries
from results.psa_report import Question, Reading
from results.table import Table
from results.voi_report import value_of_information, voi_summary, write_voi

DRAWS = 4_000
TITLE = 'title = { fr = "é", en = "e" }\nsummary = { fr = "é", en = "e" }\n'


def study(kind, people=400, **more):
    text = {"fr": "é", "en": "e"}
    measure = Measure("theta", kind, "D", "made up", **more)
    return Research("made_up", text, text, people, (measure,))


def summaries(values, kind, **more):
    draws = np.full((DRAWS, 1), float(values))
    return simulated_summaries(study(kind, **more), ("theta",), draws, 1)[:, 0]


@pytest.mark.parametrize(
    ("kind", "value", "more", "mean", "sd"),
    [
        ("mean", 2.0, {"sd": 5.0}, 2.0, 5.0 / 20.0),
        ("proportion", 0.3, {}, 0.3, np.sqrt(0.21 / 400)),
        ("rate", 0.05, {"person_months": 6.0}, 0.05, np.sqrt(0.05 / 2_400)),
        ("hazard_ratio", 1.5, {"event_share": 0.5}, np.log(1.5), np.sqrt(4 / 200)),
        (  # 200 an arm: Woolf's variance, the sum of the reciprocals of the four cells
            *("odds_ratio", 2.0, {"control_risk": 0.4}, np.log(2.0)),
            np.sqrt(1 / 80 + 1 / 120 + 1 / (200 * 4 / 7) + 1 / (200 * 3 / 7)),
        ),
    ],
)
def test_data_of_each_kind_have_their_mean_and_spread(kind, value, more, mean, sd):
    found = summaries(value, kind, **more)
    small_sample = 0.01 * sd if kind == "odds_ratio" else 0.0  # half a person a cell shrinks the log ratio
    assert abs(found.mean() - mean) < 5 * sd / np.sqrt(DRAWS) + small_sample
    assert found.std() == pytest.approx(sd, rel=5 / np.sqrt(2 * DRAWS) + (0.02 if kind == "odds_ratio" else 0.0))


def test_people_lost_or_alike_count_for_less():
    plain = Research("a", {}, {}, 1_000, ())
    assert plain.effective_people == 1_000.0
    assert Research("a", {}, {}, 1_000, (), lost=0.2).effective_people == 800.0
    clustered = Research("a", {}, {}, 1_000, (), cluster_size=11.0, intracluster_correlation=0.1)
    assert clustered.effective_people == pytest.approx(500.0)


def test_the_same_seed_gives_the_same_data_and_measures_have_their_own_luck():
    one, again = (summaries(1.0, "mean", sd=1.0) for _ in range(2))
    assert np.array_equal(one, again)
    draws = np.zeros((DRAWS, 2))
    text = {"fr": "é", "en": "e"}
    both = Research("made_up", text, text, 400, tuple(Measure(n, "mean", "D", "") for n in ("theta", "other")))
    found = simulated_summaries(both, ("theta", "other"), draws, 1)
    assert abs(np.corrcoef(found, rowvar=False)[0, 1]) < 5 / np.sqrt(DRAWS)


def test_studies_of_the_repository_measure_uncertain_parameters():
    registry = load_parameters()
    assert {"sesame_trial", "esketamine_registry"} <= set(research_names())
    for name in research_names():
        for measure in load_research(name).measures:
            assert registry[measure.parameter].is_uncertain, f"{name}: {measure.parameter}"


def test_all_that_is_wrong_with_a_study_is_told(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text(
        TITLE + 'people = 1\ncohort = 3\n[[measures]]\nparameter = "a"\nkind = "hazard_ratio"\nsource = "s"\n'
        'grade = "E"\n[[measures]]\nparameter = "b"\nkind = "ratio"\nsource = "s"\ngrade = "A"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load_research(path)
    told = str(caught.value)
    for words in (
        "people is 1; expected people enrolled, a whole number from 2",
        "cohort is not a key here",
        'measures[1].grade is "E"; expected one of A, B, C, D',
        "measures[1].event_share is missing; a hazard_ratio needs it",
        'measures[2].kind is "ratio"; expected one of hazard_ratio',
    ):
        assert words in told


def test_a_parameter_that_is_not_drawn_is_told():
    with pytest.raises(InputError, match=r"theta is not a parameter drawn\. Did you mean thetas"):
        simulated_summaries(study("mean"), ("thetas",), np.zeros((3, 1)), 1)
    with pytest.raises(InputError, match="theta is 2 to 2; expected 0 to 1, as a proportion"):
        summaries(2.0, "proportion")


# ---------------------------------------------------------------- what they are worth


@pytest.fixture(scope="module")
def psa():
    chance = np.random.default_rng(8)
    theta = chance.standard_normal((1_000, 3))
    costs, effects = np.zeros((1_000, 2)), np.zeros((1_000, 2))
    costs[:, 1] = 400.0 + 600.0 * theta[:, 0] + 200.0 * theta[:, 1]
    effects[:, 1] = 0.01
    names, groups = ("theta", "other", "idle"), ("theta", "together", "together")
    arrays = (costs, effects, theta, names, groups, np.arange(1, 1_001))
    return Psa(("baseline", "policy"), *arrays, persons=1e6)


def test_the_value_of_a_study_rises_with_its_size_below_what_it_measures(psa):
    found = value_of_information(psa, "en", Question(thresholds=(50_000.0,)), [study("mean", people=20, sd=5.0)])
    rows = list(found.evsi)
    values = [row["value"] for row in rows]
    assert [row["people"] for row in rows] == [5, 10, 20, 40, 80]
    assert values[0] < values[2] < values[4] < rows[0]["ceiling"]
    evppi = next(iter(found.evppi.where(kind="parameter", name="theta")))
    assert evppi["value"] == rows[0]["ceiling"]
    assert evppi["national"] == pytest.approx(1e6 * evppi["value"])


def test_subjects_groups_and_parameters_are_valued_once_each(psa):
    found = value_of_information(psa, "en", Question(thresholds=(50_000.0,)))
    names = [(row["kind"], row["name"]) for row in found.evppi]
    singles = [("parameter", name) for name in ("theta", "other", "idle")]
    assert names == [("all", "all"), *singles, ("group", "together")]
    evpi = next(iter(found.evppi.where(kind="all")))
    for row in found.evppi:
        assert row["value"] < evpi["value"] + 3 * np.hypot(row["mc_se"], evpi["mc_se"])


def test_what_lies_within_a_group_told_is_left_to_the_table(psa):
    """The second number of the group makes it worth something; alone, it would be told a second time."""
    found = value_of_information(psa, "en", Question(thresholds=(50_000.0,)))
    group = next(iter(found.evppi.where(kind="group", name="together")))
    assert group["value"] > 1.96 * group["mc_se"] > 0.0
    told = voi_summary(found)
    assert "together: €" in told
    assert "other: €" not in told
    assert "do not add up" in told
    assert "the 1,000,000 people that the cohort stands for" in told


def test_nothing_is_told_of_parts_where_knowing_all_is_not_told_from_zero(psa):
    """Among hundreds of parameters tried, some seem worth something by chance, or more than knowing all."""
    found = value_of_information(psa, "en", Question(thresholds=(50_000.0,)))
    assert "\n  theta: €" in voi_summary(found)
    columns = found.evppi.columns
    value, error, kind = (columns.index(name) for name in ("value", "mc_se", "kind"))
    rows = [(*row[:error], row[value], *row[error + 1 :]) if row[kind] == "all" else row for row in found.evppi.rows]
    told = voi_summary(replace(found, evppi=Table("evppi", columns, tuple(rows))))
    assert "Knowing everything (EVPI): not told from zero" in told
    assert "theta" not in told


def test_without_parameters_perfect_information_alone_is_told(psa, tmp_path):
    bare = replace(psa, parameters=np.empty((1_000, 0)), parameter_names=(), groups=(), persons=0.0)
    found = value_of_information(bare, "en", Question(thresholds=(50_000.0,)))
    evpi = next(iter(value_of_information(psa, "en", Question(thresholds=(50_000.0,))).evppi.where(kind="all")))
    assert [row["value"] for row in found.evppi] == [evpi["value"]]
    told = voi_summary(found)
    assert "only perfect information (EVPI) can be estimated" in told
    assert "\n\n\n" not in told
    assert (write_voi(bare, tmp_path / "voi", "en") / "tables" / "evppi.csv").is_file()


def test_knowing_a_part_is_worth_no_more_than_knowing_all_where_draws_are_smoothed():
    """Half of the spread is chance: EVPI shows smoothed draws, and what is regressed on parameters are these."""
    chance = np.random.default_rng(9)
    theta = chance.standard_normal((600, 8))
    own = 100.0 + 600.0 * theta[:, 0] + 200.0 * theta[:, 1]
    costs, effects = np.zeros((600, 2)), np.zeros((600, 2))
    costs[:, 1] = -own + own.std() * chance.standard_normal(600)
    effects[:, 1] = 1e-9 * theta[:, 2]
    nothing, noise = np.zeros((600, 2)), np.zeros((600, 2))
    noise[:, 1] = own.var()
    names = tuple(f"theta.{k}" for k in range(8))
    noisy = Psa(
        *(("baseline", "policy"), costs, effects, theta, names, names, np.arange(1, 601)),
        incremental_cost_noise_var=noise,
        incremental_effect_noise_var=nothing,
        incremental_noise_cov=nothing,
        persons=1e6,
        about={"made_elsewhere": True},
    )
    found = value_of_information(noisy, "en", Question(thresholds=(50_000.0,)))
    assert next(iter(Reading(noisy, Question(), "en").decisions)).smooth is not None
    evpi, *parts = list(found.evppi)
    true = float(np.maximum(own, 0.0).mean() - max(own.mean(), 0.0))
    assert evpi["value"] == pytest.approx(true, rel=0.2)
    for part in parts:
        assert -2.0 * part["mc_se"] <= part["value"] <= evpi["value"] + 2.0 * part["mc_se"]
    assert parts[0]["value"] > 0.7 * evpi["value"]


def test_a_folder_of_the_value_of_information(psa, tmp_path):
    question, studies = Question(thresholds=(50_000.0,)), [study("mean", people=20, sd=5.0)]
    folder = write_voi(psa, tmp_path / "voi", "fr", question, studies)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert {"tables/evppi.csv", "tables/evsi.csv", "figures/voi_50000.fr.svg", "figures/evsi_50000.fr.png"} <= names
    text = (folder / "summary.fr.txt").read_text(encoding="utf-8")
    assert "Tout savoir (EVPI)" in text
    assert voi_summary(value_of_information(psa, "fr", question, studies)) in text


def test_a_study_of_nothing_drawn_is_refused(psa):
    with pytest.raises(InputError, match="expected at least one of the parameters drawn"):
        value_of_information(psa, "fr", None, [Research("idle", {}, {}, 9, (Measure("x", "mean", "D", ""),))])
