"""Errors that say what happened. Only the API's error table knows what HTTP makes of them.

Every error carries a stable ``code`` (part of the public contract) and the facts as attributes.
"No face", "too small" or "two faces" are results of a photo and never raised.
"""

from typing import ClassVar


class VestibuleError(Exception):
    """Base of every error that the product raises on purpose."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)
        self.facts = facts


class TransientError(VestibuleError):
    """The same work may succeed if it is tried again."""

    code = "temporarily_unavailable"


class NotDeliveredError(TransientError):
    """The address that is told of alerts did not take it (fact: ``reason``)."""

    code = "not_delivered"


# ── photos ──────────────────────────────────────────────────────────────────────────────────
class PhotoRefusedError(VestibuleError):
    """The upload cannot become a photo. Nothing was stored."""

    code = "photo_refused"


class NotAnImageError(PhotoRefusedError):
    """The file is not an image of a kind that is read here."""

    code = "not_an_image"


class DamagedImageError(PhotoRefusedError):
    """The image is damaged or cut short."""

    code = "damaged_image"


class TooManyPixelsError(PhotoRefusedError):
    """The image's header announces more pixels than are decoded here."""

    code = "too_many_pixels"


class PhotoTooLargeError(PhotoRefusedError):
    """The file is larger than uploads may be."""

    code = "photo_too_large"


class EmptyUploadError(PhotoRefusedError):
    """The upload holds no bytes."""

    code = "empty_upload"


class TooBusyError(PhotoRefusedError):
    """So many photos are waiting that this one would wait too long. Send it again later."""

    code = "too_busy"


# ── what is asked for is not there, or not so ───────────────────────────────────────────────
class NotFoundError(VestibuleError):
    """There is nothing here by that id."""

    code = "not_found"


class InvalidInputError(VestibuleError):
    """What was sent does not fit."""

    code = "invalid_input"


class ConflictError(VestibuleError):
    """What is asked does not fit the present state."""

    code = "conflict"


class TooLittleEvidenceError(ConflictError):
    """Too little evidence for these thresholds: confirm that, with a reason, to adopt them."""

    code = "too_little_evidence"


class HoldExpiredError(ConflictError):
    """The face is no longer held: enrolling from this result is over."""

    code = "hold_expired"


class NotOverridableError(ConflictError):
    """No reason outweighs this finding: there is no face, two, or somebody else's."""

    code = "not_overridable"


class IncidentChangedError(ConflictError):
    """Somebody changed or decided this incident meanwhile. Read it again, then say what to do."""

    code = "incident_changed"


class AttachmentRefusedError(VestibuleError):
    """Only pictures and PDF documents can be attached. Nothing was stored."""

    code = "attachment_refused"


class TooManyAttachmentsError(ConflictError):
    """As many files are attached to this incident as can be."""

    code = "too_many_attachments"


class IdentityUncheckedError(ConflictError):
    """Say first how it was made sure that the person who asks is the one whom it concerns."""

    code = "identity_unchecked"


class PersonalLinkSpentError(VestibuleError):
    """This link opens nothing: it was opened elsewhere, was taken back or is too old."""

    code = "personal_link_spent"


class OffersNotAgreedError(VestibuleError):
    """This guest has not agreed to offers, or objected: nothing is offered to them."""

    code = "offers_not_agreed"


class OfferNotOpenError(ConflictError):
    """The offer does not hold here now (facts: ``state``, and when it was redeemed)."""

    code = "offer_not_open"


class ForbiddenError(VestibuleError):
    """Whoever is calling may not do this."""

    code = "forbidden"


class OwnReportError(ForbiddenError):
    """Who reported an incident, or changed what counts in it, does not decide it."""

    code = "own_report"


class PersonNeededError(ForbiddenError):
    """A person has to do this, signed in as themselves: an API key is nobody."""

    code = "person_needed"


class ConsentLinkSpentError(NotFoundError):
    """The link for a guest's phone is unknown, was answered before, or is too old."""

    code = "consent_link_spent"


class ConsentMissingError(VestibuleError):
    """Enrolment needs a consent for recognition, and none was given."""

    code = "consent_missing"


class UnderAgeError(VestibuleError):
    """This guest is younger than the venue admits. Nothing of the face was kept."""

    code = "under_age"


class NotSignedInError(VestibuleError):
    """Who is calling is not known."""

    code = "not_signed_in"


class SignInLinkSpentError(NotSignedInError):
    """The sign-in link was used before or is too old."""

    code = "sign_in_link_spent"


class WrongCredentialsError(NotSignedInError):
    """No account has this e-mail address with this password."""

    code = "wrong_credentials"


class WrongCodeError(NotSignedInError):
    """The code is not the present one, or it was used before."""

    code = "wrong_code"


class TicketSpentError(NotSignedInError):
    """The password was given too long ago: begin again."""

    code = "sign_in_expired"


class IdentityRefusedError(NotSignedInError):
    """The company's sign-in does not say who this is, or nobody invited them here."""

    code = "identity_refused"


class ProviderUnavailableError(TransientError):
    """The company's sign-in does not answer as it should at the moment."""

    code = "provider_unavailable"


class InvitationSpentError(NotFoundError):
    """The invitation was used before, was replaced by a newer one or is too old."""

    code = "invitation_spent"


class TooManyAttemptsError(VestibuleError):
    """Signing in failed too often from here. Nothing is locked: wait, then try again."""

    code = "too_many_attempts"


class WeakPasswordError(InvalidInputError):
    """The password is too short, too long or among those that are guessed first (``fault``)."""

    code = "weak_password"


class LastAdminError(ConflictError):
    """Nobody else could manage people: give somebody else the role of the chain's admin first."""

    code = "last_admin"


class ImportRefusedError(InvalidInputError):
    """What an import names is not a folder or a plain file inside the place for imports."""


class ImportSourceMissingError(ConflictError):
    """The place for imports is not set up, or not there any more (fact: ``source``)."""

    code = "import_source_missing"


# ── jobs ────────────────────────────────────────────────────────────────────────────────────
class LeaseLostError(TransientError):
    """Another worker took the job over; this attempt ends without a trace."""

    code = "lease_lost"


class GaveUpError(VestibuleError):
    """The work was tried several times and never came to an end."""

    code = "gave_up"


class CrashedWorkerError(VestibuleError):
    """The process that worked on it crashed, also when it did nothing else."""

    code = "crashed_worker"


class HungWorkerError(VestibuleError):
    """The process that worked on it came no further, also when it did nothing else."""

    code = "hung_worker"


# ── the machine ─────────────────────────────────────────────────────────────────────────────
class StorageFullError(VestibuleError):
    """There is no room left to store this safely."""

    code = "storage_full"


class StorageUnavailableError(TransientError):
    """The object store does not answer, or refuses. ``reason`` says which; it may pass."""

    code = "storage_unavailable"


class IndexUnavailableError(TransientError):
    """The vector index does not answer, or refuses. Nothing is lost: the record has it all."""

    code = "index_unavailable"


class DatabaseUnavailableError(TransientError):
    """The database does not answer at the moment."""

    code = "database_unavailable"


class BrokerUnavailableError(TransientError):
    """The message broker does not answer at the moment."""

    code = "broker_unavailable"


class VolatileMemoryUnavailableError(TransientError):
    """The memory of tonight's rejected faces does not answer at the moment."""

    code = "volatile_memory_unavailable"


class BlobMissingError(VestibuleError):
    """The object store has nothing under that key."""

    code = "blob_missing"


class WeightsError(VestibuleError):
    """A model's weights cannot be had or are not what they must be."""

    code = "weights_unusable"


class WrongWeightsHashError(WeightsError):
    """A downloaded file is not the one that was pinned. It was removed."""

    code = "wrong_weights_hash"


class SpaceUnavailableError(WeightsError):
    """Nothing installed here speaks an embedding space that is asked for (fact: ``pack``)."""

    code = "space_unavailable"


class LicenceNotAcceptedError(VestibuleError):
    """The terms of a model pack have not been accepted, so it is neither installed nor used."""

    code = "licence_not_accepted"


class CalibrationMissingError(VestibuleError):
    """No score quantiles are known for this embedding space, so no threshold can be set."""

    code = "calibration_missing"


class BackupError(VestibuleError):
    """The backup cannot be made or restored."""

    code = "backup_failed"


class DamagedBackupError(BackupError):
    """A backup is not what it was when it was made, or not whole."""

    code = "damaged_backup"


class NotEmptyError(BackupError):
    """A backup is restored into an empty installation only."""

    code = "not_empty"


class StartUpError(VestibuleError):
    """The product cannot start as it is set up."""

    code = "start_up_failed"


class PortInUseError(StartUpError):
    """Another program listens on the port."""

    code = "port_in_use"


class DataDirInUseError(StartUpError):
    """Another Vestibule runs on this data folder."""

    code = "data_dir_in_use"
