"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30 seconds.

These are the values that every authenticator app knows; others are announced and then ignored by
many of them.
"""

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
"""RFC 4226, section 4: 160 bits are recommended."""
STEPS_ASTRAY = 1
"""A phone's clock may be half a minute off, either way."""


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S


def code_of(secret: bytes, step: int) -> str:
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, code: str, *, now: datetime, after_step: int | None) -> int | None:
    """The step whose code this is, if it was not taken before: those up to ``after_step`` were."""
    present, found = step_at(now), None
    for step in range(present - STEPS_ASTRAY, present + STEPS_ASTRAY + 1):
        is_fresh = after_step is None or step > after_step
        if hmac.compare_digest(code_of(secret, step), code) and is_fresh:
            found = step
    return found


def as_text(secret: bytes) -> str:
    """Base32, for who types it."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri_of(secret: bytes, *, account: str, issuer: str) -> str:
    """What the QR code holds (the key URI format that authenticator apps read)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return (
        f"otpauth://totp/{label}?secret={as_text(secret)}&issuer={quote(issuer, safe='')}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )
