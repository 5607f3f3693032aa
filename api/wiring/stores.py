"""What one process reads and keeps: database and data folder, each opened when first needed."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from api.wiring import vaulting, witnessing
from api.wiring.accesses import AccessLog
from api.wiring.differences import Differences
from api.wiring.facts import FactKeeper
from api.wiring.signing_in import derived
from infra.files.blobs import BlobStore
from infra.files.durable import make_folder
from infra.files.locks import file_lock
from infra.files.secrets import secret
from infra.files.signing import public_pem, signing_key
from infra.postgres.adapters import PostgresAdapters
from infra.postgres.allowing import PostgresAllowing
from infra.postgres.api_keys import PostgresApiKeys
from infra.postgres.audit import PostgresAudit
from infra.postgres.budgets import PostgresBudgets
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chain import AuditRow, Resealed
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.citing import PastCitation, past_citations, version_text
from infra.postgres.collections import PostgresCollections
from infra.postgres.connectors import PostgresConnectors
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.erasure import PostgresErasure
from infra.postgres.facts import PostgresFacts
from infra.postgres.head import HeadFile
from infra.postgres.holds import PostgresHolds
from infra.postgres.hygiene import clean
from infra.postgres.indexes import PostgresIndexes
from infra.postgres.installation import PostgresInstallation
from infra.postgres.jobs import PostgresJobs
from infra.postgres.listing import PostgresListing
from infra.postgres.migrate import migrate
from infra.postgres.numbers import PostgresNumbers
from infra.postgres.paged import PostgresPages
from infra.postgres.people import PostgresPeople
from infra.postgres.pool import Pool, open_pool
from infra.postgres.releases import PostgresReleases
from infra.postgres.rereading import PostgresRereading
from infra.postgres.retention import PostgresRetention
from infra.postgres.sealed import erasures as sealed_erasures
from infra.postgres.sealed import unsealed
from infra.postgres.server import embedded_server
from infra.postgres.sessions import PostgresSessions
from infra.postgres.trail import PostgresTrail
from infra.postgres.usage import PostgresUsage
from infra.postgres.wholes import PostgresWholes
from infra.settings import Settings
from infra.vault.keys import Keys
from infra.vault.vault import Vault
from infra.witness.errors import WitnessError
from infra.witness.tree import leaf
from infra.witness.witnesses import Witnesses

log = logging.getLogger("footnote")


class Stores:
    """`close` stops what was started, last first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = ExitStack()
        self._looking_beside: dict[str, Pool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    @cached_property
    def database_url(self) -> str | Callable[[], str]:
        """Where PostgreSQL is, embedded unless DATABASE_URL names one: a function is asked before each connection, and
        may bring it back."""
        if self.settings.database_url:
            return self.settings.database_url
        server = embedded_server(self.settings.home)
        self._stack.callback(server.stop)
        return server.revived

    @cached_property
    def pool(self) -> Pool:
        """Connections to a migrated database."""
        pool = open_pool(self.database_url)
        self._stack.callback(pool.close)
        migrate(pool)
        return pool

    @cached_property
    def indexes(self) -> PostgresIndexes:
        return PostgresIndexes(self.pool)

    def pool_beside(self, index: str) -> Pool:
        """Connections that look at the index beside of this name; "": the usual ones."""
        if not index:
            return self.pool
        if (found := self._looking_beside.get(index)) is None:
            self.pool  # noqa: B018  which migrates
            found = self._looking_beside[index] = open_pool(self.database_url, 4, index=index)
            self._stack.callback(found.close)
        return found

    @cached_property
    def installation(self) -> PostgresInstallation:
        return PostgresInstallation(self.pool)

    @cached_property
    def blobs(self) -> BlobStore:
        return BlobStore(self.settings.home / "blobs")

    @cached_property
    def documents(self) -> PostgresDocumentStore:
        return PostgresDocumentStore(self.pool, self.blobs, trail=self.audit, recycle_days=self.settings.recycle_days)

    @cached_property
    def usage(self) -> PostgresUsage:
        return PostgresUsage(self.pool, self.audit.vault.open)

    @cached_property
    def allowing(self) -> PostgresAllowing:
        return PostgresAllowing(self.pool, trail=self.audit)

    @cached_property
    def paged(self) -> PostgresPages:
        return PostgresPages(self.pool, self.blobs)

    @cached_property
    def jobs(self) -> PostgresJobs:
        from infra.jobs.tasks import defer

        return PostgresJobs(self.pool, defer)

    @cached_property
    def listing(self) -> PostgresListing:
        return PostgresListing(self.pool)

    @cached_property
    def rereading(self) -> PostgresRereading:
        return PostgresRereading(self.pool, self.blobs, trail=self.audit)

    @cached_property
    def numbers(self) -> PostgresNumbers:
        return PostgresNumbers(self.pool, self.version_key)

    @property
    def version_key(self) -> bytes:
        """For the ids of versions."""
        return derived(self._audit_key, "version ids")

    @cached_property
    def facts(self) -> FactKeeper:
        return FactKeeper(PostgresFacts(self.pool, trail=self.audit))

    @cached_property
    def differences(self) -> Differences:
        return Differences(self.documents, self.facts)

    @cached_property
    def connectors(self) -> PostgresConnectors:
        return PostgresConnectors(self.pool, trail=self.audit, mark=self._mark)

    @cached_property
    def collections(self) -> PostgresCollections:
        return PostgresCollections(self.pool, trail=self.audit)

    @cached_property
    def budgets(self) -> PostgresBudgets:
        return PostgresBudgets(self.pool, trail=self.audit)

    def past_citations(self, ids: Sequence[str] | None) -> Sequence[PastCitation]:
        return past_citations(self.pool, self.vault, ids)

    def version_text(self, document_id: str, version: int) -> str | None:
        return version_text(self.pool, document_id, version)

    @cached_property
    def api_keys(self) -> PostgresApiKeys:
        return PostgresApiKeys(self.pool, trail=self.audit)

    @cached_property
    def people(self) -> PostgresPeople:
        return PostgresPeople(self.pool, trail=self.audit)

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self.pool, timedelta(hours=self.settings.session_hours), trail=self.audit)

    @property
    def _audit_head(self) -> Path:
        return self.settings.home / "audit" / "head.json"

    @cached_property
    def _audit_key(self) -> bytes:
        head = self._audit_head
        make_folder(head.parent)
        with file_lock(head.with_name("begin.lock")):
            return secret(self.settings.home / "secrets" / "audit.key", lambda drawn: HeadFile(head, drawn).begin())

    @cached_property
    def keys(self) -> Keys:
        """That the trail is sealed under, begun where nothing is sealed yet."""
        return vaulting.keys(self.settings, self.pool)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.keys)

    @cached_property
    def audit(self) -> PostgresAudit:
        permitted = lambda: self.witnesses.require()  # noqa: E731  the witnesses read the trail themselves
        return PostgresAudit(self.pool, self._audit_key, self._audit_head, vault=self.vault, permitted=permitted)

    def reseal(self, note: Callable[[int], None]) -> Resealed | None:
        """Seals the records that stand in the clear; None if there are none. Checkpoints before and after it tell what
        they were. Raises `AuditBroken`."""
        with suppress(WitnessError):  # each that can be reached has it
            self.witnesses.round()
        done = self.audit.reseal(lambda row: leaf(row, self._salt_key), note)
        with suppress(WitnessError):
            self.witnesses.round()
        if done is not None:
            clean(self.pool, ["audit"], self.cluster)
        return done

    @property
    def cluster(self) -> Path | None:
        """The folder of the embedded server; None where the server is another's."""
        return None if self.settings.database_url else self.settings.home / "postgres"

    def tell_unsealed(self) -> None:
        """Whoever looks at the log of a service is told what an upgrade leaves to do."""
        if left := unsealed(self.pool).count:
            log.warning(
                "%d records of the trail stand in the clear. Stop the service and run footnote audit reseal.", left
            )

    def go_on_erasing(self) -> None:
        """Destroys the keys of erasures that a kill has interrupted: the trail opens nothing of them any more."""
        if not (left := self.erasures.unfinished()):
            return
        vouched = {index for one in sealed_erasures(self.pool, self._audit_key) for index in one.indices}
        self.keys.destroy_indices({index for one in left for index in one.indices} & vouched)
        log.warning("An erasure was interrupted: its keys are destroyed. Run footnote erase resume for all the rest.")

    def copy_keys(self, target: Path, words: Path) -> None:
        """As `vaulting.copy`, without any key that the trail says was destroyed: an erasure may be between its record
        and that, or may have been killed there."""
        recorded = sealed_erasures(self.pool, self._audit_key)
        self.keys.destroy_indices(index for one in recorded for index in one.indices)
        vaulting.copy(self.keys, target, words)

    @property
    def _salt_key(self) -> bytes:
        return derived(self._audit_key, "leaf salts")

    @cached_property
    def erasures(self) -> PostgresErasure:
        return PostgresErasure(self.pool, self.audit, self._mark)

    @cached_property
    def holds(self) -> PostgresHolds:
        return PostgresHolds(self.pool, trail=self.audit)

    @cached_property
    def retention(self) -> PostgresRetention:
        return PostgresRetention(self.pool, self.audit)

    def _mark(self, text: str) -> str:
        """Its keyed hash, by which something that was erased is known without its name."""
        return hmac.new(derived(self._audit_key, "erased items"), text.encode(), hashlib.sha256).hexdigest()

    def opened(self, row: AuditRow) -> AuditRow:
        """As it was before it was sealed, as far as its keys are still there."""
        return self.vault.open(row).row

    @cached_property
    def witnesses(self) -> Witnesses:
        return witnessing.witnesses(self.settings, self.audit, self._salt_key)

    @cached_property
    def trail(self) -> PostgresTrail:
        signer = lambda: signing_key(self.settings.home)  # noqa: E731  drawn when it is needed
        return PostgresTrail(self.pool, self._audit_key, self._audit_head, signer, vault=self.vault)

    @cached_property
    def accesses(self) -> AccessLog:
        """Written from now on, and to the end when this is closed."""
        accesses = AccessLog(self.audit.append_now)
        self._stack.callback(accesses.stop)
        accesses.start()
        return accesses

    @property
    def public_key(self) -> str:
        """What exports are verified with, as PEM."""
        return public_pem(signing_key(self.settings.home))

    @cached_property
    def catalog(self) -> PostgresCatalog:
        return PostgresCatalog(self.pool)

    @cached_property
    def chunks(self) -> PostgresChunkReader:
        return PostgresChunkReader(self.pool, self.version_key)

    @cached_property
    def wholes(self) -> PostgresWholes:
        return PostgresWholes(self.pool, self.version_key)

    @cached_property
    def adapters(self) -> PostgresAdapters:
        return PostgresAdapters(self.pool)

    @cached_property
    def releases(self) -> PostgresReleases:
        return PostgresReleases(self.pool)
