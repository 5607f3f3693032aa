"""How vLLM is started, watched and told of adapters, with a stand-in for vLLM itself: tests/vllm has the real one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Container
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.hosting import Host
from generation.errors import GeneratorRejected, GeneratorUnavailable
from generation.prompts import load_prompt
from infra.llm.runtime_adapters import RunningVllm
from infra.llm.vllm import VllmServer, arguments
from infra.models.manifest import Manifest
from infra.postgres.adapters import Adapter
from infra.postgres.pool import Pool
from infra.settings import SettingsError, load_settings
from tests.integration.vllm_stand_in import alive, engine, eventually, peft, served, written

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("stand-in"))


@pytest.fixture
def server(stand_in: Path, tmp_path: Path) -> Iterator[VllmServer]:
    running = VllmServer(
        Path(sys.executable),
        str(tmp_path),
        "base",
        context_tokens=512,
        log_path=tmp_path / "vllm.log",
        environment={"PYTHONPATH": str(stand_in)},
    )
    running.start()
    yield running
    running.stop()


def test_flags_are_a_command_line() -> None:
    flags = {"max-loras": 2, "enforce-eager": True, "enable-prefix-caching": False, "lora-target-modules": ["a", "b"]}
    assert arguments(flags | {"speculative-config": {"method": "ngram"}}) == [
        *("--max-loras", "2", "--enforce-eager", "--no-enable-prefix-caching", "--lora-target-modules", "a", "b"),
        *("--speculative-config", '{"method": "ngram"}'),
    ]


def test_flags_of_the_environment_go_over_those_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings().vllm
    monkeypatch.setenv("FOOTNOTE_VLLM", '{"max-loras": 7, "enforce-eager": true}')
    assert load_settings().vllm == {**before, "max-loras": 7, "enforce-eager": True}
    for wrong, says in (('{"port": 1}', "port: Footnote sets this"), ("{", "no JSON object")):
        monkeypatch.setenv("FOOTNOTE_VLLM", wrong)
        with pytest.raises(SettingsError, match=f"FOOTNOTE_VLLM.*{says}"):
            load_settings()


def test_the_key_is_not_on_the_command_line_and_a_wrong_one_is_refused(server: VllmServer, tmp_path: Path) -> None:
    assert served(server) == {"base"}
    assert RunningVllm(server.url, "wrong").served() == frozenset()
    assert server.api_key not in (tmp_path / "vllm.log").read_text()
    assert server.api_key not in Path(f"/proc/{server.pid}/cmdline").read_text()


def test_a_killed_server_takes_its_engine_along_and_comes_back_with_its_adapters(
    server: VllmServer, tmp_path: Path
) -> None:
    server.load("tuned", tmp_path)
    server.load("tuned", tmp_path)
    server.load("old", tmp_path)
    server.unload("old")
    first, address, first_engine = server.pid, server.url, engine(tmp_path / "vllm.log")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: server.pid != first and server.healthy)
    assert server.url == address
    assert served(server) == {"base", "tuned"}
    eventually(lambda: not alive(first_engine))


def test_an_adapter_that_the_server_does_not_take_is_named(server: VllmServer, tmp_path: Path) -> None:
    with pytest.raises(GeneratorRejected, match=r"does not take the adapter none .*No adapter found"):
        server.load("none", tmp_path / "none")
    with pytest.raises(GeneratorUnavailable, match="cannot be reached"):
        RunningVllm("http://127.0.0.1:9/v1", "").load("tuned", tmp_path)


def test_an_adapter_stays_until_its_last_user_has_left(server: VllmServer, tmp_path: Path) -> None:
    host = Host(server, "base", 5.0)
    tuned = AdapterInUse("tuned", peft(tmp_path / "tuned"), tmp_path / "tuned")
    host.take(tuned)
    host.take(tuned)
    host.leave(tuned)
    assert tuned.pinned in served(server)
    host.leave(tuned)
    assert tuned.pinned not in served(server)


def test_what_others_have_loaded_is_left_loaded(server: VllmServer, tmp_path: Path) -> None:
    """Such as the service beside which `footnote ask` is called."""
    tuned = AdapterInUse("tuned", peft(tmp_path / "tuned"), tmp_path / "tuned")
    service, command = (Host(RunningVllm(server.url, server.api_key), "base", 5.0) for _ in range(2))
    service.take(tuned)
    command.take(tuned)
    command.leave(tuned)
    assert tuned.pinned in served(server)
    service.leave(tuned)
    assert tuned.pinned not in served(server)


def test_changed_files_are_not_loaded(server: VllmServer, tmp_path: Path) -> None:
    """Neither the weights nor the configuration, whose alpha scales them."""
    tuned = AdapterInUse("tuned", peft(tmp_path / "tuned"), tmp_path / "tuned")
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        before = (tmp_path / "tuned" / name).read_bytes()
        (tmp_path / "tuned" / name).write_bytes(before + b" ")
        with pytest.raises(SettingsError, match="damaged"):
            Host(server, "base", 5.0).take(tuned)
        (tmp_path / "tuned" / name).write_bytes(before)
    assert served(server) == {"base"}
    Host(server, "base", 5.0).take(tuned)


@pytest.mark.parametrize(("python", "says"), [(sys.executable, "has no vLLM"), ("/nowhere/python", "Correct the path")])
def test_a_python_without_vllm_is_named(tmp_path: Path, python: str, says: str) -> None:
    server = VllmServer(Path(python), str(tmp_path), "base", context_tokens=512, log_path=tmp_path / "vllm.log")
    with pytest.raises(GeneratorUnavailable, match=says):
        server.start()


@pytest.mark.timeout(20)
def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """And nobody waits for a server that is not coming."""
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = tmp_path / "logs" / "vllm.log"
    server = VllmServer(Path(sys.executable), str(tmp_path), "base", context_tokens=512, log_path=log)
    with pytest.raises(GeneratorUnavailable, match=r"did not start: .*logs.*let Footnote write there"):
        server.start()


@pytest.mark.timeout(20)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_start_ends_whatever_goes_wrong(tmp_path: Path) -> None:
    class Broken(VllmServer):
        def _command(self) -> list[str]:
            raise ValueError("not foreseen")

    server = Broken(Path(sys.executable), str(tmp_path), "base", context_tokens=512, log_path=tmp_path / "log")
    with pytest.raises(GeneratorUnavailable, match="did not start"):
        server.start()


PARENT = """
import sys, time
from pathlib import Path
from infra.llm.vllm import VllmServer
server = VllmServer(
    Path(sys.executable), ".", "base", context_tokens=512, log_path=Path(sys.argv[2]),
    environment={"PYTHONPATH": sys.argv[1]},
)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


def test_all_of_it_dies_with_a_killed_parent(stand_in: Path, tmp_path: Path) -> None:
    log = tmp_path / "vllm.log"
    command = [sys.executable, "-c", PARENT, str(stand_in), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        assert alive(engine(log))
        parent.kill()
    eventually(lambda: not alive(child) and not alive(engine(log)), within_s=5.0)


BASE = "SmolLM2-135M-Instruct"


def promoted(parts: Container, name: str, base: str = BASE) -> AdapterInUse:
    """Added as `footnote adapters add` would, then promoted."""
    folder = parts.settings.home / "adapters" / name
    digest, weights = peft(folder), Manifest.load().model(base).file("model.gguf").sha256
    prompt = load_prompt("cited").digest
    parts.adapters.add(Adapter(name, base, weights, "1" * 64, digest, prompt, "3" * 64, {}))
    parts.adapters.promote(name, None, {})
    return AdapterInUse(name, digest, folder)


@pytest.fixture
def parts(server: VllmServer, tmp_path: Path, fresh_database: Pool) -> Iterator[Container]:
    """A service on the stand-in as on somebody else's server."""
    settings = load_settings(
        home=tmp_path / "home", llm_url=server.url, llm_model=BASE, llm_api_key=server.api_key, adapter="current"
    )
    with Container(settings) as container:
        container.pool = fresh_database
        yield container


def test_a_promoted_adapter_comes_to_another_server_while_it_runs(parts: Container, server: VllmServer) -> None:
    """And only one that was trained on the model that is asked for. With the service it goes."""
    assert parts.language.adapter is None
    for name, trained_on in (("one", BASE), ("two", BASE), ("other", "Qwen2.5-Coder-1.5B-Instruct")):
        release = promoted(parts, name, trained_on)
        assert parts.take_over() is (name != "other")
        if name != "other":
            assert parts.language.adapter == release
            assert parts.generator_model.adapter == release.pinned
            assert served(server) == {"base", release.pinned}
    parts.close()
    assert served(server) == {"base"}


def test_another_server_that_was_started_anew_gets_the_adapter_again(parts: Container, server: VllmServer) -> None:
    release, first = promoted(parts, "one"), server.pid
    assert parts.language.adapter == release
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: server.pid != first and server.healthy)
    assert served(server) == {"base"}
    parts.adapter_watch.start()
    eventually(lambda: served(server) == {"base", release.pinned})
    parts.close()
    assert served(server) == {"base"}


def test_a_server_that_cannot_be_reached_is_no_reason_to_leave_an_adapter(parts: Container, server: VllmServer) -> None:
    release = promoted(parts, "one")
    assert parts.language.adapter == release
    server.stop()
    with pytest.raises(GeneratorUnavailable, match="cannot be reached"):
        parts.adapter_watch.look()
    assert parts.language.adapter == release
