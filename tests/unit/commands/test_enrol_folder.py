"""Enrolling a folder says every finding, and takes a manager's word for those it names."""

from pathlib import Path

import pytest

from services.client import RefusedError
from services.commands.enrol_folder import Override, enrol_people, parse_override

REASON = "Archive photos, checked by hand."


class Gate:
    """A product that finds what a file's text says; it remembers what was outweighed."""

    def __init__(self) -> None:
        self.overridden: list[tuple[str, list[str], str]] = []

    def enrol(self, content: bytes, fields: dict[str, str]) -> dict:
        return self._enrolment(content.decode(), content.decode().split())

    def override_enrolment(self, enrolment_id: str, codes: list[str], reason: str) -> dict:
        self.overridden.append((enrolment_id, codes, reason))
        if "gone" in enrolment_id:
            raise RefusedError("hold_expired", "The face is no longer held.")
        return {**self._enrolment(enrolment_id, codes), "outcome": "enrolled", "reason": None}

    def _enrolment(self, name: str, codes: list[str]) -> dict:
        return {
            "id": name,
            "customer_id": "c",
            "outcome": "rejected" if codes else "enrolled",
            "reason": codes[0] if codes else None,
            "findings": [{"code": code} for code in codes],
            "can_override": "no_face" not in codes,
            "error": None,
        }


def enrol(tmp_path: Path, gate: Gate, found: str, override: Override | None = None):
    file = tmp_path / "photo.jpg"
    file.write_text(found)
    people = {"Ada_Okafor": [file]}
    return next(
        enrol_people(
            gate, people, consent_basis="explicit-consent", limit_bytes=100, override=override
        )
    )


def test_every_finding_of_a_file_is_said(tmp_path: Path) -> None:
    item = enrol(tmp_path, Gate(), "eyes_covered blurred")
    assert item.in_words().endswith("photo.jpg: rejected (eyes_covered, blurred)")
    assert (item.reason, item.findings) == ("eyes_covered", ("eyes_covered", "blurred"))


def test_named_findings_are_outweighed(tmp_path: Path) -> None:
    gate = Gate()
    item = enrol(tmp_path, gate, "blurred", parse_override("blurred,noisy", REASON))
    assert gate.overridden == [("blurred", ["blurred"], REASON)]
    assert item.in_words().endswith("photo.jpg: enrolled (in spite of blurred)")


def test_a_finding_that_was_not_named_stays_in_the_way(tmp_path: Path) -> None:
    gate = Gate()
    item = enrol(tmp_path, gate, "blurred eyes_covered", parse_override("blurred", REASON))
    assert (item.outcome, gate.overridden) == ("rejected", [])


def test_nobody_is_enrolled_from_a_photo_of_nobody(tmp_path: Path) -> None:
    gate = Gate()
    item = enrol(tmp_path, gate, "no_face", parse_override("no_face", REASON))
    assert (item.outcome, gate.overridden) == ("rejected", [])


def test_a_refused_override_is_an_error_of_that_file(tmp_path: Path) -> None:
    item = enrol(tmp_path, Gate(), "gone", Override(frozenset({"gone"}), REASON))
    assert item.error == {"code": "hold_expired", "detail": "The face is no longer held."}


def test_good_photos_need_no_word(tmp_path: Path) -> None:
    gate = Gate()
    item = enrol(tmp_path, gate, "", parse_override("blurred", REASON))
    assert item.in_words().endswith("photo.jpg: enrolled")
    assert gate.overridden == []


@pytest.mark.parametrize(
    ("codes", "reason"),
    [("blurred", None), (None, REASON), (" , ", REASON), ("blury", REASON), ("blurred", "short")],
)
def test_options_that_make_no_sense_are_refused(codes: str | None, reason: str | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_override(codes, reason)


def test_without_the_options_nothing_is_outweighed() -> None:
    assert parse_override(None, None) is None
