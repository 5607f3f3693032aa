"""The root of all foreseen errors, and those of ingestion.

FootnoteError
├── IngestError                  this file: a file cannot be ingested
│   ├── UnsupportedFormat        no parser reads this kind of file
│   ├── WrongExtension           the bytes are not what the file name says
│   ├── EncryptedFile            a password is needed
│   ├── DamagedFile              truncated or malformed
│   ├── EmptyFile                no bytes, or no text in it
│   ├── FileTooLarge             over the limit in bytes, pages or unpacked size
│   ├── ParseTimeout             parsing took longer than the limit
│   ├── UnreadableFile           the operating system refuses it
│   ├── SourceDenied             ingest/syncing/protocols.py: a source no longer gives us an item
│   ├── NotListed                ingest/syncing/protocols.py: an item changed while it was fetched
│   ├── Withdrawn                ingest/syncing/protocols.py: nobody may read an item any more
│   └── StaysErased              ingest/syncing/protocols.py: the document of an item was erased
├── UnknownLanguage              this file: what was given as a language is none
├── RetrievalError               retrieval/errors.py: a search cannot be carried out
│   ├── InvalidPrincipal         a user or group name that no credential could carry
│   ├── InvalidQuery             empty, too long, or nothing but control characters
│   ├── TooLongToCompare         a text that is longer than two texts are compared
│   └── IndexUnavailable         the index cannot be opened or rebuilt
│       ├── HostLost             a machine that holds a part of it, or the way there, is gone
│       └── SegmentMissing       a part of it is not where it should be, or damaged
├── GenerationError              generation/errors.py: an answer cannot be given
│   ├── GeneratorUnavailable     the language model's server is not there, or died
│   ├── GeneratorTimeout         it did not answer in time
│   ├── GeneratorRejected        it refused the request
│   ├── NoPermittedTier          no tier of the router may read what was found
│   ├── AuditUnavailable         the record could not be made durable, so nothing may ship
│   │   └── AuditUnsealed        it is durable, but the head file does not name it yet
│   ├── MemoDiffers              evals/systems/memo.py: the model does not say again what it said
│   ├── UnresolvedCitation       a quote is not what the text holds
│   ├── InvalidFeedback          what is said of an answer names no sentence or passage that there is
│   ├── NotAskedAgain            who asked may not ask any more, or what was asked is gone
│   ├── TooManyDocuments         more than one proof of absence looks through
│   ├── NotMeasured              its bounds were chosen for other models
│   └── UnreadableModel          a file that is no model that can be unpacked, or the packages for it are missing
├── LoraError                    generation/training/lora/errors.py: an adapter cannot be trained or exported
├── DataChanged                  generation/training/data/written.py: the public data is not what was written for
├── DiskFull                     no room for the database, the originals, the index or models
├── BlobMissing                  infra/files/errors.py: a stored original is gone
├── BlobDamaged                  infra/files/errors.py: a stored original is no longer what was stored
├── BackupRefused                infra/backup/errors.py: a backup cannot be taken or put back here, or not so
├── BackupDamaged                infra/backup/errors.py: it is not whole, or what came back is not what was taken
├── StoreError                   infra/postgres/errors.py: what the store cannot do
│   ├── DatabaseUnavailable      PostgreSQL is not there, too old, or went away in the middle
│   ├── MigrationFailed          the schema cannot be brought to what this program needs
│   ├── DocumentMissing          no document has this id
│   ├── EmbedderMismatch         the stored vectors come from another embedder
│   ├── SegmentsChanged          another process has replaced the index segments
│   ├── AdapterRefused           the adapter is unknown, belongs to another base, or there is none to go back to
│   ├── ReleaseRefused           the release is unknown, or the step is not to be taken now
│   ├── EvaluationMissing        no run of the evaluation has this id
│   ├── EvaluationRuns           another one runs on this database
│   ├── AuditBroken              the trail was tampered with, or does not belong to its head file
│   ├── JobMissing               there is no such job, or it is another's
│   ├── JobFinished              the job has ended
│   ├── ReviewMissing            there is no such review, or it is another's
│   ├── QuotaExceeded            an owner has too much waiting
│   ├── IdempotencyConflict      something else was handed in under the same key
│   ├── NameTaken                somebody or a group is called so already
│   ├── UnknownMember            a group is to hold somebody who is not there
│   ├── ConnectorRefused         a connector that is unknown, or there already
│   ├── CollectionRefused        a collection that is unknown, there already, or not empty
│   ├── StillRead                rows that are to be erased are still seen by a transaction
│   ├── ErasureRefused           what is asked for cannot be erased, or not yet
│   ├── HeldBack                 a legal hold keeps it
│   └── ShareIncomplete          a turn is to be shared without the one that it goes on from
├── WitnessError                 infra/witness/errors.py: checkpoints of the trail cannot be kept elsewhere
│   ├── WitnessUnreachable       it does not answer, or refuses
│   ├── AnswerErased             an answer cannot be proved any more: parts of it were erased
│   └── WitnessDisagrees         it holds what is not known here: one of both was rolled back
├── VaultError                   infra/vault/errors.py: what the trail seals cannot be sealed or opened
│   ├── KeysMissing              the file of keys is gone
│   ├── KeysDamaged              it is not what was written, or belongs to another trail
│   ├── KeysOfAnother            a copy of another trail's keys would overwrite those that are here
│   ├── KeyDestroyed             this key was destroyed: what it sealed is erased
│   └── BoxDamaged               something was sealed under other keys, or was changed
├── TooShort                     infra/erasure/words.py: a word that is looked for and stands everywhere by chance
├── ReceiptInvalid               infra/erasure/receipts.py: no receipt of an erasure, or one that was changed
├── ModelError                   infra/models/errors.py: something about model files that a user can mend
│   ├── UnknownModel             no model, file or profile of that name in the manifest
│   ├── ModelNotFetched          known, but not in the cache
│   ├── CorruptModel             bytes that are not what the manifest pins
│   ├── NoNetwork                a source could not be reached
│   └── SourceRefused            a source was reached and does not give the file
├── PrivacyMissing               infra/privacy.py: the packages that find personal data are not installed
├── SettingsError                infra/settings.py: the configuration is missing or wrong
├── MappingError                 ingest/syncing/mapping.py: the file that says who may read what cannot be read
├── SourceUnavailable            ingest/syncing/protocols.py: a source cannot be listed
├── SyncRunning                  ingest/syncing/protocols.py: another process syncs the same connector
├── InvalidFact                  this file: a fact that a person sets and that cannot be stored
├── NotNow                       this file: there is room for it later, and it says when
│   ├── ServiceBusy              api/wiring/line.py: as much waits as may
│   ├── TooManyWaiting           api/wiring/line.py: one person has as much waiting as one person may
│   ├── TooManyRunning           api/http/running.py: one person has as many answers that go on as one person may
│   ├── NoRoomToRun              api/http/running.py: as much is kept of answers that go on as may be
│   ├── BudgetSpent              infra/postgres/errors.py: what a day gives a person or a group is used
│   ├── TooManyBadCredentials    api/http/throttling.py: an address or a key was tried with what does not count
│   └── ProviderUnavailable      infra/oidc/errors.py: the identity provider does not answer, or not as it should
├── NotOffered                   api/http/strictness.py: a strictness that cannot be asked for here
├── AnswerStopped                api/http/running.py: its asker has stopped it
├── AnswerClosed                 api/http/running.py: who asked may not read all that it rests on any more
├── ServiceStopping              this file: the service was asked to end in the middle
├── UsageError                   api/terminal.py: a command was called in a way that cannot work
├── InvalidCursor                api/http/cursors.py: where a list is to go on is no place in it
├── InvalidRequest               api/http/admission.py: an address that no route can take
├── InvalidName                  api/http/files.py: a name that no file can be known by
├── PageError                    this file: a page cannot be shown as a picture
│   ├── NoPageImages             the format has no pages
│   ├── NoSuchPage               the document has fewer
│   ├── QuoteNotFound            these words do not stand on that page
│   └── PageNotDrawn             drawing it failed or took too long
├── NotAuthenticated             this file: no credential, or one that is not valid
├── NotAllowed                   who asks may not do this: the scope is missing, or the right to change a document
├── NotFound                     api/http/problems.py: it is not there, or the caller may not know that it is
│   └── ModelNotFound            api/http/problems.py: OpenAI's clients ask for a model that is not offered
├── BodyTooLarge                 api/http/limits.py: a request body over what its route takes
├── BodyNotTaken                 api/http/limits.py: a request body of another type than its route takes
├── RequestTooSlow               api/http/limits.py: a request that comes too slowly, or not to its end
├── UnknownHost                  api/http/hosts.py: the request is addressed to a host that is not served here
├── InvalidForm                  api/http/forms.py: no form, or more in it than is taken
├── InvalidJob                   api/http/routes/jobs.py: what was handed in makes no job
├── InvalidReview                api/wiring/reviews.py: what was asked for makes no review
├── FileCancelled                api/http/files.py: the job was cancelled before its file was done
├── FolderRefused                api/wiring/jobs.py: not one of the folders that an operator allowed
├── CrossSite                    api/http/cookies.py: a page elsewhere has made the browser ask
├── SignInFailed                 api/http/routes/oidc.py: the way back from the identity provider is not the one begun
├── SignInRefused                infra/oidc/errors.py: the identity provider signs nobody in, or its token does not hold
└── ScimError                    api/http/scim/errors.py: a request for people or groups that cannot be carried out
    ├── InvalidFilter            a filter that is not taken
    ├── InvalidPath              an operation on what cannot be changed so
    └── InvalidValue             a value that cannot be stored

HTTP (api/http/problems.py), the command line (api/cli/output.py) and threads (api/wiring/background.py) foresee
`FootnoteError`. They differ in this: `OSError` is foreseen by the command line and threads, which say what the system
says; over HTTP it is a 500 as anything unforeseen, because it names files of the service. So are UsageError, LoraError
and DataChanged there, which only commands raise. Other exceptions of our own are signals between two functions.
Every message says what is wrong and what to do, for a person who sees nothing else.
"""

from __future__ import annotations


class FootnoteError(Exception):
    """What was foreseen. `code` names the class, is stable and goes into reports and problem+json.

    `str(error)` is the message, followed by `hint`, which says what to do where the message does not.
    """

    code = "error"
    hint = ""

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        return " ".join(part for part in (super().__str__(), self.hint) if part)


class DiskFull(FootnoteError):
    """No room left for the database, the originals, the index or models."""

    code = "disk_full"


class NotAuthenticated(FootnoteError):
    """No credential, or one that is not valid (any more). `guessed` False: nothing was tried, or it was good once."""

    code = "not_authenticated"

    def __init__(self, message: str = "", *, guessed: bool = True) -> None:
        super().__init__(message)
        self.guessed = guessed


class NotAllowed(FootnoteError):
    """Who asks is known and may not do this."""

    code = "not_allowed"


class IngestError(FootnoteError):
    """A file that cannot be ingested. `code` is stable and goes into reports and problem+json."""

    code = "ingest_error"


class UnsupportedFormat(IngestError):
    code = "unsupported_format"


class WrongExtension(IngestError):
    code = "wrong_extension"


class EncryptedFile(IngestError):
    code = "encrypted_file"


class DamagedFile(IngestError):
    code = "damaged_file"


class EmptyFile(IngestError):
    code = "empty_file"


class FileTooLarge(IngestError):
    code = "file_too_large"


class ParseTimeout(IngestError):
    code = "parse_timeout"


class UnreadableFile(IngestError):
    code = "unreadable_file"


class InvalidFact(FootnoteError):
    """A fact whose value cannot be understood, or whose words do not stand in the document."""

    code = "invalid_fact"


class PageError(FootnoteError):
    """A page cannot be shown as a picture."""

    code = "page_error"


class NoPageImages(PageError):
    code = "no_page_images"


class NoSuchPage(PageError):
    code = "no_such_page"


class QuoteNotFound(PageError):
    code = "quote_not_found"


class PageNotDrawn(PageError):
    code = "page_not_drawn"


class UnknownLanguage(FootnoteError):
    """What somebody gave as a language is none."""

    code = "unknown_language"


class NotNow(FootnoteError):
    """Not now, but in about `retry_after` seconds."""

    code = "not_now"
    retry_after = 1

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceStopping(FootnoteError):
    code = "service_stopping"
