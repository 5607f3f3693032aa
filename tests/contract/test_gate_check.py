"""`footnote gate check` as a script sees it: a line in, a line out, exit codes, and nothing but the judge."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.cli import gate
from generation.gate.checking import Checker
from generation.types import Entailment, Limits

ROOT = Path(__file__).parents[2]
RENT = "The rent of Unit 7 is 500 euros per month. Dogs are welcome."
TRUE = {"id": "a", "evidence": RENT, "sentence": "The rent of Unit 7 is 500 euros per month."}
FALSE = {"id": "b", "evidence": RENT, "sentence": "The rent of Unit 7 is 900 euros per month."}


class WordModel:
    """Entailed as far as the evidence holds the claim's words."""

    name = "words"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        words = claim.lower().strip(".").split()
        held = sum(word in evidence.lower() for word in words) / len(words)
        return Entailment(held, 1.0 - held, 0.0)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command around a judge that counts words."""

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(checker=Checker(WordModel(), Limits(0.8, 0.4, 0.9)))

    monkeypatch.setattr(gate, "opened", opened)


@pytest.fixture
def run(scripted: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def checked(*lines: bytes | dict[str, Any], as_json: bool = True) -> tuple[int, list[str], list[str]]:
        data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        code = gate.check("-", as_json)
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    return checked


def test_a_verdict_with_support_and_the_deciding_stage(run: Any) -> None:
    code, out, err = run(TRUE, FALSE)
    first, second = map(json.loads, out)
    assert first == {"id": "a", "verdict": "entailed", "support": 1.0, "stage": "judge", "reason": ""}
    assert (second["id"], second["verdict"], second["support"], second["stage"]) == ("b", "neutral", 0.0, "figures")
    assert "900" in second["reason"]
    assert (code, err) == (gate.NOT_ENTAILED_EXIT, [])
    assert run(TRUE, TRUE)[0] == 0


def test_the_sentence_before_resolves_pronouns(run: Any) -> None:
    line = {"evidence": "Kestrel pays the rent of Unit 7.", "sentence": "It pays the rent of Unit 7."}
    alone, after = run(line, line | {"before": "Kestrel is the tenant."})[1]
    assert json.loads(after)["support"] >= json.loads(alone)["support"]


def test_a_table_for_people(run: Any) -> None:
    code, out, _ = run(TRUE, FALSE, as_json=False)
    assert code == gate.NOT_ENTAILED_EXIT
    assert out[0].split()[:4] == ["a", "entailed", "1.000", "judge"]
    assert out[1].split()[:4] == ["b", "neutral", "0.000", "figures"]
    assert out[-1] == "1 of 2 sentences are entailed."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        ({"sentence": "x"}, '"evidence" is missing'),
        ({"evidence": "x", "sentence": None}, '"sentence" is missing'),
        ({"evidence": "  ", "sentence": "x"}, "not empty"),
        ({"evidence": "x", "sentence": 7}, '"sentence" must be a text'),
        ({"evidence": "x", "sentence": "y", "before": ["z"]}, '"before" must be a text'),
        ({"evidence": "x", "sentence": "y", "id": {}}, '"id" must be'),
        (rb'{"evidence": "x", "sentence": "\ud800"}', "half a character"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_checked(run: Any, line: Any, said: str) -> None:
    code, out, err = run(TRUE, line, TRUE)
    assert code == gate.BAD_INPUT_EXIT
    assert len(err) == 1
    assert err[0].startswith("footnote: line 2: ")
    assert said in err[0]
    first, second, third = map(json.loads, out)
    assert first == third
    assert second == {"line": 2, "error": err[0].removeprefix("footnote: ")}


def test_lines_without_an_id_are_numbered_and_blank_ones_skipped(run: Any) -> None:
    line = {"evidence": RENT, "sentence": "Dogs are welcome."}
    code, out, _ = run(b"\xef\xbb\xbf" + json.dumps(line).encode(), b"", line)
    assert (code, [json.loads(row)["id"] for row in out]) == (0, [1, 3])


def test_nothing_to_check_is_not_a_success(run: Any, scripted: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(b"\n  \n")
    assert (code, out) == (gate.BAD_INPUT_EXIT, [])
    assert "nothing to check" in err[0]
    assert gate.check("/nowhere/at/all.jsonl", False) == gate.BAD_INPUT_EXIT
    assert "No such file" in capsys.readouterr().err


def test_calibration_writes_the_limits_that_the_gate_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.onnx", "tokenizer.json", "pairs.jsonl"):
        (tmp_path / name).touch()
    written: list[Path] = []
    monkeypatch.setattr(
        "generation.training.judge.calibrate.calibrate",
        lambda folder, pairs, limits, opener, say: written.append(limits),
    )
    assert gate.calibrate(tmp_path, tmp_path / "pairs.jsonl") == 0
    assert written[0].read_text(encoding="utf-8").startswith("# Written by `footnote gate calibrate`")


# the real judge, in a process of its own


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "api.cli.main", "gate", "check", *arguments]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder that does not exist, and a database and a language model that nobody runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}
    if "FOOTNOTE_CACHE" in os.environ:
        kept["FOOTNOTE_CACHE"] = os.environ["FOOTNOTE_CACHE"]
    nobody = "http://127.0.0.1:9"
    return kept | {
        "FOOTNOTE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "postgresql://127.0.0.1:9/none",
        "FOOTNOTE_LLM_URL": nobody,
        "HTTPS_PROXY": nobody,
        "HTTP_PROXY": nobody,
    }


def test_each_line_is_answered_before_the_next_is_read(environment: dict[str, str], tmp_path: Path) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command("--json"), cwd=ROOT, env=environment, text=True, bufsize=1, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, verdict in ((TRUE, "entailed"), (FALSE, "neutral"), (TRUE, "entailed")):
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == verdict
        process.stdin.close()
        assert process.wait(30) == gate.NOT_ENTAILED_EXIT
    assert not (tmp_path / "home").exists()


def test_nothing_is_loaded_that_is_not_needed(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps(TRUE), encoding="utf-8")
    code = (
        "import sys\nfrom api.cli import gate\n"
        "done = gate.check(sys.argv[1], True)\n"
        "heavy = ('faiss', 'spacy', 'torch', 'unstructured', 'openai', 'xllamacpp', 'langchain_core', 'numba')\n"
        "print(done, [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"
