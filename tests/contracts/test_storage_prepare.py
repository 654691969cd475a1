"""``vestibule storage``: on SeaweedFS for what S3 knows, and for MinIO's admin interface on a
stand-in that opens what the client sealed. No MinIO was asked.
"""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from minio.commonconfig import ENABLED, Filter
from minio.crypto import decrypt, encrypt
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
from typer.testing import CliRunner
from urllib3 import HTTPResponse

from services.cli import app
from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.s3_client import S3Access
from vestibule.adapters.s3_provision import Step, add_application, application_policy
from vestibule.domain.errors import StartUpError, StorageUnavailableError
from vestibule.settings import Settings
from vestibule.wiring_storage import (
    check_storage,
    prepare_storage,
    storage_policy,
    transient_days,
)

POLICY_FILE = Path(__file__).parents[2] / "infra" / "minio" / "application-policy.json"


def settings_for(seaweed: SeaweedServer, bucket: str, **values: object) -> Settings:
    given = {
        "s3_endpoint": seaweed.url,
        "s3_access_key": seaweed.access_key,
        "s3_secret_key": seaweed.secret_key,
        "s3_bucket": bucket,
        **values,
    }
    return Settings(_env_file=None, **given)


def outcomes(steps: list[Step]) -> dict[str, str]:
    return {step.subject: step.outcome for step in steps}


# ── bucket and rules ────────────────────────────────────────────────────────────────────────
def test_first_run_makes_all_and_the_second_finds_it_as_it_was(seaweed: SeaweedServer) -> None:
    settings = settings_for(seaweed, "prepared-twice")
    first = outcomes(prepare_storage(settings))
    assert first["bucket"] == "done"
    assert {o for name, o in first.items() if name.startswith("rule ")} == {"done"}
    second = outcomes(prepare_storage(settings))
    assert {second.pop("access")} == {"done"}
    assert set(second.values()) == {"as_it_was"}
    assert seaweed.store("prepared-twice").keys("") == []


def test_store_empties_what_passes_days_after_the_product_should_have(
    seaweed: SeaweedServer,
) -> None:
    settings = settings_for(seaweed, "backstop", photo_retention_hours=48)
    prepare_storage(settings)
    found = seaweed.client().get_bucket_lifecycle("backstop")
    assert found is not None
    days = {r.rule_filter.prefix: r.expiration.days for r in found.rules if r.expiration}
    assert days == {"photos/": 5, "holds/": 4, "enrolments/": 7, "checks/": 3}
    assert not [prefix for prefix in days if prefix.startswith(("customers", "demo"))]
    (leftovers,) = [rule for rule in found.rules if rule.rule_id == "vestibule-leftovers"]
    assert leftovers.abort_incomplete_multipart_upload.days_after_initiation == 1
    assert leftovers.noncurrent_version_expiration.noncurrent_days == 1


def test_backstop_never_comes_before_the_product_itself() -> None:
    for hours in (1, 24, 25, 720):
        assert transient_days(Settings(_env_file=None, photo_retention_hours=hours))[
            "photos/"
        ] * 24 >= (hours + 72)


def test_rules_of_others_stay(seaweed: SeaweedServer) -> None:
    bucket = seaweed.new_bucket()
    theirs = Rule(ENABLED, Filter(prefix="theirs/"), "theirs", expiration=Expiration(days=9))
    seaweed.client().set_bucket_lifecycle(bucket, LifecycleConfig([theirs]))
    prepare_storage(settings_for(seaweed, bucket))
    prepare_storage(settings_for(seaweed, bucket, photo_retention_hours=100))
    found = seaweed.client().get_bucket_lifecycle(bucket)
    assert found is not None
    ids = [rule.rule_id for rule in found.rules]
    assert sorted(ids) == sorted({*ids})
    assert "theirs" in ids


def test_versions_that_somebody_switched_on_stay_on_and_are_named(seaweed: SeaweedServer) -> None:
    bucket = seaweed.new_bucket(versioned=True)
    (versions,) = [
        s for s in prepare_storage(settings_for(seaweed, bucket)) if s.subject == "versions"
    ]
    assert "erasure removes all" in versions.words
    assert seaweed.client().get_bucket_versioning(bucket).status == "Enabled"


def test_store_without_minio_admin_is_told_what_is_left_to_do(seaweed: SeaweedServer) -> None:
    settings = settings_for(
        seaweed,
        seaweed.new_bucket(),
        s3_admin_access_key=seaweed.access_key,
        s3_admin_secret_key=seaweed.secret_key,
        s3_access_key=seaweed.application_key,
        s3_secret_key=seaweed.application_secret,
    )
    (key,) = [s for s in prepare_storage(settings) if s.subject == "application key"]
    assert key.outcome == "unsupported"
    assert "storage policy" in key.words


def test_application_key_that_may_not_write_is_found_out(seaweed: SeaweedServer) -> None:
    settings = settings_for(
        seaweed,
        seaweed.new_bucket(),
        s3_access_key=seaweed.reader_key,
        s3_secret_key=seaweed.reader_secret,
    )
    with pytest.raises(StorageUnavailableError, match="refuses the key"):
        check_storage(settings)


def test_encryption_that_is_on_is_said(seaweed: SeaweedServer) -> None:
    settings = settings_for(seaweed, seaweed.new_bucket(), s3_encryption="sse-s3")
    assert "encrypted by the store" in check_storage(settings).words


# ── the command ─────────────────────────────────────────────────────────────────────────────
def test_command_says_what_it_did(
    seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "ENDPOINT": seaweed.url,
        "ACCESS_KEY": seaweed.access_key,
        "SECRET_KEY": seaweed.secret_key,
        "BUCKET": "by-command",
    }.items():
        monkeypatch.setenv(f"VESTIBULE_S3_{name}", value)
    ran = CliRunner().invoke(app, ["storage", "prepare"])
    assert ran.exit_code == 0, ran.output
    assert "The bucket by-command was made." in ran.output
    assert seaweed.secret_key not in ran.output
    ran = CliRunner().invoke(app, ["storage", "prepare", "--json"])
    assert [json.loads(line)["outcome"] for line in ran.output.splitlines()].count("done") == 1


def test_settings_without_a_store_say_which_is_missing() -> None:
    with pytest.raises(StartUpError, match="VESTIBULE_S3_ENDPOINT"):
        prepare_storage(Settings(_env_file=None))


def test_policy_in_the_repository_is_the_one_that_is_used() -> None:
    assert storage_policy(Settings(_env_file=None)) == POLICY_FILE.read_text()


# ── MinIO's admin interface ─────────────────────────────────────────────────────────────────
class AdminInterface(BaseHTTPRequestHandler):
    """Notes what it was asked, opening what was sealed with the admin's secret."""

    secret = "admin-secret"
    refuses = False
    attached = False
    asked: list[tuple[str, dict[str, list[str]], dict[str, object]]]

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        command = address.path.removeprefix("/minio/admin/v3/")
        status, answer = 200, b""
        if self.refuses and command != "/minio/health/live":
            status, answer = 403, b"<Error><Code>AccessDenied</Code></Error>"
        elif command == "idp/builtin/policy/attach":
            self._note(command, address.query, self._opened(body))
            status, answer = (200, encrypt(b"{}", self.secret))
            if type(self).attached:
                status, answer = 400, b'{"Code":"XMinioAdminPolicyChangeAlreadyApplied"}'
            type(self).attached = True
        elif command == "add-user":
            self._note(command, address.query, self._opened(body))
        elif command == "add-canned-policy":
            self._note(command, address.query, json.loads(body))
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _opened(self, body: bytes) -> dict[str, object]:
        response = HTTPResponse(io.BytesIO(body), preload_content=False)
        return json.loads(decrypt(response, self.secret))

    def _note(self, command: str, query: str, body: dict[str, object]) -> None:
        self.asked.append((command, parse_qs(query), body))

    do_GET = do_PUT = do_POST = _answer  # noqa: N815 - the names it looks for

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def minio_admin() -> Iterator[tuple[type[AdminInterface], S3Access]]:
    handler = type("Told", (AdminInterface,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, S3Access(f"http://127.0.0.1:{server.server_port}", "admin", handler.secret)
    server.shutdown()
    thread.join()
    server.server_close()


APPLICATION = S3Access("http://unused", "vestibule-app", "app-secret-of-tests")


def test_minio_gets_a_user_with_that_policy_alone_and_twice_is_safe(
    minio_admin: tuple[type[AdminInterface], S3Access],
) -> None:
    handler, admin = minio_admin
    for _ in range(2):
        step = add_application(admin, APPLICATION, bucket="photos", import_bucket="imports")
        assert step.outcome == "done"
    policy, user, attached = handler.asked[:3]
    assert policy == (
        "add-canned-policy",
        {"name": ["vestibule-application"]},
        application_policy("photos", "imports"),
    )
    assert user[1] == {"accessKey": ["vestibule-app"]}
    assert user[2] == {"status": "enabled", "secretKey": "app-secret-of-tests"}
    assert attached[2] == {"policies": ["vestibule-application"], "user": "vestibule-app"}


def test_key_that_is_no_admin_is_named_as_the_reason(
    minio_admin: tuple[type[AdminInterface], S3Access],
) -> None:
    handler, admin = minio_admin
    handler.refuses = True
    with pytest.raises(StorageUnavailableError, match="belong to an admin"):
        add_application(admin, APPLICATION, bucket="photos")


def test_policy_reaches_no_other_bucket_and_cannot_change_its_own_rules() -> None:
    statements = application_policy("photos")["Statement"]
    resources = {resource for statement in statements for resource in statement["Resource"]}
    assert resources == {"arn:aws:s3:::photos", "arn:aws:s3:::photos/*"}
    actions = {action for statement in statements for action in statement["Action"]}
    assert not {action for action in actions if "*" in action or "s3:PutBucket" in action}
    imports = application_policy("photos", "imports")["Statement"][2:]
    assert {a for s in imports for a in s["Action"]} == {
        "s3:ListBucket",
        "s3:GetBucketLocation",
        "s3:GetObject",
    }
