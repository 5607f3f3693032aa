"""Adapters as releases: the registry on a real PostgreSQL, and the commands over it."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

import evals.suites.sample.promotion as promotion
from api.cli import adapters as commands
from api.terminal import UsageError
from api.wiring import adapters as registration
from api.wiring.adapter_in_use import is_whole
from infra.models.manifest import Manifest, Model, ModelFile, Role
from infra.models.store import ModelStore
from infra.postgres.adapters import Adapter, AdapterRefused, PostgresAdapters
from infra.postgres.pool import Pool, reading_as, transaction
from retrieval.types import Principal

BASE, OTHER = "Qwen2.5-Coder-0.5B-Instruct", "Qwen2.5-Coder-1.5B-Instruct"
METRICS = {"n": 60, "right": 0.5, "unanswerable": 10, "abstained": 9}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def adapter(name: str, base: str = BASE) -> Adapter:
    made = (digest(f"{name} {field}") for field in ("gguf", "peft", "prompt", "data"))
    return Adapter(name, base, digest(base), *made, config={"rank": 8, "targets": ["q_proj"]})


@pytest.fixture
def registry(fresh_database: Pool) -> PostgresAdapters:
    """Candidates a, b and c."""
    registry = PostgresAdapters(fresh_database)
    for name in "abc":
        registry.add(adapter(name))
    return registry


def current(registry: PostgresAdapters) -> str | None:
    found = registry.current(BASE)
    statuses = {a.name: a.status for a in registry.all()}
    assert [name for name, status in statuses.items() if status == "current"] == ([found.name] if found else [])
    return found.name if found else None


def test_what_is_added_is_read_back(fresh_database: Pool) -> None:
    registry = PostgresAdapters(fresh_database)
    assert registry.all() == []
    with pytest.raises(AdapterRefused, match=r"no adapter 'a'\. None was added yet"):
        registry.named("a")
    wanted = adapter("a")
    registry.add(wanted)
    found = registry.named("a")
    assert found == replace(wanted, created_at=found.created_at)
    assert abs((found.created_at - wanted.created_at).total_seconds()) < 60
    registry.add(adapter("b"))
    assert [a.name for a in registry.all()] == ["a", "b"]
    assert registry.current(BASE) is None
    with pytest.raises(AdapterRefused, match=r"no adapter 'x'. There is: a, b\."):
        registry.named("x")


def test_a_name_stays_with_its_weights(registry: PostgresAdapters) -> None:
    before = registry.all()
    registry.add(adapter("a"))
    registry.promote("a", METRICS, {})
    registry.add(adapter("a"))
    assert registry.named("a").status == "current"
    for field in ("base_sha256", "gguf_sha256", "peft_sha256", "prompt_sha256", "data_sha256"):
        with pytest.raises(AdapterRefused, match="another adapter of the name a"):
            registry.add(replace(adapter("a"), **{field: digest("other")}))
    assert [a.digests for a in registry.all()] == [a.digests for a in before]
    assert [(c.action, c.name) for c in registry.changes(BASE)] == [
        ("add", "a"), ("add", "b"), ("add", "c"), ("promote", "a"),
    ]  # fmt: skip


def test_promotion_puts_one_in_the_place_of_the_other(registry: PostgresAdapters) -> None:
    assert registry.promote("a", METRICS, {"n": 1}) is None
    previous = registry.promote("b", None, {"n": 2})
    assert previous is not None
    assert (previous.name, previous.metrics) == ("a", METRICS)
    assert current(registry) == "b"
    statuses = {a.name: (a.status, a.metrics, a.promoted_at is None) for a in registry.all()}
    assert statuses == {"a": ("retired", METRICS, False), "b": ("current", None, False), "c": ("candidate", None, True)}
    first, second = registry.changes(BASE)[3:]
    assert (first.action, first.name, first.previous, first.evidence) == ("promote", "a", None, {"n": 1})
    assert (second.action, second.name, second.previous, second.evidence) == ("promote", "b", "a", {"n": 2})
    with pytest.raises(AdapterRefused, match="b is current already"):
        registry.promote("b", METRICS, {})
    with pytest.raises(AdapterRefused, match="no adapter 'x'"):
        registry.promote("x", METRICS, {})
    assert current(registry) == "b"


def test_a_promotion_holds_only_over_what_it_was_compared_with(registry: PostgresAdapters) -> None:
    with pytest.raises(AdapterRefused, match="No adapter is current by now, not b"):
        registry.promote("a", METRICS, {}, over="b")
    registry.promote("a", METRICS, {}, over="")
    for over in ("", "c"):
        with pytest.raises(AdapterRefused, match="a is current by now"):
            registry.promote("b", METRICS, {}, over=over)
    assert current(registry) == "a"
    registry.promote("b", METRICS, {}, over="a")
    assert current(registry) == "b"


def test_bases_do_not_mix(registry: PostgresAdapters) -> None:
    registry.add(adapter("large", OTHER))
    registry.promote("a", METRICS, {})
    registry.promote("large", METRICS, {})
    registry.promote("b", METRICS, {})
    assert [registry.current(base).name for base in (BASE, OTHER)] == ["b", "large"]  # type: ignore[union-attr]
    assert registry.rollback(BASE).name == "a"  # type: ignore[union-attr]
    assert registry.current(OTHER).name == "large"  # type: ignore[union-attr]
    assert [c.name for c in registry.changes(OTHER)] == ["large", "large"]


def test_rollbacks_go_further_and_further_back(registry: PostgresAdapters) -> None:
    with pytest.raises(AdapterRefused, match="nothing to go back to"):
        registry.rollback(BASE)
    for name in "abc":
        registry.promote(name, METRICS, {})
    back = registry.rollback(BASE)
    assert back is not None
    assert (back.name, back.status, current(registry)) == ("b", "current", "b")
    assert registry.named("c").status == "retired"
    assert [registry.rollback(BASE), current(registry)] == [registry.named("a"), "a"]
    last = registry.changes(BASE)[-1]
    assert (last.action, last.name, last.previous) == ("rollback", "b", "a")
    assert [registry.rollback(BASE), registry.current(BASE)] == [None, None]
    with pytest.raises(AdapterRefused, match="nothing to go back to"):
        registry.rollback(BASE)


def test_what_was_rolled_back_can_be_promoted_again(registry: PostgresAdapters) -> None:
    for name in "aba":
        registry.promote(name, METRICS, {})
    assert registry.rollback(BASE) == registry.named("b")
    registry.promote("c", METRICS, {})
    assert registry.rollback(BASE) == registry.named("b")
    registry.promote("c", METRICS, {})
    assert [found.name for _ in range(2) if (found := registry.rollback(BASE))] == ["b", "a"]


def test_two_promotions_at_once_leave_one(registry: PostgresAdapters) -> None:
    def promote(name: str) -> str:
        try:
            registry.promote(name, METRICS, {}, over="")
        except AdapterRefused:
            return "refused"
        return name

    with ThreadPoolExecutor(3) as executor:
        done = sorted(executor.map(promote, "abc"))
    assert done[1:] == ["refused"] * 2
    assert current(registry) == done[0]
    with ThreadPoolExecutor(2) as executor:
        before = list(executor.map(lambda name: registry.promote(name, METRICS, {}), sorted({*"abc"} - {done[0]})))
    assert {a.name for a in before if a} < {"a", "b", "c"}
    assert current(registry) is not None
    pairs = [(c.previous, c.name) for c in registry.changes(BASE) if c.action == "promote"]
    assert all(after[0] == before[1] for before, after in pairwise(pairs))


def test_the_database_itself_keeps_one_current(registry: PostgresAdapters, fresh_database: Pool) -> None:
    registry.promote("a", METRICS, {})
    with pytest.raises(psycopg.errors.UniqueViolation), transaction(fresh_database) as conn:
        conn.execute(b"UPDATE adapters SET status = 'current' WHERE name = 'b'")
    for name in ("", "A", "-a", "a/b", "a\n", "x" * 65):
        with pytest.raises(psycopg.errors.CheckViolation):
            registry.add(adapter(name))


def test_who_reads_for_a_principal_sees_no_adapters(fresh_database: Pool) -> None:
    for table in (b"adapters", b"adapter_changes"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), reading_as(fresh_database, Principal("ana")) as conn:
            conn.execute(b"SELECT FROM " + table)


# The commands


@dataclass
class Parts:
    adapters: PostgresAdapters
    models: ModelStore
    settings: SimpleNamespace


@pytest.fixture
def parts(fresh_database: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """An installation in which the commands work."""
    models = ModelStore(tmp_path / "cache", replace(Manifest.load(), models=generators()))
    parts = Parts(PostgresAdapters(fresh_database), models, SimpleNamespace(home=tmp_path / "home", generator=BASE))

    @contextmanager
    def opened() -> Iterator[Parts]:
        yield parts

    monkeypatch.setattr(commands, "opened", opened)
    monkeypatch.setattr(promotion, "opened", opened)
    return parts


def generators() -> tuple[Model, ...]:
    """Those of the manifest, and no adapter that comes with Footnote."""
    return tuple(model for model in Manifest.load().models if model.role is Role.GENERATOR)


def gguf(*sources: bytes) -> bytes:
    """As far as `add` looks into it: the sha256 of weights and configuration."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 2)
    for name, data in zip(("adapter_model.safetensors", "adapter_config.json"), sources, strict=True):
        key = f"footnote.sha256.{name}".encode()
        head += (
            struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, 64) + hashlib.sha256(data).hexdigest().encode()
        )
    return head


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Path]:
    """What a training leaves."""

    def make(name: str = "run", weights: bytes = b"weights") -> Path:
        out = tmp_path / name
        (out / "adapter").mkdir(parents=True)
        (out / "adapter" / "adapter_model.safetensors").write_bytes(weights)
        (out / "adapter" / "adapter_config.json").write_text('{"r": 8}')
        (out / "adapter.gguf").write_bytes(gguf(weights, b'{"r": 8}'))
        base = Manifest.load().model(BASE).file("model.gguf").sha256
        about = {
            "run": {"model": "a/b", "rank": 8},
            "base": {"model": "a/b", "sha256": base},
            "data": {"train.jsonl": digest("t"), "held.jsonl": digest("h")},
            "counts": {},
        }
        (out / "run.json").write_text(json.dumps(about))
        return out

    return make


def stored(home: Path) -> dict[str, bytes]:
    root = home / "adapters"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_add_keeps_the_files_and_the_row(
    parts: Parts, trained: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = trained()
    for _ in range(2):
        assert commands.add(out, "v1") == 0
    told = capsys.readouterr()
    assert f"v1 is here, for {BASE}." in told.out
    assert "does not say with which prompt" in told.err
    (found,) = parts.adapters.all()
    assert stored(parts.settings.home) == {
        "v1/adapter.gguf": gguf(b"weights", b'{"r": 8}'),
        "v1/adapter_model.safetensors": b"weights",
        "v1/adapter_config.json": b'{"r": 8}',
        "v1/run.json": (out / "run.json").read_bytes(),
    }
    both = {"adapter_model.safetensors": digest("weights"), "adapter_config.json": digest('{"r": 8}')}
    assert found.gguf_sha256 == hashlib.sha256(gguf(b"weights", b'{"r": 8}')).hexdigest()
    assert found.peft_sha256 == digest("".join(sorted(f"{sha256}  {file}\n" for file, sha256 in both.items())))
    assert (found.base, found.status, found.config) == (BASE, "candidate", {"model": "a/b", "rank": 8})
    assert [change.action for change in parts.adapters.changes(BASE)] == ["add"]


def test_what_the_run_says_counts(parts: Parts, trained: Callable[..., Path]) -> None:
    out = trained()
    about = json.loads((out / "run.json").read_text())
    for name, changed in (
        ("v1", {}),
        ("v2", {"prompts": {"cited": digest("p")}}),
        ("v3", {"data": {"train.jsonl": digest("u")}}),
    ):
        (out / "run.json").write_text(json.dumps(about | changed))
        commands.add(out, name)
    v1, v2, v3 = parts.adapters.all()
    assert v2.prompt_sha256 == digest("p") != v1.prompt_sha256
    assert (v1.data_sha256 == v2.data_sha256, v1.data_sha256 == v3.data_sha256) == (True, False)


def test_the_gguf_may_lie_beside_the_weights(parts: Parts, trained: Callable[..., Path]) -> None:
    out = trained()
    (out / "adapter.gguf").rename(out / "adapter" / "adapter.gguf")
    commands.add(out, "v1")
    assert stored(parts.settings.home)["v1/adapter.gguf"] == gguf(b"weights", b'{"r": 8}')


BAD: tuple[tuple[Callable[[Path], object], str], ...] = (
    (lambda out: shutil.rmtree(out), "has no folder 'adapter'"),
    (lambda out: shutil.rmtree(out / "adapter"), "has no folder 'adapter'"),
    (lambda out: (out / "run.json").unlink(), r"run\.json is missing"),
    (lambda out: (out / "adapter" / "adapter_config.json").unlink(), r"adapter_config\.json is missing"),
    (lambda out: (out / "adapter.gguf").unlink(), r"python -m generation\.training\.lora\.export .*adapter --base"),
    (lambda out: (out / "adapter.gguf").write_bytes(b"GGU"), "is no GGUF file"),
    (lambda out: (out / "run.json").write_text((out / "run.json").read_text()[:60]), r"run\.json is not as a training"),
    (lambda out: (out / "run.json").write_text("[]"), r"run\.json is not as a training"),
    (lambda out: (out / "run.json").write_bytes(b"\xff"), r"run\.json is not as a training"),
    (lambda out: (out / "run.json").write_text('{"run": {}, "data": {}}'), r"run\.json is not as a training"),
    (lambda out: (out / "adapter" / "adapter_config.json").write_text('{"r'), r"adapter_config\.json is not JSON"),
    (
        lambda out: (out / "run.json").write_text(
            json.dumps(json.loads((out / "run.json").read_text()) | {"base": {"sha256": digest("x")}})
        ),
        "is no generator that Footnote knows.*" + BASE,
    ),
)


@pytest.mark.parametrize(("spoil", "words"), BAD)
def test_bad_input_changes_nothing(
    parts: Parts, trained: Callable[..., Path], spoil: Callable[[Path], object], words: str
) -> None:
    out = trained()
    spoil(out)
    with pytest.raises(AdapterRefused, match=words):
        commands.add(out, "v1")
    assert not parts.settings.home.exists()
    assert parts.adapters.all() == []


@pytest.mark.parametrize("name", ["", "V1", ".v1", "../v1", "v1/x", "v1\n", "x" * 65, "current", BASE.lower()])
def test_bad_names_change_nothing(parts: Parts, trained: Callable[..., Path], name: str) -> None:
    with pytest.raises(AdapterRefused, match="--name"):
        commands.add(trained(), name)
    assert not parts.settings.home.exists()


def test_a_taken_name_keeps_its_files(parts: Parts, trained: Callable[..., Path]) -> None:
    commands.add(trained(), "v1")
    before = stored(parts.settings.home)
    with pytest.raises(AdapterRefused, match="another adapter of the name v1"):
        commands.add(trained("other", b"other weights"), "v1")
    assert stored(parts.settings.home) == before


class Killed(BaseException):
    """Ends the command as a signal would, without its being told."""


@pytest.mark.parametrize("step", ["write", "rename", "row"])
def test_what_was_interrupted_is_finished(
    parts: Parts, trained: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    out = trained()
    old = parts.settings.home / "adapters" / "v1"  # of another attempt, that was never entered
    old.mkdir(parents=True)
    (old / "adapter.gguf").write_bytes(b"GGUFold")
    calls = []

    def killed(*given: object) -> None:
        calls.append(given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(registration, "_sweep", lambda folder: None)  # a killed process sweeps nothing
        if step == "write":
            written = registration.write_durably
            patch.setattr(
                registration, "write_durably", lambda *a: killed() if len(calls) else (calls.append(a), written(*a))
            )
        elif step == "rename":
            renamed = Path.rename
            patch.setattr(Path, "rename", lambda path, to: renamed(path, to) if path == old else killed())
        else:
            patch.setattr(PostgresAdapters, "add", killed)
        with pytest.raises(Killed):
            commands.add(out, "v1")
    assert parts.adapters.all() == []
    commands.add(out, "v1")
    (found,) = parts.adapters.all()
    assert is_whole(parts.settings.home, found)
    assert {name.split("/")[0] for name in stored(parts.settings.home)} == {"v1"}
    assert len(stored(parts.settings.home)) == 4


def test_adding_again_mends_damaged_files(parts: Parts, trained: Callable[..., Path]) -> None:
    out = trained()
    commands.add(out, "v1")
    before, folder = stored(parts.settings.home), parts.settings.home / "adapters" / "v1"
    (folder / "adapter.gguf").write_bytes(b"GGUFdamaged")
    assert not is_whole(parts.settings.home, parts.adapters.named("v1"))
    commands.add(out, "v1")
    (folder / "run.json").unlink()
    commands.add(out, "v1")
    assert stored(parts.settings.home) == before


LLAMA_CPP = "llama.cpp xllamacpp@1"


def results(path: Path, right: Callable[[int], bool], label: str, **setup: str) -> Path:
    """60 questions, the last 10 without an answer."""
    with path.open("w") as file:
        for number in range(60):
            kind = "answerable" if number < 50 else "unanswerable"
            status = "abstained" if right(number) == (number >= 50) else "answered"
            row = {"id": f"q{number}", "question": "?", "kind": kind, "status": status, "right": right(number)}
            asked = {"generator": BASE, "adapter": label, "prompt": "p", "judge": "j", "engine": LLAMA_CPP}
            file.write(json.dumps(row | {"setup": asked | {"recipe": {}} | setup}) + "\n")
    return path


def test_promote_list_show_rollback(
    parts: Parts, trained: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("v1", "v2"):
        commands.add(trained(name, name.encode()), name)
    none = results(tmp_path / "none", lambda n: n % 2 == 0, "")
    first = results(tmp_path / "first", lambda n: n < 30 or n % 2 == 0, "v1")
    pinned = f"v2@{parts.adapters.named('v2').gguf_sha256[:12]}"
    same = results(tmp_path / "same", lambda n: n < 30 or n % 2 == 0, pinned)
    assert promotion.promote("v1", first, none, "", False) == 0
    assert f"v1 is current for {BASE}: over 60 questions 75.0 % right against 50.0 %" in capsys.readouterr().out

    assert promotion.promote("v2", same, first, "", False) == 1
    assert capsys.readouterr().out.startswith("v2 is not promoted: over 60 questions 75.0 % right against 75.0 %")
    assert current(parts.adapters) == "v1"
    assert promotion.promote("v2", same, first, "faster", True) == 0
    assert json.loads(capsys.readouterr().out)["promoted"]
    evidence = parts.adapters.changes(BASE)[-1].evidence
    assert evidence["forced"] == "faster"
    assert len(evidence["objections"]) == 1
    found = evidence["comparison"]
    assert found["new"]["sha256"] == hashlib.sha256(same.read_bytes()).hexdigest()
    assert (found["new"]["adapter"], found["old"]["adapter"], found["interval"]) == (pinned, "v1", [0.0, 0.0])
    kept = {"old": found["old"], "difference": 0.0, "interval": [0.0, 0.0]}
    assert parts.adapters.named("v2").metrics == found["new"] | kept

    assert commands.list_all(False) == 0
    assert "right 0.750 (n = 60), refused 5 of 10" in capsys.readouterr().out
    assert commands.list_all(True) == 0
    assert [a["status"] for a in json.loads(capsys.readouterr().out)["adapters"]] == ["retired", "current"]
    assert commands.show("v2", True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["files_whole"], [c["action"] for c in shown["changes"]]) == (True, ["add", "promote"])
    assert commands.show("v1", False) == 0
    assert "promote v2, instead of v1" in capsys.readouterr().out

    shutil.rmtree(parts.settings.home / "adapters" / "v1")
    assert commands.rollback("", False) == 0
    told = capsys.readouterr()
    assert told.out == f"v1 is current again for {BASE}.\n"
    assert "footnote adapters add DIR --name v1" in told.err
    assert current(parts.adapters) == "v1"


def test_results_must_be_of_the_adapters_named(parts: Parts, trained: Callable[..., Path], tmp_path: Path) -> None:
    commands.add(trained(), "v1")
    good, none = results(tmp_path / "new", lambda n: True, "v1"), results(tmp_path / "old", lambda n: n > 40, "")
    for new, old, words in (
        (results(tmp_path / "a", lambda n: True, "v2"), none, r"was answered with the adapter v2; it has to be v1@"),
        (results(tmp_path / "b", lambda n: True, "v1@0123456789ab"), none, "it has to be v1@"),
        (none, none, "was answered with no adapter; it has to be v1@"),
        (good, good, "was answered with the adapter v1; it has to be no adapter, for none is current"),
        (results(tmp_path / "c", lambda n: True, "v1", generator=OTHER), none, "is an adapter of " + BASE),
        (good, results(tmp_path / "d", lambda n: True, "", engine="vllm"), "not comparable: engine llama.cpp"),
    ):
        for force in ("", "I know better"):
            with pytest.raises(UsageError, match=words):
                promotion.promote("v1", new, old, force, False)
    for new, old, force in ((good, None, "why"), (None, none, ""), (None, None, ""), (None, None, " ")):
        with pytest.raises(UsageError, match="--new and --old, or a reason"):
            promotion.promote("v1", new, old, force, False)
    assert current(parts.adapters) is None
    (parts.settings.home / "adapters" / "v1" / "adapter.gguf").unlink()
    with pytest.raises(UsageError, match="add it again"):
        promotion.promote("v1", good, none, "", False)
    assert current(parts.adapters) is None


@pytest.mark.parametrize("engine", [LLAMA_CPP, "vllm", "http://gpu:8000/v1"])
def test_the_digest_is_that_of_the_file_which_the_engine_loads(
    parts: Parts, trained: Callable[..., Path], tmp_path: Path, engine: str
) -> None:
    for name in ("v1", "v2"):
        commands.add(trained(name, name.encode()), name)
    labels = []
    for name in ("v1", "v2"):
        found = parts.adapters.named(name)
        of_engine, other = found.gguf_sha256, found.peft_sha256
        if engine != LLAMA_CPP:
            of_engine, other = other, of_engine
        labels.append((f"{name}@{of_engine[:12]}", f"{name}@{other[:12]}"))
    (first, wrong_first), (second, wrong_second) = labels
    parts.adapters.promote("v1", None, {})
    new = results(tmp_path / "new", lambda n: True, second, engine=engine)
    old = results(tmp_path / "old", lambda n: n > 40, first, engine=engine)
    for new_one, old_one, words in (
        (results(tmp_path / "a", lambda n: True, wrong_second, engine=engine), old, f"it has to be {second}"),
        (new, results(tmp_path / "b", lambda n: n > 40, wrong_first, engine=engine), f"it has to be {first}"),
    ):
        with pytest.raises(UsageError, match=words):
            promotion.promote("v2", new_one, old_one, "", False)
    assert promotion.promote("v2", new, old, "", False) == 0


def test_the_name_of_the_adapter_that_comes_with_footnote_is_taken(
    parts: Parts, trained: Callable[..., Path], tmp_path: Path
) -> None:
    file = ModelFile("adapter.gguf", digest("shipped"), 1, ())
    shipped = Model("footnote-cited", Role.ADAPTER, "", "", "", (file,), BASE)
    parts.models = ModelStore(tmp_path / "cache", Manifest((*generators(), shipped)))
    with pytest.raises(AdapterRefused, match="another meaning"):
        commands.add(trained(), "footnote-cited")


def test_the_first_one_may_be_forced_without_results(
    parts: Parts, trained: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    commands.add(trained(), "v1")
    assert promotion.promote("v1", None, None, "the first one", False) == 0
    assert "v1 is current" in capsys.readouterr().out
    assert parts.adapters.named("v1").metrics is None
    assert parts.adapters.changes(BASE)[-1].evidence == {
        "comparison": None, "objections": [], "forced": "the first one",
    }  # fmt: skip
    assert commands.list_all(False) == 0
