"""Mailboxes of an IMAP server, read only: each message is an item."""

from __future__ import annotations

import base64
import hashlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from email import message_from_bytes
from email.utils import getaddresses
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeVar

from ingest.syncing.protocols import NotListed, SourceUnavailable
from ingest.syncing.types import Facts, Item, Listing

_Answer = TypeVar("_Answer")
_TIMEOUT_S = 20.0
_AT_ONCE = 500  # messages asked for in one command
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)', re.DOTALL)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_BASE64 = re.compile(r"&([^-]*)-")
_HEADERS = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID TO CC DATE FROM SUBJECT)])"


class ImapSource:
    """Implements `ingest.syncing.protocols.Source`.

    A message is known by its mailbox and Message-ID, so that it stays the same document when the server numbers its
    messages anew (UIDVALIDITY). A fingerprint is mailbox, UIDVALIDITY and UID, of which the bytes never change:
    headers are read of new messages alone.
    """

    def __init__(self, connect: Callable[[], imaplib.IMAP4], mailboxes: Sequence[str]) -> None:
        self._connect = connect
        self._patterns = tuple(mailboxes)
        self._server: imaplib.IMAP4 | None = None

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        self._wake()
        items: list[Item] = []
        denied: list[str] = []
        problems: list[str] = []
        for mailbox, raw in self._asked(self._mailboxes):
            validity = self._asked(partial(self._examined, raw))
            if validity is None:
                denied.append(f"{_spelled(mailbox)}/")
                problems.append(f"The mailbox {mailbox} may not be read.")
            else:
                items += self._asked(partial(self._messages, mailbox, validity, known, wanted))
        return Listing(tuple(items), denied=tuple(denied), problems=tuple(problems))

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        return item  # a message never changes, nor does its mailbox

    def fetch(self, item: Item) -> bytes:
        raw, validity, uid = item.at.rsplit(" ", 2)
        if self._asked(partial(self._examined, raw)) != validity:
            raise NotListed(f"{item.key} has another number now. The next sync takes it.")
        parts = self._asked(partial(self._fetched, uid, "(UID BODY.PEEK[])"))
        if uid not in parts:
            raise NotListed(f"{item.key} is gone.")
        return parts[uid][1]

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            _left(server)

    # The protocol

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        """What the server says; raises `SourceUnavailable` for anything but an answer."""
        try:
            return ask()
        except (imaplib.IMAP4.error, OSError, EOFError) as error:
            self.close()
            raise SourceUnavailable(f"The mail server cannot be read: {error}") from error

    def _wake(self) -> None:
        """Leaves a session that the server has ended since the last look."""
        if self._server is not None:
            try:
                self._server.noop()
            except (imaplib.IMAP4.error, OSError, EOFError):
                self.close()

    def _session(self) -> imaplib.IMAP4:
        if self._server is None:
            self._server = self._connect()
        return self._server

    def _mailboxes(self) -> list[tuple[str, str]]:
        """Name and raw name of those that a pattern names, sorted."""
        status, lines = self._session().list()
        if status != "OK":
            raise imaplib.IMAP4.error("LIST was refused")
        found = dict(_listed(lines))
        return sorted((name, raw) for name, raw in found.items() if any(fnmatchcase(name, p) for p in self._patterns))

    def _examined(self, raw: str) -> str | None:
        """Opens a mailbox for reading; its UIDVALIDITY, None if the server refuses."""
        status, _ = self._session().select(_quoted(raw), readonly=True)
        if status != "OK":
            return None
        _, told = self._session().response("UIDVALIDITY")
        if not told or told[0] is None:
            raise imaplib.IMAP4.error("the server tells no UIDVALIDITY")
        return bytes(told[0]).decode()

    def _messages(self, mailbox: str, validity: str, known: Mapping[str, str], wanted: frozenset[str]) -> list[Item]:
        """Of the mailbox that is open."""
        status, found = self._session().uid("SEARCH", "UNDELETED")
        if status != "OK":
            raise imaplib.IMAP4.error("SEARCH was refused")
        uids = [uid.decode() for uid in (found[0] or b"").split()]
        of = {uid: f"{mailbox} {validity} {uid}" for uid in uids}
        new = [uid for uid in uids if of[uid] not in known or "recipients" in wanted]
        heads = {}
        for first in range(0, len(new), _AT_ONCE):
            heads.update(self._fetched(",".join(new[first : first + _AT_ONCE]), _HEADERS))
        taken = {known[of[uid]] for uid in uids if of[uid] in known}
        made = []
        for uid in uids:
            size, head = heads.get(uid, (0, b""))
            if uid in new and uid not in heads:
                continue  # it went in between
            key = known.get(of[uid]) or _free(f"{_spelled(mailbox)}/{_stem(head)}", taken)
            taken.add(key)
            facts = Facts(mailbox=mailbox, recipients=_recipients(head) if "recipients" in wanted else ())
            raw = _encoded(mailbox)
            made.append(Item(key, of[uid], size, facts, f"{raw} {validity} {uid}"))
        return made

    def _fetched(self, uids: str, what: str) -> dict[str, tuple[int, bytes]]:
        """Size and bytes by UID."""
        status, answer = self._session().uid("FETCH", uids, what)
        if status != "OK":
            raise imaplib.IMAP4.error("FETCH was refused")
        found = {}
        for part, after in zip(answer, [*answer[1:], b""], strict=True):
            if not isinstance(part, tuple):
                continue
            line = part[0] + (after if isinstance(after, bytes) else b"")  # a server may tell the UID after the bytes
            number, size = _UID.search(line), _SIZE.search(line)
            if number:
                found[number[1].decode()] = (int(size[1]) if size else len(part[1]), bytes(part[1]))
        return found


def connecting(host: str, port: int, user: str, password: str, security: str) -> Callable[[], imaplib.IMAP4]:
    """How to reach the server: by TLS, with its certificate checked, unless `security` is "none"."""

    def connect() -> imaplib.IMAP4:
        context = ssl.create_default_context()
        server: imaplib.IMAP4
        if security == "tls":
            server = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=_TIMEOUT_S)
        else:
            server = imaplib.IMAP4(host, port, timeout=_TIMEOUT_S)
        try:
            if security == "starttls":
                server.starttls(context)
            server.login(user, password)
        except (imaplib.IMAP4.error, OSError):
            _left(server)
            raise
        return server

    return connect


def _left(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError, EOFError):
        with suppress(OSError):
            server.shutdown()


def _listed(lines: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Name and raw name of each mailbox that can be opened."""
    for line in lines:
        told = b" ".join(line[:1]) + b"" if isinstance(line, tuple) else line
        found = _LISTED.match(told) if isinstance(told, bytes) else None
        if found is None or b"\\noselect" in found["flags"].lower():
            continue
        raw = line[1] if isinstance(line, tuple) else found["name"]
        text = bytes(raw).decode("ascii", "replace")
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        yield _decoded(text), text


def _decoded(raw: str) -> str:
    """Modified UTF-7 (RFC 3501, 5.1.3)."""

    def letters(match: re.Match[str]) -> str:
        return f"+{match[1].replace(',', '/')}-".encode().decode("utf-7") if match[1] else "&"

    try:
        return _BASE64.sub(letters, raw)
    except UnicodeDecodeError:
        return raw


def _encoded(name: str) -> str:
    def run(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        coded = match[0].encode("utf-16-be")
        return f"&{base64.b64encode(coded).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", run, name)


def _quoted(raw: str) -> str:
    return '"' + raw.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _stem(head: bytes) -> str:
    """By Message-ID; without one by all that the header says."""
    told = message_from_bytes(head)["Message-ID"]
    text = str(told).strip().encode(errors="replace") if told else head
    return hashlib.sha256(text).hexdigest()[:20]


def _free(stem: str, taken: set[str]) -> str:
    """A second copy of a message in one mailbox is another item."""
    key, number = f"{stem}.eml", 1
    while key in taken:
        number += 1
        key = f"{stem}-{number}.eml"
    return key


def _recipients(head: bytes) -> tuple[str, ...]:
    message = message_from_bytes(head)
    told = [str(value) for name in ("To", "Cc") for value in message.get_all(name, [])]
    return tuple(sorted({_plain(address.lower()) for _, address in getaddresses(told) if address}))


def _plain(text: str) -> str:
    """Without half characters, which bytes that are no text come as."""
    return text.encode("utf-8", "replace").decode()


def _spelled(mailbox: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in mailbox)
