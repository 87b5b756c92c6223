"""What a parameter is measured in, in French.

A unit is written once, in English, with what it bears on ("hazard ratio of relapse while followed"). A French
reader gets the measure in French ("rapport de risques"); what it bears on is the parameter's title, or, where there is
none yet, the English words, marked as such.
"""

# First words of a unit and the measure in French; the longest that fits is taken.
MEASURES = {
    "hazard ratio": "rapport de risques",
    "odds ratio": "rapport de cotes",
    "odds": "cote",
    "probability per month": "probabilité par mois",
    "probability": "probabilité",
    "hazard per month": "risque par mois",
    "ratio": "rapport",
    "shares": "parts",
    "share": "part, de 0 à 1",
    "share a year": "part par an",
    "true": "oui ou non",
    "1 where": "1 : oui ; 0 : non",
    "1 faible": "1 faible, 2 modéré, 3 important ou majeur",
    "1 mild": "1 léger, 2 modéré, 3 sévère",
    "0 Yrondi": "0 Yrondi et Sapin, 1 Kolovos",
    "0 human capital": "0 capital humain, 1 coûts de friction",
    "28 mg devices": "dispositifs de 28 mg par séance",
    "ASMR level": "niveau d'ASMR, de 1 (majeure) à 5 (aucune)",
    "EUR a month": "€ par mois",
    "EUR a year": "€ par an",
    "EUR once": "€ une fois",
    "EUR per GP": "€ par généraliste",
    "EUR per QALY": "€ par QALY",
    "EUR per act": "€ par acte",
    "EUR per assessment": "€ par évaluation",
    "EUR per attempt": "€ par tentative",
    "EUR per box": "€ par boîte",
    "EUR per caregiver": "€ par aidant",
    "EUR per course": "€ par cure",
    "EUR per day": "€ par jour",
    "EUR per death": "€ par décès",
    "EUR per device": "€ par dispositif",
    "EUR per hour": "€ par heure",
    "EUR per month": "€ par mois",
    "EUR per opinion": "€ par avis",
    "EUR per patient": "€ par patient",
    "EUR per relay": "€ par relais",
    "EUR per request": "€ par demande",
    "EUR per session": "€ par séance",
    "EUR per visit": "€ par consultation",
    "EUR per work-up": "€ par bilan",
    "EUR": "€",
    "QALYs per attempt": "QALY par tentative",
    "QALYs per course": "QALY par cure",
    "QALYs per event": "QALY par événement",
    "QALYs per session": "QALY par séance",
    "QALYs per suicide": "QALY par suicide",
    "SÉSAME nurses": "infirmiers, équivalents temps plein",
    "salaried psychologists": "équivalents temps plein",
    "a year": "par an",
    "acts a month": "actes par mois",
    "acts a year": "actes par an",
    "assessments a month": "évaluations par mois",
    "births": "naissances par femme et par an, par âge",
    "boxes a month": "boîtes par mois",
    "boxes a year": "boîtes par an",
    "correlation": "corrélation",
    "courses a year": "cures par an",
    "day of the stay": "jour du séjour",
    "days a year": "jours par an",
    "days": "jours",
    "deaths a year": "décès par an",
    "elasticity": "élasticité",
    "episodes": "épisodes",
    "expert centres": "centres experts en plus des 13 d'aujourd'hui",
    "first episodes": "premiers épisodes par personne-année jamais malade, par âge",
    "hospital of the catchment": "parts : EPSM, hôpital général, clinique",
    "hospital stays": "séjours pour 100 000 personnes et par an, par âge",
    "hours a week": "heures par semaine",
    "infusions a month": "perfusions par mois",
    "lifetime": "parts : hommes, femmes",
    "metabolic syndrome": "logit à 51 ans, pente par an",
    "months": "mois",
    "observed sessions a month": "séances surveillées par mois",
    "ECT sessions a month": "séances par mois",
    "rTMS sessions a month": "séances par mois",
    "sessions of structured psychotherapy a month": "séances par mois",
    "sessions a month": "séances par mois",
    "sessions a year": "séances par an",
    "sessions in month 0": "séances : mois 0, mois 1, mois suivants",
    "patients": "patients",
    "people a year": "personnes par an",
    "people": "personnes",
    "personality disorder": "part, de 0 à 1",
    "points": "points, de 0 à 27",
    "psychiatrists per inhabitant": "rapport à aujourd'hui",
    "standard deviation": "écart-type rapporté à la valeur",
    "stays a year": "séjours par an",
    "unrecognised bipolar": "part, de 0 à 1",
    "utility": "utilité (1 : pleine santé)",
    "variance": "variance d'une loi gamma de moyenne 1",
    "visits a month": "consultations par mois",
    "years": "années",
    "year": "année",
}


def measure(unit: str) -> str | None:
    """Return what a unit measures in French, None if no measure begins it."""
    fitting = [words for words in MEASURES if unit == words or unit.startswith((f"{words} ", f"{words},", f"{words}:"))]
    return MEASURES[max(fitting, key=len)] if fitting else None


def unit_text(unit: str, lang: str, *, titled: bool = True) -> str:
    """Return a unit for a reader; `titled`: the parameter's title, shown beside it, says what it bears on."""
    if lang == "en":
        return unit
    french = measure(unit)
    if french is None or not titled:
        return f"en anglais : {unit}" if french is None else f"{french} ; en anglais : {unit}"
    return french
