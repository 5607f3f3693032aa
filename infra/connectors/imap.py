"""Mailboxes of an IMAP server, read only: each message is an item."""

from __future__ import annotations

import hashlib
import imaplib
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.utils import getaddresses
from fnmatch import fnmatchcase
from functools import partial
from typing import NamedTuple, TypeVar
from unicodedata import normalize

from infra.connectors.mailbox_names import encoded, listed, quoted, spelled
from ingest.syncing.protocols import NotListed, SourceUnavailable
from ingest.syncing.types import Facts, Item, Listing

_Answer = TypeVar("_Answer")
_TIMEOUT_S = 20.0
_AT_ONCE = 500  # messages asked for in one command
_IN_A_LINE = 50_000  # UIDs of up to ten digits in one answer: imaplib takes lines of up to 1,000,000 bytes
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_AGAIN = "If the next look of the service finds it so too, or `sync --confirm` does, it is gone."
_HEADERS = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID TO CC DATE FROM SUBJECT)])"


class _Opened(NamedTuple):
    """A mailbox: its UIDVALIDITY, and how many messages it has."""

    validity: str
    messages: int


@dataclass(slots=True)
class _Found:
    """A listing in the making."""

    items: list[Item] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


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
        self._missing: set[str] = set()  # mailboxes that the last listing left out

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        self._wake()
        found = _Found()
        here = self._asked(self._mailboxes)
        for mailbox, raw in here:
            opened = self._asked(partial(self._examined, raw))
            if opened is None:
                found.denied.append(f"{spelled(mailbox)}/")
                found.problems.append(f"The mailbox {spelled(mailbox)} may not be read.")
            else:
                self._asked(partial(self._messages, mailbox, opened, known, wanted, found))
        self._disbelieve({mailbox for mailbox, _ in here}, known, found)
        return Listing(tuple(found.items), tuple(found.unseen), tuple(found.denied), tuple(found.problems))

    def _disbelieve(self, listed: set[str], known: Mapping[str, str], found: _Found) -> None:
        """A mailbox that held messages and is not listed is gone when a second listing says so too."""
        before = {fingerprint.rsplit(" ", 2)[0] for fingerprint in known if fingerprint.count(" ") >= 2}
        missing = {mailbox for mailbox in before - listed if self._named(mailbox)}
        for mailbox in sorted(missing - self._missing):
            found.unseen.append(f"{spelled(mailbox)}/")
            found.problems.append(f"The mailbox {spelled(mailbox)} is no longer listed. {_AGAIN}")
        self._missing = missing

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        return item  # a message never changes, nor does its mailbox

    def fetch(self, item: Item) -> bytes:
        raw, validity, uid = item.at.rsplit(" ", 2)
        opened = self._asked(partial(self._examined, raw))
        if opened is None or opened.validity != validity:
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
        found = dict(listed(lines))
        return sorted((name, raw) for name, raw in found.items() if self._named(name))

    def _named(self, mailbox: str) -> bool:
        """Whether a pattern names it, however its letters are composed."""
        return any(fnmatchcase(normalize("NFC", mailbox), normalize("NFC", one)) for one in self._patterns)

    def _examined(self, raw: str) -> _Opened | None:
        """Opens a mailbox for reading; None if the server refuses."""
        status, count = self._session().select(quoted(raw), readonly=True)
        if status != "OK":
            return None
        _, told = self._session().response("UIDVALIDITY")
        if not told or told[0] is None:
            raise imaplib.IMAP4.error("the server tells no UIDVALIDITY")
        return _Opened(bytes(told[0]).decode(), int(count[0] or b"0"))

    def _messages(
        self, mailbox: str, opened: _Opened, known: Mapping[str, str], wanted: frozenset[str], found: _Found
    ) -> None:
        """Of the mailbox that is open."""
        uids = self._uids(opened.messages)
        of = {uid: f"{mailbox} {opened.validity} {uid}" for uid in uids}
        new = {uid for uid in uids if of[uid] not in known or "recipients" in wanted}
        heads, untold = self._heads([uid for uid in uids if uid in new])
        taken = {known[of[uid]] for uid in uids if of[uid] in known}
        raw = encoded(mailbox)
        for uid in uids:
            size, head = heads.get(uid, (0, b""))
            if uid in new and uid not in heads:
                continue
            key = known.get(of[uid]) or _free(f"{spelled(mailbox)}/{_stem(head)}", taken)
            taken.add(key)
            facts = Facts(mailbox=mailbox, recipients=_recipients(head) if "recipients" in wanted else ())
            found.items.append(Item(key, of[uid], size, facts, f"{raw} {opened.validity} {uid}"))
        if untold:
            found.problems.append(f"The mailbox {spelled(mailbox)} does not give {len(untold)} of its messages.")
            renumbered = not any(fingerprint.startswith(f"{mailbox} {opened.validity} ") for fingerprint in known)
            found.unseen += [known[of[uid]] for uid in untold if of[uid] in known]
            found.unseen += [f"{spelled(mailbox)}/"] if renumbered else []  # which ones they are cannot be told

    def _uids(self, count: int) -> list[str]:
        """Of all messages, in ranges of which each answer fits into a line: the UIDs at which ranges end are looked up
        by number, and the ranges cover all UIDs, whatever is deleted meanwhile."""
        found = [self._searched(str(number)) for number in range(_IN_A_LINE, count, _IN_A_LINE)]
        ends = sorted({int(uid) for uids in found for uid in uids})
        if not ends:
            return self._searched("UNDELETED")
        firsts, lasts = [1, *(end + 1 for end in ends)], [*map(str, ends), "*"]
        ranges = [f"{first}:{last}" for first, last in zip(firsts, lasts, strict=True)]
        return list(dict.fromkeys(uid for span in ranges for uid in self._searched(f"UID {span} UNDELETED")))

    def _searched(self, what: str) -> list[str]:
        status, found = self._session().uid("SEARCH", what)
        if status != "OK":
            raise imaplib.IMAP4.error("SEARCH was refused")
        if not found or found[0] is None:
            raise imaplib.IMAP4.error("SEARCH was not answered")
        return [uid.decode() for uid in found[0].split()]

    def _heads(self, uids: Sequence[str]) -> tuple[dict[str, tuple[int, bytes]], list[str]]:
        """Size and headers by UID; and of which messages the server gives none though it has them still."""
        heads: dict[str, tuple[int, bytes]] = {}
        untold: list[str] = []
        for first in range(0, len(uids), _AT_ONCE):
            asked = uids[first : first + _AT_ONCE]
            heads.update(self._fetched(",".join(asked), _HEADERS))
            missing = [uid for uid in asked if uid not in heads]
            if missing:
                heads.update(self._fetched(",".join(missing), _HEADERS))
                missing = [uid for uid in missing if uid not in heads]
            if missing:
                there = set(self._searched(f"UID {','.join(missing)} UNDELETED"))
                untold += [uid for uid in missing if uid in there]
        return heads, untold

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
