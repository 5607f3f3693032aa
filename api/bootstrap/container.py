"""The whole of one process: what a service admits, HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import cached_property

from api.bootstrap.trying import TrialParts
from api.demo.home import served_hosts
from api.demo.people import PEOPLE
from api.http.auth import Authenticator, Tokens
from api.http.limits import BodyLimits
from api.http.links import Links
from api.http.parts import Parts
from api.http.people import SigningIn
from api.http.running import Running
from api.http.running_memory import Bounds, InMemory
from api.http.strictness import Offered
from api.http.throttling import Throttle
from api.wiring import (
    absence,
    admitting,
    readiness,
    signing_in,
)
from api.wiring.absence import AdmittedAbsence
from api.wiring.administering import Administration
from api.wiring.admitting import AdmittedAnswers, AdmittedReplays, AdmittedSearch
from api.wiring.bundling import Bundles
from api.wiring.checking import TrailChecking
from api.wiring.differences import AdmittedDifferences
from api.wiring.evaluations import Evaluations
from api.wiring.explaining import Explaining
from api.wiring.exporting import Exporting
from api.wiring.kept import own
from api.wiring.line import Line
from api.wiring.nightly import BackgroundNight, background_night
from api.wiring.observed import ObservedAnswers, ObservedSearch
from api.wiring.page_images import PageImages
from api.wiring.publishing import publish_if_room
from api.wiring.recall.again import AskingAgain, Streaming
from api.wiring.review_matrix import WRITERS, MatrixExport
from api.wiring.reviewing import ReviewWork, Rights
from api.wiring.reviews import ReviewDesk, listed
from api.wiring.signing import SignOffs
from api.wiring.spending import Spending
from api.wiring.witnessing import BackgroundWitness
from generation.people import KeptAnswer
from infra.files.secrets import secret
from infra.files.signing import signing_key
from ingest.reading.rendering import PageRenderer
from retrieval.index.warm import warm as warm_index
from retrieval.types import Principal


class Container(TrialParts):
    """The parts of one process, for entry points alone. `close` stops what was started, last first."""

    @cached_property
    def witness(self) -> BackgroundWitness:
        witness = BackgroundWitness(self.witnesses, every=self.settings.witness_every_s)
        self._stack.callback(witness.stop)
        return witness

    @cached_property
    def night(self) -> BackgroundNight:
        night = background_night(self.settings, lambda: self.pool)
        self._stack.callback(night.stop)
        return night

    # What a service admits

    @cached_property
    def spending(self) -> Spending:
        return Spending(self.budgets, admitting.broken_off(self.settings))

    @cached_property
    def admitted_answers(self) -> AdmittedAnswers:
        return AdmittedAnswers(self.answers, self._line, self.spending)

    @cached_property
    def admitted_search(self) -> AdmittedSearch:
        """In threads that nothing else uses."""
        bounds = admitting.searches(self.settings)
        threads = ThreadPoolExecutor(bounds.at_once, thread_name_prefix="search")
        self._stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        return AdmittedSearch(lambda: self.deployed.search.in_threads(threads), Line(bounds))

    @cached_property
    def admitted_absence(self) -> AdmittedAbsence:
        line = Line(absence.bounds(self.settings))
        return AdmittedAbsence(lambda: self.deployed.absence_service, line, self.spending)

    @cached_property
    def admitted_differences(self) -> AdmittedDifferences:
        bounds = admitting.comparisons(self.settings)
        threads = ThreadPoolExecutor(bounds.at_once, thread_name_prefix="compare")
        self._stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        return AdmittedDifferences(self.differences, Line(bounds), threads)

    # Reviews

    @cached_property
    def review_desk(self) -> ReviewDesk:
        return ReviewDesk(self.reviews, self.kept, listed(self.index, self.names))

    @cached_property
    def review_work(self) -> ReviewWork:
        behind = AdmittedAnswers(self.answers, self._line, self.spending, behind=True)
        return ReviewWork(
            self.reviews,
            self.review_queue,
            Rights(self.people.standing, self.review_queue.key_stands),
            ObservedAnswers(behind, self.telemetry),
            self.catalog.generation,
            self.kept,
            slots=admitting.answers(self.settings).at_once,
        )

    @property
    def review_exports(self) -> dict[str, MatrixExport]:
        url = self.settings.public_url
        given = self.review_desk, self.numbers, self.sign_offs, url
        return {name: MatrixExport(*given, writer) for name, writer in WRITERS.items()}

    @cached_property
    def asking_again(self) -> AskingAgain:
        def admitted(answers: Streaming) -> ObservedAnswers:
            return ObservedAnswers(AdmittedAnswers(answers, self._line, self.spending), self.telemetry)

        marks, cells = self.answer_marks, self.review_desk
        return AskingAgain(self.kept, self.audit.show, self.people.standing, self.answers, marks, cells, admitted)

    # HTTP

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(
            self.api_keys,
            self.access_tokens,
            sessions=self.sessions,
            people=self.people,
            demo=self.settings.demo,
            granted=signing_in.granted(self.settings),
            public_url=self.settings.public_url,
        )

    @cached_property
    def access_tokens(self) -> Tokens | None:
        """Needs no database; raises `SettingsError`."""
        tokens = signing_in.access_tokens(self.settings)
        if tokens is not None:
            self._stack.callback(tokens.close)
        return tokens

    @cached_property
    def _jwt_secret(self) -> bytes:
        return secret(self.settings.home / "secrets" / "jwt.key")

    @cached_property
    def signing_in(self) -> SigningIn:
        key = signing_in.derived(self._jwt_secret, "signing in")
        provider = signing_in.provider(self.settings)
        if provider is not None:
            self._stack.callback(provider.close)
        return SigningIn(self.sessions, provider, key)

    @cached_property
    def page_images(self) -> PageImages:
        renderer = self._stack.enter_context(closing(PageRenderer()))
        return PageImages(self.documents, self.paged, renderer)

    @cached_property
    def administration(self) -> Administration:
        return Administration(
            self.settings,
            self.pool,
            self.jobs,
            self.usage,
            self.people.everybody,
            self.api_keys.list,
            PEOPLE if self.settings.demo else (),
            lambda: self.language.generator().name,
        )

    @cached_property
    def checking(self) -> TrailChecking:
        return TrailChecking(self.audit.verify, self.witnesses.report, self.audit.times)

    @cached_property
    def bundles(self) -> Bundles:
        key = signing_key(self.settings.home)
        return Bundles(self.audit, self.witnesses, self.documents, self.page_images, key)

    @cached_property
    def signing(self) -> SignOffs:
        return SignOffs(self.kept, self.sign_offs, self._may_open)

    @cached_property
    def exporting(self) -> Exporting:
        return Exporting(self.kept, self.sign_offs, self.numbers, self._may_open)

    @cached_property
    def admitted_replays(self) -> AdmittedReplays:
        """By what is in use, whatever release answered then: a service starts no other language model for it."""
        replaying = self.replaying.by(lambda release: self.in_use.held())
        return AdmittedReplays(self.kept, replaying, self._line)

    @cached_property
    def explaining(self) -> Explaining:
        return Explaining(self.audit, self.kept, self.numbers, self.documents, self.chunks)

    @property
    def strictness(self) -> Offered:
        return Offered.of(self.settings.strictness, self.settings.strictness_offered)

    def _may_open(self, kept: KeptAnswer, principal: Principal) -> bool:
        return own(kept, principal) or self.shared(kept.audit_id, principal)

    @property
    def http(self) -> Parts:
        """What the routes use. Opens the database and loads the models of search; the language model waits."""
        from api.mcp.over_http import OverHttp  # a second, of which no command but `serve` has need

        settings = self.settings
        return Parts(
            authenticator=self.authenticator,
            people=PEOPLE if settings.demo else None,
            documents=self.documents,
            allowing=self.allowing,
            listing=self.listing,
            facts=self.facts,
            numbers=self.numbers,
            desk=self.desk,
            search=ObservedSearch(self.admitted_search, self.telemetry),
            answers=ObservedAnswers(self.admitted_answers, self.telemetry),
            allowance=self.spending.allowance,
            pages=self.page_images,
            links=Links(secret(settings.home / "secrets" / "links.key")),
            checks=readiness.checks(self.catalog, self.in_use, self.audit),
            limits=BodyLimits(
                settings.max_json_bytes, settings.max_upload_bytes, settings.body_timeout_s, settings.max_job_bytes
            ),
            hosts=served_hosts(settings),
            stop=self.stop_ingesting,
            keys=self.api_keys,
            signing_in=self.signing_in,
            directory=self.people,
            bundles=self.bundles,
            accesses=self.accesses,
            trail=self.trail,
            checking=self.checking,
            administration=self.administration,
            feedback=self.feedback,
            recall=self.recall,
            asking_again=self.asking_again,
            absences=self.admitted_absence,
            differences=self.admitted_differences,
            exports=self.exporting,
            explanations=self.explaining,
            replays=self.admitted_replays,
            sign_offs=self.signing,
            reviews=self.review_desk,
            review_exports=self.review_exports,
            placing=self.placing,
            conversations=self.conversations,
            evaluations=Evaluations(self.pool),
            releases=self.releases,
            mcp=OverHttp(settings.public_url),
            telemetry=self.telemetry,
            throttle=Throttle(settings.bad_credentials),
            trial=self.trial_figures,
            key_life=timedelta(days=settings.key_days),
            strictness=self.strictness,
            running=Running(InMemory(Bounds(kept_s=60 * settings.running_minutes))),
            works=(self.review_work.run, self.shadowing.run),
        )

    def warm(self) -> None:
        """Loads what the first question would otherwise wait for, and publishes the index from now on."""
        warm_index()
        self.page_images.start()
        self.tell_unsealed()
        self.go_on_erasing()
        publish_if_room(self.index)
        self.witness.start()
        self.publisher.start()
        self.purge.start()
        self.naming.start()
        self.following.start()
        self.marker.start()
        self._attend()
        self.watcher.start()
        self.answer_service  # noqa: B018
        self.adapter_watch.start()
        self.candidate_watch.start()
        self.trial_watch.start()
        self.night.start()
        self.http  # noqa: B018
        self.deployed.names.warm(
            key.ljust(48, b"\0") for key in self.deployed.catalog.changes(-1).versions.keys.tolist()
        )
        self.deployed.search.search_now("warm up", Principal("footnote"), 1)
