"""The checker of docs/rules.md finds each kind of fault, and only faults."""

from pathlib import Path

import pytest

from tests.check_rules import faults

SOUND = "| Remission | `course.remission`, `tables.Table.read` | `remission.*`, `tables/life.csv` | {test} |"
TEST = "`tests/test_course.py::test_remission`"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for folder in ("docs", "model/parameters/tables", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "model" / "course.py").write_text("def remission(): ...\n")
    (tmp_path / "model" / "tables.py").write_text("class Table:\n    def read(self): ...\n")
    (tmp_path / "model" / "parameters" / "course.toml").write_text("[remission.mild]\nvalue = 0.1\n")
    (tmp_path / "model" / "parameters" / "tables" / "life.csv").touch()
    (tmp_path / "tests" / "test_course.py").write_text("def test_remission(): ...\ndef helper(): ...\n")
    return tmp_path


def write(repository: Path, *rows: str) -> None:
    heading = "# Rules\n\n| Rule | Function | Parameters | Test |\n|---|:--|---|---|\n"
    (repository / "docs" / "rules.md").write_text(heading + "\n".join(rows) + "\n\n| another | table |\n")


def test_a_sound_table_has_no_fault(repository: Path) -> None:
    write(repository, SOUND.format(test=TEST), f"| Any \\| all | `course.remission` | none | {TEST} |")
    assert faults(repository) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (SOUND.format(test=""), "line 5: test is empty"),
        (f"|  | `course.remission` | none | {TEST} |", "line 5: rule is empty"),
        (f"| R | `course.relapse` | none | {TEST} |", "line 5: no function course.relapse"),
        (f"| R | `remission` | none | {TEST} |", "line 5: no function remission"),
        (
            f"| R | `course.remission` | `remission.severe` | {TEST} |",
            "line 5: no parameter remission.severe",
        ),
        (f"| R | `course.remission` | `relapse.*` | {TEST} |", "line 5: no parameter relapse.*"),
        (SOUND.format(test="tests/test_course.py::test_x"), "line 5: no test tests/test_course.py::test_x"),
        (SOUND.format(test="tests/test_course.py::helper"), "line 5: no test tests/test_course.py::helper"),
        ("| R | `course.remission` | none |", "line 5: 3 cells instead of 4"),
    ],
)
def test_a_faulty_row_is_named(repository: Path, row: str, fault: str) -> None:
    write(repository, row)
    assert faults(repository) == [fault]


def test_a_missing_file_or_table_is_a_fault(repository: Path) -> None:
    assert faults(repository) == ["docs/rules.md does not exist"]
    (repository / "docs" / "rules.md").write_text("| rule | function |\n|---|---|\n| a | b |\n")
    assert "no table with the columns rule | function | parameters | test" in faults(repository)[0]
