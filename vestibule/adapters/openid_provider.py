"""An OpenID Connect provider (OpenID Connect Core 1.0, RFC 7636), found by its issuer."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from vestibule.adapters.this_machine import is_this_machine
from vestibule.domain.errors import IdentityRefusedError, ProviderUnavailableError, StartUpError
from vestibule.ports_identity import AuthorizationRequest, Identity

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has; never ``none``, never a shared secret."""
LEEWAY_S = 60
_KEPT_S = 3_600
_LARGEST_ANSWER_BYTES = 1_000_000
_TIMEOUT = httpx.Timeout(10, connect=5)


class OpenIdProvider:
    """Safe to use from several threads. Its documents are read at first use and kept an hour."""

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str | None = None,
        groups_claim: str = "groups",
    ) -> None:
        """Raises StartUpError for an issuer that is not asked over TLS."""
        parts = urlsplit(issuer)
        is_here = is_this_machine(parts.hostname)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            raise StartUpError("VESTIBULE_OIDC_ISSUER must begin with https://.")
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._groups_claim = groups_claim
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def begin(self, redirect_uri: str) -> AuthorizationRequest:
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = self._configured("authorization_endpoint")
        joint = "&" if "?" in endpoint else "?"
        return AuthorizationRequest(f"{endpoint}{joint}{urlencode(asked)}", state, nonce, verifier)

    def redeem(self, code: str, *, redirect_uri: str, nonce: str, code_verifier: str) -> Identity:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": code_verifier,
        }
        if self._client_secret is not None:
            sent["client_secret"] = self._client_secret
        answer = self._asked("POST", self._configured("token_endpoint"), data=sent)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefusedError(reason="no_id_token")
        claims = self._checked(token, nonce=nonce)
        email = claims.get("email") if claims.get("email_verified") is True else None
        groups = claims.get(self._groups_claim, [])
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            groups=frozenset(str(one) for one in groups if isinstance(groups, list)),
        )

    # ── the ID token ────────────────────────────────────────────────────────────────────────
    def _checked(self, token: str, *, nonce: str) -> Mapping[str, Any]:
        """OpenID Connect Core 1.0, 3.1.3.7. Raises IdentityRefusedError."""
        try:
            claims = self._decoded(token)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self._configured("issuer")},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise IdentityRefusedError(reason=type(error).__name__) from error
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        party = claims.get("azp")
        if (others or party is not None) and party != self._client_id:
            raise IdentityRefusedError(reason="azp")
        if not str(claims["sub"]):
            raise IdentityRefusedError(reason="sub")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """A key that is not known may be newer than what is kept: look once more."""
        try:
            return self._verified(token)
        except (InvalidKeyIdError, ValueError):
            self._forget("keys")
            return self._verified(token)

    def _verified(self, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(self._document("keys"))  # type: ignore[arg-type]  # checked by it
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)

    # ── the provider's documents ────────────────────────────────────────────────────────────
    def _configured(self, name: str) -> str:
        value = self._document("configuration").get(name)
        if not isinstance(value, str):
            raise ProviderUnavailableError(reason=f"no {name}")
        return value

    def _document(self, name: str) -> dict[str, Any]:
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept[0] < _KEPT_S:
            return kept[1]
        well_known = f"{self._issuer}/.well-known/openid-configuration"
        found = self._asked("GET", well_known if name == "configuration" else self._keys_url())
        if name == "configuration" and str(found.get("issuer", "")).rstrip("/") != self._issuer:
            raise ProviderUnavailableError(reason="issuer")
        with self._lock:
            self._kept[name] = (time.monotonic(), found)
        return found

    def _keys_url(self) -> str:
        return self._configured("jwks_uri")

    def _forget(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)

    def _asked(self, method: str, url: str, **content: Any) -> dict[str, Any]:
        """Raises ProviderUnavailableError, and IdentityRefusedError where it said no."""
        try:
            with httpx.Client(timeout=_TIMEOUT, trust_env=True) as http:
                answer = http.request(
                    method, url, headers={"Accept": "application/json"}, **content
                )
            body = answer.json() if len(answer.content) < _LARGEST_ANSWER_BYTES else None
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailableError(reason=type(error).__name__) from error
        if 400 <= answer.status_code < 500 and method == "POST":
            raise IdentityRefusedError(reason="code")
        if not answer.is_success or not isinstance(body, dict):
            raise ProviderUnavailableError(reason=f"status {answer.status_code}")
        return body
