"""Mapping files: which rule fits, whom it lets in, and what has no meaning."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from ingest.syncing.mapping import MappingError, MappingFile, parse_mapping
from ingest.syncing.types import Facts

LEGAL = 'allow = ["group:legal"]'


def label(rule: str, key: str, facts: Facts = Facts()) -> set[str]:  # noqa: B008  frozen
    return set(parse_mapping(f"[[rule]]\n{rule}", "rules.toml").label(key, facts))


@pytest.mark.parametrize(
    ("pattern", "fits", "not_fits"),
    [
        ("**", ["a", "a/b/c.pdf", "new\nline"], []),
        ("*.pdf", ["a.pdf"], ["b/a.pdf", "a.pdfx"]),
        ("**/*.pdf", ["a.pdf", "x/y/a.pdf"], ["a.doc"]),
        ("legal/**", ["legal/a", "legal/b/c"], ["legal", "illegal/a", "LEGAL/a"]),
        ("l?gal/*", ["legal/a"], ["l/gal/a", "legal/b/c"]),
        ("a+(b).pdf", ["a+(b).pdf"], ["aab.pdf"]),
    ],
)
def test_paths(pattern: str, fits: list[str], not_fits: list[str]) -> None:
    for key in fits:
        assert label(f"path = '{pattern}'\n{LEGAL}", key) == {"group:legal"}, key
    for key in not_fits:
        assert label(f"path = '{pattern}'\n{LEGAL}", key) == set(), key


def test_steps_with_a_name_name_principals() -> None:
    rule = 'path = "clients/{client}/{person}/**"\nallow = ["group:client-{client}", "user:{person}"]'
    assert label(rule, "clients/acme/ana/x.pdf") == {"group:client-acme", "user:ana"}
    assert label(rule, "clients/a b/ana/x.pdf") == set()
    assert label(rule, "clients/acme/ana") == set()


def test_every_condition_has_to_hold() -> None:
    rule = f'path = "**"\nowner = "ana"\ngroup = "team-*"\n{LEGAL}'
    assert label(rule, "a", Facts("ana", "team-1")) == {"group:legal"}
    assert label(rule, "a", Facts("bo", "team-1")) == set()
    assert label(rule, "a", Facts("ana", "other")) == set()
    assert label('group = "*"\nallow = ["group:{group}"]', "a", Facts("ana", "legal")) == {"group:legal"}
    assert label(f'group = "*"\n{LEGAL}', "a", Facts("ana", "")) == set()


def test_tags_mailboxes_and_recipients() -> None:
    assert label(f'tags = {{ client = "a*" }}\n{LEGAL}', "a", Facts(tags=(("client", "acme"),))) == {"group:legal"}
    assert label(f'tags = {{ client = "a*" }}\n{LEGAL}', "a", Facts(tags=(("other", "acme"),))) == set()
    assert label(f'mailbox = "Matters/*"\n{LEGAL}', "a", Facts(mailbox="Matters/Acme")) == {"group:legal"}
    assert label(f'recipient = "Acme@*"\n{LEGAL}', "a", Facts(recipients=("acme@firm.example",))) == {"group:legal"}
    assert label(f'recipient = "acme@*"\n{LEGAL}', "a", Facts(recipients=("zoe@firm.example",))) == set()


def test_the_first_rule_that_fits_decides() -> None:
    text = f'[[rule]]\npath = "**/drafts/**"\nignore = true\n[[rule]]\npath = "**"\n{LEGAL}'
    rules = parse_mapping(text, "rules.toml")
    assert rules.label("x/drafts/a", Facts()) == frozenset()
    assert rules.label("x/a", Facts()) == {"group:legal"}
    assert parse_mapping("rule = []", "rules.toml").label("a", Facts()) == frozenset()


def test_facts_that_rules_look_at() -> None:
    text = f'[[rule]]\npath = "a"\n{LEGAL}\n[[rule]]\ntags = {{ a = "b" }}\nrecipient = "x"\n{LEGAL}'
    assert parse_mapping(text, "rules.toml").wanted == {"tags", "recipients"}


@pytest.mark.parametrize(
    "text",
    [
        "", "[[", "rules = 1", "rule = 3", "[[rule]]\n" + LEGAL, '[[rule]]\npath = "**"', '[[rule]]\npath = ""\n' + LEGAL,
        '[[rule]]\npath = "**"\nallow = []', '[[rule]]\npath = "**"\nallow = "group:legal"',
        '[[rule]]\npath = "**"\nallow = ["legal"]', '[[rule]]\npath = "**"\nallow = ["!user:bob"]',
        '[[rule]]\npath = "**"\nallow = ["group:{client}"]', '[[rule]]\npath = "{a}/{a}"\n' + LEGAL,
        '[[rule]]\npath = "**"\nignore = true\n' + LEGAL, '[[rule]]\npath = "**"\nalow = ["group:legal"]',
        '[[rule]]\npath = 3\n' + LEGAL, '[[rule]]\ntags = "x"\n' + LEGAL, '[[rule]]\nrecipient = 3\n' + LEGAL,
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(MappingError, match=r"rules\.toml"):
        parse_mapping(text, "rules.toml")


def test_a_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    file = MappingFile(path)
    with pytest.raises(MappingError, match="cannot be read"):
        file.read()
    path.write_text(f'[[rule]]\npath = "**"\n{LEGAL}')
    first = file.read()
    assert file.read() is first
    path.write_text('[[rule]]\npath = "**"\nallow = ["user:ana"]')
    assert file.read().label("a", Facts()) == {"user:ana"}
    path.write_text("[[")
    with pytest.raises(MappingError):
        file.read()


@pytest.mark.parametrize(("ours", "theirs"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_fit_however_their_letters_are_composed(ours: str, theirs: str) -> None:
    """macOS takes letters apart in the names of files."""
    rule, told = unicodedata.normalize(ours, "Müller"), unicodedata.normalize(theirs, "Müller")
    for condition, key, facts in (
        (f"path = '**/{rule}/**'", f"legal/{told}/x", Facts()),
        (f"owner = '{rule}'", "x", Facts(owner=told)),
        (f"mailbox = '{rule}'", "x", Facts(mailbox=told)),
        (f"recipient = '{rule}@*'", "x", Facts(recipients=(f"{told.lower()}@firm.example",))),
        (f"tags = {{ '{rule}' = '{rule}' }}", "x", Facts(tags=((told, told),))),
    ):
        assert label(f"{condition}\n{LEGAL}", key, facts) == {"group:legal"}, condition
        ignored = f"{condition}\nignore = true\n[[rule]]\npath = '**'\n{LEGAL}"
        assert label(ignored, key, facts) == set(), condition
