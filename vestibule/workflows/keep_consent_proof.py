"""A consent or a withdrawal with what shows it: a signature, a scanned paper, a typed name."""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from vestibule.domain import sealed_face
from vestibule.domain.errors import (
    BlobMissingError,
    InvalidInputError,
    NotFoundError,
    VestibuleError,
)
from vestibule.domain.ids import new_uuid
from vestibule.domain.names import clean_name
from vestibule.domain.notice import LANGUAGES
from vestibule.records import audit, consents, customers
from vestibule.records.consent_tables import ConsentProof
from vestibule.records.database import Transaction
from vestibule.records.tables import Consent
from vestibule.workflows.accept_document import Document, accept_document
from vestibule.workflows.record_consent import (
    ConsentGiven,
    record_consents,
    withdraw_purposes,
)
from vestibule.workflows.runtime import Runtime

MAX_TYPED_NAME = 200
LEAST_CONTRAST = 64
"""Of 255, between paper and ink: an empty sheet has none, and JPEG adds little."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``file`` is a drawn signature or a scan; without one the name that the guest typed stands."""

    method: str
    language: str
    file: bytes = b""
    typed_name: str = ""


def agree_with_proof(
    runtime: Runtime, customer_id: UUID, given: ConsentGiven, shown: Shown, *, actor: str
) -> list[Consent]:
    """Raises as ``record_consents`` and ``accept_document`` do; nothing is kept then."""
    proof = _keep(runtime, customer_id, shown, kind="given", actor=actor)
    given = replace(given, method=shown.method, language=shown.language, proof_id=proof.id)
    try:
        return record_consents(runtime, customer_id, given, actor=actor)
    except VestibuleError:
        _drop(runtime, proof)
        raise


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """``proof_refused`` is the code of why what should show it was not kept; None where it was."""

    consents: Sequence[Consent]
    proof_refused: str | None = None


def withdraw_with_proof(
    runtime: Runtime, customer_id: UUID, purposes: Sequence[str], shown: Shown, *, actor: str
) -> Withdrawn:
    """Whatever becomes of the proof, what was withdrawn is withdrawn (GDPR 7(3)).

    A proof that is refused is told and recorded, not raised: else it would look as if nothing had
    been taken down. Raises NotFoundError.
    """
    rows = withdraw_purposes(runtime, customer_id, purposes, actor=actor)
    if not rows:
        return Withdrawn(rows)
    try:
        proof = _keep(runtime, customer_id, shown, kind="withdrawn", actor=actor)
    except VestibuleError as error:
        _note_refused(runtime, rows[0].customer_id, error.code, actor=actor)
        return Withdrawn(rows, error.code)
    with runtime.database.begin() as transaction:
        for row in rows:
            transaction.merge(row).withdrawal_proof_id = proof.id
    return Withdrawn(rows)


def _note_refused(runtime: Runtime, customer_id: UUID, code: str, *, actor: str) -> None:
    with runtime.database.begin() as transaction:
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="consent.refuse_proof",
            subject=f"customer:{customer_id}",
            kind="withdrawn",
            code=code,
        )


@dataclass(frozen=True, slots=True)
class OpenedProof:
    media_type: str
    content: bytes


def open_proof(runtime: Runtime, customer_id: UUID, proof_id: UUID, *, actor: str) -> OpenedProof:
    """The look is recorded. A typed name is shown as text. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        customer_id = customers.standing_for(transaction, customer_id)
        proof = consents.find_proof(transaction, customer_id, proof_id)
        if proof is None:
            raise NotFoundError()
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="consent.view_proof",
            subject=f"customer:{customer_id}",
            proof=str(proof_id),
        )
    if proof.object_key is None or proof.sealing_key is None:
        words = f"{proof.typed_name}\n{proof.recorded_at:%Y-%m-%d %H:%M} UTC\n"
        return OpenedProof("text/plain; charset=utf-8", words.encode())
    key = _open_key(runtime, proof.sealing_key, context=proof.object_key)
    try:
        sealed = runtime.blobs.get(proof.object_key)
    except BlobMissingError as error:
        raise NotFoundError() from error
    content = runtime.sealer.under(key).unseal(sealed, context=proof.object_key)
    return OpenedProof(proof.media_type or "application/octet-stream", content)


def _keep(
    runtime: Runtime, customer_id: UUID, shown: Shown, *, kind: str, actor: str
) -> ConsentProof:
    typed = clean_name(shown.typed_name)[:MAX_TYPED_NAME]
    if not shown.file and not typed:
        raise InvalidInputError("Sign, or write the name.", fields=["signature", "typed_name"])
    if shown.language not in LANGUAGES:
        raise InvalidInputError("There is no notice in it.", fields=["language"])
    with runtime.database.begin() as transaction:
        customer = customers.find_present(transaction, customer_id)
    if customer is None:
        raise NotFoundError()
    proof = ConsentProof(
        id=new_uuid(),
        customer_id=customer.id,
        kind=kind,
        method=shown.method,
        language=shown.language,
        typed_name=typed or None,
        recorded_by=actor,
        recorded_at=runtime.clock.now(),
    )
    if shown.file:
        document = accept_document(runtime, shown.file)
        if shown.method == "tablet":
            _require_drawn(runtime, document)
        _seal(runtime, proof, document)
    with runtime.database.begin() as transaction:
        consents.add_proof(transaction, proof)
        audit.append(
            transaction,
            at=proof.recorded_at,
            actor=actor,
            action="consent.keep_proof",
            subject=f"customer:{customer.id}",
            proof=str(proof.id),
            kind=kind,
            method=shown.method,
            signed="with a file" if shown.file else "by typing a name",
        )
    return proof


def _require_drawn(runtime: Runtime, document: Document) -> None:
    """An empty sheet shows nothing. Raises InvalidInputError, for a PDF too."""
    if document.media_type != "image/jpeg":
        raise InvalidInputError("A signature is a picture.", fields=["signature"])
    pixels = runtime.codec.decode_upright(document.content)
    if int(pixels.max()) - int(pixels.min()) < LEAST_CONTRAST:
        raise InvalidInputError("Nothing is drawn.", fields=["signature"])


def _seal(runtime: Runtime, proof: ConsentProof, document: Document) -> None:
    object_key, key = f"consents/{proof.id}", secrets.token_bytes(32)
    sealed = runtime.sealer.under(key).seal(document.content, context=object_key)
    runtime.blobs.put(object_key, sealed)
    proof.media_type, proof.size_bytes = document.media_type, len(document.content)
    proof.sha256 = hashlib.sha256(document.content).hexdigest()
    proof.object_key = object_key
    proof.sealing_key = _seal_key(runtime, proof.customer_id, key, context=object_key)


def _seal_key(runtime: Runtime, customer_id: UUID, key: bytes, *, context: str) -> bytes:
    """Under the guest's key, so that no backup opens it once that was destroyed."""
    if not runtime.customer_keys.is_sealing():
        return runtime.sealer.seal(key, context=context)
    sealer = runtime.customer_keys.sealer(customer_id)
    return sealed_face.join(customer_id, sealer.seal(key, context=context))


def _open_key(runtime: Runtime, sealed: bytes, *, context: str) -> bytes:
    """Raises NotFoundError where the guest's key is gone."""
    parts = sealed_face.split(sealed)
    if parts is None:
        return runtime.sealer.unseal(sealed, context=context)
    owner, content = parts
    sealers = runtime.customer_keys.sealers([owner])
    if owner not in sealers:
        raise NotFoundError()
    return sealers[owner].unseal(content, context=context)


def keep_readable(runtime: Runtime, transaction: Transaction, customer_id: UUID) -> None:
    """Before the guest's key is destroyed and a legal hold keeps what shows their consents.

    Safe to run twice: what no key of theirs seals is left as it is.
    """
    for proof in consents.proofs_of(transaction, customer_id):
        if proof.object_key is None or proof.sealing_key is None:
            continue
        with suppress(NotFoundError):  # the key is gone already, and what it sealed with it
            key = _open_key(runtime, proof.sealing_key, context=proof.object_key)
            proof.sealing_key = runtime.sealer.seal(key, context=proof.object_key)


def _drop(runtime: Runtime, proof: ConsentProof) -> None:
    """Of an agreement that was refused. An object that is left over is tidied up."""
    with runtime.database.begin() as transaction:
        found = transaction.get(ConsentProof, proof.id)
        if found is not None:
            transaction.delete(found)
    if proof.object_key is not None:
        runtime.blobs.delete(proof.object_key)
