"""Studies one could carry out: what each would measure, in how many people, and the data it would bring.

A study is a TOML file in scenarios/research/. Its data are simulated for each draw of the parameters, as if that
draw were true, and summarised by one statistic a measure; `model.information.sample` says what they are worth.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from model.complaints import Bilingual, Complain, Form, Problems, entry, hint, sound_fields
from model.inputs import ROOT, read_toml, shown_path

Floats = NDArray[np.float64]
Kind = Literal["hazard_ratio", "odds_ratio", "proportion", "rate", "mean"]

RESEARCH = ROOT / "scenarios" / "research"
NEEDS = {  # what each kind of measure must say besides its parameter
    "hazard_ratio": "event_share",
    "odds_ratio": "control_risk",
    "proportion": None,
    "rate": "person_months",
    "mean": "sd",
}
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
AText = Annotated[str, Field(min_length=1)]


class MeasureForm(Form):
    parameter: AText = entry("the id of a parameter, in quotes", required=True)
    kind: Kind = entry(f"one of {', '.join(get_args(Kind))}", required=True)
    event_share: Share = entry("share of people who have the event during the study, above 0 and below 1")
    control_risk: Share = entry("risk without the intervention, above 0 and below 1")
    person_months: Above = entry("mean months each person is observed, above 0")
    sd: Above = entry("standard deviation between people, above 0")
    share_measured: Annotated[float, Field(gt=0, le=1)] = entry("share of people in whom it is measured, up to 1")
    source: AText = entry("where these numbers come from, in quotes", required=True)
    grade: Literal["A", "B", "C", "D"] = entry("one of A, B, C, D", required=True)


class StudyForm(Form):
    title: Bilingual = entry("a table with fr and en", required=True)
    summary: Bilingual = entry("a table with fr and en", required=True)
    people: Annotated[int, Field(ge=2)] = entry("people enrolled, a whole number from 2", required=True)
    lost: Annotated[float, Field(ge=0, lt=1)] = entry("share lost before the end, from 0 and below 1")
    cluster_size: Annotated[float, Field(ge=1)] = entry("mean people a cluster (practice, hospital), from 1")
    intracluster_correlation: Annotated[float, Field(ge=0, le=1)] = entry("intracluster correlation, 0 to 1")
    cost: Annotated[float, Field(ge=0)] = entry("cost of the study, EUR")
    measures: list[dict[str, Any]] = entry("a list of tables, [[measures]]", required=True)
    does_not_claim: Bilingual = entry("a table with fr and en")


@dataclass(frozen=True)
class Measure:
    """What a study measures: one parameter, through data of one kind.

    hazard_ratio, odds_ratio : of two arms of equal size; `event_share`, `control_risk`
    proportion : of people; rate : events a month over `person_months`; mean : of people, who vary by `sd`
    share_measured : share of the people enrolled in whom it is measured
    """

    parameter: str
    kind: Kind
    grade: str
    source: str
    event_share: float = 0.5
    control_risk: float = 0.5
    person_months: float = 12.0
    sd: float = 1.0
    share_measured: float = 1.0


@dataclass(frozen=True)
class Research:
    """A study one could carry out; people enrolled count for less when lost or alike within a cluster."""

    id: str
    title: Bilingual
    summary: Bilingual
    people: int
    measures: tuple[Measure, ...]
    lost: float = 0.0
    cluster_size: float = 1.0
    intracluster_correlation: float = 0.0
    cost: float | None = None

    @property
    def effective_people(self) -> float:
        """People followed to the end, over the design effect 1 + (cluster size - 1) × correlation (Donner 1981)."""
        size = max(self.cluster_size * (1.0 - self.lost), 1.0)
        return self.people * (1.0 - self.lost) / (1.0 + (size - 1.0) * self.intracluster_correlation)

    def of_size(self, people: int) -> "Research":
        """Return the same study with more people or fewer (more clusters or fewer, of the same size)."""
        return replace(self, people=people)

    def within(self, names: Sequence[str]) -> "Research":
        """Return the same study, less the measures of parameters that are not among `names`."""
        return replace(self, measures=tuple(measure for measure in self.measures if measure.parameter in names))


def load_research(name_or_path: str | Path, folder: Path = RESEARCH) -> Research:
    """Return a study by its name in scenarios/research/, or by the path of its file.

    Errors: InputError with every problem of the file.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = folder / f"{name_or_path}.toml"
    raw, problems = read_toml(path), Problems()
    complain = problems.about(shown_path(path))
    sound = sound_fields(StudyForm, raw, "", complain)
    measures = []
    for place, table in enumerate(sound["measures"] or [], start=1):
        measures.append(_measure(table, f"measures[{place}].", complain))
    if sound["measures"] is not None and not measures:
        complain("measures is empty; expected at least one.")
    problems.stop_if_any()
    given = {key: value for key, value in sound.items() if value is not None and key in Research.__dataclass_fields__}
    return Research(**{**given, "id": path.stem, "measures": tuple(measures)})


def research_names(folder: Path = RESEARCH) -> list[str]:
    """Return the names of the studies described."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def _measure(table: Mapping[str, Any], path: str, complain: Complain) -> Measure | None:
    sound = sound_fields(MeasureForm, table, path, complain)
    needed = NEEDS.get(sound["kind"] or "")
    if needed is not None and needed not in table:
        complain(f"{path}{needed} is missing; a {sound['kind']} needs it.")
    if sound["parameter"] is None or sound["kind"] is None or sound["grade"] is None or sound["source"] is None:
        return None
    return Measure(**{key: value for key, value in sound.items() if value is not None})


def simulated_summaries(research: Research, names: Sequence[str], draws: Floats, seed: int) -> Floats:
    """Return the summary of the data the study would bring if each draw were true, (draw, measure).

    names : of the parameters; draws : (draw, parameter)
    seed : with the name of the study and of the parameter it addresses the luck of each measure

    Errors: InputError if a parameter measured is not among those drawn, or cannot be what is measured.
    """
    problems = Problems()
    columns = []
    for measure in research.measures:
        if measure.parameter not in names:
            problems.add(research.id, f"{measure.parameter} is not a parameter drawn.{hint(measure.parameter, names)}")
            continue
        values = draws[:, list(names).index(measure.parameter)]
        low, high = (0.0, 1.0) if measure.kind == "proportion" else (0.0, np.inf)
        if measure.kind != "mean" and not np.all((values >= low) & (values <= high)):
            told = f"{measure.parameter} is {values.min():g} to {values.max():g}; expected {low:g} to {high:g}"
            problems.add(research.id, f"{told}, as a {measure.kind}.")
            continue
        address = int.from_bytes(hashlib.sha256(f"{research.id}/{measure.parameter}".encode()).digest()[:8], "little")
        chance = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, address])))
        columns.append(_DATA[measure.kind](values, measure, research.effective_people * measure.share_measured, chance))
    problems.stop_if_any()
    return np.column_stack(columns) if columns else np.empty((len(draws), 0))


# ---------------------------------------------------------------- the data of each kind of measure

Data = Callable[[Floats, Measure, float, np.random.Generator], Floats]


def _hazard_ratio(values: Floats, measure: Measure, people: float, chance: np.random.Generator) -> Floats:
    """Return estimates of the log hazard ratio; variance 4 / events with equal arms (Schoenfeld 1983)."""
    error = np.sqrt(4.0 / (people * measure.event_share))
    return np.asarray(np.log(np.maximum(values, 1e-12)) + error * chance.standard_normal(len(values)))


def _odds_ratio(values: Floats, measure: Measure, people: float, chance: np.random.Generator) -> Floats:
    """Return log odds ratios of two arms, half a person added to each cell (Haldane 1956)."""
    arm = max(round(people / 2), 1)
    odds = values * measure.control_risk / (1.0 - measure.control_risk)
    treated, control = (
        chance.binomial(arm, odds / (1.0 + odds)),
        chance.binomial(arm, measure.control_risk, len(values)),
    )
    return np.asarray(np.log((treated + 0.5) / (arm - treated + 0.5)) - np.log((control + 0.5) / (arm - control + 0.5)))


def _proportion(values: Floats, measure: Measure, people: float, chance: np.random.Generator) -> Floats:
    size = max(round(people), 1)
    return np.asarray(chance.binomial(size, values) / size)


def _rate(values: Floats, measure: Measure, people: float, chance: np.random.Generator) -> Floats:
    exposure = people * measure.person_months
    return np.asarray(chance.poisson(values * exposure) / exposure)


def _mean(values: Floats, measure: Measure, people: float, chance: np.random.Generator) -> Floats:
    return np.asarray(values + measure.sd / np.sqrt(people) * chance.standard_normal(len(values)))


_DATA: dict[str, Data] = {
    "hazard_ratio": _hazard_ratio,
    "odds_ratio": _odds_ratio,
    "proportion": _proportion,
    "rate": _rate,
    "mean": _mean,
}
