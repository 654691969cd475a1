"""Which links an installation that demands TLS refuses, and that it names them without values."""

import pytest

from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings
from vestibule.wiring_links import refuse_plain_links

PASSWORD = "only-here"
SEALED = {
    "database_url": f"postgresql+psycopg://a:{PASSWORD}@db.data/v?sslmode=verify-full",
    "service_database_url": f"postgresql+psycopg://b:{PASSWORD}@db.data/v?sslmode=verify-full",
    "broker_url": f"rediss://:{PASSWORD}@redis.data:6379/0",
    "volatile_url": f"rediss://:{PASSWORD}@volatile.data:6379/0?ssl_cert_reqs=required",
    "s3_endpoint": "https://s3.data",
    "backup_s3_endpoint": "https://elsewhere.example",
    "qdrant_url": "https://qdrant.data:6333",
    "kms_url": "https://bao.data:8200",
}


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **{"require_tls": True, **SEALED, **values})


def test_sealed_links_pass():
    refuse_plain_links(settings())


@pytest.mark.duty("GDPR 32")
@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("database_url", f"postgresql+psycopg://a:{PASSWORD}@db.data/v"),
        ("database_url", f"postgresql+psycopg://a:{PASSWORD}@db.data/v?sslmode=require"),
        ("database_url", f"postgresql+psycopg://a:{PASSWORD}@/v?host=127.0.0.1,db.data"),
        ("database_url", f"postgresql+psycopg://a:{PASSWORD}@localhost/v?hostaddr=10.0.0.7"),
        ("service_database_url", f"postgresql+psycopg://b:{PASSWORD}@db.data/v?sslmode=prefer"),
        ("broker_url", f"redis://:{PASSWORD}@redis.data:6379/0"),
        ("broker_url", f"rediss://:{PASSWORD}@redis.data:6379/0?ssl_cert_reqs=CERT_NONE"),
        ("volatile_url", f"rediss://:{PASSWORD}@volatile.data/0?ssl_check_hostname=False"),
        ("s3_endpoint", "http://s3.data:9000"),
        ("backup_s3_endpoint", "http://10.0.0.7:9000"),
        ("qdrant_url", "http://qdrant.data:6333"),
        ("kms_url", "http://localhost.data"),
    ],
)
def test_art_32_link_without_tls_is_refused_by_its_name_and_not_its_value(name, plain):
    with pytest.raises(StartUpError, match=f": VESTIBULE_{name.upper()}\\.") as refused:
        refuse_plain_links(settings(**{name: plain}))
    assert PASSWORD not in str(refused.value) and ".data" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("database_url", "postgresql+psycopg://a@/v?host=/run/postgresql"),
        ("database_url", "postgresql+psycopg://a@127.0.0.1/v"),
        ("broker_url", "redis://localhost/0"),
        ("qdrant_url", "http://[::1]:6333"),
        ("s3_endpoint", None),
    ],
)
def test_what_stays_on_the_machine_needs_none(name, here):
    refuse_plain_links(settings(**{name: here}))


def test_nobody_is_refused_who_did_not_ask_for_it():
    refuse_plain_links(settings(require_tls=False, qdrant_url="http://qdrant.data:6333"))
