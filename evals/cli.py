"""`footnote eval` and `footnote bench`, added to the command through the entry point `footnote.commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.registry import Registry


def register(commands: Registry) -> None:
    """Adds the commands."""
    commands.add(evaluate, "eval")
    commands.group("adapters").add(promote, "promote")
    bench = commands.add_group("bench", "Measure on public data (see docs/benchmarks.md).")
    bench.add(bench_answers, "answers")
    bench.add(bench_chunking, "chunking")
    bench.add(bench_cuad, "cuad")
    bench.add(bench_distinguisher, "distinguisher")
    bench.add(bench_gate, "gate")
    bench.add(bench_generation, "generation")
    bench.add(bench_service, "service")
    bench.add(bench_trail, "trail")
    bench.add(bench_retrieval, "retrieval")
    bench.add(bench_ingestion, "ingestion")


def evaluate(
    limit: Annotated[int, typer.Option(help="Questions per kind; 0 asks all.")] = 0,
    generator: Annotated[str, typer.Option(help="Ask with this generator.")] = "",
    adapter: Annotated[str | None, typer.Option(help="With this adapter; none, or current: the promoted one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the golden questions of the sample documents and score the answers."""
    from evals.suites.sample.run_sample import run_sample

    return run_sample(limit=limit, generator=generator, adapter=adapter, out=out, as_json=json)


def promote(
    name: str,
    new: Annotated[Path | None, typer.Option(help="Results of `footnote eval --out` with this adapter.")] = None,
    old: Annotated[Path | None, typer.Option(help="Results with what is current, on the same questions.")] = None,
    force: Annotated[str, typer.Option(metavar="REASON", help="Promote whatever the results say; kept as said.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Answer with this adapter from now on, if it is better; exit code 1 if it is not.

    Better: right more often over all questions, beyond chance, and no fewer refusals where a refusal is right.
    """
    from evals.suites.sample.promotion import promote as weigh

    return weigh(name, new, old, force, json)


def bench_answers(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")],
    split: Annotated[
        Literal["train", "dev", "blind"], typer.Option(help="blind questions are for a last measurement only.")
    ] = "dev",
    suite: Annotated[
        Literal["answers", "reports"], typer.Option(help="reports: search alone, is the right annual report first?")
    ] = "answers",
    kinds: Annotated[
        str, typer.Option(help="single, table, two_places, two_documents, unanswerable: with commas, or all.")
    ] = "all",
    limit: Annotated[int, typer.Option(help="Ask only a fixed sample of this many questions; 0 asks all.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="Data folder for the documents; else beside --json.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Results of another build, on the same questions.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write questions, gold and answers here, to be read.")] = None,
) -> int:
    """Ask plain questions of real documents: at which stage is the right answer lost?"""
    from evals.datasets.answers.questions import Kind
    from evals.options import chosen
    from evals.suites.answers import run_answers as command

    wanted = command.AnswersRun(
        data=data,
        split=split,
        suite=suite,
        kinds=chosen(kinds, list(Kind), "--kinds"),
        limit=limit,
        home=home,
        out=json,
        baseline=baseline,
        sheet=sheet,
    )
    return command.run(wanted)


def bench_chunking(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    kinds: Annotated[
        str, typer.Option(help="Kinds of chunking with commas, as `ingest --chunking` takes them.")
    ] = "structure,recursive,semantic,small-to-big,structure+summary",
    contracts: Annotated[int, typer.Option(help="So many contracts.", min=1)] = 20,
    questions: Annotated[int, typer.Option(help="At most so many questions about them; 0: all.", min=0)] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a kind, and go on from there.")] = None,
) -> int:
    """Cut contracts in each of these ways: is the right page found, and how much of the answer is shown?"""
    from evals.suites.chunking import run_chunking as command

    return command.run(data, kinds.split(","), contracts, questions, json)


def bench_cuad(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    questions: Annotated[int, typer.Option(help="Half with a clause, half without.")] = 40,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
) -> int:
    """Ingest 120 real contracts and ask clause questions: speed, status, page of the citation."""
    from evals.suites.cuad.run_cuad import run

    return run(data, questions, out)


def bench_distinguisher(
    rows: Annotated[int, typer.Option(help="Readable rows.")] = 20_000,
    rounds: Annotated[int, typer.Option(help="Searches of each installation, level and kind of words.")] = 600,
    copies: Annotated[int, typer.Option(help="Installations of each kind.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of documents and order.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Can response times tell that documents exist which the caller may not read?"""
    from evals.suites.distinguisher.run_distinguisher import run

    return run(rows=rows, rounds=rounds, copies=copies, number=seed, as_json=json)


def bench_gate(
    data: Annotated[Path, typer.Option(help="Folder that holds ragtruth_qa_test, policyqa and cuad.")],
    suite: Annotated[
        str, typer.Option(help="ragtruth, cases, speed, second, answers: several with commas, or all.")
    ] = "ragtruth",
    llm_sample: Annotated[int, typer.Option(help="ragtruth: judge this many responses by our LLM too.", min=0)] = 0,
    sample: Annotated[int, typer.Option(help="second: responses, and statements about tables.", min=20)] = 100,
    cases: Annotated[
        Path | None, typer.Option(help="cases: cases.jsonl of `python -m generation.training.judge.data`.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads that check claims; 0: as configured.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="answers: data folder for the contracts.")] = None,
    questions: Annotated[int, typer.Option(help="answers: about contracts, half without answer.", min=0)] = 200,
    step: Annotated[
        Literal["record", "replay", "all"], typer.Option(help="answers: search and generate, replay gated, or both.")
    ] = "all",
    sheet: Annotated[Path | None, typer.Option(help="answers: write shipped sentences here, to be labelled.")] = None,
    labels: Annotated[Path | None, typer.Option(help="answers: read a reader's labels from here.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
) -> int:
    """What does the gate let through, what does it block, and how fast is it?"""
    from evals.options import chosen
    from evals.suites.gate import run_gate as command
    from evals.suites.gate.bench import GateRun

    wanted = GateRun(
        data=data,
        suites=chosen(suite, command.SUITES, "--suite"),
        threads=threads,
        out=json,
        llm_sample=llm_sample,
        sample=sample,
        cases=cases,
        home=home,
        questions=questions,
        step=step,
        sheet=sheet,
        labels=labels,
    )
    return command.run(wanted)


def bench_generation(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad and squad2_dev_half.")],
    suite: Annotated[
        str,
        typer.Option(
            help="quality, speed: with commas, or all; checks; rows; quotations; own; engines (needs a vLLM)."
        ),
    ] = "quality",
    sets: Annotated[str, typer.Option(help="golden, cuad, squad2: several with commas, or all.")] = "all",
    models: Annotated[
        str,
        typer.Option(
            help="Models or GGUF files: NAME[+ADAPTER][@PROMPT], with commas; others are held against the first."
        ),
    ] = "",
    prompt: Annotated[Literal["", "answer", "cited"], typer.Option(help="Ask every model with this prompt.")] = "",
    step: Annotated[
        Literal["contexts", "generate", "score", "all"], typer.Option(help="quality: search, write, score, or all.")
    ] = "all",
    home: Annotated[Path | None, typer.Option(help="quality, quotations: data folder for the documents.")] = None,
    limit: Annotated[int, typer.Option(help="Questions of each set; 0 asks all.", min=0)] = 0,
    json: Annotated[
        Path | None,
        typer.Option(help="Write one JSON line a result; quality and speed go on from there."),
    ] = None,
) -> int:
    """Compare language models before the gate, with and without an adapter, on the same contexts."""
    from evals.datasets.question_sets import SETS
    from evals.options import chosen
    from evals.suites.generation import run_generation as command

    wanted = command.GenerationRun(
        data=data,
        suites=command.SUITES if suite == "all" else chosen(suite, command.NAMED, "--suite"),
        sets=chosen(sets, SETS, "--sets"),
        models=models,
        step=step,
        home=home,
        out=json,
        limit=limit,
        prompt=prompt,
    )
    return command.run(wanted)


def bench_service(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents.")],
    model: Annotated[
        Literal["quoting", "own"],
        typer.Option(help="quoting: a stand-in that takes no time, to see what the service adds; own: the settings'."),
    ] = "quoting",
    limit: Annotated[int, typer.Option(help="Ask only the first questions; 0 asks all.", min=0)] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """How long answers take at the HTTP API, and how much of it is not the model's."""
    from evals.suites.service import run_service as command

    return command.run(model, home, json, limit)


def bench_trail(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents.")],
    kills: Annotated[int, typer.Option(help="How often the service is killed.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the moments.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a kill, and go on from there.")] = None,
) -> int:
    """Kill a working service at random moments: is every sentence that a client received in the audit trail?

    Exit code 1 if one is not, or if an upload, a deletion or a row was lost.
    """
    from evals.suites.trail import run_trail as command

    return command.run(home, kills, seed, json)


def bench_ingestion(
    data: Annotated[
        Path | None,
        typer.Option(help="cases, peers: the folder of small files that come out wrong; speed: holds cuad/pdf."),
    ] = None,
    suite: Annotated[
        Literal["cases", "peers", "big", "speed"],
        typer.Option(
            help="cases: are their words stored rightly? peers: other libraries on them. big: a PDF of 600 pages, "
            "200,000 cells, 10 MB of text. speed: contracts."
        ),
    ] = "cases",
    peers: Annotated[str, typer.Option(help="peers: unstructured, markitdown, docling, with commas, or all.")] = "all",
    python: Annotated[
        str,
        typer.Option(metavar="NAME=PYTHON,...", help="peers: the Python that has each; else an environment is made."),
    ] = "",
    cuad: Annotated[Path | None, typer.Option(help="peers: folder that holds cuad/pdf, for the speed.")] = None,
    contracts: Annotated[int, typer.Option(help="peers, speed: so many contracts.", min=1)] = 20,
    rounds: Annotated[int, typer.Option(help="speed: fresh data folders for each build.", min=1)] = 3,
    threads: Annotated[int, typer.Option(help="speed: threads of the product; 0: as configured.", min=0)] = 0,
    files: Annotated[str, typer.Option(help="big: pdf, sheet, text, with commas, or all.")] = "all",
    baseline: Annotated[
        str, typer.Option(metavar="CHECKOUT", help="big, speed: another build, or a Python that has one.")
    ] = "",
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """Read files: does what is stored say what they say, and how fast is it there?"""
    from evals.options import chosen
    from evals.suites.ingestion import run_ingestion as command
    from evals.suites.ingestion.generated import BIG
    from evals.systems.readers import READERS

    wanted = command.IngestionRun(
        data=data,
        suite=suite,
        peers=chosen(peers, list(READERS), "--peers"),
        python=python,
        cuad=cuad,
        contracts=contracts,
        rounds=rounds,
        threads=threads,
        files=chosen(files, list(BIG), "--files"),
        baseline=baseline,
        out=json,
    )
    return command.run(wanted)


def bench_retrieval(
    data: Annotated[Path, typer.Option(help="Folder that holds scifact, legalbench_rag, cuad, scale_legal and so on.")],
    suite: Annotated[str, typer.Option(help="ranking, legalbench-rag, cuad, scale: several with commas, or all.")] = (
        "ranking"
    ),
    sets: Annotated[str, typer.Option(help="Sets of the suite ranking, with commas.")] = "all",
    peers: Annotated[str, typer.Option(help="langchain, llamaindex, txtai, haystack (extra peers), or all.")] = "",
    queries: Annotated[int, typer.Option(help="Ask only a fixed sample of this many questions a set.", min=0)] = 0,
    hyde: Annotated[int, typer.Option(help="Also search with HyDE, for this many questions a set.", min=0)] = 0,
    split: Annotated[Literal["dev", "test"], typer.Option(help="cuad: dev chooses settings, test reports.")] = "test",
    sizes: Annotated[str, typer.Option(help="scale: numbers of rows, with commas.")] = "100000,1000000",
    threads: Annotated[int, typer.Option(help="scale: threads of every system; 0: as configured.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="cuad: data folder to ingest into and go on from.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Draw PNG plots into this folder.")] = None,
) -> int:
    """Measure ranking, filtered search and speed, beside other libraries if asked."""
    from evals.datasets.beir import SETS
    from evals.options import chosen, counts
    from evals.suites.retrieval import run_retrieval as command
    from evals.systems.peers import PEERS

    wanted = command.RetrievalRun(
        data=data,
        suites=chosen(suite, command.SUITES, "--suite"),
        sets=chosen(sets, SETS, "--sets"),
        peers=chosen(peers, PEERS, "--peers"),
        queries=queries,
        hyde=hyde,
        split=split,
        sizes=counts(sizes, "--sizes"),
        threads=threads,
        home=home,
        out=json,
        plots=plots,
    )
    return command.run(wanted)
