"""Settings: a profile's TOML file under environment variables FOOTNOTE_*. Only bootstrap reads them."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, FilePath, NonNegativeFloat, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    exceptions,
)

from infra.files.places import data_folder
from infra.llm.vllm import OWN, Flag
from ingest.errors import FootnoteError

# A name or an IPv4 address, *.name for all below it, an IPv6 address in brackets.
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")

_FIELD = re.compile(r'field "(\w+)"')
_GPUS = re.compile(r"[\w-]+(,[\w-]+)*(;[\w-]+(,[\w-]+)*)*")
_USERINFO = re.compile(r"//[^/@\s]*@")
_ORIGIN = re.compile(r"https://[a-z0-9._-]+(:\d+)?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_RELEASE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_COLLECTOR = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/-]*)?")


Price = tuple[NonNegativeFloat, NonNegativeFloat]
"""What a million tokens in and out cost."""
Prices = Mapping[str, Price | Mapping[date, Price]]
"""By model: always the same, or by the day (UTC) from which it holds."""


RELEASABLE = (
    "generator", "adapter", "engine", "judge", "selector", "detector", "reranker",
    "budget_chars", "shown_chars", "quote_from", "passages", "max_tokens", "judge_threshold", "relevance_threshold",
    "hyde", "search_candidates", "search_fusion", "dense_weight", "search_rerank", "answer_rerank", "rerank_weight",
)  # fmt: skip
"""What decides answers and can be changed without another index: a release holds all of it (docs/releases.md)."""

INDEXED = ("embedder", "chunking", "chunk_chars")
"""What decides an index: a release holds it where it is answered from an index of its own."""


class SettingsError(FootnoteError):
    """The configuration is missing or wrong; the message names the variable and what it may be."""

    code = "wrong_configuration"


def price_on(prices: Prices, model: str, day: date) -> Price | None:
    """What held on that day; None where none is known."""
    found = prices.get(model)
    if not isinstance(found, Mapping):
        return found
    since = max((one for one in found if one <= day), default=None)
    return None if since is None else found[since]


def cores() -> int:
    """The processor cores that this process may use; where the system does not tell (macOS), all there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """Every field can be set as FOOTNOTE_<NAME>; docs/configuration.md describes them."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", extra="forbid", env_ignore_empty=True)

    profile: Literal["local", "multilingual", "gpu"] = "local"
    home: Path = Field(default_factory=data_folder)
    keys: Path | None = None
    database_url: str = Field("", validation_alias="DATABASE_URL")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    demo: bool = False
    threads: int = Field(default_factory=cores, ge=1)
    release: str = "current"
    _asked: frozenset[str] = PrivateAttr(default=frozenset())

    embedder: str
    reranker: str
    judge: str
    selector: str = ""
    detector: str = ""
    generator: str
    engine: Literal["auto", "openvino", "llama.cpp", "vllm"] = "auto"
    llama_server: FilePath | None = None
    vllm_python: Path = Path(sys.executable)
    vllm_model: str = ""
    vllm: dict[str, Flag] = Field(default_factory=dict)
    vllm_replicas: int = Field(1, ge=1, le=64)
    vllm_gpus: str = ""
    llm_url: str = ""
    llm_model: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_protocol: Literal["vllm", "openai"] = "vllm"
    llm_timeout_s: float = Field(300.0, gt=0)
    adapter: str = ""
    tiers: Path | None = None
    context_tokens: int = Field(ge=1024)

    budget_chars: int = Field(ge=400)
    shown_chars: int = Field(0, ge=0)
    quote_from: float = Field(1.0, ge=0, le=1)
    passages: int = Field(ge=1, le=50)
    max_tokens: int = Field(ge=16)
    judge_threshold: float = Field(ge=0, le=1)
    relevance_threshold: float = Field(ge=0, le=1)

    strictness: Literal["usual", "strict"] = "usual"
    strictness_offered: Annotated[tuple[Literal["usual", "strict"], ...], NoDecode] = ("usual", "strict")
    strictness_support: float = Field(0.9, ge=0, le=1)

    index_device: Literal["cpu", "cuda"] = "cpu"
    segment_rows: int = Field(4_000_000, ge=1000, le=100_000_000)
    cluster: str = ""
    cluster_segments: Path | None = None
    cluster_copies: int = Field(2, ge=1, le=8)
    cluster_hedge_s: float = Field(0.25, gt=0, le=60)
    cluster_wait_s: float = Field(15.0, gt=0, le=600)
    hyde: Literal["off", "unsure", "always"] = "off"
    search_candidates: int = Field(100, ge=10, le=1000)
    search_fusion: Literal["min_max", "rrf", "dense", "sparse"] = "min_max"
    dense_weight: float = Field(0.65, ge=0, le=1)
    search_rerank: int = Field(16, ge=0, le=64)
    answer_rerank: int = Field(10, ge=0, le=64)
    rerank_weight: float = Field(0.4, ge=0, le=4)

    ocr: Literal["auto", "rapidocr", "tesseract", "off"] = "auto"
    chunking: Literal[
        "structure", "recursive", "semantic", "small-to-big", "code",
        "structure+summary", "recursive+summary", "semantic+summary", "small-to-big+summary", "code+summary",
    ] = "structure"  # fmt: skip
    chunk_chars: int = Field(800, ge=200, le=1600)

    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_jwks_url: str = ""
    jwt_public_key: str = ""
    jwt_max_hours: float = Field(24.0, gt=0, le=8784)
    key_days: int = Field(365, ge=1, le=3650)
    bad_credentials: int = Field(20, ge=0, le=1_000_000)
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    public_url: str = ""
    session_hours: float = Field(12.0, gt=0, le=720)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scopes: str = "openid profile email"
    oidc_user_claim: str = "sub"
    oidc_groups_claim: str = "groups"
    oidc_group_map: dict[str, str] = Field(default_factory=dict)
    write_group: str = ""
    admin_group: str = ""
    audit_group: str = ""
    max_upload_bytes: int = Field(64 << 20, ge=1)
    recycle_days: int = Field(30, ge=0, le=36_500)
    backups: Path | None = None
    backup_hours: float = Field(26.0, gt=0)
    nightly: str = ""
    nightly_minutes: float = Field(60.0, ge=1, le=1440)
    nightly_questions: Annotated[tuple[Path, ...], NoDecode] = ()
    nightly_days: int = Field(3, ge=1, le=365)
    nightly_case_days: int = Field(180, ge=1, le=36_500)
    workers: int = Field(2, ge=0, le=64)
    folders: Annotated[tuple[Path, ...], NoDecode] = ()
    max_job_files: int = Field(1000, ge=1, le=100_000)
    max_job_bytes: int = Field(1 << 30, ge=1)
    max_waiting_files: int = Field(10_000, ge=1)
    max_waiting_bytes: int = Field(4 << 30, ge=1)
    job_days: int = Field(30, ge=1, le=36_500)
    max_json_bytes: int = Field(256 << 10, ge=1)
    answers_at_once: int = Field(0, ge=0, le=1000)
    answers_waiting: int = Field(32, ge=0, le=10_000)
    answers_waiting_each: int = Field(4, ge=0, le=10_000)
    running_minutes: float = Field(10.0, gt=0, le=60)
    searches_at_once: int = Field(0, ge=0, le=1000)
    searches_waiting: int = Field(64, ge=0, le=10_000)
    searches_waiting_each: int = Field(16, ge=0, le=10_000)
    header_timeout_s: float = Field(10.0, gt=0)
    body_timeout_s: float = Field(20.0, gt=0)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    witnesses: Annotated[tuple[str, ...], NoDecode] = ()
    witness_every_s: float = Field(300.0, ge=1, le=86_400)
    witness_required: bool = False
    witness_days: int = Field(365, ge=1, le=36_500)
    witness_s3_endpoint: str = ""
    witness_s3_region: str = ""
    witness_tsa: str = ""
    witness_tsa_ca: FilePath | None = None

    log_level: Literal["", "debug", "info", "warning", "error"] = ""
    log_format: Literal["auto", "json", "text"] = "auto"
    metrics_port: int = Field(0, ge=0, le=65535)
    metrics_groups: Annotated[tuple[str, ...], NoDecode] = ()
    prices: dict[str, Price | Annotated[dict[date, Price], Field(min_length=1)]] = Field(default_factory=dict)
    otlp_url: str = ""

    @property
    def llm_urls(self) -> tuple[str, ...]:
        """The addresses of FOOTNOTE_LLM_URL, one by one."""
        return _several(self.llm_url)

    @field_validator("vllm")
    @classmethod
    def _not_ours(cls, flags: dict[str, Flag]) -> dict[str, Flag]:
        if ours := sorted(OWN & flags.keys()):
            raise ValueError(f"{', '.join(ours)}: Footnote sets this itself")
        return flags

    @field_validator("release")
    @classmethod
    def _release(cls, name: str) -> str:
        if not _RELEASE.fullmatch(name):
            raise ValueError("write current, none, or a name as `footnote release list` shows it")
        return name

    @field_validator("nightly")
    @classmethod
    def _time(cls, at: str) -> str:
        if at and not _TIME.fullmatch(at):
            raise ValueError("write a time of day with four digits, from 00:00 to 23:59, such as 02:30; empty: never")
        return at

    @field_validator("llm_url", mode="before")
    @classmethod
    def _joined(cls, addresses: object) -> object:
        return ",".join(map(str, addresses)) if isinstance(addresses, list | tuple) else addresses

    @field_validator("llm_url")
    @classmethod
    def _without_secret(cls, addresses: str) -> str:
        found = _several(addresses)
        if any("@" in urlsplit(address).netloc for address in found):  # the first is in each answer's record
            raise ValueError("write it without a user and a password; FOOTNOTE_LLM_API_KEY is for the key")
        if len({address.rstrip("/") for address in found}) < len(found):
            raise ValueError("an address is there twice")
        return ",".join(found)

    @field_validator("vllm_gpus")
    @classmethod
    def _groups_of_gpus(cls, groups: str) -> str:
        groups = "".join(groups.split())
        if groups and not _GPUS.fullmatch(groups):
            raise ValueError("write the GPUs of each replica with commas, and semicolons between replicas: 0,1;2,3")
        names = groups.replace(";", ",").split(",")
        if len(set(names)) < len(names):
            raise ValueError("a GPU is there twice")
        return groups

    @field_validator("public_url")
    @classmethod
    def _origin(cls, address: str) -> str:
        if address and not _ORIGIN.fullmatch(address):
            raise ValueError("write https://footnote.example.com, without path; http:// for this machine alone")
        return address

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        found = tuple(name.strip().lower() for name in names.split(",") if name.strip())
        if wrong := [name for name in found if not _HOST.fullmatch(name)]:
            raise ValueError(f"{wrong[0]!r} is no host name; write names without scheme, port and path, between commas")
        return found

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        found = tuple(name.strip() for name in names.split(",") if name.strip())
        for name in found:
            try:
                every = ip_network(name).prefixlen == 0
            except ValueError as error:
                raise ValueError(f"{name!r} is no address and no network; write 10.0.0.7 or 10.0.0.0/24") from error
            if every:
                raise ValueError(f"{name!r} is everybody: each client could then say who it is")
        return found

    @field_validator("metrics_groups", "strictness_offered", mode="before")
    @classmethod
    def _groups(cls, names: object) -> object:
        return tuple(filter(None, map(str.strip, names.split(",")))) if isinstance(names, str) else names

    @field_validator("otlp_url")
    @classmethod
    def _collector(cls, address: str) -> str:
        if address and not _COLLECTOR.fullmatch(address):
            raise ValueError("write where the collector takes OTLP over HTTP, such as http://127.0.0.1:4318")
        return address

    @field_validator("witnesses", mode="before")
    @classmethod
    def _witnesses(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        found = tuple(name.strip() for name in names.split(",") if name.strip())
        if wrong := [name for name in found if not name.startswith(("/", "s3://"))]:
            raise ValueError(f"{wrong[0]!r} is no witness; write absolute paths or s3://BUCKET/PREFIX, between commas")
        return found

    @field_validator("nightly_questions", mode="before")
    @classmethod
    def _case_files(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        found = tuple(Path(name.strip()) for name in names.split(",") if name.strip())
        if wrong := [str(path) for path in found if not path.is_absolute()]:
            raise ValueError(f"{wrong[0]!r} is no absolute path; write files from / on, between commas")
        return found

    @field_validator("folders", mode="before")
    @classmethod
    def _folders(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        found = tuple(Path(name.strip()) for name in names.split(",") if name.strip())
        if wrong := [str(path) for path in found if not path.is_absolute()]:
            raise ValueError(f"{wrong[0]!r} is no absolute path; write folders from / on, between commas")
        if len({path.name for path in found}) != len(found):
            raise ValueError("two folders have the same last name, by which their documents are named; link one")
        return found

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        profile = InitSettingsSource(
            settings_cls, init_kwargs=profile_defaults(os.environ.get("FOOTNOTE_PROFILE", "local"))
        )
        return named["init_settings"], named["env_settings"], profile


def _several(addresses: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, addresses.split(","))))


def profile_defaults(name: str) -> dict[str, Any]:
    """The profile's own defaults; an unknown profile has none and is refused by validation."""
    file = files("infra").joinpath("config", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def load_settings(**overrides: Any) -> Settings:
    """Settings from profile and environment; raises `SettingsError`."""
    known = {f"FOOTNOTE_{name.upper()}" for name in Settings.model_fields} | _ALSO_READ
    for variable in sorted(os.environ):
        if variable.startswith("FOOTNOTE_") and variable not in known:
            raise SettingsError(f"{variable} is not a setting. See docs/configuration.md for the names.")
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise _unsound(error) from None
    except exceptions.SettingsError as error:
        named = _FIELD.search(str(error))
        variable = f"FOOTNOTE_{named[1].upper()}" if named else "A setting"
        raise SettingsError(f"{variable} is no JSON object: {error.__cause__}.") from error
    settings._asked = frozenset(overrides)
    return settings


def overlaid(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The same with these of `RELEASABLE` and `INDEXED` in place of its own, whatever profile and environment say;
    values are validated as those of variables are. Raises `SettingsError`, which names the first that cannot be."""
    copy = settings.model_copy()
    for name, value in values.items():
        try:
            Settings.__pydantic_validator__.validate_assignment(copy, name, value)
        except ValidationError as error:
            raise _unsound(error) from None
    return copy


def asked(settings: Settings) -> frozenset[str]:
    """What was asked for when it was loaded, as a command's option, and goes before a release's."""
    return settings._asked & frozenset(RELEASABLE)


def _unsound(error: ValidationError) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "?"
    variable = name if name.isupper() else f"FOOTNOTE_{name.upper()}"
    shown = _USERINFO.sub("//...@", str(first.get("input")))[:80]
    return SettingsError(f"{variable}: {first['msg'].removeprefix('Value error, ')} (it is {shown!r}).")


_ALSO_READ = {"FOOTNOTE_CACHE", "FOOTNOTE_URL", "FOOTNOTE_API_KEY", "FOOTNOTE_CHROMIUM"}
