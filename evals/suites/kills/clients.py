"""Clients of a service on 127.0.0.1, each a thread that goes on until the service is gone or the time is over."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx2

from evals.suites.kills.heard import Heard, Question
from evals.types import Case
from retrieval.types import Principal

WRITER = Principal("kills-bench", frozenset({"kills-bench"}))
_SERVED_S = 30.0  # between two pieces of an answer; none is slower
_END_S = 300.0  # for all that was begun
_FIRST_DAY = date(2100, 1, 1)  # each question asks of a day of its own, which the record names
_MANY = 24  # documents of the writer; with more, some are deleted
_PAUSE_S = 0.05  # between two uploads
_WORDS = ("rent", "notice", "lease", "audit", "cupboard", "bridge", "ferry", "warranty", "invoice", "garden")


@dataclass
class Work:
    """What the clients have to do with. `there`: the writer's documents by id, each with its name; `gone`: those that
    can be restored; `keep`: called with the bytes of each file before it is sent."""

    url: str
    keys: Mapping[Principal, str]
    cases: Sequence[Case]
    seed: str
    keep: Callable[[bytes], None]
    there: Mapping[str, str] = field(default_factory=dict)
    gone: Sequence[str] = ()


class Clients:
    """For every operation one client that searches, beside those that the operation is made of."""

    def __init__(self, work: Work, operation: str) -> None:
        self.heard = Heard()
        self._work = work
        self._days = iter(range(100_000))
        self._gone, self._there = sorted(work.gone), sorted(work.there)
        self._lock, self._stop, self._first = threading.Lock(), threading.Event(), threading.Event()
        kinds: dict[str, Sequence[Callable[[httpx2.Client, random.Random], None]]] = {
            "answer": (self._ask, self._ask, self._ask),
            "ingest": (self._ask, self._upload, self._hand_in, self._delete),
            "swap": (self._upload, self._delete),
            "erase": (self._upload,),
        }
        self._threads = [
            threading.Thread(target=self._run, args=(one, f"{work.seed} {at}"), daemon=True)
            for at, one in enumerate((self._search, *kinds[operation]))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def served(self) -> None:
        """Returns when the first of them but the one that searches is replied to, or it takes too long."""
        self._first.wait(_SERVED_S)

    def end(self) -> Heard:
        """What they heard; call it when they cannot be served any more, or may finish what they have begun."""
        self._stop.set()
        deadline = time.monotonic() + _END_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        return self.heard

    def _run(self, work: Callable[[httpx2.Client, random.Random], None], seed: str) -> None:
        drawn = random.Random(seed)
        with httpx2.Client(base_url=self._work.url, timeout=_SERVED_S, trust_env=False) as client:
            while not self._stop.is_set():
                try:
                    work(client, drawn)
                except httpx2.HTTPError:  # the service is gone, or cut this off
                    if self._stop.wait(_PAUSE_S):
                        return

    def _ask(self, client: httpx2.Client, drawn: random.Random) -> None:
        case = drawn.choice(self._work.cases)
        with self._lock:
            question = Question(case.question, (_FIRST_DAY + timedelta(next(self._days))).isoformat())
            self.heard.questions.append(question)
        body = {"question": question.text, "as_of": question.as_of, "stream": True}
        with client.stream("POST", "/v1/query", json=body, headers=self._headers(case.asker)) as response:
            self._count("query", response)
            for piece in response.iter_raw():
                question.received += piece

    def _search(self, client: httpx2.Client, drawn: random.Random) -> None:
        case = drawn.choice(self._work.cases)
        found = client.post("/v1/search", json={"query": case.question}, headers=self._headers(case.asker))
        self._count("search", found)
        time.sleep(4 * _PAUSE_S)

    def _upload(self, client: httpx2.Client, drawn: random.Random) -> None:
        """A new file, or a next version of one that is there."""
        names = sorted(self._work.there.values())
        name = drawn.choice(names) if names and drawn.random() < 0.4 else self._name(drawn, "note")
        data = self._letter(name, drawn)
        form = {"allow": f"user:{WRITER.user}"}
        files = {"file": (name, data, "text/plain")}
        sent = client.post("/v1/documents", files=files, data=form, headers=self._headers(WRITER))
        self._count("upload", sent)
        if sent.status_code == httpx2.codes.CREATED:
            self.heard.uploaded.append((sent.json()["document_id"], hashlib.sha256(data).hexdigest()))
        time.sleep(_PAUSE_S)

    def _hand_in(self, client: httpx2.Client, drawn: random.Random) -> None:
        """A job of a few files."""
        letters = {name: self._letter(name, drawn) for name in (self._name(drawn, "job") for _ in range(3))}
        files = [("files", (name, data, "text/plain")) for name, data in letters.items()]
        form = {"allow": f"user:{WRITER.user}"}
        sent = client.post("/v1/jobs", files=files, data=form, headers=self._headers(WRITER))
        self._count("job", sent)
        if sent.status_code == httpx2.codes.ACCEPTED:
            self.heard.accepted += [hashlib.sha256(data).hexdigest() for data in letters.values()]
        time.sleep(20 * _PAUSE_S)

    def _delete(self, client: httpx2.Client, drawn: random.Random) -> None:
        """Deletes a document of earlier services where there are many, and restores one now and then."""
        if self._gone and drawn.random() < 0.3:
            self._told(client, "restore", self._gone.pop(drawn.randrange(len(self._gone))), self.heard.restored)
        elif len(self._there) > _MANY:
            self._told(client, "delete", self._there.pop(drawn.randrange(len(self._there))), self.heard.deleted)
        time.sleep(2 * _PAUSE_S)

    def _told(self, client: httpx2.Client, what: str, document: str, told: list[str]) -> None:
        method, path = ("DELETE", "") if what == "delete" else ("POST", "/restore")
        done = client.request(method, f"/v1/documents/{document}{path}", headers=self._headers(WRITER))
        self._count(what, done)
        if done.status_code == httpx2.codes.NO_CONTENT:
            told.append(document)

    def _name(self, drawn: random.Random, kind: str) -> str:
        return f"{kind}-{drawn.getrandbits(40):010x}.txt"

    def _letter(self, name: str, drawn: random.Random) -> bytes:
        """Unlike any other; kept before it is sent."""
        lines = [f"{drawn.choice(_WORDS).title()} {drawn.choice(_WORDS)} number {drawn.randrange(10**6)} costs "
                 f"{drawn.randrange(1000)} euros a year." for _ in range(drawn.randrange(3, 40))]  # fmt: skip
        data = f"Letter {name}\n\n{drawn.getrandbits(64):016x}\n\n".encode() + "\n\n".join(lines).encode() + b"\n"
        self._work.keep(data)
        return data

    def _headers(self, who: Principal) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._work.keys[who]}"}

    def _count(self, what: str, response: httpx2.Response) -> None:
        with self._lock:
            self.heard.statuses[f"{what} {response.status_code}"] += 1
        if what != "search":
            self._first.set()
        if response.is_error:
            self._stop.wait(2 * _PAUSE_S)
