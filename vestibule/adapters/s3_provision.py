"""What a bucket needs before photos go into it, and what the application's key may do there.

Everything may be done again: what is right already is left as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, Filter
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, S3Error
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    LifecycleConfig,
    NoncurrentVersionExpiration,
    Rule,
)

from vestibule.adapters.s3_client import (
    S3Access,
    answers_of,
    open_client,
    open_pool,
    says_not_implemented,
    store_errors,
)
from vestibule.domain.errors import StorageUnavailableError

_OURS = "vestibule-"
_LEFTOVERS = f"{_OURS}leftovers"
_THERE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")
_OF_THE_BUCKET = (
    "ListBucket",
    "ListBucketVersions",
    "ListBucketMultipartUploads",
    "GetBucketLocation",
)
_OF_ITS_OBJECTS = (
    "GetObject",
    "PutObject",
    "DeleteObject",
    "DeleteObjectVersion",
    "AbortMultipartUpload",
    "ListMultipartUploadParts",
)
_POLICY = f"{_OURS}application"
_ALREADY = "XMinioAdminPolicyChangeAlreadyApplied"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done about one thing. ``unsupported`` is left to the operator, as the words say."""

    subject: str
    outcome: Literal["done", "as_it_was", "unsupported"]
    words: str


def application_policy(bucket: str, import_bucket: str | None = None) -> dict[str, Any]:
    """All that the application's key needs: objects of one bucket, and to read imports."""
    statements = [_allow(_OF_THE_BUCKET, bucket), _allow(_OF_ITS_OBJECTS, f"{bucket}/*")]
    if import_bucket is not None:
        statements += [
            _allow(("ListBucket", "GetBucketLocation"), import_bucket),
            _allow(("GetObject",), f"{import_bucket}/*"),
        ]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"s3:{action}" for action in actions],
        "Resource": [f"arn:aws:s3:::{resource}"],
    }


def prepare_bucket(
    access: S3Access, bucket: str, *, transient_days: Mapping[str, int]
) -> list[Step]:
    """Make it and its rules. ``transient_days``: after how many days a prefix is emptied anyway.

    Raises StorageUnavailableError.
    """
    client = open_client(access)
    with store_errors():
        steps = [_make_bucket(client, bucket, access.region), _look_at_versions(client, bucket)]
        return steps + _set_rules(client, bucket, _rules(transient_days))


def _make_bucket(client: Minio, bucket: str, region: str) -> Step:
    if client.bucket_exists(bucket):
        return Step("bucket", "as_it_was", f"The bucket {bucket} is there.")
    try:
        client.make_bucket(bucket, location=region)
    except S3Error as error:
        if error.code not in _THERE:  # made by another copy of this command meanwhile
            raise
    return Step("bucket", "done", f"The bucket {bucket} was made.")


def _look_at_versions(client: Minio, bucket: str) -> Step:
    """Never switched: in a bucket without versions, deleted is deleted (docs/adr/0018)."""
    try:
        status = client.get_bucket_versioning(bucket).status
    except S3Error as error:
        if not says_not_implemented(error):
            raise
        status = "unknown to this store"
    if status == ENABLED:
        words = "Versions are kept, as somebody decided here: an erasure removes all of them."
        return Step("versions", "as_it_was", words)
    return Step("versions", "as_it_was", "No versions are kept: what is deleted is gone.")


def _rules(transient_days: Mapping[str, int]) -> list[Rule]:
    leftovers = Rule(
        ENABLED,
        rule_filter=Filter(prefix=""),
        rule_id=_LEFTOVERS,
        abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(1),
        noncurrent_version_expiration=NoncurrentVersionExpiration(1),
    )
    return [
        leftovers,
        *(
            Rule(
                ENABLED,
                rule_filter=Filter(prefix=prefix),
                rule_id=f"{_OURS}{prefix.strip('/')}",
                expiration=Expiration(days=days),
            )
            for prefix, days in sorted(transient_days.items())
        ),
    ]


def _set_rules(client: Minio, bucket: str, wanted: list[Rule]) -> list[Step]:
    """Rules of others stay. Read back afterwards, because some stores drop what they do not do."""
    try:
        before = _rules_of(client, bucket)
        others = [rule for rule in before if not (rule.rule_id or "").startswith(_OURS)]
        ours = [rule for rule in before if rule not in others]
        is_new = not _same(ours, wanted)
        if is_new:
            client.set_bucket_lifecycle(bucket, LifecycleConfig(others + wanted))
        kept = {rule.rule_id: rule for rule in _rules_of(client, bucket)}
    except S3Error as error:
        if not says_not_implemented(error):
            raise
        is_new, kept = False, {}
    return [_told(rule, kept.get(rule.rule_id), is_new=is_new) for rule in wanted]


def _rules_of(client: Minio, bucket: str) -> list[Rule]:
    found = client.get_bucket_lifecycle(bucket)
    return list(found.rules) if found is not None else []


def _same(some: list[Rule], others: list[Rule]) -> bool:
    return sorted(map(_meaning, some)) == sorted(map(_meaning, others))


def _meaning(rule: Rule) -> tuple[str, str, int, int, int]:
    """What a rule says, whatever the store made of its spelling. 0 where it says nothing."""
    expiration, unfinished = rule.expiration, rule.abort_incomplete_multipart_upload
    older = rule.noncurrent_version_expiration
    return (
        rule.rule_id or "",
        (rule.rule_filter.prefix if rule.rule_filter else None) or "",
        (expiration.days if expiration else None) or 0,
        (unfinished.days_after_initiation if unfinished else None) or 0,
        (older.noncurrent_days if older else None) or 0,
    )


def _told(wanted: Rule, kept: Rule | None, *, is_new: bool) -> Step:
    subject = f"rule {wanted.rule_id}"
    outcome: Literal["done", "as_it_was"] = "done" if is_new else "as_it_was"
    if kept is not None and _meaning(kept) == _meaning(wanted):
        return Step(subject, outcome, _words_of(wanted))
    if kept is not None and wanted.rule_id == _LEFTOVERS and _meaning(kept)[4]:
        words = (
            "Older versions go after a day. The store keeps no rule for unfinished uploads: MinIO "
            "removes them by itself; of another store, ask its manual."
        )
        return Step(subject, "unsupported", words)
    words = (
        f"The store keeps no such rule, so nothing but Vestibule itself does: {_words_of(wanted)}"
    )
    return Step(subject, "unsupported", words)


def _words_of(rule: Rule) -> str:
    if rule.rule_id == _LEFTOVERS:
        return "Unfinished uploads and older versions go after a day."
    prefix = rule.rule_filter.prefix if rule.rule_filter else ""
    days = rule.expiration.days if rule.expiration else 0
    return (
        f"What lies under {prefix} goes after {days} days, if Vestibule did not remove it before."
    )


def add_application(
    admin: S3Access, application: S3Access, *, bucket: str, import_bucket: str | None = None
) -> Step:
    """A user with the application's key and its policy alone, by MinIO's admin interface.

    A store without that interface is told apart; there the operator's own tools do it. Raises
    StorageUnavailableError.
    """
    if not answers_of(admin, "/minio/health/live"):
        words = (
            "This store has no admin interface of MinIO's. Make the key with the store's own tools "
            "and give it what `vestibule storage policy` prints."
        )
        return Step("application key", "unsupported", words)
    policy = application_policy(bucket, import_bucket)
    try:
        with store_errors():
            _add_user(_admin_client(admin), application, policy)
    except MinioAdminException as error:
        raise StorageUnavailableError(
            "MinIO refused to make the application's key: does the admin key belong to an admin?",
            reason="refused_credentials",
        ) from error
    return Step("application key", "done", "The key may use this bucket's objects, nothing else.")


def _add_user(client: MinioAdmin, application: S3Access, policy: dict[str, Any]) -> None:
    client.policy_add(_POLICY, policy=policy)
    client.user_add(application.access_key, application.secret_key)
    try:
        client.attach_policy([_POLICY], user=application.access_key)
    except MinioAdminException as error:
        if _ALREADY not in str(error):
            raise


def _admin_client(admin: S3Access) -> MinioAdmin:
    scheme, _, address = admin.endpoint.partition("://")
    return MinioAdmin(
        endpoint=address.rstrip("/"),
        credentials=StaticProvider(admin.access_key, admin.secret_key),
        region=admin.region,
        secure=scheme == "https",
        http_client=open_pool(admin),
    )


def as_text(policy: dict[str, Any]) -> str:
    return json.dumps(policy, indent=2) + "\n"
