"""`footnote audit`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli import evidence, witness
from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json


def register(commands: Registry) -> None:
    group = commands.add_group("audit", "Read and verify the audit trail.")
    group.add(verify, "verify")
    group.add(show, "show")
    witness.register(group)
    evidence.register(group)


def verify(
    witness_at: Annotated[
        list[str] | None,
        typer.Option("--witness", help="Compare with this one, too: a path or s3://BUCKET/PREFIX. Repeatable."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the whole hash chain and compare it with the checkpoints of its witnesses.

    Exit code 1 if anything was changed, dropped, reordered or rolled back, or a witness cannot be read. Answers left
    open are named: their writer was killed, or still writes.
    """
    from api.wiring.witnessing import witness as witness_of

    with opened() as parts:
        report = parts.audit.verify()
        told = parts.witnesses.report([witness_of(parts.settings, place) for place in witness_at or ()])
    if as_json:
        say_json({**asdict(report), "witnesses": [asdict(one) for one in told]})
        return int(not report.ok or any(one.problem for one in told))
    if report.ok:
        say(f"The audit trail is whole: {report.rows} records.")
        for answer in report.open:
            asked = f"{answer.opened_at:%Y-%m-%d %H:%M:%S}  {answer.principal}"
            say(f"Left open or still being written: {answer.id}  {asked}")
    else:
        place = f" at record {report.first_bad_seq}" if report.first_bad_seq is not None else ""
        say(f"The audit trail was tampered with{place}: {report.problem}")
    witness.say_witnesses(told)
    return int(not report.ok or any(one.problem for one in told))


def show(
    audit_id: Annotated[str | None, typer.Argument()] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records, newest first.")] = 10,
    as_json: Json = False,
) -> int:
    """Print the records of one answer, or the newest ones."""
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
        if record.get("kind") == "change":
            what = record.get("source") or f"key {record.get('key_id')}"
            say(f"{row.seq}  {row.recorded_at:%Y-%m-%d %H:%M:%S}  {row.id}  {record['principal']}  {record['action']}")
            say(f"    {what}" + (f" (version {record['version']})" if "version" in record else ""))
            continue
        answer = record.get("answer")
        if answer is None:  # a row of an answer that is not its last one, or of something else
            say(f"{row.seq}  {row.recorded_at:%Y-%m-%d %H:%M:%S}  {row.id}  {row.principal}  {record.get('kind', '')}")
            for sentence in record.get("sentences", ()):
                say(f"    S: {sentence['text'][:200]}")
            continue
        say(f"{row.seq}  {row.recorded_at:%Y-%m-%d %H:%M:%S}  {row.id}  {record['principal']}  {answer['status']}")
        say(f"    Q: {record['question'][:200]}")
        say(f"    A: {answer['answer'][:400]}")
        for item in record["withheld"]:
            say(f"    withheld ({item['judgement']['stage']}: {item['judgement']['reason']}): {item['text'][:200]}")
    return 0
