"""Whether what passes between machines is sealed on its way: each link to another system."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from vestibule.adapters.this_machine import is_this_machine
from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings

_POSTGRES = ("database_url", "service_database_url")
_OTHERS = (
    "broker_url",
    "volatile_url",
    "s3_endpoint",
    "backup_s3_endpoint",
    "qdrant_url",
    "kms_url",
)
_ON_THIS_MACHINE = ("memory", "unix", "socket", "redis+socket")
_TLS_SCHEMES = ("https", "rediss")
_UNCHECKED = ("none", "cert_none", "optional", "cert_optional")


def refuse_plain_links(settings: Settings) -> None:
    """With ``VESTIBULE_REQUIRE_TLS``: raises StartUpError that names each setting, not its value.

    A link is sealed where it is TLS and the other side's certificate is checked. What stays on this
    machine (loopback, a socket file) needs none. Settings that are not set are no links.
    """
    if not settings.require_tls:
        return
    plain = [f"VESTIBULE_{name.upper()}" for name in _plain(settings)]
    if plain:
        raise StartUpError(
            f"VESTIBULE_REQUIRE_TLS is set, and these are not TLS with a checked certificate: "
            f"{', '.join(plain)}. Use https://, rediss://, and sslmode=verify-full for Postgres.",
            reason="plain_link",
        )


def _plain(settings: Settings) -> Iterator[str]:
    for names, is_sealed in ((_POSTGRES, _is_sealed_postgres), (_OTHERS, _is_sealed)):
        for name in names:
            value = getattr(settings, name)
            address = value.get_secret_value() if isinstance(value, SecretStr) else value
            if address and not is_sealed(address):
                yield name


def _is_sealed_postgres(address: str) -> bool:
    url = make_url(address)
    named = [url.query.get("host", url.host or "/"), url.query.get("hostaddr", "/")]
    hosts = [host for one in named for host in ((one,) if isinstance(one, str) else one)]
    names = [host for several in hosts for host in several.split(",")]
    if all(host.startswith("/") or is_this_machine(host) for host in names):
        return True
    return url.query.get("sslmode") == "verify-full"


def _is_sealed(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme in _ON_THIS_MACHINE or is_this_machine(parts.hostname):
        return True
    options = parse_qs(parts.query)
    is_checked = not any(
        value.lower() in _UNCHECKED or (name == "ssl_check_hostname" and value.lower() == "false")
        for name in ("ssl_cert_reqs", "ssl_check_hostname")
        for value in options.get(name, ())
    )
    return parts.scheme in _TLS_SCHEMES and is_checked
