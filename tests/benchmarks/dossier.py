"""The whole dossier of a measure, timed by the commands a user types, each in a fresh program.

First looks, which compile the rules in a copy of the project where they are not; then what is counted: probabilistic
analysis, value of information of its draws, tornado, budget; and beside them Morris over the whole registry. Below
a thousand draws it is a smaller one (fewer trajectories too), and the time of a thousand draws is worked out from what
one took; `python run.py bench dossier` times it whole, `bench dossier scenarios/*.toml` for all
scenarios.
"""

import csv
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HEADLINE = ("liste_en_sus", "collaborative_care")
PILOT = ("--seed", "1")


@dataclass(frozen=True)
class Timed:
    """A command as it ran: seconds of the clock and of processor, peak memory in bytes, what it printed."""

    name: str
    seconds: float
    cpu: float
    memory: float
    text: str


def timed(name: str, arguments: Sequence[str]) -> Timed:
    """Run a command of the program in a process of its own and measure it. Error: RuntimeError if it fails."""
    command = [sys.executable, "run.py", *arguments]
    with tempfile.TemporaryFile("w+") as out:
        began = time.perf_counter()
        pid = os.posix_spawn(
            sys.executable,
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)],
        )
        _, status, used = os.wait4(pid, 0)
        seconds = time.perf_counter() - began
        out.seek(0)
        text = out.read()
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"run.py {' '.join(arguments)} failed: {text[-500:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Timed(name, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, text)


def first_looks(jobs: int) -> list[Timed]:
    """Run small analyses, whose seed is no other's: the first ones in a copy of the project compile the rules."""
    asked = (*HEADLINE, "--jobs", str(jobs), "--lang", "en", "--seed", "2")
    with tempfile.TemporaryDirectory() as folder:
        return [
            timed("psa --quick", ("psa", "--quick", "--out", f"{folder}/psa", *asked)),
            timed("compare, 2,000 people", ("compare", "--people", "2000", "--out", f"{folder}/compare", *asked)),
        ]


def dossier(draws: int, jobs: int, scenarios: Sequence[str] = HEADLINE) -> tuple[list[Timed], dict[str, float]]:
    """Run the dossier of some scenarios; return each command as it ran, and the share of chance by scenario."""
    whole = draws >= 1_000
    shared = ("--jobs", str(jobs), "--lang", "en", *PILOT)
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/psa"
        rows = [
            timed(f"psa, {draws} draws", ("psa", *scenarios, "--draws", str(draws), "--out", made, *shared)),
            timed("voi", ("voi", "--from", made, "--out", f"{folder}/voi", "--lang", "en")),
            timed("tornado", ("tornado", *scenarios, "--out", f"{folder}/tornado", *shared)),
            timed("budget", ("compare", *scenarios, "--population", "national", "--out", f"{folder}/b", *shared)),
            timed(
                "Morris, whole registry",
                (
                    *("sweep", *scenarios, "--out", f"{folder}/sweep", "--trajectories", "4" if whole else "2"),
                    *("--draws", "8", "--inputs", "2", *shared),  # Sobol's part is its smallest
                ),
            ),
        ]
        shares = chance_shares(Path(made) / "tables" / "chance.csv")
    return rows, shares


def chance_shares(path: Path) -> dict[str, float]:
    """Return the share of chance in the net benefit simulated at 50,000 euros a QALY, by scenario."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    key = "share_shown" if rows and "share_shown" in rows[0] else "share_of_chance"
    return {row["scenario"]: float(row[key]) for row in rows if row["outcome"] == "net_benefit_50000"}


def projection(text: str) -> str:
    """Return what the summary of a probabilistic run says of ten million cells on a hundred workers."""
    return next((line.strip() for line in text.splitlines() if " workers " in line), "")


def a_point(text: str) -> float | None:
    """Return the seconds of processor that a point took, as the summary of a probabilistic run says."""
    found = re.search(r"([0-9.]+) s each", text)
    return float(found.group(1)) if found else None
