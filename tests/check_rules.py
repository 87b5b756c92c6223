"""Check docs/rules.md, the table that leads from a rule of the model to its code, numbers and tests.

    | rule | function | parameters | test |
    |---|---|---|---|
    | Hazards add | `course.compete` | `course.remission.*` | `tests/test_course.py::test_they_add` |

Every cell is filled. A function is `module.name` or `module.Class.name`, in model/ or by its full path
(`calibration.solve.name`). A parameter is an id of model/parameters, `prefix.*` for all under a prefix, a
table `tables/name.csv`, or the word none. Several in a cell are parted by commas. Fails with every fault.
"""

import ast
import csv
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
COLUMNS = ("rule", "function", "parameters", "test")


def faults(repository: Path = REPOSITORY) -> list[str]:
    """Return what is wrong with docs/rules.md, a line a fault."""
    path = repository / "docs" / "rules.md"
    if not path.exists():
        return ["docs/rules.md does not exist"]
    rows = list(rows_of(path.read_text(encoding="utf-8")))
    if not rows:
        return [f"docs/rules.md has no table with the columns {' | '.join(COLUMNS)}"]
    known = parameter_ids(repository / "model" / "parameters")
    found = []
    for line, cells in rows:
        if len(cells) != len(COLUMNS):
            found.append(f"line {line}: {len(cells)} cells instead of {len(COLUMNS)}")
            continue
        found += [f"line {line}: {name} is empty" for name, cell in zip(COLUMNS, cells, strict=True) if not cell]
        functions, parameters, tests = (names_in(cell) for cell in cells[1:])
        found += [f"line {line}: no function {name}" for name in functions if not has_function(repository, name)]
        found += [f"line {line}: no parameter {name}" for name in parameters if not is_parameter(name, known)]
        found += [f"line {line}: no test {name}" for name in tests if not has_test(repository, name)]
    return found


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each row of the tables that have the four columns."""
    inside = False
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.startswith("|"):
            inside = False
            continue
        (cells,) = csv.reader([content.strip().strip("|")], delimiter="|", escapechar="\\", quoting=csv.QUOTE_NONE)
        cells = [cell.strip() for cell in cells]
        if tuple(cell.lower() for cell in cells) == COLUMNS:
            inside = True
        elif inside and set(content) - set("|-: "):
            yield line, cells


def names_in(cell: str) -> list[str]:
    """Return the names of a cell, without their code marks."""
    return [name.strip(" `") for name in cell.split(",") if name.strip(" `")]


def parameter_ids(folder: Path) -> set[str]:
    """Return the ids of the parameters, read without the model, and the tables as `tables/name.csv`."""
    known = {f"tables/{path.name}" for path in folder.glob("tables/*.csv")}
    for path in folder.glob("*.toml"):
        known |= set(ids_in(tomllib.loads(path.read_text(encoding="utf-8"))))
    return known


def ids_in(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, inner in table.items():
        if isinstance(inner, dict):
            if "value" in inner:
                yield prefix + key
            yield from ids_in(inner, f"{prefix}{key}.")


def is_parameter(name: str, known: set[str]) -> bool:
    if name.endswith(".*"):
        return any(parameter.startswith(name[:-1]) for parameter in known)
    return name in known or name == "none"


def has_function(repository: Path, name: str) -> bool:
    """Tell whether `module.name` or `module.Class.name` is defined, in model/ or at its full path."""
    parts = name.split(".")
    for room in (repository / "model", repository):
        for cut in range(1, len(parts)):
            path = room.joinpath(*parts[:cut]).with_suffix(".py")
            if path.exists() and ".".join(parts[cut:]) in definitions(path):
                return True
    return False


def has_test(repository: Path, name: str) -> bool:
    """Tell whether `tests/file.py::name` is a test."""
    file, _, test = name.partition("::")
    path = repository / file
    if not path.is_file() or path.parent.name != "tests" or not path.name.startswith("test_"):
        return False
    qualified = test.replace("::", ".")
    return qualified.split(".")[-1].startswith("test_") and qualified in definitions(path)


def definitions(path: Path) -> set[str]:
    """Return the functions and the methods that a file defines."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


if __name__ == "__main__":
    if problems := faults():
        sys.exit("\n  * ".join(["docs/rules.md is not sound:", *problems]))
    print("docs/rules.md: every rule leads to its function, parameters and test")
