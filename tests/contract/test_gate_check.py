"""`footnote gate check` as a script sees it: a line in, a line out, exit codes, and nothing but the judge."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.cli import gate
from api.wiring.gating import gate_alone
from generation.errors import GeneratorUnavailable
from generation.gate import FaithfulnessGate
from generation.gate.gate import CascadeGate
from generation.gate.relevance import Relevance
from generation.types import Entailment, Judgement, Limits, Stage, Verdict

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


class WordScorer:
    """Sure of what shares a word with the question, unsure of anything else."""

    asked = 0

    def score(self, query: str, texts: Sequence[str]) -> Any:
        self.asked += 1
        words = set(query.lower().rstrip("?").split()) - {"the", "is", "what"}
        return [1.0 if words & set(text.lower().rstrip(".").split()) else -1.0 for text in texts]


class SaysYes:
    """A language model that answers yes, unless it is gone."""

    name = "yes"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.asked: list[tuple[str, str]] = []
        self.gone = False

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        if self.gone:
            raise GeneratorUnavailable("The language model is gone.")
        self.asked.append((claim, question))
        return Judgement(Verdict.ENTAILED, 0.9, self.stage)


LIMITS = Limits(0.8, 0.4, 0.9)


@dataclass
class Scripted:
    """The container's part for this command: a judge that counts words, and a language model that says yes."""

    scorer: WordScorer = field(default_factory=WordScorer)
    relevance: SaysYes = field(default_factory=lambda: SaysYes(Stage.RELEVANCE))
    second: SaysYes = field(default_factory=lambda: SaysYes(Stage.SECOND))

    @contextmanager
    def opened(self) -> Iterator[Any]:
        with ExitStack() as self.stack:
            yield self

    def faithfulness(self, *, second: bool) -> FaithfulnessGate:
        relevance = Relevance(self.scorer, second=self.relevance)
        asks = CascadeGate(WordModel(), LIMITS, relevance=relevance, second=self.second)
        chosen = asks if second else gate_alone(WordModel(), LIMITS, lambda: self.scorer)
        return self.stack.enter_context(FaithfulnessGate(chosen))


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    parts = Scripted()
    monkeypatch.setattr(gate, "opened", parts.opened)
    return parts


@pytest.fixture
def run(scripted: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def checked(
        *lines: bytes | dict[str, Any], as_json: bool = True, question: str = "", second: bool = False
    ) -> tuple[int, list[str], list[str]]:
        data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        code = gate.check("-", question, second, as_json)
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    return checked


def test_a_verdict_with_support_and_the_deciding_stage(run: Any) -> None:
    code, out, err = run(TRUE, FALSE)
    first, second = map(json.loads, out)
    quote = {"index": 0, "id": "", "start": 0, "end": 42, "text": RENT[:42]}
    assert first == {
        "id": "a", "verdict": "entailed", "support": 1.0, "stage": "verbatim", "reason": "", "quotes": [quote], "moved": False,
    }  # fmt: skip
    assert second["quotes"] == []
    assert (second["id"], second["verdict"], second["support"], second["stage"]) == ("b", "neutral", 0.0, "figures")
    assert "900" in second["reason"]
    assert (code, err) == (gate.NOT_ENTAILED_EXIT, [])
    assert run(TRUE, TRUE)[0] == 0


OTHER = {"id": "fees", "title": "Kennel", "text": "Cats pay nothing. The fee of the kennel is 7 euros."}


def test_the_quotes_are_of_the_evidence_that_says_it(run: Any) -> None:
    line = {"evidence": [RENT, OTHER], "sentence": "The kennel fee is 7 euros."}
    ((found,), cited) = (
        map(json.loads, run(line | {"sentence": sentence})[1])
        for sentence in ("The kennel fee is 7 euros.", "The kennel fee is 7 euros [1].")
    )
    (quote,) = found["quotes"]
    assert (quote["index"], quote["id"], found["stage"], found["moved"]) == (1, "fees", "judge", False)
    assert OTHER["text"][quote["start"] : quote["end"]] == quote["text"] == "The fee of the kennel is 7 euros."
    assert next(cited)["moved"] is True  # it named the first text


def test_names_are_sought_in_the_whole_document(run: Any) -> None:
    line = {"sentence": "Kestrel pays 500 euros."}
    clause = {"text": "The tenant pays 500 euros."}
    whole = clause | {"document": 'Kestrel ("tenant") rents Unit 7. The tenant pays 500 euros.'}
    alone, within = (json.loads(run(line | {"evidence": [one]})[1][0]) for one in (clause, whole))
    assert (alone["stage"], within["stage"]) == ("figures", "judge")


def test_with_a_question_the_opening_sentence_has_to_answer_it(run: Any, scripted: Scripted) -> None:
    dogs = {"evidence": RENT, "sentence": "Dogs are welcome."}
    stages = [
        json.loads(row)["stage"]
        for row in run(
            dogs,
            dogs | {"question": "What is the rent?"},
            dogs | {"question": "What is the rent?", "before": "It is 500 euros."},
        )[1]
    ]
    assert stages == ["judge", "relevance", "judge"]
    assert scripted.scorer.asked == 1
    of_all = [
        json.loads(row)["stage"]
        for row in run(dogs, dogs | {"question": "Are dogs welcome?"}, question="What is the rent?")[1]
    ]
    assert of_all == ["relevance", "judge"]  # the line's own question comes first


def test_second_asks_the_language_model_what_the_judge_is_unsure_of(run: Any, scripted: Scripted) -> None:
    unsure = {"evidence": RENT, "sentence": "The rent of Unit 7 amounts to 500 euros.", "question": "How much?"}
    assert json.loads(run(unsure | {"question": ""})[1][0])["verdict"] == "neutral"
    assert (scripted.second.asked, scripted.relevance.asked) == ([], [])
    code, (row,), _ = run(unsure, second=True)
    found = json.loads(row)
    assert (code, found["verdict"], found["stage"]) == (0, "entailed", "second")
    assert scripted.second.asked == [(unsure["sentence"], "How much?")]
    assert scripted.relevance.asked == [(unsure["sentence"], "How much?")]  # where the cross-encoder is unsure


def test_a_language_model_that_is_gone_is_one_line_and_no_verdict(run: Any, scripted: Scripted) -> None:
    scripted.second.gone = True
    unsure = {"evidence": RENT, "sentence": "The rent of Unit 7 amounts to 500 euros."}
    assert run(TRUE, unsure, TRUE, second=True)[::2] == (
        gate.BAD_INPUT_EXIT,
        ["footnote: The language model is gone."],
    )


def test_the_sentence_before_resolves_pronouns(run: Any) -> None:
    line = {"evidence": "Kestrel pays the rent of Unit 7.", "sentence": "It pays the rent of Unit 7."}
    alone, after = run(line, line | {"before": "Kestrel is the tenant."})[1]
    assert json.loads(after)["support"] >= json.loads(alone)["support"]


def test_a_table_for_people(run: Any) -> None:
    code, out, _ = run(TRUE, FALSE, as_json=False)
    assert code == gate.NOT_ENTAILED_EXIT
    assert out[0].split()[:4] == ["a", "entailed", "1.000", "verbatim"]
    assert out[0].endswith(f'[1] 0-42 "{RENT[:42]}"')
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
        ({"evidence": [], "sentence": "y"}, "empty list"),
        ({"evidence": ["x", 7], "sentence": "y"}, '"evidence[1]" must be a text'),
        ({"evidence": [{"id": "a"}], "sentence": "y"}, '"evidence[0].text" is missing'),
        ({"evidence": [{"text": "x", "title": 7}], "sentence": "y"}, '"evidence[0].title" must be a text'),
        ({"evidence": {"title": "x"}, "sentence": "y"}, '"evidence.text" is missing'),
        ({"evidence": 7, "sentence": "y"}, '"evidence" must be a text'),
        ({"evidence": "x", "sentence": "y", "question": 7}, '"question" must be a text'),
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


def test_nothing_to_check_is_not_a_success(run: Any, scripted: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(b"\n  \n")
    assert (code, out) == (gate.BAD_INPUT_EXIT, [])
    assert "nothing to check" in err[0]
    assert gate.check("/nowhere/at/all.jsonl") == gate.BAD_INPUT_EXIT
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


def test_a_folder_without_limits_is_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.read(tmp_path, tmp_path / "states", out=tmp_path) == gate.BAD_INPUT_EXIT
    assert "holds no limits.toml" in capsys.readouterr().err
    assert not (tmp_path / "states").exists()


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
        "done = gate.check(sys.argv[1], as_json=True)\n"
        "heavy = ('faiss', 'spacy', 'torch', 'unstructured', 'openai', 'xllamacpp', 'langchain_core', 'numba')\n"
        "print(done, [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"
