"""What may be chosen, and that comparing tells nothing but yes or no."""

import pytest
from argon2 import PasswordHasher

from vestibule.domain.errors import WeakPasswordError
from vestibule.workflows.choose_password import hash_password, is_password, rehashed

WORDS = ["Camille Roux", "camille.roux@club.example", "Quay"]
GOOD = "grenouille tournevis marée basse"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "too_short"),
        ("k8$Lq!z0Pw", "too_short"),
        ("é" * 257, "too_long"),
        ("password1234", "guessable"),
        ("Password1234!", "guessable"),
        ("qwertyuiop123", "guessable"),
        ("aaaaaaaaaaaaaaaa", "guessable"),
        ("camilleroux2026", "guessable"),
        ("vestibule2026", "guessable"),
        ("CAMILLE.ROUX@club.example", "guessable"),
        ("123456789012", "guessable"),
    ],
)
def test_what_is_guessed_first_is_refused(password, fault):
    with pytest.raises(WeakPasswordError) as refused:
        hash_password(password, words=WORDS)
    assert refused.value.facts["fault"] == fault


@pytest.mark.parametrize(
    "password",
    [GOOD, "correcthorse batterystaple-", "x7Kq2mVb9Ls4Td", "密码是很长的句子没有人会猜到它"],
)
def test_long_and_unguessable_is_enough_whatever_its_characters(password):
    assert is_password(hash_password(password, words=WORDS), password)


def test_the_same_characters_from_another_keyboard_are_the_same_password():
    composed, decomposed = "marée basse tournevis", "mare\u0301e basse tournevis"

    assert is_password(hash_password(composed, words=[]), decomposed)


def test_hash_is_argon2id_and_salted():
    first, second = hash_password(GOOD, words=[]), hash_password(GOOD, words=[])

    assert first.startswith("$argon2id$") and first != second


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$v=19$broken"])
def test_nothing_fits_who_has_no_password(kept):
    assert not is_password(kept, GOOD)


def test_hash_with_former_parameters_still_fits_and_is_made_anew():
    former = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    anew = rehashed(former, GOOD)

    assert is_password(former, GOOD)
    assert anew is not None and rehashed(anew, GOOD) is None and is_password(anew, GOOD)
