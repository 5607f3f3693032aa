"""Mailboxes in step, against a server of the few commands of RFC 3501 that are used, over real sockets."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import infra.connectors.imap as module
from infra.connectors.imap import ImapSource, connecting
from ingest.syncing.protocols import SourceUnavailable

RULES = """
[[rule]]
mailbox = "INBOX"
recipient = "acme@*"
allow = ["group:acme"]
[[rule]]
mailbox = "Matters/*"
allow = ["group:legal"]
"""


@dataclass
class Mailbox:
    messages: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    validity: int = 100
    refused: bool = False
    last: int = 0

    def add(self, data: bytes) -> int:
        self.last += 1
        self.messages[self.last] = data
        return self.last


class Server(socketserver.ThreadingTCPServer):
    """Mailboxes by raw name. `drops`: the connection ends at this command. `commands`: all that was said. `unlisted`,
    `untold`: mailboxes and messages that are left out of answers; `mute`: no search is answered."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        self.boxes: dict[str, Mailbox] = {}
        self.drops = ""
        self.commands: list[str] = []
        self.unlisted: set[str] = set()
        self.untold: set[int] = set()
        self.mute = False
        self.context: ssl.SSLContext | None = None
        super().__init__(("127.0.0.1", 0), Session)

    def get_request(self) -> Any:
        sock, address = super().get_request()
        return (self.context.wrap_socket(sock, server_side=True) if self.context else sock), address


class Session(socketserver.StreamRequestHandler):
    server: Server
    box: Mailbox | None = None
    user = ""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("* OK [CAPABILITY IMAP4rev1] ready")
        for line in self.rfile:
            tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
            self.server.commands.append(rest)
            command, _, given = rest.partition(" ")
            if command == "UID":
                command, _, given = given.partition(" ")
            if self.server.drops and command == self.server.drops:
                return
            answer = getattr(self, f"do_{command.lower()}", None)
            self.say(f"{tag} {answer(given) if answer else 'BAD what?'}")
            if command == "LOGOUT":
                return

    def do_capability(self, given: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def do_noop(self, given: str) -> str:
        return "OK done"

    def do_login(self, given: str) -> str:
        if given != 'post "s3cret"':
            return "NO [AUTHENTICATIONFAILED] wrong"
        self.user = "post"
        return "OK done"

    def do_logout(self, given: str) -> str:
        self.say("* BYE")
        return "OK done"

    def do_list(self, given: str) -> str:
        assert self.user
        self.say('* LIST (\\Noselect \\HasChildren) "/" Matters')
        for name in self.server.boxes.keys() - self.server.unlisted:
            self.say(f'* LIST (\\HasNoChildren) "/" "{name}"')
        return "OK done"

    def do_examine(self, given: str) -> str:
        box = self.server.boxes[re.sub(r"\\(.)", r"\1", given[1:-1])]
        if box.refused:
            return "NO [NOPERM] not yours"
        self.box = box
        self.say(f"* {len(box.messages)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {box.validity}] valid")
        return "OK [READ-ONLY] done"

    def do_search(self, given: str) -> str:
        assert self.box is not None
        here = sorted(self.box.messages)
        if self.server.mute:
            return "OK done"
        if given.isdigit():
            uids = [str(uid) for uid in here[int(given) - 1 : int(given)]]
        else:
            *_, spans, _undeleted = f"UID 1:* {given}".split()
            within = _within(spans, max(here, default=0))
            uids = [str(uid) for uid in here if uid not in self.box.deleted and within(uid)]
        self.say(f"* SEARCH {' '.join(uids)}".rstrip())
        return "OK done"

    def do_fetch(self, given: str) -> str:
        assert self.box is not None
        uids, _, what = given.partition(" ")
        for number, (uid, data) in enumerate(sorted(self.box.messages.items()), 1):
            if str(uid) not in uids.split(",") or uid in self.server.untold:
                continue
            sent, section = data, "BODY[]"
            if "HEADER.FIELDS" in what:
                names = re.findall(r"[A-Z-]+", what[what.index("HEADER.FIELDS") + 13 :])
                head = data.split(b"\r\n\r\n")[0].split(b"\r\n")
                kept = [line for line in head if line.split(b":")[0].decode().upper() in names]
                sent, section = b"\r\n".join([*kept, b"", b""]), f"BODY[HEADER.FIELDS ({' '.join(names)})]"
            self.say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(data)} {section} {{{len(sent)}}}")
            self.wfile.write(sent + b")\r\n")
        return "OK done"


def _within(spans: str, last: int) -> Callable[[int], bool]:
    """Whether a UID is in a set of RFC 3501; `*` is the last one that is there, on whichever side it stands."""
    sets = [sorted(last if end == "*" else int(end) for end in span.split(":")) for span in spans.split(",")]
    return lambda uid: any(ends[0] <= uid <= ends[-1] for ends in sets)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()


@pytest.fixture
def mail(office: Any, server: Server) -> Iterator[Any]:
    office.server = server
    server.boxes = {"INBOX": Mailbox(), "Matters/Acme": Mailbox(), "Trash": Mailbox()}
    office.rules(RULES)
    office.source = ImapSource(_connecting(server), ["INBOX", "Matters/*"])
    yield office.added(kind="imap")
    office.source.close()


def _connecting(server: Server, word: str = "s3cret", security: str = "none") -> Any:
    return connecting("127.0.0.1", int(server.server_address[1]), "post", word, security)


def message(subject: str, to: str = "acme@firm.example", id_: str = "") -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "bo@client.example", to
    made["Message-ID"] = id_ or f"<{subject.replace(' ', '-')}@client.example>"
    made.set_content(f"About {subject}: the rent is 500 euros.\n")
    return made.as_bytes().replace(b"\n", b"\r\n")


def subjects(mail: Any, user: str, *groups: str) -> list[str]:
    mail.seen(user, *groups)
    from retrieval.types import Principal

    return sorted(info.title for info in mail.store.list(Principal(user, frozenset(groups))))


def test_messages_come_and_go(mail: Any) -> None:
    inbox = mail.server.boxes["INBOX"]
    first = inbox.add(message("Lease one"))
    inbox.add(message("Not for us", to="zoe@firm.example"))
    mail.server.boxes["Matters/Acme"].add(message("Memo", to="bo@firm.example"))
    mail.server.boxes["Trash"].add(message("Rubbish"))
    assert [step for _, step in mail.steps()] == ["added", "added"]
    assert subjects(mail, "ana", "acme") == ["Lease one"]
    assert subjects(mail, "leo", "legal") == ["Memo"]
    assert mail.sync() == []
    inbox.deleted.add(first)
    inbox.add(message("Lease two"))
    assert sorted(step for _, step in mail.steps()) == ["added", "deleted"]
    assert subjects(mail, "ana", "acme") == ["Lease two"]


def test_only_new_messages_are_asked_for(mail: Any) -> None:
    mail.rules('[[rule]]\nmailbox = "**"\nallow = ["group:legal"]')
    for number in range(3):
        mail.server.boxes["INBOX"].add(message(f"Number {number}"))
    mail.sync()
    mail.server.commands.clear()
    assert mail.sync() == []
    assert [command for command in mail.server.commands if "FETCH" in command] == []
    mail.server.boxes["INBOX"].add(message("Number 4"))
    mail.sync()
    assert [command.split()[2] for command in mail.server.commands if "FETCH" in command] == ["4", "4"]


def test_another_uidvalidity_makes_nothing_new(mail: Any) -> None:
    inbox = mail.server.boxes["INBOX"]
    kept = [message(f"Number {number}") for number in range(3)]
    for data in kept:
        inbox.add(data)
    mail.sync()
    before = mail.seen("ana", "acme")
    mail.server.boxes["INBOX"] = Mailbox({7 - at: data for at, data in enumerate(kept)}, validity=200, last=7)
    mail.work.parsed = mail.work.embedded = 0
    assert [step for _, step in mail.steps()] == ["changed"] * 3
    assert (mail.work.parsed, mail.work.embedded) == (0, 0)
    assert mail.seen("ana", "acme") == before
    assert [mail.version(key) for key in before] == [1, 1, 1]
    assert mail.sync() == []


def test_copies_and_messages_without_an_id_are_items_of_their_own(mail: Any) -> None:
    inbox = mail.server.boxes["INBOX"]
    inbox.add(message("Twice"))
    inbox.add(message("Twice"))
    for number in range(2):
        lines = message(f"Bare {number}").split(b"\r\n")
        inbox.add(b"\r\n".join(line for line in lines if not line.startswith(b"Message-ID")))
    assert len(mail.sync()) == 4
    assert mail.sync() == []
    assert subjects(mail, "ana", "acme") == ["Bare 0", "Bare 1", "Twice", "Twice"]


@pytest.mark.parametrize("command", ["LOGIN", "LIST", "EXAMINE", "SEARCH"])
def test_a_connection_that_ends_in_the_middle_changes_nothing(mail: Any, command: str) -> None:
    for name in ("INBOX", "Matters/Acme"):
        mail.server.boxes[name].add(message(f"In {name[:5]}"))
    mail.sync()
    mail.source.close()
    mail.server.boxes["INBOX"].messages.clear()
    mail.server.drops = command
    assert mail.sync() == []
    assert "cannot be read" in mail.state.get("share").problem
    assert len(mail.seen("ana", "acme", "legal")) == 2
    mail.server.drops = ""
    assert [step for _, step in mail.steps()] == ["deleted"]


def test_a_connection_that_ends_while_a_message_is_fetched(mail: Any) -> None:
    mail.rules('[[rule]]\nmailbox = "**"\nallow = ["group:legal"]')
    mail.server.boxes["INBOX"].add(message("One"))
    found = mail.of().plan()
    mail.server.drops = "FETCH"
    with mail.state.syncing("share"), pytest.raises(SourceUnavailable):
        list(mail.of().apply(found))
    mail.server.drops = ""
    assert [step for _, step in mail.steps()] == ["added"]


def test_a_mailbox_that_is_refused_is_hidden_and_one_that_is_gone_deleted(mail: Any) -> None:
    mail.server.boxes["Matters/Acme"].add(message("Memo"))
    mail.server.boxes["INBOX"].add(message("Lease"))
    mail.sync()
    mail.server.boxes["Matters/Acme"].refused = True
    assert [step for _, step in mail.steps()] == ["hidden"]
    assert subjects(mail, "leo", "legal", "acme") == ["Lease"]
    mail.server.boxes["Matters/Acme"].refused = False
    assert [step for _, step in mail.steps()] == ["relabelled"]
    del mail.server.boxes["Matters/Acme"]
    assert mail.sync() == []
    assert "no longer listed" in mail.state.get("share").problem
    assert [step for _, step in mail.steps()] == ["deleted"]


def test_a_session_that_the_server_ended_meanwhile_is_opened_again(mail: Any) -> None:
    mail.server.boxes["INBOX"].add(message("One"))
    mail.sync()
    mail.source._server.shutdown()
    mail.server.boxes["INBOX"].add(message("Two"))
    assert [step for _, step in mail.steps()] == ["added"]


def test_headers_that_are_no_text(mail: Any) -> None:
    bare = message("Odd").replace(b"To: acme@firm.example", b"To: =?x?q?, \xff\xfe <acme@firm.example>, <\xffa@b>")
    mail.server.boxes["INBOX"].add(bare)
    assert [step for _, step in mail.steps()] == ["added"]
    assert mail.sync() == []


def test_names_of_mailboxes(mail: Any) -> None:
    """Modified UTF-7, quotes and ampersands."""
    mail.rules('[[rule]]\nmailbox = "Matters/**"\nallow = ["group:legal"]')
    for raw in ("Matters/M&APw-ller", "Matters/A&-B", "Matters/&ZeVnLIqe-"):
        mail.server.boxes[raw] = Mailbox()
        mail.server.boxes[raw].add(message(f"In {len(raw)}"))
    mail.sync()
    places = {key.split("/")[1] for key in mail.seen("leo", "legal")}
    assert places == {"Müller", "A&B", "日本語"}
    assert mail.sync() == []


def test_a_wrong_password_is_told_without_it(mail: Any) -> None:
    mail.source.close()
    mail.source = ImapSource(_connecting(mail.server, "wr0ng"), ["INBOX"])
    mail.sync()
    problem = mail.state.get("share").problem
    assert "AUTHENTICATIONFAILED" in problem
    assert "wr0ng" not in problem


def test_a_certificate_that_nobody_vouches_for_is_refused(mail: Any, tmp_path: Path) -> None:
    mail.server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mail.server.context.load_cert_chain(_certificate(tmp_path))
    source = ImapSource(_connecting(mail.server, security="tls"), ["INBOX"])
    with pytest.raises(SourceUnavailable, match="certificate"):
        source.listing({}, frozenset())


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "cert.pem"
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def test_a_message_that_an_answer_leaves_out_is_not_deleted(mail: Any) -> None:
    inbox = mail.server.boxes["INBOX"]
    first = inbox.add(message("Lease one"))
    second = inbox.add(message("Lease two"))
    inbox.add(message("Lease three"))
    mail.sync()
    mail.server.untold = {first}
    assert mail.sync() == []
    assert "does not give 1" in mail.state.get("share").problem
    del inbox.messages[second]
    assert [step for _, step in mail.steps()] == ["deleted"]
    assert subjects(mail, "ana", "acme") == ["Lease one", "Lease three"]
    del inbox.messages[first]
    assert [step for _, step in mail.steps()] == ["deleted"]


def test_a_message_left_out_while_the_mailbox_is_numbered_anew_is_not_deleted(mail: Any) -> None:
    kept = [message(f"Number {number}") for number in range(3)]
    for data in kept:
        mail.server.boxes["INBOX"].add(data)
    mail.sync()
    mail.server.boxes["INBOX"] = Mailbox(dict(enumerate(kept, 11)), validity=200, last=20)
    mail.server.untold = {12}
    assert [step for _, step in mail.steps()] == ["changed", "changed"]
    assert len(mail.seen("ana", "acme")) == 3
    mail.server.untold = set()
    assert [step for _, step in mail.steps()] == ["changed"]


def test_a_mailbox_that_one_list_leaves_out_is_not_deleted(mail: Any) -> None:
    mail.server.boxes["Matters/Acme"].add(message("Memo"))
    mail.server.boxes["INBOX"].add(message("Lease"))
    mail.sync()
    for _ in range(2):
        mail.server.unlisted = {"Matters/Acme"}
        assert mail.sync() == []
        mail.server.unlisted = set()
        assert mail.sync() == []
    assert subjects(mail, "leo", "legal") == ["Memo"]
    mail.server.unlisted = {"Matters/Acme"}
    mail.source = ImapSource(_connecting(mail.server), ["INBOX", "Matters/*"])
    assert [step for _, step in mail.steps(confirm=True)] == ["deleted"]


def test_a_search_that_is_not_answered_is_no_empty_mailbox(mail: Any) -> None:
    mail.server.boxes["Matters/Acme"].add(message("Memo"))
    mail.server.boxes["INBOX"].add(message("Lease"))
    mail.sync()
    mail.server.mute = True
    assert mail.sync() == []
    assert "not answered" in mail.state.get("share").problem


def test_a_mailbox_of_more_messages_than_a_line_holds(mail: Any) -> None:
    uids = range(1_000_000_000, 1_000_150_000)
    mail.server.boxes["INBOX"].messages = dict.fromkeys(uids, b"x")
    mail.server.boxes["INBOX"].deleted = {1_000_075_000}
    known = {f"INBOX 100 {uid}": f"INBOX/{uid}.eml" for uid in uids}
    found = mail.source.listing(known, frozenset())
    assert {item.key for item in found.items} == set(known.values()) - {"INBOX/1000075000.eml"}
    assert len(found.items) == 149_999


def test_ranges_cover_what_is_deleted_and_added_meanwhile(mail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IN_A_LINE", 2)
    inbox = mail.server.boxes["INBOX"]
    for number in range(7):
        inbox.add(message(f"Number {number}"))
    real = mail.source._searched
    asked: list[str] = []

    def searched(what: str) -> list[str]:
        if not asked or what.startswith("UID 1:"):
            asked.append(what)
            inbox.messages.pop(inbox.last - 6, None)
            inbox.add(message(f"Number {inbox.last}"))
        return list(real(what))

    monkeypatch.setattr(mail.source, "_searched", searched)
    mail.sync()
    assert len(asked) == 2
    assert len(mail.seen("ana", "acme")) == len(inbox.messages) == 7
