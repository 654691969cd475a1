"""A connection to an S3: bounded in time, and its answers as the product's errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from vestibule.adapters.trusted_authorities import client_context
from vestibule.domain.errors import StartUpError, StorageFullError, StorageUnavailableError

_CONNECTIONS = 32
_NO_ROOM_STATUS = 507
_NO_ROOM = {
    "XMinioStorageFull",
    "XMinioAdminBucketQuotaExceeded",
    "QuotaExceeded",  # Ceph
    "InsufficientCapacity",
    "InsufficientStorage",
}
_REASONS = {
    "RequestTimeTooSkewed": "clock_skew",
    "AccessDenied": "refused_credentials",
    "InvalidAccessKeyId": "refused_credentials",
    "SignatureDoesNotMatch": "refused_credentials",
    "ExpiredToken": "refused_credentials",
    "NoSuchBucket": "no_such_bucket",
    "SlowDown": "overloaded",
    "ServiceUnavailable": "overloaded",
}
_WORDS = {
    "clock_skew": "The object store refuses requests because its clock and this machine's differ. "
    "Set both by NTP.",
    "refused_credentials": "The object store refuses the key, or what the key may do.",
    "no_such_bucket": "The object store has no such bucket. `vestibule storage prepare` makes it.",
    "overloaded": "The object store has more to do than it can.",
    "unreachable": "The object store does not answer.",
    "store_fault": "The object store failed to do what was asked.",
}


@dataclass(frozen=True, slots=True)
class S3Access:
    """Where the store is, and as whom it is spoken to. ``endpoint`` is ``http(s)://host[:port]``.

    The region is never asked for: not every S3 answers that, and nothing is sent before a call.
    """

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Patience:
    """Of one request: to connect, between two packets, and how often it is sent again.

    Together with the pauses between, a call that meets silence ends after
    ``(retries + 1) * read_s`` and about a second.
    """

    connect_s: float = 3.0
    read_s: float = 15.0
    retries: int = 2


def open_client(access: S3Access, patience: Patience | None = None) -> Minio:
    """Safe to call from several threads. Sends nothing. Raises StartUpError for a bad endpoint."""
    address = _address(access)
    # It would write the keys of objects into the log whenever it tries again.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    return Minio(
        address.netloc,
        access_key=access.access_key,
        secret_key=access.secret_key,
        secure=address.scheme == "https",
        region=access.region,
        http_client=open_pool(access, patience),
    )


def answers_of(access: S3Access, path: str) -> bool:
    """Whether the store answers 200 to a plain GET of ``path``. False too if it does not answer."""
    try:
        answer = open_pool(access).request("GET", f"{access.endpoint.rstrip('/')}{path}")
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200


def _address(access: S3Access) -> SplitResult:
    address = urlsplit(access.endpoint)
    if address.scheme not in ("http", "https") or not address.netloc or address.path.strip("/"):
        raise StartUpError(
            f"The object store's endpoint must be http(s)://host[:port], not {access.endpoint!r}.",
            reason="bad_endpoint",
        )
    return address


def open_pool(access: S3Access, patience: Patience | None = None) -> urllib3.PoolManager:
    """Certificates are checked against ``client_context``."""
    patience = patience or Patience()
    context = client_context() if _address(access).scheme == "https" else None
    return urllib3.PoolManager(
        maxsize=_CONNECTIONS,
        timeout=urllib3.Timeout(connect=patience.connect_s, read=patience.read_s),
        retries=urllib3.Retry(
            total=patience.retries,
            backoff_factor=0.1,
            backoff_jitter=0.1,
            status_forcelist=(500, 502, 503, 504),
            raise_on_status=False,  # the answer says why
            redirect=0,
        ),
        ssl_context=context,
    )


@contextmanager
def store_errors() -> Iterator[None]:
    """Whatever goes wrong within becomes StorageFullError or StorageUnavailableError."""
    try:
        yield
    except S3Error as error:
        status = error.response.status
        if status == _NO_ROOM_STATUS or error.code in _NO_ROOM:
            raise StorageFullError() from error
        raise _unavailable(_REASONS.get(error.code or "", "store_fault"), error.code) from error
    except (InvalidResponseError, ServerError) as error:
        status = _status_of(error)
        if status == _NO_ROOM_STATUS:
            raise StorageFullError() from error
        raise _unavailable("store_fault", f"HTTP {status}") from error
    except (MinioException, ParseError) as error:  # something else than an S3 answers there
        raise _unavailable("store_fault", type(error).__name__) from error
    except urllib3.exceptions.HTTPError as error:
        raise _unavailable("unreachable", type(error).__name__) from error


def says_not_implemented(error: S3Error) -> bool:
    """Whether a store without that function said so."""
    return error.code in ("NotImplemented", "MethodNotAllowed") or error.response.status == 501


def _status_of(error: InvalidResponseError | ServerError) -> int:
    return error.status_code if isinstance(error, ServerError) else error._code


def _unavailable(reason: str, said: str | None) -> StorageUnavailableError:
    return StorageUnavailableError(_WORDS[reason], reason=reason, said=said)
