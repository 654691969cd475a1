"""The profile is whole, and says of each number where it is from."""

import re

import pytest

from vestibule.domain.jurisdiction import (
    FRANCE,
    PROFILES,
    RETENTION_MAXIMA,
    Basis,
    Purpose,
    Weight,
)

MAXIMA = {
    **RETENTION_MAXIMA,
    "consent": FRANCE.consent_validity,
    "provision": FRANCE.provision_validity,
}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.code)
def test_every_purpose_has_a_basis_and_biometrics_none_but_consent(profile):
    assert set(profile.bases) == set(Purpose)
    assert profile.bases[Purpose.RECOGNITION] == {Basis.EXPLICIT_CONSENT}
    assert profile.bases[Purpose.SHARING] == {Basis.EXPLICIT_CONSENT}
    assert Basis.LEGITIMATE_INTEREST not in profile.watchlist_by_face


@pytest.mark.parametrize("kind", MAXIMA)
def test_every_maximum_says_where_it_is_from_and_whether_that_is_law(kind):
    maximum = MAXIMA[kind]
    assert maximum.length.total_seconds() > 0
    assert maximum.counted_from
    assert re.search(r"art\. |CNIL|EDPB", maximum.source)
    texts = [set(re.findall(r"L?\d+-\d+", text)) for text in (maximum.source, maximum.source_fr)]
    assert texts[0] == texts[1]
    if maximum.weight is Weight.GUIDANCE:
        assert "CNIL" in maximum.source


def test_minors_are_never_enrolled_whatever_a_venue_asks_for():
    assert FRANCE.minimum_age == 18
