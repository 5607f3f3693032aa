"""The models that lie in files of this machine: embedder, reranker, judge, selector, detector, and the generator's for
llama.cpp.

Each is found by the name that a setting gives it. Raises `SettingsError` for a model of another kind, and `ModelError`
for one that has not been fetched.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from generation.gate.instructions import InjectionClassifier
from generation.gate.limits import load_limits
from generation.gate.nli import NliJudge, PairClassifier
from generation.gate.selector import AnswerSelector
from generation.types import Limits
from infra.models.errors import UnknownModel
from infra.models.manifest import Role
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore
from infra.settings import Settings, SettingsError
from ingest.embedding import SentenceTransformerEmbedder, onnx_embedder
from ingest.protocols import Embedder
from retrieval.search.rerank import CrossEncoderReranker

_MEASURED_AS = {"multilingual": "local"}  # it answers from English alone, with the models of that profile
Folder = Callable[[str, Role], Path]  # where the files of a model lie, as `api.bootstrap.models`
Pinned = Callable[[str], str]  # its name with its digest, as there


def pinned(models: ModelStore, name: str) -> str:
    """`name@digest` for a model of the manifest, which writes its name, and the name alone for one that another server
    holds."""
    try:
        model = models.manifest.model(name)
    except UnknownModel:
        return name
    return f"{model.name}@{model.digest[:12]}"


def embedder(name: str, folder: Folder, threads: int) -> Embedder:
    """ONNX, or a sentence-transformers folder (extra `torch`)."""
    files = folder(name, Role.EMBEDDER)
    if (files / "modules.json").exists():
        return SentenceTransformerEmbedder(str(files), name=name)
    return onnx_embedder(files, _encoder(files), name=name, threads=threads)


def reranker(settings: Settings, folder: Folder) -> CrossEncoderReranker:
    name = settings.reranker
    return CrossEncoderReranker(_encoder(folder(name, Role.RERANKER)), name=name, threads=settings.threads)


def judge(settings: Settings, folder: Folder, pinned: Pinned) -> NliJudge:
    return NliJudge(_classifier(folder(settings.judge, Role.JUDGE), pinned(settings.judge)))


def selector(settings: Settings, folder: Folder, pinned: Pinned) -> AnswerSelector | None:
    """What decides whether a quotation opens an answer; None: none does."""
    name = settings.selector
    return AnswerSelector(_classifier(folder(name, Role.SELECTOR), pinned(name))) if name else None


def detector(settings: Settings, folder: Folder, pinned: Pinned) -> InjectionClassifier | None:
    """What finds instructions in documents and questions; None: nothing does."""
    name = settings.detector
    if not name:
        return None
    files = folder(name, Role.DETECTOR)
    encoder = OnnxEncoder(files / "model.onnx", files / "tokenizer.json", max_tokens=512)
    return InjectionClassifier(encoder, name=pinned(name))


def limits(settings: Settings, models: ModelStore) -> Limits:
    """Where the gate draws its lines; raises `SettingsError` if they were drawn for another judge."""
    weights = models.manifest.model(settings.judge).file("model.onnx").sha256
    try:
        return load_limits(_MEASURED_AS.get(settings.profile, settings.profile), weights)
    except LookupError as error:
        raise SettingsError(f"FOOTNOTE_JUDGE: {error.args[0]}") from error


def gguf(settings: Settings, folder: Folder) -> Path:
    """The generator's file for llama.cpp."""
    return next(folder(settings.generator, Role.GENERATOR).glob("*.gguf"))


def _classifier(files: Path, name: str) -> PairClassifier:
    config = json.loads((files / "config.json").read_text(encoding="utf-8"))
    return PairClassifier(_encoder(files), name=name, temperature=config["temperature"])


def _encoder(files: Path) -> OnnxEncoder:
    return OnnxEncoder(files / "model.onnx", files / "tokenizer.json")
