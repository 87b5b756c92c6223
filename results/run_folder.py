"""One folder a run: written beside, moved into place when complete, gone if anything fails."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from model.inputs import PARAMETERS, ROOT, SOLVED

MANIFEST = "manifest.json"
LIBRARIES = ("numpy", "numba", "scipy", "matplotlib", "pydantic", "openpyxl")


@contextmanager
def run_folder(folder: Path) -> Iterator[Path]:
    """Give a fresh folder `.NAME.partial` beside `folder`; it becomes `folder` if the block succeeds.

    An earlier result of the same name is replaced only then. Whatever ends the block otherwise (an error, a
    full disk, Ctrl-C), the partial folder is removed and the earlier result is left as it was.
    """
    partial = folder.parent / f".{folder.name}.partial"
    replaced = folder.parent / f".{folder.name}.replaced"
    folder.parent.mkdir(parents=True, exist_ok=True)
    for stale in (partial, replaced):
        shutil.rmtree(stale, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        if folder.exists():
            os.replace(folder, replaced)
        try:
            os.replace(partial, folder)
        except BaseException:
            if replaced.exists():
                os.replace(replaced, folder)
            raise
    finally:
        for stale in (partial, replaced):
            shutil.rmtree(stale, ignore_errors=True)


def write_manifest(folder: Path, contents: Mapping[str, Any]) -> None:
    """Write what the run was, readable by people and programs."""
    text = json.dumps(contents, ensure_ascii=False, indent=2, default=str) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def input_files(scenario_files: Iterable[Path]) -> dict[str, str]:
    """Return the sha256 of every file the numbers depend on: evidence, solved values, scenarios, model."""
    files = [*PARAMETERS.rglob("*.toml"), *PARAMETERS.rglob("*.csv"), *(ROOT / "model").glob("*.py")]
    files += [SOLVED] if SOLVED.exists() else []
    files += scenario_files
    return {_name(path): sha256(path) for path in sorted(set(files)) if path.is_file()}


def _name(path: Path) -> str:
    """Return a path as seen from the repository, or its bare name when it lies elsewhere."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def run_hash(files: Mapping[str, str], **choices: object) -> str:
    """Return ten hexadecimal digits that change with anything the numbers depend on, and nothing else."""
    text = json.dumps([dict(files), choices], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def code_state() -> dict[str, Any]:
    """Return the commit of the code and whether the tree was clean; None where git does not know."""
    commit = _git("rev-parse", "HEAD")
    status = _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": commit or None, "clean": None if status is None else status == ""}


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that the numbers or their look depend on."""
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
