"""Indexes beside the usual one, which releases with another embedder or another way of cutting are answered from."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from api.wiring.background import Background, log
from api.wiring.deployment import Deploying
from api.wiring.publishing import publish, publish_due
from api.wiring.searching import index, sweep_dropped
from api.wiring.stores import Stores
from infra.models.errors import ModelError
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.indexes import IndexCount, IndexRecipe, PostgresIndexBeside
from infra.postgres.release_steps import PUT_AWAY
from infra.postgres.releases import PostgresReleases
from infra.postgres.wholes import PostgresWholes
from infra.settings import INDEXED, Settings, SettingsError
from ingest.beside import Follower
from ingest.chunkers import Chunkers
from ingest.errors import FootnoteError
from ingest.protocols import Embedder
from ingest.types import Chunk, Chunking, Document, ParsedFile
from retrieval.index.access import AccessIndex
from retrieval.search.names import NameIndex

_KEPT_S = 60.0  # an embedder that an upload needed: the next one may need it, too


@dataclass(frozen=True, slots=True)
class Needed:
    """What an index is made with that is not its own. `embedder`: loaded, by its name; `pinned`: that with its digest,
    both raise `ModelError` for one that is not here. `parsed`: the words of a file; raises `IngestError`."""

    embedder: Callable[[str], Embedder]
    pinned: Callable[[str], str]
    parsed: Callable[[bytes, str], ParsedFile]


@dataclass(frozen=True)
class Opened:
    """What searches an index, by the names that bootstrap has for it."""

    embedder: Embedder
    catalog: PostgresCatalog
    chunks: PostgresChunkReader
    wholes: PostgresWholes
    names: NameIndex
    index: AccessIndex


def usual(settings: Settings) -> Chunking:
    """What documents of which nobody says anything are cut by."""
    return replace(Chunking.of(settings.chunking), chars=settings.chunk_chars)


def beside_name(settings: Settings, pinned: Callable[[str], str]) -> str:
    """The name of the index that these settings ask for: the same recipe has the same name everywhere."""
    made_by = f"{pinned(settings.embedder)}\n{usual(settings)}"
    return "beside-" + hashlib.sha256(made_by.encode()).hexdigest()[:12]


class Beside:
    """Each is made when it is first asked for, and kept in step with the usual index from then on: by whoever ingests,
    before a document counts as done, and by `look` whatever else has changed. It lies in memory while something has
    what `opened` gives."""

    def __init__(self, stores: Stores, settings: Settings, needed: Needed) -> None:
        self._stores, self._settings, self._needed = stores, settings, needed
        self._opened: WeakValueDictionary[str, Opened] = WeakValueDictionary()
        self._embedders: dict[str, tuple[float, Embedder]] = {}  # since when each was not used
        self._told: dict[str, str] = {}
        self._complete: object = None  # the generation of the catalog at which nothing was missing in which indexes
        self._lock, self._stopped = threading.RLock(), threading.Event()

    def recipe(self, settings: Settings) -> IndexRecipe:
        """Of the index that these settings ask for."""
        name, embedder = beside_name(settings, self._needed.pinned), self._needed.pinned(settings.embedder)
        return IndexRecipe(name, embedder, str(usual(settings)), str(usual(self._settings)))

    def asked(self, settings: Settings) -> bool:
        """Whether they ask for another index than the usual one."""
        return any(getattr(settings, name) != getattr(self._settings, name) for name in INDEXED)

    def build(self, settings: Settings, told: Callable[[int, int], None] = lambda done, of: None) -> IndexRecipe:
        """Makes the index that these settings ask for, or what is missing of it. `told`: how many contents are stored
        of how many. Stop at any moment and run again."""
        recipe = self._stores.indexes.add(self.recipe(settings))
        missing = self._stores.indexes.count(recipe.name).behind
        self._make_up(recipe, told=lambda done: told(done, max(done, missing)))
        publish(self.opened(settings).index)
        return recipe

    def opened(self, settings: Settings) -> Opened:
        """The index that they ask for; whatever it lacks is made first. Raises `SettingsError` where there is none."""
        recipe = self._made(settings)
        with self._lock:
            if (found := self._opened.get(recipe.name)) is None:
                self._make_up(recipe)
                found = self._opened[recipe.name] = self._open(recipe, settings)
            return found

    def follow(self, ids: Sequence[str] | None = None) -> None:
        """All of them: these documents, or whatever is missing. What one cannot do now is done later."""
        self._each(lambda recipe: self._make_up(recipe, ids, yields=True))

    def ahead(self, document: Document, usual: Sequence[Chunk], chunking: Chunking) -> None:
        """All of them, before a new version of a document is stored: what one cannot do then follows."""
        self._each(lambda recipe: self._follower(recipe).ahead(document, usual, chunking))

    def _each(self, does: Callable[[IndexRecipe], None]) -> None:
        for recipe in self._stores.indexes.all():
            try:
                does(recipe)
                self._told.pop(recipe.name, None)
            except (FootnoteError, ModelError) as error:
                if self._told.get(recipe.name) != str(error):
                    log.warning(
                        "The index %s could not be brought up to date and will be again: %s", recipe.name, error
                    )
                self._told[recipe.name] = str(error)

    def look(self) -> None:
        """What is missing, and what has waited long enough to be published; nothing more while no document changes."""
        every = [one.name for one in self._stores.indexes.all()]
        now = self._stores.catalog.generation(), every
        if every and now != self._complete:
            self.follow()
            for name in every:
                self._stores.indexes.forget(name)
            if not any(map(self._stores.indexes.is_behind, every)):
                self._complete = now
        for one in list(self._opened.values()):
            publish_due(one.index)
        sweep_dropped(self._stores)
        long_ago = time.monotonic() - _KEPT_S
        self._embedders = {name: used for name, used in self._embedders.items() if used[0] > long_ago}

    def counted(self) -> list[tuple[IndexRecipe, IndexCount]]:
        return [(one, self._stores.indexes.count(one.name)) for one in self._stores.indexes.all()]

    def drop(self, name: str) -> bool:
        """For good, with its files; False if there is none."""
        dropped = self._stores.indexes.drop(name)
        sweep_dropped(self._stores)
        return dropped

    def stop(self) -> None:
        self._stopped.set()

    def _made(self, settings: Settings) -> IndexRecipe:
        wanted = self.recipe(settings)
        if all(one.name != wanted.name for one in self._stores.indexes.all()):
            raise SettingsError(
                f"There is no index with {wanted.embedder} and {wanted.chunking}, which a release asks for. "
                "Make it: footnote release build NAME."
            )
        return wanted

    def _open(self, recipe: IndexRecipe, settings: Settings) -> Opened:
        pool, key = self._stores.pool_beside(recipe.name), self._stores.version_key
        embedder = self._needed.embedder(settings.embedder)
        catalog = PostgresCatalog(pool, beside=recipe.name)
        return Opened(
            embedder=embedder,
            catalog=catalog,
            chunks=PostgresChunkReader(pool, key),
            wholes=PostgresWholes(pool, key),
            names=NameIndex(catalog),
            index=index(self._settings, catalog, pool, embedder.dimension, beside=recipe.name),
        )

    def _make_up(
        self,
        recipe: IndexRecipe,
        ids: Sequence[str] | None = None,
        told: Callable[[int], None] = lambda done: None,
        *,
        yields: bool = False,
    ) -> None:
        """Without its embedder where nothing is missing. `yields`: what is asked for without `ids` is left to another
        process that is at it."""
        if not self._stores.indexes.is_behind(recipe.name, ids):
            return
        with nullcontext(True) if ids is not None else self._store(recipe).alone() as mine:
            if mine or not yields:
                self._follower(recipe).follow(ids, told=told)

    def _store(self, recipe: IndexRecipe) -> PostgresIndexBeside:
        return PostgresIndexBeside(recipe.name, self._stores.pool, self._stores.pool_beside(recipe.name))

    def _embedder(self, name: str) -> Embedder:
        """Kept for a while."""
        self._embedders[name] = time.monotonic(), self._needed.embedder(name)
        return self._embedders[name][1]

    def _follower(self, recipe: IndexRecipe) -> Follower:
        embedder = recipe.embedder.partition("@")[0]
        if self._needed.pinned(embedder) != recipe.embedder:
            raise SettingsError(
                f"The index {recipe.name} was made with {recipe.embedder}, which is another one here by now. "
                "Propose the release again, and drop this index: footnote release indexes --drop."
            )
        return Follower(
            self._store(recipe),
            Chunkers(Chunking.of(recipe.chunking)),
            Chunkers(Chunking.of(recipe.base_chunking)),
            self._embedder(embedder),
            self._stores.rereading.content,
            self._needed.parsed,
            recipe.chunking == recipe.base_chunking,
            self._stopped,
        )


def needed_by(releases: PostgresReleases, deploying: Deploying, beside: Beside) -> dict[str, list[str]]:
    """Of each index the releases that were not put away, or that a rollback goes back to; of one that cannot be used
    here the index that it was pinned with."""
    standing, found = releases.standing(), dict[str, list[str]]()
    for release in releases.all():
        if standing.statuses[release.name] in PUT_AWAY and release.name not in standing.held:
            continue
        try:
            chosen = deploying.by(release.name)
            name = beside.recipe(chosen.settings).name if chosen.beside else ""
        except SettingsError:
            name = release.pins.get("recipe", {}).get("index", "")
        if name:
            found.setdefault(name, []).append(release.name)
    return found


class BackgroundFollowing(Background):
    """`Beside.look` in a service that answers meanwhile."""

    def __init__(self, beside: Beside, *, every: float = 2.0) -> None:
        self._beside = beside
        super().__init__("footnote-beside", beside.look, "An index beside was not brought up to date", every=every)

    def stop(self) -> None:
        self._beside.stop()
        super().stop()
