"""Templates and crops are sealed under their customer's key, and opened by what reads them.

What was enrolled before there were keys is read as it is until ``seal_faces`` has come to it.
"""

from collections.abc import Iterable
from uuid import UUID

import structlog

from vestibule.domain import sealed_face
from vestibule.domain.errors import BlobMissingError
from vestibule.domain.faces import Embeddings
from vestibule.records import gallery
from vestibule.records.tables import Template
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def seal_embedding(
    runtime: Runtime, embedding: Embeddings, *, template_id: UUID, customer_id: UUID
) -> bytes:
    """As the row holds it. Raises NotFoundError once the customer's key was destroyed."""
    plain = gallery.to_bytes(embedding)
    if not runtime.customer_keys.is_sealing():
        return plain
    sealer = runtime.customer_keys.sealer(customer_id)
    return sealed_face.join(
        customer_id, sealer.seal(plain, context=context_of_template(template_id))
    )


def open_embeddings(runtime: Runtime, rows: Iterable[Template]) -> dict[UUID, Embeddings]:
    """By template, each (d,). Left out is whose key is gone: nobody can read those any more.

    All keys are asked for at once, so give it many rows rather than one at a time.
    """
    found: dict[UUID, Embeddings] = {}
    sealed: dict[UUID, tuple[UUID, bytes]] = {}
    for row in rows:
        parts = sealed_face.split(row.embedding)
        if parts is None:
            found[row.id] = gallery.from_bytes(row.embedding)
        else:
            sealed[row.id] = parts
    sealers = runtime.customer_keys.sealers({owner for owner, _ in sealed.values()})
    for template_id, (owner, content) in sealed.items():
        if owner in sealers:
            plain = sealers[owner].unseal(content, context=context_of_template(template_id))
            found[template_id] = gallery.from_bytes(plain)
    unreadable = [template_id for template_id, (owner, _) in sealed.items() if owner not in sealers]
    if unreadable:
        log.warning("templates.unreadable", count=len(unreadable), first=str(unreadable[0]))
    return found


def hand_over_embedding(runtime: Runtime, row: Template, to: UUID) -> None:
    """Seal it anew for another customer: nothing of the former owner's key is needed from then."""
    opened = open_embeddings(runtime, [row])
    if row.id in opened:
        row.embedding = seal_embedding(runtime, opened[row.id], template_id=row.id, customer_id=to)


def store_crop(runtime: Runtime, key: str, jpeg: bytes, *, customer_id: UUID) -> None:
    content = jpeg
    if runtime.customer_keys.is_sealing():
        sealer = runtime.customer_keys.sealer(customer_id)
        content = sealed_face.join(customer_id, sealer.seal(jpeg, context=key))
    runtime.blobs.put(key, content)


def load_crop(runtime: Runtime, key: str) -> bytes:
    """A JPEG. Raises BlobMissingError, also where the key that opens it is gone."""
    content = runtime.blobs.get(key)
    parts = sealed_face.split(content)
    if parts is None:
        return content
    owner, sealed = parts
    sealers = runtime.customer_keys.sealers([owner])
    if owner not in sealers:
        raise BlobMissingError(key=key)
    return sealers[owner].unseal(sealed, context=key)


def context_of_template(template_id: UUID) -> str:
    """Binds a sealed embedding to its row."""
    return f"template:{template_id}"
