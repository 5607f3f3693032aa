"""Models, documents, audit trail, API keys, migrations: what an operator does on the machine itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from api.cli.local import opened, principal
from api.cli.output import UsageError, note, say, say_json, say_table
from api.http.auth import READ, WRITE
from api.wiring.releases import NONE
from infra.models.manifest import Manifest
from infra.models.progress import megabytes, progress_for_screen
from infra.models.store import ModelStore, State, default_cache_dir
from infra.settings import Settings, load_settings
from retrieval.types import Principal


def pull(names: Sequence[str], settings: Settings) -> None:
    """Fetches the named models, or those that the settings need."""
    from infra.models.pull import pull as fetch

    store = _store()
    with progress_for_screen() as progress:
        fetch(store, list(names) or needed(settings, store.manifest), progress)


def needed(settings: Settings, manifest: Manifest) -> list[str]:
    """The models that the settings use: the generator unless another server has it, or vLLM takes it from elsewhere;
    and the adapter that comes with Footnote for what answers. Raises `UnknownModel`."""
    elsewhere = bool(settings.llm_url) or (settings.engine == "vllm" and bool(settings.vllm_model))
    generator = "" if elsewhere else manifest.model(settings.generator).name
    answering = settings.llm_model if settings.llm_url else generator or settings.generator
    adapter = manifest.adapter(answering) if settings.adapter not in {"", NONE} else None
    own = (settings.embedder, settings.reranker, settings.judge, settings.selector)
    names = (*own, generator, adapter.name if adapter else "")
    return [name for name in names if name]


def models_pull(names: Sequence[str]) -> int:
    pull(names, load_settings())
    return 0


def models_list(as_json: bool) -> int:
    found = _store().status()
    rows = [
        {
            "name": s.model.name,
            "role": s.model.role,
            "state": s.state,
            "bytes": s.model.bytes,
            "licence": s.model.licence,
        }
        for s in found
    ]
    if as_json:
        say_json({"models": rows})
    else:
        say_table(
            ("model", "role", "state", "size", "licence"),
            [
                (r["name"], r["role"], r["state"], megabytes(s.model.bytes), r["licence"])
                for r, s in zip(rows, found, strict=True)
            ],
        )
    return 0


def models_verify(name: str | None, as_json: bool) -> int:
    """1 if a file that should be here is damaged, or a named model is not here."""
    checks = _store().verify(name)
    bad = [c for c in checks if c.state is State.CORRUPT or (name and c.state is not State.PRESENT)]
    if as_json:
        say_json({"ok": not bad, "files": [asdict(check) for check in checks]})
    else:
        say_table(("model", "file", "state"), [(c.model, c.path, c.state) for c in checks])
        if bad:
            note("Run `footnote models pull` with the model's name to fetch it again.")
    return 1 if bad else 0


def documents_list(as_user: str, groups: str, as_json: bool) -> int:
    asker = principal(as_user, groups)
    with opened() as parts:
        infos = parts.documents.list(asker)
    if as_json:
        say_json({"documents": infos})
    else:
        say_table(
            ("id", "version", "pages", "readable by", "title"),
            [(i.document_id, i.version, i.pages or "-", ",".join(sorted(i.allow)), i.title) for i in infos],
        )
    return 0


def documents_delete(document_id: str, as_user: str, groups: str) -> int:
    asker = principal(as_user, groups)
    with opened() as parts:
        if not parts.documents.delete(document_id, asker):
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
    say(f"Deleted {document_id} with all its versions.")
    return 0


def documents_sweep() -> int:
    with opened() as parts:
        count = parts.documents.sweep_blobs()
    say(f"Removed {count} originals that no version uses.")
    return 0


def audit_verify(as_json: bool) -> int:
    """1 if the trail is not as it was written."""
    with opened() as parts:
        report = parts.audit.verify()
    if as_json:
        say_json(report)
    elif report.ok:
        say(f"The audit trail is whole: {report.rows} records.")
    else:
        place = f" at record {report.first_bad_seq}" if report.first_bad_seq is not None else ""
        say(f"The audit trail was tampered with{place}: {report.problem}")
    return 0 if report.ok else 1


def audit_show(audit_id: str | None, limit: int, as_json: bool) -> int:
    with opened() as parts:
        rows = parts.audit.show(audit_id, limit)
    if audit_id and not rows:
        raise UsageError(f"There is no audit record {audit_id}.")
    if as_json:
        say_json(
            [
                {"seq": r.seq, "id": r.id, "recorded_at": r.recorded_at, "hash": r.hash.hex(), **json.loads(r.record)}
                for r in rows
            ]
        )
        return 0
    for row in rows:
        record = json.loads(row.record)
        answer = record["answer"]
        say(f"{row.seq}  {row.recorded_at:%Y-%m-%d %H:%M:%S}  {row.id}  {record['principal']}  {answer['status']}")
        say(f"    Q: {record['question'][:200]}")
        say(f"    A: {answer['answer'][:400]}")
        for item in record["withheld"]:
            say(f"    withheld ({item['judgement']['stage']}: {item['judgement']['reason']}): {item['text'][:200]}")
    return 0


def keys_create(user: str, groups: str, write: bool, label: str) -> int:
    owner: Principal = principal(user, groups)
    with opened() as parts:
        secret = parts.api_keys.create(owner.user, owner.groups, {READ, WRITE} if write else {READ}, label)
    note(f"Key for user:{owner.user}. It is shown only now; keep it safe.")
    say(secret)
    return 0


def keys_list(as_json: bool) -> int:
    with opened() as parts:
        keys = parts.api_keys.list()
    if as_json:
        say_json({"keys": keys})
    else:
        say_table(
            ("id", "user", "groups", "scopes", "revoked", "label"),
            [
                (k.id, k.user, ",".join(sorted(k.groups)), ",".join(sorted(k.scopes)), k.revoked_at or "-", k.label)
                for k in keys
            ],
        )
    return 0


def keys_revoke(key_id: str) -> int:
    with opened() as parts:
        if not parts.api_keys.revoke(key_id):
            raise UsageError(f"There is no key {key_id} that is still valid.")
    say(f"Revoked {key_id}.")
    return 0


def migrate() -> int:
    with opened() as parts:
        parts.pool  # noqa: B018
    say("The database has this version's schema.")
    return 0


def _store() -> ModelStore:
    return ModelStore(default_cache_dir(), Manifest.load())
