"""Clients of a service on 127.0.0.1, each a thread that goes on until the service is gone or the time is over."""

from __future__ import annotations

import hashlib
import queue
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import httpx2

from evals.suites.trail.heard import Heard, Question
from evals.types import Case
from retrieval.types import Principal

WRITER = Principal("trail-bench", frozenset({"trail-bench"}))
_ASKERS = 3
_SERVED_S = 30.0  # for one request; none goes on longer
_FIRST_DAY = date(2100, 1, 1)  # each question asks of a day of its own, which the record names


class Clients:
    """Three that ask with streaming, one that searches, one that uploads and one that deletes what was uploaded."""

    def __init__(
        self, url: str, keys: Mapping[Principal, str], cases: Sequence[Case], there: Mapping[str, str]
    ) -> None:
        """`there`: documents of earlier services, which may be deleted."""
        self.heard = Heard()
        self._url, self._keys, self._cases = url, keys, cases
        self._days = iter(range(100_000))
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._deletable: queue.SimpleQueue[str] = queue.SimpleQueue()
        for document in list(there)[::2]:  # the others have to outlive more kills
            self._deletable.put(document)
        work: list[Callable[[httpx2.Client, int], None]] = [self._ask] * _ASKERS
        work += [self._search, self._upload, self._delete]
        self._threads = [threading.Thread(target=self._run, args=(one, at), daemon=True) for at, one in enumerate(work)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> Heard:
        """What they heard; call it when the service is gone."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * _SERVED_S)
        return self.heard

    def _run(self, work: Callable[[httpx2.Client, int], None], at: int) -> None:
        turn = at * len(self._cases) // len(self._threads)  # each begins elsewhere
        with httpx2.Client(base_url=self._url, timeout=_SERVED_S, trust_env=False) as client:
            while not self._stop.is_set():
                try:
                    work(client, turn)
                except httpx2.HTTPError:  # the service is gone
                    return
                turn += 1

    def _ask(self, client: httpx2.Client, turn: int) -> None:
        case = self._cases[turn % len(self._cases)]
        with self._lock:
            question = Question(case.question, (_FIRST_DAY + timedelta(next(self._days))).isoformat())
            self.heard.questions.append(question)
        body = {"question": question.text, "as_of": question.as_of, "stream": True}
        with client.stream("POST", "/v1/query", json=body, headers=self._headers(case.asker)) as response:
            self._count("query", response)
            for piece in response.iter_raw():
                question.received += piece

    def _search(self, client: httpx2.Client, turn: int) -> None:
        case = self._cases[turn % len(self._cases)]
        found = client.post("/v1/search", json={"query": case.question}, headers=self._headers(case.asker))
        self._count("search", found)

    def _upload(self, client: httpx2.Client, turn: int) -> None:
        name = f"note-{secrets.token_hex(6)}.txt"
        data = f"Note {turn}\n\nThe cupboard {name} stands in room {turn}. It was bought second hand.\n".encode()
        sent = client.post(
            "/v1/documents",
            files={"file": (name, data, "text/plain")},
            data={"allow": f"user:{WRITER.user}"},
            headers=self._headers(WRITER),
        )
        self._count("upload", sent)
        if sent.status_code == httpx2.codes.CREATED:
            document = sent.json()["document_id"]
            self.heard.uploaded[document] = hashlib.sha256(data).hexdigest()
            if turn % 2:
                self._deletable.put(document)

    def _delete(self, client: httpx2.Client, _: int) -> None:
        try:
            document = self._deletable.get(timeout=0.05)
        except queue.Empty:
            return
        self.heard.deleting.add(document)
        done = client.delete(f"/v1/documents/{document}", headers=self._headers(WRITER))
        self._count("delete", done)
        if done.status_code == httpx2.codes.NO_CONTENT:
            self.heard.deleted.add(document)

    def _headers(self, who: Principal) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[who]}"}

    def _count(self, what: str, response: httpx2.Response) -> None:
        with self._lock:
            self.heard.statuses[f"{what} {response.status_code}"] += 1
