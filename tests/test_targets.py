"""The file of targets: complete, sound, read with every complaint at once; values that parameters hold are theirs."""

import math
from pathlib import Path

import pytest

from calibration.studies import STUDIES
from calibration.targets import TARGETS, Target, load_targets
from model.complaints import InputError
from model.inputs import load_parameters


@pytest.fixture(scope="module")
def registry():
    return load_parameters(solved=None)


@pytest.fixture(scope="module")
def targets(registry):
    return load_targets(registry)


def test_the_file_holds_what_a_reviewer_expects(targets):
    roles = [targets.role(target) for target in targets.items]
    assert len(roles) >= 40
    assert roles.count("validate") >= 15
    assert {target.study for target in targets.items if target.study} == set(STUDIES)
    for target in targets.items:
        assert target.source, target.id
        assert target.evidence or target.checked == "assumption", target.id
        assert target.transport_error > 0.0, target.id


def test_one_of_each_pair_is_fitted_and_the_other_reported(registry, targets):
    def fitted(found, prefix):
        return [t.id for t in found.of("fit").items if t.id.startswith(prefix)]

    assert fitted(targets, "nemesis_1")
    assert not fitted(targets, "nemesis_2")
    other = load_targets(registry, readings={"duration": "nemesis_2"})
    assert fitted(other, "nemesis_2")
    assert not fitted(other, "nemesis_1")


def test_a_number_that_a_parameter_holds_is_the_parameters(registry):
    changed = registry.replace({"anchor.suicides": 8800.0}, "a test")
    by_id = {target.id: target for target in load_targets(changed).items}
    assert by_id["suicides"].value == 8800.0
    assert by_id["trd_care_gp"].value == registry.value("margin.trd.care")[2]


def target(**changes: object) -> Target:
    found = {
        "id": "x",
        "title": None,
        "study": None,
        "measure": None,
        "value": 0.2,
        "unit": "share",
        "scale": "natural",
        "sampling_error": 0.03,
        "transport_error": 0.04,
        "instrument_error": 0.0,
        "role": "fit",
        "validity": "external",
        "reading": None,
        "evidence": "e",
        "source": "s",
        "checked": "yes",
        "outcome": "",
        "follow_up": "",
        "arm": "",
        "why": None,
    }
    return Target(**(found | changes))  # type: ignore[arg-type]


def test_errors_add_in_squares_and_z_counts_the_models_own():
    assert target().error == pytest.approx(0.05)
    assert target().z(0.3) == pytest.approx(2.0)
    assert target().z(0.2 + 0.13, 0.12) == pytest.approx(1.0)
    low, high = target().interval
    assert (low, high) == pytest.approx((0.2 - 1.959964 * 0.05, 0.2 + 1.959964 * 0.05))


def test_ratios_are_read_on_their_logarithm():
    ratio = target(value=2.0, scale="log")
    assert ratio.z(2.0 * math.exp(0.05)) == pytest.approx(1.0)
    assert ratio.interval[0] * ratio.interval[1] == pytest.approx(4.0)
    assert ratio.z(0.0) == -math.inf


WRONG = """
[readings]
stard = ["rush"]
[instrument.madrs]
states = ["REMISION"]
error = 0.0
why = "typo"
[target.a]
title = { fr = "a", en = "a" }
study = "stard"
measure = "step_1"
value = 0.5
parameter = "anchor.suicides"
unit = "share"
n = 100
ci95 = [0.4, 0.6]
transport_error = -0.1
role = "fit"
validity = "external"
evidence = "e"
checked = "yes"
[target.b]
title = { fr = "b", en = "b" }
valeu = 0.5
unit = "share"
sampling_error = 0.1
transport_error = 0.1
role = "reported"
validity = "external"
"""


def test_every_problem_is_said_at_once(tmp_path: Path, registry):
    path = tmp_path / "targets.toml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_targets(registry, path)
    said = str(caught.value)
    for words in (
        'readings.stard is ["rush"]; expected two names or more, the base first.',
        "instrument.madrs.states: REMISION is not a state of health. Did you mean REMISSION?",
        "target.a.value or target.a.parameter: expected exactly one of the two.",
        "target.a.n, target.a.ci95 or target.a.sampling_error: expected exactly one of the three.",
        "target.a.transport_error is -0.1; expected 0 or more.",
        "target.b.valeu is not a key here. Did you mean value?",
    ):
        assert words in said


def test_a_reading_that_is_not_there_is_refused(registry):
    with pytest.raises(InputError, match=r"readings\.stard has no pigot\. Did you mean pigott\?"):
        load_targets(registry, TARGETS, {"stard": "pigot"})
