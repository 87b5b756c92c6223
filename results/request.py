"""What a command line asks for, checked: numbers, words, scenarios, the folder to write in.

Imports nothing heavy: help and complaints appear at once.
"""

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from results.help import answer
from results.numbers import number

FULL_SUMMARIES = 4  # up to this many policies the summary tells each in full on the screen


class BadRequest(Exception):
    """The user's request cannot be met; `problems` are said all at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass
class Request:
    """What the command line asks for, checked."""

    verb: str
    names: list[str]
    options: dict[str, str]
    lang: str
    command: list[str]
    problems: list[str] = field(default_factory=list)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of figures and summaries; messages and tables are in the first."""
        return ("fr", "en") if self.options.get("--lang") == "both" else (self.lang,)

    def complain(self, key: str, **values: object) -> None:
        self.problems.append(answer(key, self.lang, **values))

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise BadRequest(self.problems)

    def integer(self, option: str, default: int, low: int, high: int) -> int:
        """Return a whole number ("200000", "200_000" or "200 000"), or note the problem."""
        if option not in self.options:
            return default
        found = self.options[option]
        digits = re.sub(r"(?<=\d)[ _\u202f\u00a0](?=\d{3})", "", found)
        if re.fullmatch(r"\d{1,12}", digits) and low <= int(digits) <= high:
            return int(digits)
        limits = {"low": number(low, self.lang), "high": number(high, self.lang)}
        self._bad_value(option, answer("integer", self.lang, **limits))
        return default

    def choice(self, option: str, known: Sequence[str]) -> str:
        """Return one of the known words, the first by default, or note the problem."""
        found = self.options.get(option, known[0])
        if found not in known:
            expected = answer("one_of", self.lang, known=", ".join(known))
            self._bad_value(option, expected, nearest_hint(found, known, self.lang))
        return found

    def horizon(self) -> int | str:
        """Return the horizon of the cohort: years, or "lifetime"."""
        found = self.options.get("--horizon", "lifetime")
        if found.isdecimal() and 1 <= int(found) <= 95:
            return int(found)
        if found != "lifetime":
            self._bad_value("--horizon", answer("horizon", self.lang), nearest_hint(found, ["lifetime"], self.lang))
        return "lifetime"

    def jobs(self) -> int:
        every = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.integer("--jobs", every, 1, 1024)

    def _bad_value(self, option: str, expected: str, hint: str = "") -> None:
        self.complain("bad_value", option=option, found=self.options[option], expected=expected, hint=hint)

    def count_names(self, least: int, most: int, example: str = "") -> None:
        verb = self.verb
        if len(self.names) > most:
            self.complain("too_many", verb=verb, most=most, count=len(self.names))
        if len(self.names) < least:
            self.complain("too_few", verb=verb, least=least, example=example)


@cache
def evidence_registry() -> Any:
    """Return the parameters of the model, read once a program."""
    from model.inputs import load_parameters

    return load_parameters()


def policies_asked(request: Request, default: Sequence[str]) -> list[str]:
    """Return the scenarios named (names or files), without the baseline, which is always there."""
    return [name for name in request.names or default if Path(name).stem != "baseline"]


def scenarios_asked(request: Request, names: Sequence[str]) -> list[Any]:
    """Return the scenarios; say every problem of the command line and of the files together."""
    from model.complaints import InputError
    from model.scenario import load_scenarios
    from model.transitions import check_places

    try:
        found = load_scenarios(list(names), evidence_registry())
        check_places(found, evidence_registry())
    except InputError as error:
        request.problems += str(error).splitlines()
    request.stop_if_wrong()
    return found


def wanted_folder(request: Request) -> Path | None:
    """Return the folder asked for by --out, after checking that a result can be put there."""
    if "--out" not in request.options:
        return None
    folder = Path(request.options["--out"]).expanduser().resolve()
    above = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if folder.is_file() or not above.is_dir():
        request.complain("out_is_file", path=shown_path(above))
    elif folder.is_dir() and any(folder.iterdir()) and not (folder / "manifest.json").is_file():
        request.complain("out_not_ours", path=shown_path(folder))
    elif not os.access(folder.parent if folder.parent.exists() else above, os.W_OK | os.X_OK):
        request.complain("out_unwritable", path=shown_path(above))
    return folder


def nearest_hint(found: str, known: Sequence[str], lang: str) -> str:
    near = difflib.get_close_matches(found.lower(), known, n=1, cutoff=0.55)
    return answer("hint", lang, near=near[0]) if near else ""


def shown_path(path: Path) -> str:
    """Return a path as the user would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
