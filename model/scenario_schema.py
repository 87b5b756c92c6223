"""What a scenario file may say, key by key.

Months are counted from year 0: month_number("2027-01") = 2027 × 12, so that a difference is a duration.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from model.complaints import Bilingual, Complain, Form, entry, hint, is_number, shown, sound_fields
from model.inputs import Registry, load_table
from model.states import AGE_BANDS, Event, Hospital, Resource

HOSPITALS = tuple(hospital.name.lower() for hospital in Hospital)
PAYERS = (
    "AMO",
    "AMC",
    "PATIENT",
    "HOSPITAL_EPSM",
    "HOSPITAL_OTHER",
    "STATE",
    "EMPLOYER",
    "FAMILY",
    "SOCIETY",
)
COUNTED = tuple(dict.fromkeys([*(r.name for r in Resource), *(e.name for e in Event)]))
JOINT = ("year", "once")  # costs that serve everybody, whoever uses them
PER = (*JOINT, *COUNTED)


def month_number(text: str) -> int:
    """Return the month of "2027-07" counted from year 0; ValueError if it is not a month."""
    if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", text):
        raise ValueError(f'"{text}" is not a month; expected one as "2027-07"')
    return int(text[:4]) * 12 + int(text[5:]) - 1


def month_name(number: int) -> str:
    """Return "2027-07" for its number."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


@cache
def region_codes() -> tuple[str, ...]:
    """Return the INSEE codes of the regions, in the order of every regional array."""
    return tuple(str(code) for code in load_table("regions")["region"])


def _read_month(found: object) -> int:
    if not isinstance(found, str):
        raise ValueError("not a month")
    return month_number(found)


def _read_duration(found: object) -> int:
    if not (isinstance(found, str) and (match := re.fullmatch(r"([1-9]\d{0,3}) months?", found))):
        raise ValueError("not a duration")
    return int(match[1])


def _read_amount(found: object) -> Any:
    if isinstance(found, bool) or is_number(found):
        return found
    if isinstance(found, list) and found and all(is_number(item) for item in found):
        return tuple(float(item) for item in found)
    raise ValueError("not a value")


def _read_finding(found: object) -> Any:
    if isinstance(found, bool | str) or is_number(found):
        return found
    if isinstance(found, dict):
        return Bilingual.model_validate(found)
    raise ValueError("not a finding")


def _read_number(found: object) -> float:
    if not (isinstance(found, int | float) and is_number(found)):
        raise ValueError("not a number")
    return float(found)


def _read_age(found: object) -> int:
    if isinstance(found, bool) or found not in AGE_BANDS[1:]:
        raise ValueError("not the end of an age band")
    return int(str(found))


def _read_text(found: object) -> object:
    return {"fr": found, "en": found} if isinstance(found, str) else found


def _one_of(names: tuple[str, ...]) -> PlainValidator:
    """Accept one of these names, whatever its case."""
    by_lower = {name.lower(): name for name in names}

    def read(found: object) -> str:
        if not isinstance(found, str) or found.lower() not in by_lower:
            raise ValueError("not a name known here")
        return by_lower[found.lower()]

    return PlainValidator(read)


AMonth = Annotated[int, PlainValidator(_read_month)]
ADuration = Annotated[int, PlainValidator(_read_duration)]
ANumber = Annotated[float, PlainValidator(_read_number)]
AText = Annotated[str, Field(min_length=1)]
Text = Annotated[Bilingual, BeforeValidator(_read_text)]  # one text for both languages, or one each
Grade = Literal["A", "B", "C", "D"]
MONTH = 'a month, as "2027-07"'
DURATION = 'a duration, as "24 months"'
BILINGUAL = "a table with fr and en"
GRADE = "A (trial), B (observational), C (analogy or expert) or D (assumption), in quotes"


class Where(Form):
    """The regions (INSEE codes) and hospitals a change is confined to."""

    region: list[str] | None = Field(default=None, description='a list of region codes in quotes, as ["11", "93"]')
    hospital: list[str] | None = Field(default=None, description=f"a list among {', '.join(HOSPITALS)}")


class ChangeForm(Form):
    value: Annotated[Any, PlainValidator(_read_amount)] = entry("a number, true or false, or a list of numbers")
    multiply: ANumber = entry("a number")
    add: ANumber = entry("a number")
    from_month: AMonth = entry(MONTH, alias="from")
    ramp: ADuration = entry(DURATION)
    until_month: AMonth = entry(MONTH, alias="until")
    decay: ADuration = entry(DURATION)
    where: Where = entry("a table with region, hospital or both")
    grade: Grade = entry(GRADE, required=True)
    why: AText = entry("the reason, in quotes", required=True)
    overlap: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = entry("a share, 0 to 1")


class CostForm(Form):
    title: Bilingual = entry(BILINGUAL, required=True)
    parameter: AText = entry("a parameter in EUR, in quotes", required=True)
    per: Annotated[str, _one_of(PER)] = entry('"year", "once" or a resource or event', required=True)
    from_month: AMonth = entry(MONTH, alias="from")
    until_month: AMonth = entry(MONTH, alias="until")
    payer: Annotated[str, _one_of(PAYERS)] = entry(f"one of {', '.join(PAYERS)}", required=True)
    shared_by: Annotated[str, _one_of(COUNTED)] = entry("a resource or event")
    age_below: Annotated[int, PlainValidator(_read_age)] = entry(f"one of {', '.join(map(str, AGE_BANDS[1:]))}")


class Evidence(Form):
    """The evidence of one effect: what is said, by whom, how strong, and how it carries to France."""

    effect: Text = Field(description="the effect, in quotes")
    source: AText = Field(description="the source, in quotes")
    grade: Grade = Field(description=GRADE)
    transport: Text | None = Field(default=None, description="how it carries to France, in quotes")


class Criterion(Form):
    """One criterion of a legal test."""

    title: Bilingual = Field(description=BILINGUAL)
    rule: Text = Field(description="the rule, in quotes")
    value: Annotated[Any, PlainValidator(_read_finding)] = Field(description="what is found: a number or a text")
    expected: Annotated[Any, PlainValidator(_read_finding)] = Field(description="what the rule asks for")
    passes: bool = Field(description="true or false")


class LegalTest(Form):
    """The conditions the law sets to a measure, each passed or failed, and the way round."""

    criteria: list[Criterion] = Field(min_length=1, description="a list of criteria")
    derogation: Bilingual | None = Field(default=None, description=BILINGUAL)

    @property
    def passes(self) -> bool:
        return all(criterion.passes for criterion in self.criteria)


class Explore(Form):
    """An assumed effect shown from nothing to its maximum: the values of one parameter to run."""

    parameter: AText = Field(description="the name of a parameter, in quotes")
    values: list[ANumber] = Field(min_length=1, description="a list of numbers")
    unit: Text = Field(description="the unit, in quotes, or a table with fr and en")
    label: Bilingual = Field(description=BILINGUAL)


class ScenarioForm(Form):
    extends: AText = entry("the name of a scenario, in quotes")
    includes: list[str] = entry("a list of names of scenarios")
    title: Bilingual = entry(BILINGUAL, required=True)
    summary: Bilingual = entry(BILINGUAL, required=True)
    proposal: AText = entry("who proposes it: document and section, in quotes")
    changes: dict[str, dict[str, Any]] = entry('tables, as [changes."access.ect.monthly_probability"]')
    programme_cost: list[dict[str, Any]] = entry("a list of tables, [[programme_cost]]")
    evidence: list[Evidence] = entry("a list of tables with effect, source, grade and transport")
    uncertainty: Text = entry("a text, or a table with fr and en")
    does_not_claim: Bilingual = entry(BILINGUAL)
    exclusive_set: AText = entry("the name of a set of scenarios that exclude each other, in quotes")
    population: Literal["national", "retrospective"] = entry('"national" or "retrospective"')
    start: AMonth = entry(MONTH)
    legal_test: LegalTest = entry("a table with criteria and derogation")
    explore: Explore = entry("a table with parameter, values, unit and label")
    unlimited_places: bool = entry("true or false")
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = entry('a colour, as "#1b6ca8"')


@dataclass(frozen=True)
class ProgrammeCost:
    """What running a policy costs: an amount in EUR (a parameter) per year, once, or per resource or event.

    `from_month` (first month) and `until_month` (last month) are None when the file sets no bound. A `per`
    that is both a resource and an event means the resource. A joint cost (per year or once) serves the nation; a
    cohort bears its share of the use: months in episode, of people younger than `age_below` if it is set, or the
    resource or event that the cost is `shared_by` (`valuation.share_of_use`).
    """

    title: Bilingual
    parameter: str
    per: str
    payer: str
    from_month: int | None = None
    until_month: int | None = None
    shared_by: str | None = None
    age_below: int | None = None
    origin: str = ""

    @property
    def is_joint(self) -> bool:
        return self.per in JOINT


def read_costs(raw: list[dict[str, Any]], origin: str, registry: Registry, complain: Complain) -> list[ProgrammeCost]:
    """Return the sound programme costs of one file, and complain of the others."""
    costs: list[ProgrammeCost] = []
    for number, table in enumerate(raw, start=1):
        path, faults = f"programme_cost[{number}]", list[str]()
        sound = sound_fields(CostForm, table, f"{path}.", faults.append)
        name = sound["parameter"]
        if name is not None and name not in registry:
            faults.append(f"{path}.parameter {shown(name)} is not a parameter.{hint(name, registry)}")
        elif name is not None and not registry[name].unit.startswith("EUR"):
            faults.append(f"{path}.parameter {name} is in {registry[name].unit}; expected a parameter in EUR.")
        start, end = sound["from_month"], sound["until_month"]
        if start is not None and end is not None and end < start:
            faults.append(f'{path}.until is "{month_name(end)}", before from.')
        for key in ("shared_by", "age_below"):
            if sound[key] is not None and sound["per"] not in (*JOINT, None):
                faults.append(f'{path}.{key} goes with per = "year" or "once"; a cost per use falls where it is used.')
        if sound["shared_by"] is not None and sound["age_below"] is not None:
            faults.append(f"{path} has shared_by and age_below; expected at most one of them.")
        for fault in faults:
            complain(fault)
        if not faults:
            costs.append(ProgrammeCost(**sound, origin=origin))
    return costs


def explore_faults(explore: Explore, registry: Registry) -> Iterator[str]:
    """Yield what is wrong with the values to explore."""
    if explore.parameter not in registry:
        known = hint(explore.parameter, registry)
        yield f"explore.parameter {shown(explore.parameter)} is not a parameter.{known}"
        return
    for number, value in enumerate(explore.values, start=1):
        if fault := registry[explore.parameter].fault(value):
            yield f"explore.values[{number}] {fault}."
