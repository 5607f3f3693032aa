"""The installation that is examined: opened as it is found, never made, migrated or changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import Self

from api.wiring import vaulting, witnessing
from api.wiring.adapter_in_use import AdapterInUse, adapter_in_use
from api.wiring.deployment import Deploying
from api.wiring.signing_in import derived
from infra.files.secrets import KEY_BYTES
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir
from infra.postgres.adapters import PostgresAdapters
from infra.postgres.api_keys import PostgresApiKeys
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import Plain
from infra.postgres.errors import AuditBroken, DatabaseUnavailable, MigrationFailed, ReleaseRefused
from infra.postgres.health import PostgresHealth
from infra.postgres.indexes import PostgresIndexes
from infra.postgres.installation import PostgresInstallation
from infra.postgres.migrate import pending
from infra.postgres.pool import Pool, open_pool
from infra.postgres.releases import PostgresReleases
from infra.postgres.sealed import is_unused
from infra.postgres.server import embedded_server
from infra.settings import Settings, SettingsError
from infra.vault.keys import Keys
from infra.vault.vault import Vault
from infra.witness.witnesses import Witnesses


class Examined:
    """Parts of one installation; `thorough`: hash models again and read the whole trail. `pool`: of a service that runs
    in this process, which examines itself."""

    def __init__(self, settings: Settings, *, thorough: bool = False, pool: Pool | None = None) -> None:
        self.settings = settings
        self._own = pool
        self.thorough = thorough
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def _connected(self) -> Pool | DatabaseUnavailable:
        if self._own is not None:
            return self._own
        try:
            pool = open_pool(self._url(), max_size=2)
        except DatabaseUnavailable as error:
            return error  # once is enough: each row would wait for it
        self._stack.callback(pool.close)
        return pool

    def _url(self) -> str | Callable[[], str]:
        if self.settings.database_url:
            return self.settings.database_url
        if not (self.settings.home / "postgres").is_dir():
            raise DatabaseUnavailable(f"There is no installation in {self.settings.home} yet. Run `footnote migrate`.")
        server = embedded_server(self.settings.home)
        self._stack.callback(server.stop)
        return server.revived

    @property
    def any_pool(self) -> Pool:
        """Whatever its schema; raises `DatabaseUnavailable`."""
        if isinstance(self._connected, DatabaseUnavailable):
            raise self._connected
        return self._connected

    @cached_property
    def pool(self) -> Pool:
        """With this program's schema; raises `DatabaseUnavailable` or `MigrationFailed`."""
        if behind := pending(self.any_pool):
            raise MigrationFailed(f"The schema lacks {len(behind)} migrations. Run `footnote migrate`.")
        return self.any_pool

    @property
    def health(self) -> PostgresHealth:
        return PostgresHealth(self.pool)

    @property
    def installation(self) -> PostgresInstallation:
        return PostgresInstallation(self.pool)

    @property
    def api_keys(self) -> PostgresApiKeys:
        return PostgresApiKeys(self.pool)

    @cached_property
    def models(self) -> ModelStore:
        return ModelStore(default_cache_dir(), Manifest.load())

    @property
    def indexes(self) -> PostgresIndexes:
        return PostgresIndexes(self.pool)

    @property
    def releases(self) -> PostgresReleases:
        return PostgresReleases(self.pool)

    @cached_property
    def deploying(self) -> Deploying:
        def adapter(settings: Settings) -> AdapterInUse | None:
            return adapter_in_use(settings, self.models, lambda: PostgresAdapters(self.pool))

        return Deploying(self.settings, lambda: self.releases, adapter)

    @cached_property
    def answering(self) -> Settings:
        """With those of the release in use; without a database, or one that is in use and cannot be, as they are."""
        with suppress(DatabaseUnavailable, MigrationFailed, ReleaseRefused, SettingsError):
            return self.deploying.now().current.settings
        return self.settings

    @cached_property
    def audit_key(self) -> bytes:
        """Raises `AuditBroken`, and draws none."""
        path = self.settings.home / "secrets" / "audit.key"
        if not path.exists():
            raise AuditBroken(f"The key of the audit trail, {path}, is not there.")
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise AuditBroken(f"{path} holds {len(key)} bytes, not {KEY_BYTES}. Restore it from a backup.")
        return key

    @property
    def witnesses(self) -> Witnesses:
        return witnessing.witnesses(self.settings, self.audit, derived(self.audit_key, "leaf salts"))

    @property
    def keys(self) -> Keys | None:
        """None where there are none yet, as nothing is sealed."""
        found = Keys(vaulting.folder(self.settings), fresh=lambda: False)
        return None if not found.path.exists() and is_unused(self.pool) else found

    @property
    def audit(self) -> PostgresAudit:
        keys = self.keys
        head = self.settings.home / "audit" / "head.json"
        return PostgresAudit(self.pool, self.audit_key, head, vault=Vault(keys) if keys else Plain())
