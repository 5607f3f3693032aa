"""The demo and real documents stay apart."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.demo.home import claim, own_home, refuse_ingest, refuse_public, served_hosts, settled
from api.demo.people import PEOPLE
from api.demo.sample import contents
from infra.settings import Settings, SettingsError, load_settings

SAMPLES = tuple(sorted(contents()))
OTHER = "0" * 64  # the sha256 of no sample
UPLOADS = tuple((f"upload/{person.user}/notes.txt", OTHER) for person in PEOPLE)
REAL = ("/srv/contracts/lease.pdf", "files/lease.pdf", "upload/bob/lease.pdf", "upload/anatol/lease.pdf", "samples/x")


@dataclass
class Database:
    stored: tuple[tuple[str, str], ...] = ()
    marked: bool = False

    def contents(self) -> tuple[tuple[str, str], ...]:
        return self.stored

    def is_demo(self) -> bool:
        return self.marked

    def mark_demo(self) -> None:
        self.marked = True


@dataclass
class Place:
    settings: Settings
    installation: Database = field(default_factory=Database)

    @property
    def documents(self) -> Database:
        return self.installation


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The data folder that is used if none is named."""
    for name in os.environ:
        if name.startswith(("FOOTNOTE_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return load_settings().home


def demo(**given: object) -> Settings:
    return settled(load_settings(demo=True, **given))


def test_the_demo_has_a_home_of_its_own_unless_one_is_named(
    usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert usual.is_relative_to(tmp_path)
    assert demo().home == own_home() == usual.with_name("footnote-demo")
    assert settled(load_settings()).home == usual
    monkeypatch.setenv("FOOTNOTE_DEMO", "true")
    assert settled(load_settings()).home == own_home()
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "named"))
    assert settled(load_settings()).home == tmp_path / "named"


def claimed(*stored: tuple[str, str], before: bool = False, **given: object) -> Database:
    place = Place(demo(**given), Database(stored, before))
    claim(place)
    return place.installation


def test_the_demo_takes_its_own_documents() -> None:
    assert len(SAMPLES) == 32  # 28 documents, 4 of them in two versions
    assert claimed().marked
    assert claimed(*SAMPLES).marked
    assert claimed(*SAMPLES, *UPLOADS, before=True).marked


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    "real",
    [
        *((source, OTHER) for source in REAL),
        ("sample/merger.txt", OTHER),  # footnote ingest --source-prefix sample/
        (SAMPLES[0][0], OTHER),
        (SAMPLES[0][0], SAMPLES[1][1]),
        ("files/" + SAMPLES[0][0], SAMPLES[0][1]),
    ],
)
def test_the_demo_refuses_others(real: tuple[str, str], before: bool, tmp_path: Path) -> None:
    settings = demo(home=tmp_path / "home")
    place = Place(settings, Database((*SAMPLES, real, real), before))
    with pytest.raises(SettingsError) as told:
        claim(place)
    assert "\n" not in str(told.value)
    words = (str(settings.home), f"(1, such as {real[0]})", "footnote serve", "unset FOOTNOTE_HOME", str(own_home()))
    assert [word for word in words if word not in str(told.value)] == []
    assert place.installation.marked is before
    with pytest.raises(SettingsError, match="The database of DATABASE_URL holds"):
        claimed(real, DATABASE_URL="postgresql://db.test/firm")


@pytest.mark.parametrize("upload", UPLOADS)
def test_what_people_called_like_the_sample_people_uploaded_elsewhere_is_theirs(upload: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match="not the demo's"):
        claimed(upload)
    claimed(upload, before=True)


def test_nothing_is_ingested_where_the_demo_is(tmp_path: Path) -> None:
    home, url = tmp_path / "home", "postgresql://db.test/demo"
    for settings, words in (
        (load_settings(home=home), f"{home} is the demo's home.* Set FOOTNOTE_HOME"),
        (load_settings(DATABASE_URL=url), "DATABASE_URL names the demo's database.* Choose another database"),
    ):
        refuse_ingest(Place(settings))
        with pytest.raises(SettingsError, match=words) as told:
            refuse_ingest(Place(settings, Database(marked=True)))
        assert "\n" not in str(told.value)
    with pytest.raises(SettingsError, match=r"footnote-demo is the demo's home.* Unset FOOTNOTE_DEMO"):
        refuse_ingest(Place(demo()))


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "demo.firm.test", "", "localhost.evil.test", "fe80::1"]
)
def test_the_demo_is_heard_on_this_machine_only(host: str) -> None:
    with pytest.raises(SettingsError, match=r"The demo does not listen on .* FOOTNOTE_HOST.* footnote serve") as told:
        refuse_public(demo(host=host))
    assert "\n" not in str(told.value)
    refuse_public(load_settings(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "Localhost"])
def test_the_demo_is_heard_on_every_loopback_address(host: str) -> None:
    refuse_public(demo(host=host))
    named = f"[{host}]" if ":" in host else host.lower()
    assert named in (served_hosts(demo(host=host)) or ())


def test_hosts_are_looked_at_in_the_demo_and_where_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert served_hosts(load_settings()) is None
    monkeypatch.setenv("FOOTNOTE_ALLOWED_HOSTS", "Footnote.firm.test, *.intra.test")
    names = served_hosts(load_settings(host="10.0.0.5"))
    assert names == ("localhost", "127.0.0.1", "[::1]", "10.0.0.5", "footnote.firm.test", "*.intra.test")
    for wrong in ("https://firm.test", "firm.test:443", "firm.test/x", "*", "a b", "*.*.test"):
        monkeypatch.setenv("FOOTNOTE_ALLOWED_HOSTS", wrong)
        with pytest.raises(SettingsError, match=r"FOOTNOTE_ALLOWED_HOSTS: .* is no host name"):
            load_settings()
