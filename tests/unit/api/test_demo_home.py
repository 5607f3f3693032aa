"""The demo and real documents stay apart."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from api.demo.home import claim, own_home, refuse_ingest, refuse_public, served_hosts, settled
from api.demo.people import PEOPLE
from api.wiring.homes import MARK
from infra.settings import Settings, SettingsError, load_settings

SAMPLES = ("sample/hr/leave.pdf", "sample/legal/lease.pdf")
UPLOADS = tuple(f"upload/{person.user}/notes.txt" for person in PEOPLE)
REAL = ("/srv/contracts/lease.pdf", "files/lease.pdf", "upload/bob/lease.pdf", "upload/anatol/lease.pdf", "samples/x")


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


def test_the_demo_takes_a_home_of_its_own_documents() -> None:
    for sources in ((), SAMPLES, SAMPLES + UPLOADS):
        claim(demo(), sources)
    assert stat.S_IMODE(own_home().stat().st_mode) == 0o700


@pytest.mark.parametrize("real", REAL)
def test_the_demo_refuses_a_home_with_others(real: str, tmp_path: Path) -> None:
    settings = demo(home=tmp_path / "home")
    with pytest.raises(SettingsError) as told:
        claim(settings, (*SAMPLES, real))
    assert "\n" not in str(told.value)
    for words in (str(settings.home), f"(1, such as {real})", "footnote serve", "unset FOOTNOTE_HOME", str(own_home())):
        assert words in str(told.value)
    assert not settings.home.exists()
    claim(settings, SAMPLES)
    with pytest.raises(SettingsError):
        claim(settings, (*SAMPLES, real))


@pytest.mark.parametrize("upload", UPLOADS)
def test_what_people_called_like_the_sample_people_uploaded_elsewhere_is_theirs(upload: str, tmp_path: Path) -> None:
    settings = demo(home=tmp_path / "home")
    with pytest.raises(SettingsError, match="not the demo's"):
        claim(settings, (upload,))
    claim(settings, ())
    claim(settings, (upload,))


def test_a_marked_home_does_not_vouch_for_a_named_database() -> None:
    claim(demo(), ())
    settings = demo(DATABASE_URL="postgresql://db.test/firm")
    with pytest.raises(SettingsError, match="The database of DATABASE_URL holds"):
        claim(settings, UPLOADS)
    claim(settings, ())
    claim(settings, UPLOADS)
    claim(demo(), UPLOADS)
    assert "db.test" not in (own_home() / MARK).read_text()


def test_nothing_is_ingested_where_the_demo_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = load_settings(home=tmp_path / "home")
    refuse_ingest(chosen)
    claim(demo(home=chosen.home), ())
    for settings, way in ((chosen, "Set FOOTNOTE_HOME"), (demo(), "Unset FOOTNOTE_DEMO")):
        with pytest.raises(SettingsError, match=f"is the demo's home.* {way}") as told:
            refuse_ingest(settings)
        assert "\n" not in str(told.value)
    refuse_ingest(load_settings())
    (chosen.home / MARK).write_bytes(b"damaged")
    with pytest.raises(SettingsError, match="is the demo's home"):
        refuse_ingest(chosen)


def test_nothing_is_ingested_into_the_demos_database() -> None:
    claim(demo(DATABASE_URL="postgresql://db.test/demo"), ())
    with pytest.raises(SettingsError, match="DATABASE_URL names the demo's database"):
        refuse_ingest(load_settings(DATABASE_URL="postgresql://db.test/demo"))
    refuse_ingest(load_settings(DATABASE_URL="postgresql://db.test/firm"))
    refuse_ingest(load_settings())


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
