"""RFC 6238's own values, and codes that were used."""

from datetime import UTC, datetime, timedelta

import pytest

from vestibule.domain.totp import as_text, code_of, matching_step, step_at, uri_of

SECRET = b"12345678901234567890"  # RFC 6238, appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1234567890, "89005924"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    assert code_of(SECRET, seconds // 30) == code[-6:]


NOW = datetime(2026, 11, 21, 23, 0, 10, tzinfo=UTC)


def matches(code: str, *, later_s: int = 0, after_step: int | None = None) -> int | None:
    return matching_step(SECRET, code, now=NOW + timedelta(seconds=later_s), after_step=after_step)


def test_code_of_the_step_before_and_after_is_taken_and_no_other():
    present = step_at(NOW)
    taken = [step for step in range(-4, 5) if matches(code_of(SECRET, present + step))]

    assert taken == [-1, 0, 1]


def test_used_code_and_those_before_it_are_refused():
    code, before = code_of(SECRET, step_at(NOW)), code_of(SECRET, step_at(NOW) - 1)
    step = matches(code)

    assert matches(code, after_step=step) is None
    assert matches(before, after_step=step) is None
    assert matches(code_of(SECRET, step_at(NOW) + 1), after_step=step) == step_at(NOW) + 1


@pytest.mark.parametrize("code", ["", "00000", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused(code):
    assert not code.isascii() or matches(code) is None


def test_address_names_account_and_issuer_for_the_app():
    assert as_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert uri_of(SECRET, account="zoé@club.example", issuer="Vestibule").startswith(
        "otpauth://totp/Vestibule:zo%C3%A9%40club.example?secret=GEZDGNBVGY3TQOJQ"
    )
