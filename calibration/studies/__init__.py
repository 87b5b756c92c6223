"""Small simulated studies, each the mimic of a published one: a world in, measures with their error out."""

from collections.abc import Callable

from calibration.cohorts import Estimate, World
from calibration.studies import nation, natural, resistant, suicidality, treated

Study = Callable[[World], dict[str, Estimate]]

STUDIES: dict[str, Study] = {
    "stard": treated.stard,
    "maintenance": treated.maintenance,
    "cadet": treated.cadet,
    "cobalt": treated.cobalt,
    "vastd": treated.vastd,
    "nemesis": natural.nemesis,
    "baltimore": natural.baltimore,
    "incidence": natural.incidence,
    "untreated": natural.untreated,
    "prevalent": natural.prevalent,
    "population_recurrence": natural.population_recurrence,
    "specialised": natural.specialised,
    "stockholm": natural.stockholm,
    "persistence": natural.persistence,
    "escape": resistant.escape,
    "sustain1": resistant.sustain1,
    "eskale": resistant.eskale,
    "ect": resistant.ect,
    "ketect": resistant.ketect,
    "rtms": resistant.rtms,
    "dunner": resistant.dunner,
    "lqd": resistant.lqd,
    "attempters": suicidality.attempters,
    "nordentoft": suicidality.nordentoft,
    "bergfeld": suicidality.bergfeld,
    "own_past": nation.own_past,
    "first_year": nation.first_year,
    "level": nation.level,
    "burden": nation.burden,
}
