"""Complaints about a scenario file: wholly French when asked in French, wholly English otherwise."""

import re
from pathlib import Path

import pytest

from model.complaints import InputError
from model.inputs import load_parameters
from model.scenario import load_scenarios
from model.transitions import check_places
from results.complaints_fr import in_french
from results.psa_intake import read_psa, read_separate, read_tidy

ENGLISH = (
    r"\b(is|are|has|the|not|which|expected|missing|only|cannot|none|goes|must|list|number|share|than|and|or|a table)\b"
)
FRENCH = r"\b(est|vaut|manque|attendu|une|pas|les)\b"

# Wrong in every way that a file can be at once.
ALL_WRONG = """
extends = "baselin"
includes = "liste"
title = { fr = "x" }
summary = 3
colour = "red"
population = "nation"
start = "2027"
unlimited_places = "yes"
exclusive_set = 3
wrong_key = 1
[changes."acces.esketamine.epsm.monthly_probability"]
value = 0.1
grade = "D"
why = "x"
[changes."access.esketamine.epsm.monthly_probability"]
value = 12
add = 1
ramp = "24 mois"
where = { region = ["1", "Bretagne"], hospital = ["epms"] }
grade = "E"
[changes."access.ect.epsm.monthly_probability"]
multiply = 9000
ramp = "24 months"
decay = "2 months"
grade = "D"
why = "x"
overlap = 2
[changes."access.ect.general.monthly_probability"]
grade = "D"
why = "x"
[changes."care.seek.monthly_hazard"]
multiply = 2
grade = "D"
why = "x"
[changes."capacity.limited.ect"]
value = 1
from = "2027-13"
grade = "D"
why = "x"
[changes."pathway.coverage"]
value = 0.5
overlap = 0.5
from = "2028-01"
until = "2027-01"
where = {}
grade = "D"
why = "x"
[changes.access.rtms]
value = 2
[[programme_cost]]
parameter = "pathway.coverage"
per = "month"
payer = "nobody"
from = "2028-01"
until = "2027-01"
[[programme_cost]]
title = { fr = "a", en = "b" }
parameter = "programme_cost.campaign_annual"
per = "REFERRAL"
payer = "AMO"
age_below = 26
shared_by = "REFERRALS"
[[programme_cost]]
title = { fr = "a", en = "b" }
parameter = "programme_cost.campaign_annual"
per = "REFERRAL"
payer = "AMO"
age_below = 25
shared_by = "REFERRAL"
[[evidence]]
effect = 3
grade = "Z"
[legal_test]
criteria = []
[explore]
parameter = "pathway.coverag"
values = ["a"]
unit = 3
"""

TEXTS = ("summary", "does_not_claim", "title")
PLACES_WRONG = (
    "\n".join(f'{key} = {{ fr = "a", en = "b" }}' for key in TEXTS)
    + """
proposal = "p"
uncertainty = "u"
evidence = [{ effect = "e", source = "s", grade = "D" }]
[changes."care.stay.mean_days"]
value = [1, 2, 3]
where = { region = ["11"] }
grade = "D"
why = "x"
[changes."access.ect.epsm.monthly_probability"]
multiply = 1
where = { hospital = ["epsm"] }
grade = "D"
why = "x"
"""
)


def complaints(path: Path) -> list[str]:
    """Return what is wrong with a file, line by line."""
    with pytest.raises(InputError) as caught:
        check_places(load_scenarios([path], load_parameters()), load_parameters())
    return str(caught.value).splitlines()


def own_words(line: str) -> str:
    """Return a line without what the user wrote, nor names of keys, in quotes or after a list of names."""
    line = re.sub(r'"[^"]*"|\[[^\]]*\]', "", line).split("Attendu, au choix", maxsplit=1)[0]
    return re.sub(r"\b(value|multiply|add|from|until|region|hospital|source|grade|true|false|criteria)\b", "", line)


@pytest.mark.parametrize(
    "text",
    [
        ALL_WRONG,
        "[title]\nfr = 1\nfr = 2\n",
        PLACES_WRONG,
    ],
    ids=["everything", "not TOML", "places"],
)
def test_complaints_are_in_one_language(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    for line in complaints(path):
        french = in_french(line)
        assert not re.search(FRENCH, own_words(line)), line
        told = french.split("en anglais :", maxsplit=1)[0]
        assert not re.search(ENGLISH, own_words(told)), french


def test_a_missing_file_and_a_circle_are_told_in_french(tmp_path: Path) -> None:
    (found,) = (in_french(line) for line in complaints(tmp_path / "absent.toml")[1:])
    assert "le fichier n'existe pas" in found
    assert in_french("x.toml has 3 problems:") == "x.toml a 3 problèmes :"
    assert in_french("extends goes round in a circle: a → b → a.") == "extends tourne en rond : a → b → a."


def test_complaints_of_draws_made_elsewhere_are_all_at_once_and_in_one_language(tmp_path: Path) -> None:
    """Cells, names, rows, comparator and groups of three files are told together, each once."""
    rows = "\n".join(f"{k},{k},{k}" for k in range(1, 30))
    files = {
        "costs.csv": f"iteration,Usual care,New\n{rows}\n30,abc,5\n",
        "effects.csv": f"iteration,Usual care,Nwe\n{rows}\n",
        "parameters.csv": f"iteration,cost_par,eff\n{rows}\n30,1,x\n",
        "groups.csv": "parameter,group\neff,g\ncost_parr,g\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / name for name in ("costs.csv", "effects.csv", "parameters.csv")]
    with pytest.raises(InputError) as caught:
        read_separate(*paths, comparator="Usual car", groups=tmp_path / "groups.csv")
    told = str(caught.value)
    for part in ("abc", "column Nwe", "29 draws; expected 30", "Usual car.", "column eff is", "cost_parr"):
        assert told.count(part) == 1, (part, told)
    assert "eff is not a parameter" not in told
    (tmp_path / "tidy.csv").write_text("strategie,cost,qaly\nA,1,1\nA,2,2\n", encoding="utf-8")
    with pytest.raises(InputError) as tidy:
        read_tidy(tmp_path / "tidy.csv")
    with pytest.raises(InputError) as nowhere:
        read_psa(tmp_path / "absent")
    for line in (line for found in (caught, tidy, nowhere) for line in str(found.value).splitlines()):
        french = in_french(line.replace(str(tmp_path), ""))
        for own in ("Usual care", "Usual car", "New", "Nwe", "cost_parr", "cost_par", "costs.csv", "effects.csv"):
            french = french.replace(own, "")
        assert not re.search(ENGLISH, french.split("Attendu, au choix", maxsplit=1)[0]), french
