"""The company's own sign-in, where it has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from vestibule.domain.permissions import Role


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """``url`` is where the browser goes; the rest is compared or sent when it comes back."""

    url: str
    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider. ``email`` only where the provider verified it."""

    issuer: str
    subject: str
    email: str | None
    groups: frozenset[str]


class IdentityProvider(Protocol):
    """OpenID Connect with the authorization code flow and PKCE."""

    def begin(self, redirect_uri: str) -> AuthorizationRequest:
        """Raises ProviderUnavailableError."""
        ...

    def redeem(self, code: str, *, redirect_uri: str, nonce: str, code_verifier: str) -> Identity:
        """Who the code stands for, its ID token checked.

        Raises IdentityRefusedError, ProviderUnavailableError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Company:
    """``roles_by_group`` is empty where roles are given here alone."""

    provider: IdentityProvider
    name: str
    roles_by_group: Mapping[str, Role]
