"""A probabilistic sensitivity analysis as files, for dampack, BCEA, voi, SAVI, heormodel, Excel, and back.

In one folder: `costs.csv`, `effects.csv` (one column a strategy), `parameters.csv` (one column a component),
same rows in the same order; `psa.csv`, tidy: strategy, iteration, cost, qaly, components. Beside them what
those programs do not read: `noise.csv` (Monte Carlo variances), `groups.csv`, `about.json`. Numbers are written
so that reading them back gives the same bits.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.complaints import InputError
from model.psa import NOISES, Psa

Floats = NDArray[np.float64]


def write_psa_files(psa: Psa, folder: Path) -> None:
    """Write the files of a PSA into a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "costs.csv", psa.strategies, psa.costs.tolist())
    _write(folder / "effects.csv", psa.strategies, psa.effects.tolist())
    _write(folder / "parameters.csv", psa.parameter_names, psa.parameters.tolist())
    _write(folder / "groups.csv", ("parameter", "group"), zip(psa.parameter_names, psa.groups, strict=True))
    outcomes = {"cost": psa.costs, "qaly": psa.effects, **psa.components}
    _write(folder / "psa.csv", ("strategy", "iteration", *outcomes), _tidy(psa, outcomes.values()))
    noises = {name: found for name in NOISES if (found := getattr(psa, name)) is not None}
    if noises:
        _write(folder / "noise.csv", ("strategy", "iteration", *noises), _tidy(psa, noises.values()))
    about = {**psa.about, "strategies": psa.strategies, "persons": psa.persons}
    text = json.dumps(about, ensure_ascii=False, indent=2, default=str) + "\n"
    (folder / "about.json").write_text(text, encoding="utf-8")


def _tidy(psa: Psa, columns: Iterable[Floats]) -> Iterable[list[object]]:
    """Yield one row a strategy and draw, draws inner."""
    arrays = list(columns)
    for s, strategy in enumerate(psa.strategies):
        for d, iteration in enumerate(psa.iterations.tolist()):
            yield [strategy, iteration, *(float(array[d, s]) for array in arrays)]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def read_psa_files(folder: Path) -> Psa:
    """Return the PSA of a folder: `costs.csv` and `effects.csv`, and what else is there.

    Errors: InputError, all problems at once, if a file is missing, not a table of numbers, or does not fit
    the others.
    """
    problems: dict[str, list[str]] = {}

    def table(name: str, needed: bool = False) -> tuple[tuple[str, ...], Floats] | None:
        path = folder / name
        try:
            return _read(path)
        except FileNotFoundError:
            if needed:
                problems[str(path)] = ["the file does not exist."]
        except ValueError as error:
            problems[str(path)] = [str(error)]
        return None

    costs, effects = table("costs.csv", needed=True), table("effects.csv", needed=True)
    parameters = table("parameters.csv")
    if costs and effects and costs[0] != effects[0]:
        problems[str(folder / "effects.csv")] = [
            f"has the columns {', '.join(effects[0])}; expected those of costs.csv, {', '.join(costs[0])}."
        ]
    for name, other in (("effects.csv", effects), ("parameters.csv", parameters)):
        if costs and other and len(other[1]) != len(costs[1]):
            problems.setdefault(str(folder / name), []).append(
                f"has {len(other[1])} rows; expected those of costs.csv, {len(costs[1])}."
            )
    if problems or costs is None or effects is None:
        raise InputError(problems)
    return _assembled(folder, costs, effects, parameters)


def _assembled(
    folder: Path,
    costs: tuple[tuple[str, ...], Floats],
    effects: tuple[tuple[str, ...], Floats],
    parameters: tuple[tuple[str, ...], Floats] | None,
) -> Psa:
    strategies, draws = costs[0], len(costs[1])
    names, drawn = parameters if parameters else ((), np.empty((draws, 0)))
    about_path, groups_path = folder / "about.json", folder / "groups.csv"
    about = json.loads(about_path.read_text(encoding="utf-8")) if about_path.exists() else {}
    group_of = {}
    if groups_path.exists():
        with groups_path.open(encoding="utf-8-sig", newline="") as lines:
            group_of = {row["parameter"]: row["group"] for row in csv.DictReader(lines)}
    iterations, outcomes = _read_tidy(folder / "psa.csv", strategies, draws)
    _, noises = _read_tidy(folder / "noise.csv", strategies, draws)
    outcomes.pop("cost", None)
    outcomes.pop("qaly", None)
    persons = about.pop("persons", None)
    about.pop("strategies", None)
    try:
        return Psa(
            strategies,
            costs[1],
            effects[1],
            drawn,
            names,
            tuple(group_of.get(name, name) for name in names),
            iterations,
            outcomes,
            **noises,  # type: ignore[arg-type]
            persons=persons,
            about=about,
        )
    except ValueError as error:
        raise InputError({str(folder): [f"{error}."]}) from None


def _read(path: Path) -> tuple[tuple[str, ...], Floats]:
    """Return the columns of a table of numbers. Errors: ValueError in words for the user."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = [row for row in csv.reader(lines) if row] or [[]]
    values = np.empty((len(rows), len(header)))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"line {number} has {len(row)} cells; expected {len(header)}.")
        try:
            values[number - 2] = [float(cell) for cell in row]
        except ValueError:
            column, cell = next((name, cell) for name, cell in zip(header, row, strict=True) if not _is_number(cell))
            raise ValueError(f"line {number}, column {column} is {cell!r}; expected a number.") from None
    return tuple(header), values


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_tidy(path: Path, strategies: tuple[str, ...], draws: int) -> tuple[NDArray[np.int64], dict[str, Floats]]:
    """Return the iterations and the columns (draw, strategy) of a tidy file; none if it is not there."""
    if not path.exists():
        return np.arange(1, draws + 1), {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if len(rows) != draws * len(strategies):
        raise InputError({str(path): [f"has {len(rows)} rows; expected {draws} draws × {len(strategies)} strategies."]})
    iterations = np.array([int(row["iteration"]) for row in rows if row["strategy"] == strategies[0]], dtype=np.int64)
    names = [name for name in rows[0] if name not in ("strategy", "iteration")] if rows else []
    place = {(s, i): (d, k) for k, s in enumerate(strategies) for d, i in enumerate(iterations.tolist())}
    columns = {name: np.full((draws, len(strategies)), np.nan) for name in names}
    for row in rows:
        at = place[row["strategy"], int(row["iteration"])]
        for name in names:
            columns[name][at] = float(row[name])
    return iterations, columns
