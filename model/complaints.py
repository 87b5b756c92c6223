"""How the model complains about what users wrote: every problem of every file at once, in their own words.

A `Form` says what a table of a TOML file may hold; `sound_fields` reads a table against its form, keeps
what is right and describes what is not: the key, what was found, what was expected, the nearest right name.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

Complain = Callable[[str], None]


class InputError(Exception):
    """What a user wrote cannot be used. `problems`: by file (or command), one line each."""

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        self.problems = {file: list(lines) for file, lines in problems.items() if lines}
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(_listed(file, lines) for file, lines in self.problems.items())

    def __reduce__(self) -> tuple[type["InputError"], tuple[dict[str, list[str]]]]:
        return InputError, (self.problems,)


class Problems:
    """The problems met so far, by file, in the order met; said all at once by `stop_if_any`."""

    def __init__(self) -> None:
        self.by_file: dict[str, list[str]] = {}

    def add(self, file: str, problem: str) -> None:
        lines = self.by_file.setdefault(file, [])
        if problem not in lines:
            lines.append(problem)

    def about(self, file: str) -> Complain:
        """Return the function that notes a problem of this file."""
        return lambda problem: self.add(file, problem)

    def merge(self, error: InputError) -> None:
        for file, lines in error.problems.items():
            for line in lines:
                self.add(file, line)

    def stop_if_any(self) -> None:
        """Raise InputError if a problem was met."""
        if self.by_file:
            raise InputError(self.by_file)


def _listed(file: str, lines: Sequence[str]) -> str:
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    return f"{file} has {count}:\n" + "\n".join(f"  * {line}" for line in lines)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name most like this one, or None if none is like it (difflib ratio under 0.6)."""
    by_lower = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def hint(name: str, names: Iterable[str]) -> str:
    """Return " Did you mean …?" for the nearest name, or the whole list when it is short, or nothing."""
    known = list(names)
    close = nearest(name, known)
    if close is not None:
        return f" Did you mean {close}?"
    return f" Expected one of: {', '.join(known)}." if 0 < len(known) <= 20 else ""


def shown(found: object) -> str:
    """Return a value as its TOML author wrote it, cut at 60 characters."""
    if isinstance(found, bool):
        text = str(found).lower()
    elif isinstance(found, str):
        text = f'"{found}"'
    elif isinstance(found, float):
        text = f"{found:.10g}"
    elif isinstance(found, list | tuple):
        text = f"[{', '.join(shown(item) for item in found)}]"
    elif isinstance(found, Mapping):
        text = "a table"
    else:
        text = str(found)
    return text if len(text) <= 60 else text[:57] + "…"


def is_number(found: object) -> bool:
    """Return whether this is a finite number (true and false are not numbers)."""
    return isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)


class Form(BaseModel):
    """What a table of a file may hold: unknown keys are refused, nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Bilingual(Form):
    """A text in French and English: `text.fr`, or `text[lang]`."""

    fr: str = Field(min_length=1, description="a text in French")
    en: str = Field(min_length=1, description="a text in English")

    def __getitem__(self, lang: str) -> str:
        return {"fr": self.fr, "en": self.en}[lang]


def entry(expected: str, *, required: bool = False, alias: str | None = None) -> Any:
    """Declare a key of a form read by `sound_fields`, with the words that say what is expected of it."""
    return Field(default=None, description=expected, alias=alias, json_schema_extra={"required": required})


def sound_fields(form: type[Form], raw: Mapping[str, Any], path: str, complain: Complain) -> dict[str, Any]:
    """Return the fields of `raw` that are as the form expects (converted), and complain of the others.

    Keys of the answer are the form's field names, absent ones None; `path` is written before each key.
    """
    faults: dict[str, list[ErrorDetails]] = {}
    try:
        read = form.model_validate(dict(raw))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            faults.setdefault(str(fault["loc"][0]), []).append(fault)
        read = form.model_validate({key: value for key, value in raw.items() if key not in faults})
    for key_faults in faults.values():
        for fault in key_faults:
            complain(_said(form, fault, path))
    for name, field in form.model_fields.items():
        key = field.alias or name
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("required") and key not in raw:
            complain(f"{path}{key} is missing; expected {field.description}.")
    return {name: getattr(read, name) for name in form.model_fields}


def _said(form: type[Form], fault: ErrorDetails, path: str) -> str:
    """Return one sentence for one fault found by pydantic."""
    *above, key = fault["loc"]
    within = _form_at(form, above)
    name = path + _dotted(fault["loc"])
    field = _field(within, str(key)) if within is not None else None
    expected = field.description if field is not None else None
    if fault["type"] == "extra_forbidden":
        known = [item.alias or name for name, item in (within or form).model_fields.items()]
        return f"{name} is not a key here.{hint(str(key), known)}"
    if fault["type"] == "missing":
        return f"{name} is missing; expected {expected}."
    if expected is None:  # an item of a list: the list's own words say what is expected
        list_field = _field(_form_at(form, above[:-1]) or form, str(above[-1])) if above else None
        expected = list_field.description if list_field is not None else fault["msg"]
    return f"{name} is {shown(fault['input'])}; expected {expected}."


def _dotted(location: Sequence[int | str]) -> str:
    """("programme_cost", 0, "payer") -> "programme_cost[1].payer": counted from 1, as people do."""
    text = ""
    for step in location:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _field(form: type[Form], key: str) -> Any:
    for name, field in form.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _form_at(form: type[Form], location: Sequence[int | str]) -> type[Form] | None:
    """Return the form that holds the key at the end of this location."""
    current: type[Form] | None = form
    for step in location:
        if isinstance(step, str) and current is not None:
            field = _field(current, step)
            current = _form_within(field.annotation) if field is not None else None
    return current


def _form_within(annotation: Any) -> type[Form] | None:
    """Return the first form inside a type such as `list[Criterion] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _form_within(inner))), None)
