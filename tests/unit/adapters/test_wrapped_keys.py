"""Keys of the installation that a key management service wraps."""

from pathlib import Path

import httpx
import pytest

from tests.servers.transit import TOKEN, running_transit
from vestibule.adapters.key_files import KeyFiles
from vestibule.adapters.vault_transit import VaultTransit
from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings
from vestibule.wiring_keys import secret_key
from vestibule.wiring_parts import open_sealer
from vestibule.wiring_secrets import wrap_own_keys


@pytest.fixture
def transit():
    with running_transit() as running:
        yield running


def kms(transit, **more) -> VaultTransit:
    return VaultTransit(transit.url, **{"key": "vestibule", "token": TOKEN, **more})


def settings_of(transit, folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder, kms_url=transit.url, kms_token=TOKEN)


def test_key_that_is_made_lies_wrapped_and_is_opened_at_the_next_start(transit, tmp_path):
    settings = settings_of(transit, tmp_path)
    sealed = open_sealer(settings).seal(b"face", context="here")
    content = (tmp_path / "secrets" / "sealing.key").read_bytes()
    assert content.startswith(b"vault:v1:")
    assert open_sealer(settings).unseal(sealed, context="here") == b"face"
    assert secret_key(settings, "sealing") not in content
    assert transit.asked.count("decrypt") == 1, "once a process"
    secret_key(settings, "web")
    assert len((tmp_path / "secrets" / "web.key").read_bytes()) == 32


def test_keys_that_were_plain_are_wrapped_and_stay_the_same(transit, tmp_path):
    plain = Settings(_env_file=None, data_dir=tmp_path)
    before = {name: secret_key(plain, name) for name in ("sealing", "receipts", "blobs")}
    settings = settings_of(transit, tmp_path)
    assert {name: secret_key(settings, name) for name in before} == before
    assert len(wrap_own_keys(settings)) == 3
    found = {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert all(content.startswith(b"vault:v1:") for content in found.values()), found
    assert {name: secret_key(settings, name) for name in before} == before

    transit.rotate()
    wrap_own_keys(settings)
    found = {path: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    assert all(content.startswith(b"vault:v2:") for content in found.values()), found
    assert {name: secret_key(settings, name) for name in before} == before


def test_wrapped_key_is_never_taken_for_a_plain_one(transit, tmp_path):
    path = tmp_path / "one.key"
    KeyFiles(kms(transit)).load_or_create(path)
    before = path.read_bytes()
    with pytest.raises(StartUpError, match="VESTIBULE_KMS_URL") as refused:
        KeyFiles().load_or_create(path)
    assert refused.value.facts["reason"] == "kms_not_set"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"token": "another"}, "kms_refused"),
        ({"token": None}, "kms_refused"),
        ({"key": "unknown"}, "kms_refused"),
    ],
)
def test_refusal_says_what_is_needed_and_not_the_token(transit, tmp_path, how, reason):
    path = tmp_path / "one.key"
    KeyFiles(kms(transit)).load_or_create(path)
    with pytest.raises(StartUpError) as refused:
        KeyFiles(kms(transit, **how)).load(path)
    assert refused.value.facts["reason"] == reason
    assert "transit/decrypt" in str(refused.value) and TOKEN not in str(refused.value)


def test_service_that_is_away_loses_nothing_and_makes_no_other_key(tmp_path):
    away = VaultTransit("http://127.0.0.1:9", key="vestibule", token=TOKEN)
    with pytest.raises(StartUpError) as refused:
        KeyFiles(away).load_or_create(tmp_path / "one.key")
    assert refused.value.facts["reason"] == "kms_unreachable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changed", [b"vault:v1:", b"vault:v9:AAAA" * 9, b"vault:v1:" + b"A" * 64])
def test_changed_file_is_refused(transit, tmp_path, changed):
    (tmp_path / "one.key").write_bytes(changed)
    with pytest.raises(StartUpError):
        KeyFiles(kms(transit)).load(tmp_path / "one.key")


@pytest.mark.parametrize(
    "said", [b"no JSON", b'{"data": {}}', b'{"data": null}', b'{"data": {"plaintext": "#"}}']
)
def test_answer_of_something_else_is_refused(said):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=said))
    service = VaultTransit("https://bao.example", key="vestibule", transport=transport)
    with pytest.raises(StartUpError) as refused:
        service.unwrap(b"vault:v1:AAAA")
    assert refused.value.facts["reason"] == "kms_refused"


@pytest.mark.parametrize("url", ["http://bao.example:8200", "bao.example", "ftp://127.0.0.1", ""])
def test_keys_pass_no_open_network(url):
    with pytest.raises(StartUpError) as refused:
        VaultTransit(url, key="vestibule")
    assert refused.value.facts["reason"] == "kms_insecure"
