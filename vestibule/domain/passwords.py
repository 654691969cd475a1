"""What a password must be: long enough, and nothing that is guessed first.

After NIST SP 800-63B: no classes of characters, no expiry, and a list of what is used everywhere.
"""

import unicodedata

SHORTEST = 12
LONGEST = 256
"""In characters; longer ones only cost time."""


def normalised(password: str) -> str:
    """The same characters from every keyboard (NFKC, SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def length_fault(password: str) -> str | None:
    if len(password) < SHORTEST:
        return "too_short"
    return "too_long" if len(password) > LONGEST else None
