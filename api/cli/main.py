"""The command `footnote`. Each command imports what it needs when it runs."""

from __future__ import annotations

import signal
import sys
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.adapters_app import adapters_app

app = typer.Typer(
    name="footnote",
    help="Answers over your own documents in which every sentence is cited, checked and allowed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
documents_app = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)
models_app = typer.Typer(help="Fetch and check model weights.", no_args_is_help=True)
index_app = typer.Typer(help="Look after the search index.", no_args_is_help=True)
audit_app = typer.Typer(help="Read and verify the audit trail.", no_args_is_help=True)
keys_app = typer.Typer(help="Create and revoke API keys.", no_args_is_help=True)
gate_app = typer.Typer(help="The gate without the rest.", no_args_is_help=True)
for name, group in (
    ("documents", documents_app), ("models", models_app), ("index", index_app), ("audit", audit_app),
    ("keys", keys_app), ("gate", gate_app), ("adapters", adapters_app),
):  # fmt: skip
    app.add_typer(group, name=name)

INTERRUPTED = 130
Fusion = Literal["min_max", "rrf", "dense", "sparse"]
Hyde = Literal["off", "unsure", "always"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, the same objects as the HTTP API.")]
As = Annotated[str, typer.Option("--as", metavar="user:NAME", help="Who asks (local data folder only).")]
AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Use the versions in force on this day instead of the newest."),
]
Groups = Annotated[str, typer.Option("--groups", metavar="a,b", help="The groups that the asker is in.")]


@app.command()
def ask(question: str, as_user: As = "", groups: Groups = "", as_of: AsOf = None, json: Json = False) -> None:
    """Ask a question; exit code 0 with an answer, 3 if the documents hold none."""
    from api.cli import asking

    raise typer.Exit(asking.ask(question, as_user, groups, as_of, json))


@app.command()
def search(
    query: str,
    as_user: As = "",
    groups: Groups = "",
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=100)] = 10,
    as_of: AsOf = None,
    fusion: Annotated[Fusion | None, typer.Option(help="How both legs are fused, or one leg alone.")] = None,
    rerank: Annotated[bool | None, typer.Option(help="Let the cross-encoder reorder the head.")] = None,
    hyde: Annotated[Hyde | None, typer.Option(help="Search again with an imagined passage.")] = None,
    understand: Annotated[bool | None, typer.Option(help="Use names, dates and clauses in the query.")] = None,
    collapse: Annotated[bool | None, typer.Option(help="Show near-duplicates once.")] = None,
    json: Json = False,
) -> None:
    """Search without an answer."""
    from api.cli import asking

    asked = {"as_of": as_of, "fusion": fusion, "rerank": rerank, "hyde": hyde}
    asked |= {"understand": understand, "collapse": collapse}
    raise typer.Exit(asking.search(query, as_user, groups, top_k, asked, json))


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH")],
    allow: Annotated[list[str], typer.Option("--allow", metavar="group:NAME", help="Who may read; repeatable.")],
    source_prefix: Annotated[
        str | None, typer.Option(help="Name documents PREFIX/relative path instead of by absolute path.")
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day from which these versions hold; else the day they are added, a first version since ever.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Add files and folders; exit code 1 if any file failed. Run it again to go on after an interruption."""
    from api.cli import ingesting

    raise typer.Exit(ingesting.ingest(paths, allow, source_prefix, date.date().isoformat() if date else None, json))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the web page and the HTTP API."""
    from api.cli import serving

    raise typer.Exit(serving.serve(host, port))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Answer one question and exit.")] = False,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Fetch models, ingest the sample documents, print a cited answer and serve the web page."""
    from api.cli import serving

    raise typer.Exit(serving.demo(once=once, port=port))


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from api.cli import admin

    raise typer.Exit(admin.migrate())


@documents_app.command("list")
def documents_list(as_user: As = "", groups: Groups = "", json: Json = False) -> None:
    """What the asker may read."""
    from api.cli import admin

    raise typer.Exit(admin.documents_list(as_user, groups, json))


@documents_app.command("delete")
def documents_delete(document_id: str, as_user: As = "", groups: Groups = "") -> None:
    """Delete a document with all its versions."""
    from api.cli import admin

    raise typer.Exit(admin.documents_delete(document_id, as_user, groups))


@documents_app.command("sweep")
def documents_sweep() -> None:
    """Remove stored originals that no version uses, as a crash in the middle of ingestion leaves them."""
    from api.cli import admin

    raise typer.Exit(admin.documents_sweep())


@models_app.command("pull")
def models_pull(names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None) -> None:
    """Fetch models, by default those of the profile; an interrupted download goes on where it was."""
    from api.cli import admin

    raise typer.Exit(admin.models_pull(names or []))


@models_app.command("list")
def models_list(json: Json = False) -> None:
    """Every known model and whether it is here."""
    from api.cli import admin

    raise typer.Exit(admin.models_list(json))


@models_app.command("verify")
def models_verify(name: Annotated[str | None, typer.Argument()] = None, json: Json = False) -> None:
    """Hash every fetched file again; exit code 1 if one is damaged."""
    from api.cli import admin

    raise typer.Exit(admin.models_verify(name, json))


@index_app.command("status")
def index_status(json: Json = False) -> None:
    """Segments on disk and what waits in memory."""
    from api.cli import indexing

    raise typer.Exit(indexing.status(json))


@index_app.command("verify")
def index_verify(json: Json = False) -> None:
    """Hash every segment again; exit code 1 if one is damaged."""
    from api.cli import indexing

    raise typer.Exit(indexing.verify(json))


@index_app.command("compact")
def index_compact(json: Json = False) -> None:
    """Write the index anew: nothing of deleted documents stays on the disk, and damaged segments are mended."""
    from api.cli import indexing

    raise typer.Exit(indexing.compact(json))


@audit_app.command("verify")
def audit_verify(json: Json = False) -> None:
    """Check the whole hash chain; exit code 1 if anything was changed, dropped or reordered."""
    from api.cli import admin

    raise typer.Exit(admin.audit_verify(json))


@audit_app.command("show")
def audit_show(
    audit_id: Annotated[str | None, typer.Argument()] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records, newest first.")] = 10,
    json: Json = False,
) -> None:
    """Print one record, or the newest ones."""
    from api.cli import admin

    raise typer.Exit(admin.audit_show(audit_id, limit, json))


@keys_app.command("create")
def keys_create(
    user: Annotated[str, typer.Option(help="User id that the key speaks for.")],
    groups: Groups = "",
    write: Annotated[bool, typer.Option("--write", help="May upload and delete.")] = False,
    label: Annotated[str, typer.Option(help="A note, for the list.")] = "",
) -> None:
    """Create an API key; it is shown once."""
    from api.cli import admin

    raise typer.Exit(admin.keys_create(user, groups, write, label))


@keys_app.command("list")
def keys_list(json: Json = False) -> None:
    """Keys without their secrets."""
    from api.cli import admin

    raise typer.Exit(admin.keys_list(json))


@keys_app.command("revoke")
def keys_revoke(key_id: str) -> None:
    """Revoke a key, from the next request on."""
    from api.cli import admin

    raise typer.Exit(admin.keys_revoke(key_id))


@gate_app.callback()
def gate() -> None:
    """The gate without the rest."""


@gate_app.command("check")
def gate_check(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="JSON lines; - for standard input.")] = "-",
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Does the evidence entail the sentence? One {"evidence": ..., "sentence": ...} a line in, one verdict a line out.

    Exit code 0 if all are entailed, 1 if one is not, 2 if a line could not be read. Needs no documents, no language
    model and no network.
    """
    from api.cli import gate

    raise typer.Exit(gate.check(file, json))


@gate_app.command("calibrate")
def gate_calibrate(
    folder: Annotated[Path, typer.Argument(help="Folder with model.onnx and tokenizer.json.")],
    pairs: Annotated[Path, typer.Option(help="Held-out pairs, as generation.training.data writes them.")],
    limits: Annotated[Path | None, typer.Option(help="File to write; the package's own if not given.")] = None,
) -> None:
    """Fit a judge's temperature and choose the gate's limits for the risks of each profile."""
    from api.cli import gate

    raise typer.Exit(gate.calibrate(folder, pairs, limits))


def main() -> None:
    """Entry point: foreseen errors become one line on stderr and exit code 1; Ctrl-C is 130.

    A request to end (`kill`, systemd, a closed terminal) is taken like Ctrl-C, so that what was started is stopped.
    Packages above this one (evals) add their commands through the entry point group `footnote.commands`.
    """
    for request in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(request) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(request, signal.default_int_handler)
    try:
        for extension in entry_points(group="footnote.commands"):
            extension.load()(app)
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # which typer makes of Ctrl-C
            sys.stderr.write("\nInterrupted. What was finished is kept; run the command again to go on.\n")
        raise
    except Exception as error:
        from api.cli.output import explained

        message = explained(error)
        if message is None:
            raise
        sys.stderr.write(f"footnote: {message}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
