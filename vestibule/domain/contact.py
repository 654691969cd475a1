"""Phone numbers, e-mail addresses and languages as they are kept: one way of writing each."""

import re
import unicodedata

MAX_EMAIL_LENGTH = 254
_PHONE_DIGITS = range(5, 16)  # E.164 has at most 15; short national numbers have five or six
_PHONE = re.compile(r"\+?[\d\s().\-/\u00a0\u202f]+")
_EMAIL = re.compile(r"[^\s@\"<>(),;:\\\[\]]+@(?:[^\s@.\"<>(),;:\\\[\]]+\.)+[^\W\d_]{2,}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_SIGNIFICANT = 9
"""The last digits of a number that tell it from others, with and without a country's prefix."""


def clean_phone(written: str) -> str | None:
    """Digits, with a plus before a country's prefix; None if it is no phone number.

    ``00`` before a prefix becomes a plus. A national number stays one: which country it belongs
    to is not guessed.
    """
    text = unicodedata.normalize("NFKC", written).strip().replace("(0)", "")
    if not _PHONE.fullmatch(text):
        return None
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    is_international = text.startswith(("+", "00"))
    if is_international and not text.startswith("+"):
        digits = digits[2:]
    if len(digits) not in _PHONE_DIGITS:
        return None
    return f"+{digits}" if is_international else digits


def phone_key(phone: str) -> str:
    """The same for +33 6 12 34 56 78 and 06 12 34 56 78; ``phone`` is a cleaned one."""
    return phone.lstrip("+").lstrip("0")[-_SIGNIFICANT:]


def clean_email(written: str) -> str | None:
    """In lower case and NFC; None if it is no address that mail could be sent to."""
    text = unicodedata.normalize("NFC", written).strip().lower()
    if len(text) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(text):
        return None
    local, _, _ = text.partition("@")
    if len(local) > 64 or local.startswith(".") or local.endswith(".") or ".." in text:
        return None
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text):
        return None
    return text


def clean_language(written: str) -> str | None:
    """A tag like ``fr`` or ``pt-BR``; None if it is none."""
    language, _, region = written.strip().replace("_", "-").partition("-")
    tag = f"{language.lower()}-{region.upper()}" if region else language.lower()
    return tag if _LANGUAGE.fullmatch(tag) else None
