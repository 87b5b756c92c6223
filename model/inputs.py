"""The evidence: parameters and tables, each with its source, and draws of parameters from their spreads.

Parameters live in `model/parameters/*.toml`: a TOML table that has a `value` is a parameter, and its id is
the dotted path of its tables. A number without source and grade cannot be loaded. `range` bounds what a
scenario, a draw or a solve may set; `spread` is the uncertainty that a draw honours.
"""

import csv
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator

from model.complaints import (
    Bilingual,
    Complain,
    Form,
    InputError,
    Problems,
    entry,
    hint,
    is_number,
    nearest,
    shown,
    sound_fields,
)
from model.spreads import Distribution, Spread, interval_fault, quantiles, spread_faults

__all__ = [
    "PARAMETERS",
    "SOLVED",
    "Bilingual",
    "InputError",
    "Parameter",
    "Posterior",
    "Registry",
    "Spread",
    "draw_parameters",
    "load_parameters",
    "load_posterior",
    "load_table",
    "read_toml",
    "shown_path",
]

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = ROOT / "model" / "parameters"
SOLVED = ROOT / "calibration" / "solved.toml"
DRAWS = ROOT / "calibration" / "draws.csv"

Value = float | tuple[float, ...]  # a bool is kept as it is
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """One number of the evidence (or a switch, or a list of numbers) and where it comes from."""

    id: str
    value: Value
    unit: str
    source: str
    grade: Literal["A", "B", "C", "D"]
    checked: Literal["yes", "secondary", "memory", "derived", "assumption"]
    reviewed: date
    range: tuple[float, float] | None = None
    spread: Spread | None = None
    group: str | None = None
    evidence: str | None = None
    price_year: int | None = None
    free: bool = False
    note: str | None = None
    title: Bilingual | None = None
    file: str = ""

    @property
    def is_assumption(self) -> bool:
        """Whether the number rests on no observation of its own."""
        return self.grade == "D" or self.checked == "assumption"

    @property
    def is_uncertain(self) -> bool:
        """Whether draws move it."""
        return self.spread is not None and self.spread.distribution != "fixed"

    def at(self, value: Value) -> "Parameter":
        """Return the same parameter with another value, unchecked; `replace` takes ten times as long."""
        other = object.__new__(Parameter)
        other.__dict__.update(self.__dict__, value=value)
        return other

    def fault(self, value: object) -> str | None:
        """Return what is wrong with setting this parameter to `value`, or None."""
        kind = _kind(self.value)
        if _kind(value) != kind:
            return f"is {shown(value)}; expected {kind} ({self.unit})"
        if len(_numbers(value)) != len(_numbers(self.value)):
            return f"has {len(_numbers(value))} numbers; expected {len(_numbers(self.value))} ({self.unit})"
        if self.range is None or isinstance(value, bool):
            return None
        low, high = self.range
        if all(low <= item <= high for item in _numbers(value)):
            return None
        return f"is {shown(value)}; expected {shown(low)} to {shown(high)} ({self.unit})"


class Registry(Mapping[str, Parameter]):
    """All parameters, by id. `reasons` says why those replaced since loading were replaced."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        reasons: Mapping[str, str] | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> None:
        self._parameters = dict(parameters)
        self.reasons = dict(reasons or {})
        self.tables = dict(tables or {})  # sha256 of each CSV table, by file name

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._parameters[name]
        except KeyError:
            raise KeyError(f"{name} is not a parameter.{hint(name, self)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    @cached_property
    def in_force(self) -> Mapping[str, Value]:
        """The value in force of each parameter."""
        return {name: parameter.value for name, parameter in self._parameters.items()}

    def value(self, name: str) -> Any:
        """Return the value in force: a float, a bool or a tuple of floats."""
        return self[name].value

    def nearest(self, name: str) -> str | None:
        """Return the id most like this name, or None."""
        return nearest(name, self)

    def matching(self, prefix: str) -> list[Parameter]:
        """Return the parameters whose id is `prefix` or lies under it, in the order of the files."""
        return [p for name, p in self.items() if name == prefix or name.startswith(prefix.rstrip(".") + ".")]

    def hash(self) -> str:
        """Return the sha256 of every parameter and table, whatever the order and the files they came from."""
        contents = {name: {**asdict(p), "file": ""} for name, p in self.items()}
        text = json.dumps([contents, self.tables], sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()

    def replace(self, values: Mapping[str, Value], why: str) -> "Registry":
        """Return a registry with these values in force; InputError if one is unknown or out of range."""
        problems = Problems()
        for name, value in values.items():
            if name not in self:
                problems.add(why, f"{name} is not a parameter.{hint(name, self)}")
            elif fault := self[name].fault(value):
                problems.add(why, f"{name} {fault}.")
        problems.stop_if_any()
        changed = {name: self[name].at(_kept(value)) for name, value in values.items()}
        reasons = {**self.reasons, **dict.fromkeys(values, why)}
        return Registry({**self._parameters, **changed}, reasons, self.tables)


def _plain(item: object) -> object:
    return item.model_dump() if isinstance(item, Form) else str(item)


def _kind(value: object) -> str:
    if isinstance(value, float):
        return "a number" if math.isfinite(value) else "something else"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, list | tuple):
        return "a list of numbers" if value and all(is_number(item) for item in value) else "something else"
    return "a number" if is_number(value) else "something else"


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _kept(value: Any) -> Value:
    """Return the value as it is stored: a bool as it is, numbers as floats, lists as tuples."""
    if isinstance(value, bool):
        return value
    return tuple(float(item) for item in value) if isinstance(value, list | tuple) else float(value)


def _read_value(found: object) -> Value:
    if _kind(found) == "something else":
        raise ValueError("not a value")
    return _kept(found)


def _read_pair(found: object) -> tuple[float, float]:
    if not (isinstance(found, list) and len(found) == 2 and all(is_number(item) for item in found)):
        raise ValueError("not a pair")
    low, high = found
    if low > high:
        raise ValueError("upside down")
    return float(low), float(high)


AValue = Annotated[Any, PlainValidator(_read_value)]
APair = Annotated[Any, PlainValidator(_read_pair)]
ANumber = Annotated[float, Field(allow_inf_nan=False)]
APositive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
AText = Annotated[str, Field(min_length=1)]
PAIR = "two numbers, the lower first"
GRADE = "A (trial), B (observational), C (analogy or expert) or D (assumption), in quotes"
CHECKED = '"yes", "secondary", "memory", "derived" or "assumption"'


class _SpreadForm(Form):
    distribution: Distribution = Field(description='"lognormal", "normal", "beta", "gamma", "uniform" or "fixed"')
    ci95: APair | None = Field(default=None, description=PAIR)
    sd: APositive | None = Field(default=None, description="a number above 0")
    low: ANumber | None = Field(default=None, description="a number")
    high: ANumber | None = Field(default=None, description="a number")


class _ParameterForm(Form):
    value: AValue = entry("a finite number, true or false, or a list of numbers", required=True)
    unit: AText = entry("the unit, in quotes", required=True)
    source: AText = entry("the source, in quotes", required=True)
    grade: Literal["A", "B", "C", "D"] = entry(GRADE, required=True)
    checked: Literal["yes", "secondary", "memory", "derived", "assumption"] = entry(CHECKED, required=True)
    reviewed: date = entry("a date without quotes, as 2026-11-22", required=True)
    range: APair = entry(PAIR)
    spread: _SpreadForm = entry('a table, as { distribution = "lognormal", ci95 = [1.2, 2.2] }')
    group: AText = entry("the name of the group drawn together, in quotes")
    evidence: AText = entry("a row of an evidence file, in quotes")
    price_year: int = entry("a year, as 2025")
    free: bool = entry("true or false")
    note: AText = entry("a text")
    title: Bilingual = entry("a table with fr and en")


class _TableForm(Form):
    source: AText = entry("the source, in quotes", required=True)
    grade: Literal["A", "B", "C", "D"] = entry(GRADE, required=True)
    checked: Literal["yes", "secondary", "memory", "derived", "assumption"] = entry(CHECKED, required=True)
    reviewed: date = entry("a date without quotes, as 2026-11-22", required=True)
    columns: dict[str, AText] = entry('the unit of each column ("text …" for words)', required=True)
    evidence: AText = entry("rows of an evidence file, in quotes")
    note: AText = entry("a text")


def shown_path(path: Path) -> str:
    """Return a path as users know it: from the root of the repository when it is inside."""
    resolved = path.resolve()
    return resolved.relative_to(ROOT).as_posix() if resolved.is_relative_to(ROOT) else str(path)


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; InputError if it is missing, unreadable, not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        names = [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        problem = f"the file does not exist.{hint(path.name, names)}"
    except tomllib.TOMLDecodeError as error:
        problem = f"not TOML: {error}."
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text (byte {error.start}); save the file as UTF-8."
    except OSError as error:
        problem = f"cannot be read: {error.strerror}."
    raise InputError({shown_path(path): [problem]})


def load_parameters(folder: Path = PARAMETERS, solved: Path | None = SOLVED) -> Registry:
    """Return every parameter of a folder of TOML files, with solved values laid over the free ones.

    solved : values found by the baseline solve or calibration; the default file is read if it is there
        and `folder` is the model's own. None: the files' own values.
    Errors: InputError with every problem of every file.
    """
    problems, parameters = Problems(), dict[str, Parameter]()
    for path in sorted(folder.glob("*.toml")):
        try:
            found = _parameters_in(read_toml(path), shown_path(path), problems.about(shown_path(path)))
        except InputError as error:
            problems.merge(error)
            continue
        for parameter in found:
            if other := parameters.get(parameter.id):
                problems.add(parameter.file, f"{parameter.id} is already in {other.file}.")
            parameters[parameter.id] = parameter
    if not folder.is_dir():
        problems.add(shown_path(folder), "the folder does not exist.")
    problems.stop_if_any()
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("tables/*.csv")}
    registry = Registry(parameters, tables=hashes)
    if solved == SOLVED and (folder != PARAMETERS or not SOLVED.exists()):
        return registry
    return registry if solved is None else _with_solved(registry, solved)


def _parameters_in(tables: Mapping[str, Any], file: str, complain: Complain) -> list[Parameter]:
    found = [_parameter(name, raw, file, complain) for name, raw in _tables_with_value(tables, "", complain)]
    return [parameter for parameter in found if parameter is not None]


def _tables_with_value(
    table: Mapping[str, Any], above: str, complain: Complain
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (id, table) for each table that has a value; complain of numbers that stand outside one."""
    keys = _ParameterForm.model_fields
    if above and any(key in keys and not isinstance(item, dict) for key, item in table.items()):
        complain(f"{above}.value is missing; expected {keys['value'].description}.")
        return
    for key, item in table.items():
        name = f"{above}.{key}" if above else key
        if not isinstance(item, dict):
            complain(f"{name} stands alone; expected a table with value, unit, source, grade.")
            continue
        if not re.fullmatch(r"[a-z0-9_]+", key):
            complain(f"{name} is not a name; expected lower-case letters, digits and _ between dots.")
        if "value" in item:
            yield name, item
        elif not item:
            complain(f"{name} is empty; expected a table with value, unit, source, grade.")
        else:
            yield from _tables_with_value(item, name, complain)


def _parameter(name: str, raw: Mapping[str, Any], file: str, complain: Complain) -> Parameter | None:
    faults: list[str] = []
    sound = sound_fields(_ParameterForm, raw, f"{name}.", faults.append)
    if sound["spread"] is not None:
        sound["spread"] = Spread(**sound["spread"].model_dump())
    if (sound["unit"] or "").startswith("EUR") and "price_year" not in raw:
        faults.append(f"{name}.price_year is missing; expected the year of the price, as 2025.")
    given = {key: value for key, value in sound.items() if value is not None}
    if not faults:
        parameter = Parameter(id=name, file=file, **given)
        faults += [f"{name}.{fault}" for fault in _inner_faults(parameter)]
    for fault in faults:
        complain(fault)
    return None if faults else parameter


def _inner_faults(parameter: Parameter) -> Iterator[str]:
    """Yield what does not hold together inside one parameter."""
    value, uncertain = parameter.value, parameter.free or parameter.is_uncertain or parameter.is_assumption
    number = _kind(value) == "a number"
    if fault := parameter.fault(value):
        yield f"value {fault}."
    if number and parameter.range is None and uncertain:
        yield f"range is missing; expected {PAIR} (free, uncertain and assumed numbers have one)."
    if parameter.free and isinstance(value, bool):
        yield "free is true; only numbers may be solved."
    elif parameter.free and parameter.range is None and not number:
        yield f"range is missing; expected {PAIR} (free numbers have one)."
    if parameter.spread is not None and not isinstance(value, float):
        yield "spread is for numbers only."
    elif parameter.spread is not None and isinstance(value, float):
        yield from (f"spread {fault}." for fault in spread_faults(parameter.spread, value, parameter.range))
        if fault := interval_fault(parameter.spread, value):
            yield f"spread {fault}."


def _with_solved(registry: Registry, path: Path) -> Registry:
    """Return the registry with a solved file's values; InputError if one is unknown, fixed, out of range."""
    problems, file, values = Problems(), shown_path(path), {}
    complain = problems.about(file)
    for number, moved in enumerate(read_toml(path).get("moved", []), start=1):
        name, after = moved.get("id"), moved.get("after")
        if name not in registry:
            complain(f"moved[{number}].id {shown(name)} is not a parameter.{hint(str(name), registry)}")
        elif not registry[name].free:
            complain(f"moved[{number}].id {name} is not marked free: only free parameters may be solved.")
        elif fault := registry[name].fault(after):
            complain(f"moved[{number}].after, of {name}, {fault}.")
        else:
            values[name] = after
    problems.stop_if_any()
    return registry.replace(values, f"solved, {file}")


@dataclass(frozen=True)
class Posterior:
    """Accepted draws of the calibration: the parameters it fitted, drawn together.

    names : ids of the parameters; draws : one mapping id -> value a draw; file : where they were read
    weights : of each draw, sum 1; reading : of the evidence, that they fit
    """

    names: tuple[str, ...]
    draws: tuple[Mapping[str, Value], ...]
    file: str
    weights: tuple[float, ...]
    reading: str = "base"

    @cached_property
    def _cumulated(self) -> Floats:
        return np.cumsum(self.weights)

    def row(self, quantile: float) -> Mapping[str, Value]:
        """Return the draw at a quantile between 0 and 1 of their cumulated weight, in their order."""
        place = int(np.searchsorted(self._cumulated, quantile * self._cumulated[-1], side="right"))
        return self.draws[min(place, len(self.draws) - 1)]


def load_posterior(registry: Registry, path: Path | None = None) -> Posterior | None:
    """Return the accepted draws of the calibration, None before one exists.

    The file has one row a draw and one column a number: `id`, or `id.3` for the third item of a list; the column
    `weight`, if there is one, says how much each draw counts, all alike without it.
    Errors: InputError, all problems at once, if a column is not one of a parameter's, a value is out of range or
        weights do not sum above 0.
    """
    path = path or DRAWS
    if not path.exists():
        return None
    problems, file = Problems(), shown_path(path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    weights = np.array([float(row.pop("weight", 1.0)) for row in rows])
    if (weights < 0.0).any() or not weights.sum() > 0.0:
        problems.add(file, "the column weight has no weight above 0, or one below.")
    columns: dict[str, list[str]] = {}
    for column in rows[0] if rows else ():
        stem, _, item = column.rpartition(".")
        columns.setdefault(stem if item.isdecimal() and stem in registry else column, []).append(column)
    for name in columns:
        if name not in registry:
            problems.add(file, f"the column {name} is not a parameter.{hint(name, registry)}")
    if not rows:
        problems.add(file, "has no draw.")
    problems.stop_if_any()
    draws = tuple({name: _kept(_drawn(row, given, registry[name])) for name, given in columns.items()} for row in rows)
    for number, draw in enumerate(draws, start=2):
        for name, value in draw.items():
            if fault := registry[name].fault(value):
                problems.add(file, f"line {number}: {name} {fault}.")
    problems.stop_if_any()
    return Posterior(tuple(columns), draws, file, tuple((weights / weights.sum()).tolist()))


def _drawn(row: Mapping[str, str], columns: list[str], parameter: Parameter) -> Any:
    numbers = [float(row[column]) for column in columns]
    return numbers if isinstance(parameter.value, tuple) else numbers[0]


def load_table(name: str, folder: Path = PARAMETERS) -> dict[str, NDArray[Any]]:
    """Return the columns of tables/NAME.csv: float64 arrays (an empty cell is NaN), or str for words.

    Each table has its provenance, and a unit for each column, in tables/tables.toml; a unit that begins
    with "text" marks words. Errors: InputError if the table, its provenance or a cell is not right.

    The model's own tables are read once; their columns cannot be written to.
    """
    return dict(_own_table(name)) if folder == PARAMETERS else _read_table(name, folder)


@cache
def _own_table(name: str) -> dict[str, NDArray[Any]]:
    table = _read_table(name, PARAMETERS)
    for column in table.values():
        column.flags.writeable = False
    return table


def _read_table(name: str, folder: Path) -> dict[str, NDArray[Any]]:
    problems, path, about = Problems(), folder / "tables" / f"{name}.csv", folder / "tables" / "tables.toml"
    provenance = read_toml(about)
    if not path.exists():
        names = [other.stem for other in path.parent.glob("*.csv")]
        raise InputError({shown_path(path): [f"the file does not exist.{hint(name, names)}"]})
    if not isinstance(provenance.get(name), dict):
        problem = f"{name} is missing; expected the source, grade and columns of {path.name}."
        raise InputError({shown_path(about): [problem]})
    sound = sound_fields(_TableForm, provenance[name], f"{name}.", problems.about(shown_path(about)))
    units = sound["columns"] or {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = [row for row in csv.reader(lines) if row]
    complain = problems.about(shown_path(path))
    for column in set(header) ^ set(units):
        place = "tables.toml" if column in header else "the table"
        complain(f"column {column} is not in {place}.{hint(column, set(header) ^ set(units) ^ {column})}")
    if any(len(row) != len(header) for row in rows):
        complain(f"rows differ in length; expected {len(header)} cells in each.")
    problems.stop_if_any()
    cells = {column: [row[place].strip() for row in rows] for place, column in enumerate(header)}
    table = {column: _column(cells[column], units[column], column, complain) for column in header}
    problems.stop_if_any()
    return table


def _column(cells: list[str], unit: str, column: str, complain: Complain) -> NDArray[Any]:
    if unit.startswith("text"):
        return np.array(cells, dtype=str)
    numbers = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        try:
            numbers[row] = float(cell) if cell else np.nan
        except ValueError:
            complain(f"line {row + 2}, column {column} is {shown(cell)}; expected a number ({unit}).")
    return numbers


def draw_parameters(registry: Registry, n: int, seed: int) -> dict[str, Floats]:
    """Return n draws of each uncertain parameter, id -> (n,), clipped to its range.

    Each group (or parameter outside a group) has its own generator, addressed by the seed and its name, so
    that adding a parameter disturbs no other. Members of a group share one normal quantile: they move
    together, each in the direction of its own distribution.
    """
    draws: dict[str, Floats] = {}
    for name, parameter in registry.items():
        if parameter.is_uncertain and parameter.spread is not None and isinstance(parameter.value, float):
            normal = draw_generator(parameter.group or name, seed).standard_normal(n)
            draws[name] = quantiles(parameter.spread, parameter.value, parameter.range, normal)
    return draws


def draw_generator(name: str, seed: int) -> np.random.Generator:
    """Return the generator (Philox) of one group or parameter, addressed by the seed and its name."""
    address = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, address])))
