"""The shape of the code, read from its syntax trees: who imports whom, opens files, writes numbers.

Nothing flows back: `run.py → results → model ← calibration ← run.py`.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

ROOMS = {
    "model": {"model"},
    "calibration": {"calibration", "model"},
    "results": {"results", "model"},
    "run": {"run", "results", "calibration", "model", "tests"},  # `run.py bench` runs tests/benchmarks
}
OURS = set(ROOMS) | {"tests"}

VOCABULARY = {"model.states", "model.chance", "model.compiled", "model.tables"}
RULES = {f"model.{name}" for name in ("course", "treatment", "care", "suicide", "work")}
LOOP = {
    f"model.{name}" for name in ("kernel", "month", "programmes", "quiet", "books")
}  # the loop, its months, its books
KERNEL_LIBRARIES = {"math", "typing", "numpy"}

OPENS_FILES = {
    "model.inputs",
    "model.scenario",
    "model.scenario_schema",
    "model.store",
    "model.compiled",  # hashes the sources and locks the folder of compiled code
}
OPENING_METHODS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
OPENING_FUNCTIONS = {
    *("np.load", "np.save", "np.savez", "np.savez_compressed", "np.loadtxt", "np.savetxt", "np.genfromtxt"),
    *("np.fromfile", "np.memmap", "os.open", "io.open", "shutil.copy", "shutil.copyfile"),
}

# Numbers that may stand in the text of a rule. Any other is evidence (a parameter with its source) or
# deserves a name; a whole number may also be given one in capitals at the top of its module.
FLOATS = {
    0.0: "nothing",
    0.5: "the middle of a cycle",
    1.0: "certainty, or no effect",
    2.0: "a square, or both ends of a month",
    12.0: "months in a year",
    30.0: "days in a cycle",
}
INTEGERS = {
    **dict.fromkeys(range(13), "a position, or months within a year"),
    15: "age at which a person enters the model, years",
    24: "months for which a dispensed drug keeps resistance visible in claims (its definition)",
    30: "days in a cycle",
}

REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "deb." + "debian.org",
    "ana" + "conda.org",
)
MACHINE_PATH = re.compile(rb"(?<![\w./~$}>-])/(?:home|root|Users|work|opt|mnt|tmp|private|var)/\w|[A-Z]:\\+Users\\")


def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of each module outside tests/, by dotted name."""
    paths = [REPOSITORY / "run.py"] if (REPOSITORY / "run.py").exists() else []
    for room in ("model", "calibration", "results"):
        paths += sorted((REPOSITORY / room).rglob("*.py"))
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def name_of(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = modules()


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted name of everything imported; a name imported from a package of ours is resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in TREES else str(node.module)


def at_run_time(tree: ast.Module) -> ast.Module:
    """Return the tree without what only a type checker reads."""
    body = [node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in dotted(node.test))]
    return ast.Module(body, tree.type_ignores)


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def opening(tree: ast.Module) -> list[str]:
    """Return the calls that open a file, as `line: call`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else name
            if method in OPENING_METHODS or name in OPENING_FUNCTIONS:
                found.append(f"{node.lineno}: {name or method}")
    return found


def evidence(tree: ast.Module) -> list[str]:
    """Return the numbers a rule may not contain, as `line: number`."""
    named = {
        id(leaf)
        for node in tree.body
        if isinstance(node, ast.Assign) and all(is_capitals(target) for target in node.targets)
        for leaf in ast.walk(node.value)
        if isinstance(leaf, ast.Constant) and type(leaf.value) is int
    }
    return [
        f"{node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and type(node.value) in (int, float)
        and node.value not in (FLOATS if isinstance(node.value, float) else INTEGERS)
        and id(node) not in named
    ]


def is_capitals(target: ast.expr) -> bool:
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return all(isinstance(name, ast.Name) and name.id.isupper() for name in names)


@pytest.mark.parametrize("name", TREES)
def test_rooms_import_one_way(name: str) -> None:
    room = name.split(".")[0]
    wrong = {found for found in imports(TREES[name]) if found.split(".")[0] in OURS - ROOMS[room]}
    assert not wrong, f"{name} must not import {sorted(wrong)}"


@pytest.mark.parametrize("name", TREES)
def test_libraries_stay_in_their_rooms(name: str) -> None:
    found = {imported.split(".")[0] for imported in imports(TREES[name])}
    if not name.startswith("results"):
        assert "matplotlib" not in found, "charts are drawn in results/"
    if name.startswith("model"):
        assert not found & {"rich", "typer", "openpyxl", "pandas"}, "the model neither talks nor lays out tables"


def test_modules_do_not_import_each_other_in_circles() -> None:
    waiting = {name: set(imports(at_run_time(tree))) & TREES.keys() - {name} for name, tree in TREES.items()}
    while free := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in free:
            del waiting[name]
    assert not waiting, f"in a circle, or above one: {sorted(waiting)}"


def test_economics_imports_nothing_of_ours() -> None:
    assert not [found for found in imports(TREES["model.economics"]) if found.split(".")[0] in OURS]


@pytest.mark.parametrize("name", sorted(VOCABULARY | RULES | LOOP))
def test_the_kernel_sees_arrays_codes_and_rules_only(name: str) -> None:
    below = VOCABULARY if name in VOCABULARY else VOCABULARY | RULES if name in RULES else VOCABULARY | RULES | LOOP
    found = set(imports(TREES[name]))
    ours = {imported for imported in found if imported.split(".")[0] in OURS}
    assert ours <= below, f"{name} must not import {sorted(ours - below)}"
    if name in RULES | LOOP:
        assert {imported.split(".")[0] for imported in found - ours} <= KERNEL_LIBRARIES


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith("model") and name not in OPENS_FILES])
def test_only_inputs_scenario_and_store_open_files(name: str) -> None:
    assert opening(TREES[name]) == []


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith("model")])
def test_the_model_prints_nothing(name: str) -> None:
    calls = [dotted(node.func) for node in ast.walk(TREES[name]) if isinstance(node, ast.Call)]
    assert "print" not in calls


@pytest.mark.parametrize("name", sorted(RULES | LOOP))
def test_rules_carry_no_evidence(name: str) -> None:
    assert evidence(TREES[name]) == [], "a number with evidence is a parameter, any other deserves a name"


def test_the_checks_see_what_they_should() -> None:
    planted = ast.parse(
        "import model.states\nfrom model import states\nWIDTH = 40\nSHARE = 0.3\n"
        "def f(path):\n    path.open()\n    np.load(path)\n    return 3.0 + 18 + 12"
    )
    assert set(imports(planted)) == {"model.states"}
    assert opening(planted) == ["6: path.open", "7: np.load"]
    assert sorted(evidence(planted)) == ["4: 0.3", "8: 18", "8: 3.0"]
    assert MACHINE_PATH.search(b"see /ho" + b"me/someone/file")
    assert MACHINE_PATH.search(b'"/wo' + b'rk/main"')
    assert not MACHINE_PATH.search(b"/usr/bin/env and and/work/or results/work/x")


def files_of_the_repository() -> list[Path]:
    """Return every file that is or may be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git repository: nothing is tracked")
    paths = (REPOSITORY / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    wrong = []
    for path in files_of_the_repository():
        content = path.read_bytes()
        wrong += [f"{path}: {host}" for host in REGISTRIES if host.encode() in content]
        wrong += [f"{path}: {match.group()!r}" for match in MACHINE_PATH.finditer(content)]
    assert wrong == []


def test_every_import_is_a_dependency() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = {re.split(r"[>=<]", need)[0].lower() for need in project["dependencies"]}
    listed |= {"llvmlite", "pydantic_core"}  # parts of numba and pydantic
    listed |= {"sklearn"} & {need.replace("scikit-learn", "sklearn") for need in listed}  # imported by another name
    wanted = {found.split(".")[0].lower() for tree in TREES.values() for found in imports(tree)}
    assert wanted - listed - OURS - sys.stdlib_module_names == set()
