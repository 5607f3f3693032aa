"""Whether answers can be as good as they were measured: models, limits, reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.wiring import weights
from api.wiring.adapter_in_use import CURRENT, NONE
from api.wiring.deployment import not_used
from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Area, Found, Row, failing, listed, ok, warning
from api.wiring.fleet import agreed, compared
from api.wiring.models import needed
from api.wiring.nightly import missed
from api.wiring.proposing import drifted
from api.wiring.replica_settings import asked_for, gpus, named, servers
from api.wiring.trials.here import HEARD_S
from generation.llm.replicas import Replica
from infra.files.blobs import BlobStore
from infra.llm.runtime_adapters import Served
from infra.models.store import State
from infra.postgres.evaluation_health import evaluation_health
from infra.postgres.quotes import check_quotes
from infra.postgres.rereading import PostgresRereading
from infra.postgres.trial_processes import PostgresTrialProcesses
from infra.settings import profile_defaults
from ingest.parsers.ocr.engine import engine

_NEWEST = 500


def models(it: Examined) -> Found:
    store, names = it.models, needed(it.answering, it.models.manifest)
    states = {
        name: {store.check(model, file, again=it.thorough) for file in model.files}
        for name in names
        for model in (store.manifest.model(name),)
    }
    if corrupt := [name for name, found in states.items() if State.CORRUPT in found]:
        return failing(
            f"The bytes of {listed(corrupt)} are not those that are pinned.", f"footnote models pull {corrupt[0]}"
        )
    if missing := [name for name, found in states.items() if State.MISSING in found]:
        return failing(f"Not on this machine: {listed(missing)}.", "Run: footnote models pull")
    hashed = "were hashed again" if it.thorough else "have not changed since they were hashed"
    return ok(f"{len(names)} models are here, and {hashed}.")


def embedder(it: Examined) -> Found:
    bound, _ = it.health.index()
    if bound and bound != it.settings.embedder:
        return failing(
            f"Documents were embedded by {bound}, the setting says {it.settings.embedder}.",
            f"Set FOOTNOTE_EMBEDDER={bound}, or use another home.",
        )
    return ok(f"Documents and questions are embedded by {it.settings.embedder}.")


def generators(it: Examined) -> Found:
    """Asks each of several to say one token, which tells how it computes."""
    settings = it.settings
    count = servers(settings)
    if count == 1:
        return ok("One server serves the language model.")
    if not settings.llm_url:
        gpus(settings)
        return ok(f"The service starts {count} vLLM alike; its metrics tell which of them are up.")
    key = settings.llm_api_key.get_secret_value()
    replicas = [Replica(name, address, key) for name, address in named(settings.llm_urls).items()]
    found = compared(replicas, asked_for(it.answering))
    agreed(found)
    if out := [replica.name for replica, one in found.items() if not isinstance(one, Served)]:
        told = f"{len(out)} of {count} language model servers cannot be reached: {listed(out)}."
        do = "Start them again, or take them out of FOOTNOTE_LLM_URL. The others answer meanwhile."
        return failing(told, "Start them again.") if len(out) == count else warning(told, do)
    return ok(f"{count} servers serve {settings.llm_model} alike.")


def limits(it: Examined) -> Found:
    weights.limits(it.answering, it.models)
    return ok(f"The gate's limits were calibrated for {it.answering.judge}.")


def release(it: Examined) -> Found:
    """What is only told takes no service down: its answers' records have what they were given by."""
    named = it.settings.release
    if named == NONE:
        return ok("FOOTNOTE_RELEASE=none: profile and environment say what answers.")
    current = it.releases.current() if named == CURRENT else it.releases.named(named)
    if current is None:
        return ok("No release is in use: profile and environment say what answers.")
    if drift := drifted(current, it.deploying, it.models):
        return warning(
            f"{current.name} is in use and does not come out as it was pinned: {listed(drift, 3)}.",
            f"Propose it again by another name (footnote release propose NAME --from {current.name}), ask it in a "
            "night and promote it; or put back what has changed.",
        )
    if unused := not_used(current):
        return warning(f"Set and not used, for {current.name} is in use: {listed(unused)}.", "Unset them.")
    return ok(f"{current.name} is in use, and comes out as it was pinned.")


def indexes(it: Examined) -> Found:
    found = [(one.name, it.indexes.count(one.name).behind) for one in it.indexes.all()]
    if behind := [f"{name} ({count:,} contents)" for name, count in found if count]:
        return warning(
            f"Not in step with the documents: {listed(behind)}.",
            "A running service makes it up within seconds; its log says why it does not.",
        )
    return ok(f"{len(found)} indexes beside the usual one, in step with it." if found else "There is none beside.")


def thresholds(it: Examined) -> Found:
    usual = profile_defaults(it.settings.profile)
    names = ("judge_threshold", "relevance_threshold", "quote_from")
    weaker = [name for name in names if getattr(it.answering, name) < usual.get(name, 0)]
    if weaker:
        names_told = ", ".join(f"FOOTNOTE_{name.upper()}" for name in weaker)
        return warning(f"More passes the gate than was measured: {names_told}.", "Unset them, or measure again.")
    return ok("The gate is as strict as it was measured, or stricter.")


def candidate(it: Examined) -> Found:
    trial = it.releases.candidate()
    if trial is None:
        return ok("No release is being tried.")
    name = trial.release.name
    heard = PostgresTrialProcesses(it.pool).heard(trial.number, HEARD_S)
    if out := [f"{one.host} ({one.code or 'it only fails'})" for one in heard if one.state == "out"]:
        return warning(
            f"{name} is tried, and cannot be used on {listed(out)}: it is left out there.",
            "See the log of the service there, and footnote release watch; or end the trial: footnote release stop "
            f"{name}.",
        )
    return ok(f"{name} is tried, and no process has left it out.")


def ocr(it: Examined) -> Found:
    if it.settings.ocr == "off":
        return warning("Scanned pages are stored without words.", "Unset FOOTNOTE_OCR if scans are to be read.")
    found = engine(it.settings.ocr)
    if found is None:
        return failing(
            "Scans cannot be read: no OCR is installed.", "Install the extra `ocr`, or set FOOTNOTE_OCR=off on purpose."
        )
    return ok(f"Scans are read by {found.name}.")


def reading(it: Examined) -> Found:
    behind = PostgresRereading(it.pool, BlobStore(it.settings.home / "blobs")).behind()
    if behind:
        return warning(f"{len(behind)} documents were read by older rules.", "Run: footnote documents reread --all")
    return ok("Every document was read by today's rules.")


def quotes(it: Examined) -> Found:
    report = check_quotes(it.pool, it.audit.vault, None if it.thorough else _NEWEST)
    if report.wrong:
        return failing(
            f"{len(report.wrong)} quotes of stored answers do not stand in their versions: {listed([*report.wrong])}.",
            "Texts were changed in the database. Restore a backup, and find out who did it.",
        )
    gone = f"; {report.gone} of them cite what was deleted since" if report.gone else ""
    return ok(f"{report.looked} quotes of stored answers stand at their bytes{gone}.")


def evaluation(it: Examined) -> Found:
    found, days = evaluation_health(it.pool), it.settings.nightly_days
    if found.seen_at is None and not it.settings.nightly:
        return ok("What is in use was never evaluated here, nor is it asked for: docs/evaluation.md.")
    do = (
        "Run: footnote eval nightly. What was cut off goes on when it is run again within 12 hours; --minutes gives it "
        "more time. If FOOTNOTE_NIGHTLY is set, see logs/nightly.log in the data folder."
    )
    at, now = it.settings.nightly, datetime.now().astimezone()
    if at and (said := missed(at, found.seen_at, now)):
        return warning(said, "See logs/nightly.log in the data folder of the service, and whether it runs.")
    if found.finished_at is None:
        return warning("No nightly evaluation has been asked to its end.", do)
    age = now - found.finished_at
    if age > timedelta(days=days):
        return warning(f"The last finished nightly evaluation is {age.days} days old, and {days} are allowed.", do)
    return ok(f"The last finished nightly evaluation is of {found.finished_at:%Y-%m-%d}.")


def evaluated_cases(it: Examined) -> Found:
    found, days = evaluation_health(it.pool), it.settings.nightly_case_days
    if found.stale:
        return warning(
            f"{found.stale} evaluated cases expect words that are gone or do not stand in the newest version.",
            "Put them right: footnote eval datasets --questions FILE names them.",
        )
    oldest = datetime.now(UTC) - timedelta(days=days)
    if old := sorted(name for name, added in found.sets.items() if added < oldest):
        return warning(
            f"Evaluated cases have not changed for {days} days: {listed(old)}.",
            "Add what went wrong since: footnote feedback golden, footnote eval case.",
        )
    return ok("No evaluated case is known to be stale.")


ROWS = tuple(
    Row(name, Area.QUALITY, asks, look)
    for name, asks, look in (
        ("models", "The models are here, with the hashes that are pinned", models),
        ("generators", "Servers of the language model are alike and answer", generators),
        ("embedder", "Documents and questions are embedded alike", embedder),
        ("limits", "The gate's limits were calibrated for its judge", limits),
        ("thresholds", "The gate is not weaker than it was measured", thresholds),
        ("release", "The release in use comes out as it was pinned", release),
        ("indexes", "Indexes of releases are in step with the documents", indexes),
        ("candidate", "A release that is tried can be used by every process", candidate),
        ("ocr", "Scans can be read", ocr),
        ("reading", "Documents were read by today's rules", reading),
        ("quotes", "Quotes of stored answers stand at their bytes", quotes),
        ("evaluation", "The nightly evaluation is fresh", evaluation),
        ("evaluated-cases", "Evaluated cases are of today's documents", evaluated_cases),
    )
)
