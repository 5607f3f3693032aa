"""Whatever people ask, share, rename, lose and delete: nobody is shown, or told of, what they may not read.

Histories run against the real database, trail and vault. What each person should see follows from a model of its own
beside them; every word that is put into a question, a title or a document is one of a kind, and looked for in all that
somebody is shown.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psycopg
import pytest

from api.http.schemas.conversations import ConversationDetail, ConversationOut, documents_in
from api.http.schemas.recall import NoticeOut
from api.wiring import kept as kept_module
from api.wiring.conversations import Conversations
from api.wiring.kept import KeptAnswers
from api.wiring.people_stores import PeopleStores
from generation.types import Answer, Citation, FollowUp, ModelCard, PartAnswer, Sentence, Status, Verdict, Why
from infra.postgres.conversations import PostgresConversations
from infra.settings import load_settings
from ingest.types import OPERATOR, Chunk, Document, chunk_id
from retrieval.types import Principal

HISTORIES, STEPS, CARRIED = 10, 40, 3
NAMES, GROUPS = ("ana", "ben", "cora"), ("legal", "hr")
LABELS = (
    ["group:legal"], ["group:hr"], ["user:ana"], ["group:legal", "group:hr"], ["group:legal", "!user:ben"],
    ["user:ana", "user:ben", "user:cora"],
)  # fmt: skip
WHOM = ("user:ana", "user:ben", "user:cora", "group:legal", "group:hr")
SECRET = re.compile(r"zz\d+zz")


@dataclass(eq=False)
class Doc:
    """`words`: one of a kind for each version."""

    id: str
    label: set[str]
    versions: list[set[str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    deleted: bool = False


@dataclass
class Said:
    """A turn; `rests`: documents by place in the list, with version."""

    words: str
    rests: set[tuple[int, int]]
    carried: list[int]
    at: int
    erased: bool = False


@dataclass(eq=False)
class Talk:
    id: str
    owner: str
    title: str = ""
    matter: str = ""
    turns: list[Said] = field(default_factory=list)
    shares: dict[int, set[str]] = field(default_factory=dict)
    used: int = 0


class World:
    """The real thing and the model, side by side."""

    def __init__(self, parts: PeopleStores, seed: int) -> None:
        self.parts, self.random, self.seed = parts, random.Random(seed), seed
        self.looking = random.Random(-seed)  # histories do not depend on what is looked at
        self.groups = {name: {self.random.choice(GROUPS)} for name in NAMES}
        self.docs: list[Doc] = []
        self.talks: list[Talk] = []
        self.audit_ids: dict[int, str] = {}
        self.clock = 0

    def secret(self) -> str:
        self.clock += 1
        return f"zz{self.seed}0{self.clock:04}zz"

    def principal(self, name: str) -> Principal:
        return Principal(f"{name}{self.seed}", frozenset(f"{group}{self.seed}" for group in self.groups[name]))

    def real(self, token: str) -> str:
        """People and groups are this history's own."""
        return f"{token}{self.seed}"

    def label(self, tokens: list[str]) -> frozenset[str]:
        return frozenset(map(self.real, tokens))

    # The model

    def admitted(self, name: str, label: set[str]) -> bool:
        tokens = {f"user:{name}", *(f"group:{group}" for group in self.groups[name])}
        return bool(tokens & label) and not {f"!{token}" for token in tokens} & label

    def readable(self, name: str, place: tuple[int, int]) -> bool:
        doc = self.docs[place[0]]
        return not doc.deleted and self.admitted(name, doc.label) and self.admitted(name, doc.versions[place[1] - 1])

    def opens(self, name: str, talk: Talk, number: int) -> bool:
        turn = talk.turns[number - 1]
        if name != talk.owner:
            tokens = {f"user:{name}", *(f"group:{group}" for group in self.groups[name])}
            if not tokens & (talk.shares.get(0, set()) | talk.shares.get(number, set())):
                return False
        return (
            not turn.erased
            and all(self.readable(name, place) for place in turn.rests)
            and all(self.opens(name, talk, one) for one in turn.carried)
        )

    def seen(self, name: str, talk: Talk) -> list[Said]:
        return [turn for number, turn in enumerate(talk.turns, 1) if self.opens(name, talk, number)]

    # What happens

    def add_document(self) -> None:
        """Or a new version of one."""
        tokens, words = self.random.choice(LABELS), self.secret()
        if not self.docs or self.random.random() < 0.6:
            self.docs.append(Doc("", set(tokens)))
        doc = self.random.choice((self.docs[-1], self.random.choice(self.docs)))
        place = self.docs.index(doc)
        if doc.deleted:
            return
        doc.id = self._store(f"files/{self.seed}/{place}.txt", f"{words} is what {place} says", self.label(tokens))
        doc.label = set(tokens)
        doc.versions.append(set(tokens))
        doc.words.append(words)

    def _store(self, source: str, text: str, allow: frozenset[str]) -> str:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        document = Document(source, f"About {text}", "text/plain", sha256, text, ())
        chunk = Chunk(chunk_id(document.id, sha256, 0, len(text)), document.id, 0, 0, len(text), text, document.title)
        vector = np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8).astype(np.float32).reshape(1, 32)
        self.parts.documents.add_version(document, [chunk], vector, allow, text.encode())
        return document.id

    def relabel(self) -> None:
        doc, tokens = self.random.choice(self.docs), self.random.choice(LABELS)
        if doc.versions and not doc.deleted:
            self.parts.documents.relabel(doc.id, self.label(tokens))
            doc.label = doc.versions[-1] = set(tokens)

    def delete_document(self) -> None:
        doc = self.random.choice(self.docs)
        if doc.versions and not doc.deleted:
            self.parts.documents.delete(doc.id, OPERATOR)
            doc.deleted = True

    def restore_document(self) -> None:
        if gone := [doc for doc in self.docs if doc.deleted]:
            doc = self.random.choice(gone)
            assert self.parts.documents.restore(doc.id, OPERATOR)
            doc.deleted = False

    def move(self) -> None:
        name = self.random.choice(NAMES)
        self.groups[name] = set(self.random.sample(GROUPS, self.random.randrange(3)))

    def ask(self) -> None:
        name, words = self.random.choice(NAMES), self.secret()
        own = [talk for talk in self.talks if talk.owner == name]
        talk = self.random.choice(own) if own and self.random.random() < 0.8 else Talk("new", name)
        principal = self.principal(name)
        last = list(range(1, len(talk.turns) + 1))[-CARRIED:]
        while (shut := [number for number in last if not self.opens(name, talk, number)]) and last:
            last = last[last.index(shut[-1]) + 1 :]
        earlier = self.parts.conversations.earlier(talk.id, principal)
        assert earlier is not None
        assert [(one.number, one.words) for one in earlier] == [(at, talk.turns[at - 1].words) for at in last]
        carried = last[len(last) - self.random.randint(0, len(last)) :]
        may = [(place, number) for place, doc in enumerate(self.docs) for number in range(1, len(doc.versions) + 1)]
        may = [place for place in may if self.readable(name, place)]
        rests = set(self.random.sample(may, min(len(may), self.random.randrange(3))))
        self.clock += 1
        said = Said(words, rests, carried, self.clock)
        audit_id = self.audit_ids[self.clock] = self.answered(talk, said, principal)
        turn = self.parts.conversations.add(talk.id, principal, audit_id, carried)
        assert turn is not None
        if talk.id == "new":
            self.talks.append(talk)
        talk.id, talk.used = turn.id, self.clock
        talk.turns.append(said)
        assert turn.number == len(talk.turns)

    def answered(self, talk: Talk, said: Said, principal: Principal) -> str:
        """As the trail has it; now and then documents are named by title alone, or in a caution."""
        before = tuple(talk.turns[number - 1].words for number in said.carried)
        asked = f"About {', '.join(before)}: {said.words}" if before else said.words
        how = self.random.choice(("cited", "cited", "titled", "cautioned")) if said.rests else "cited"
        places = sorted(said.rests)
        cited = tuple(
            Citation(
                number, self.docs[place].id, version, "0" * 64, "T", "s", (), None, 0, 1, self.quote(place, version),
            )
            for number, (place, version) in enumerate(places, 1)
        )  # fmt: skip
        names = " ".join(self.quote(*place) for place in places)
        parts = (PartAnswer("?", Status.ANSWERED, Why.NONE, names),) if how == "titled" else ()
        cited = cited if how == "cited" else ()
        sentences = (Sentence("S.", 0, 2, Verdict.ENTAILED, 1.0, (1,)),) if cited else ()
        answer = Answer(
            f"It is so. {names}", Status.ANSWERED, sentences, cited, ModelCard(*"abcdefg"),
            parts=parts, withheld=7,
        )  # fmt: skip
        told = asdict(answer)
        del told["follow_up"], told["conversation"]
        if how == "cautioned":
            told["cautions"] = [{"kind": "instruction", "words": names, "citations": []}]
        context = [
            {"marker": at, "document_id": self.docs[place].id, "version": version}
            for at, (place, version) in enumerate(places, 1)
        ]
        opening = self.parts.audit.append_now(
            {"kind": "opened", "principal": f"user:{principal.user}", "question": asked}
        )
        record = {"kind": "closed", "principal": f"user:{principal.user}", "answer_id": opening, "question": asked}
        follow_up = {"follow_up": asdict(FollowUp(said.words, before, asked))} if before else {}
        self.parts.audit.append_now({**record, **follow_up, "answer": told, "context": context})
        return opening

    def quote(self, place: int, version: int) -> str:
        return self.docs[place].words[version - 1]

    def _own(self) -> Talk | None:
        return self.random.choice(self.talks) if self.talks else None

    def rename(self) -> None:
        if talk := self._own():
            talk.title, talk.matter, talk.used = self.secret(), self.secret(), self.clock
            principal = self.principal(talk.owner)
            assert self.parts.conversations.change(talk.id, principal, title=talk.title, matter=talk.matter)

    def share(self) -> None:
        if not (talk := self._own()):
            return
        number = self.random.randrange(len(talk.turns) + 1)
        whom = set(self.random.sample(WHOM, self.random.randrange(1, 4)))
        if number:
            for one in talk.turns[number - 1].carried:  # else it is refused
                whom &= talk.shares.get(0, set()) | talk.shares.get(one, set())
        principal = self.principal(talk.owner)
        assert self.parts.conversations.share(talk.id, principal, number, list(map(self.real, whom)))
        talk.shares[number] = whom

    def unshare(self) -> None:
        if (talk := self._own()) and talk.shares:
            number = self.random.choice(sorted(talk.shares))
            assert self.parts.conversations.share(talk.id, self.principal(talk.owner), number, [])
            talk.shares[number] = set()

    def delete(self) -> None:
        if talk := self._own():
            assert self.parts.conversations.delete(talk.id, self.principal(talk.owner))
            self.talks.remove(talk)

    def erase(self) -> None:
        if (talk := self._own()) and self.random.random() < 0.3:
            turn = self.random.choice(talk.turns)
            self.parts.keys.destroy([f"entry:{self.audit_ids[turn.at]}"])
            turn.erased = True

    # What is looked at

    def look(self, name: str) -> None:
        shown = self.lists(name) + "".join(self.opened(name, talk) for talk in self.talks)
        told = set(SECRET.findall(shown + self.noticed(name)))
        assert told <= self.allowed(name), f"{name} is shown {told - self.allowed(name)}"
        if self.talks:
            self.answer_is_shared(name, self.looking.choice(self.talks))

    def answer_is_shared(self, name: str, talk: Talk) -> None:
        """As whoever signs, exports or gives feedback is asked for it."""
        number = self.looking.randrange(len(talk.turns)) + 1
        opens = self.parts.conversations.opens(self.audit_ids[talk.turns[number - 1].at], self.principal(name))
        assert opens == (name != talk.owner and self.opens(name, talk, number))

    def noticed(self, name: str) -> str:
        """Notices of what others share, each because of a newer version that the person may read."""
        principal = self.principal(name)
        self.parts.recall.refresh()
        found = [
            one for one in self.parts.recall.notices(principal, 1000) if one.kept.asked_by != f"user:{principal.user}"
        ]
        aged = [
            turn for talk in self.talks if talk.owner != name for turn in self.seen(name, talk) if self.aged(name, turn)
        ]
        assert {one.kept.audit_id for one in found} == {self.audit_ids[turn.at] for turn in aged}
        seen = self.parts.numbers.of(principal, {id_ for one in found for id_, _ in one.kept.rests_on})
        return "".join(NoticeOut.of(one, seen).model_dump_json() for one in found)

    def aged(self, name: str, turn: Said) -> bool:
        newer = (
            (doc, one) for doc, version in turn.rests for one in range(version + 1, len(self.docs[doc].versions) + 1)
        )
        return any(self.readable(name, place) for place in newer)

    def allowed(self, name: str) -> set[str]:
        """All words that the person may be shown."""
        own = {word for talk in self.talks if talk.owner == name for word in (talk.title, talk.matter)}
        seen = [turn for talk in self.talks for turn in self.seen(name, talk)]
        return own | {turn.words for turn in seen} | {self.quote(*place) for turn in seen for place in turn.rests}

    def lists(self, name: str) -> str:
        principal, parts = self.principal(name), self.parts.conversations
        own, total = paged(lambda after: parts.list(principal, after=after, limit=2))
        mine = sorted((talk for talk in self.talks if talk.owner == name), key=lambda talk: talk.used, reverse=True)
        assert total == len(mine)
        assert [(one.id, one.title, one.matter, one.turns) for one in own] == [
            (
                talk.id,
                talk.title or (talk.turns[0].words if self.opens(name, talk, 1) else ""),
                talk.matter,
                len(talk.turns),
            )
            for talk in mine
        ]
        found, total = paged(lambda after: parts.shared(principal, after=after, limit=2))
        theirs = [(talk, seen) for talk in self.talks if talk.owner != name and (seen := self.seen(name, talk))]
        theirs.sort(key=lambda one: one[1][-1].at, reverse=True)
        assert total == len(theirs)
        assert [(one.id, one.title, one.turns, one.matter) for one in found] == [
            (talk.id, seen[0].words, len(seen), "") for talk, seen in theirs
        ]
        return json.dumps([ConversationOut.of(one).model_dump(mode="json") for one in (*own, *found)])

    def opened(self, name: str, talk: Talk) -> str:
        principal = self.principal(name)
        found = self.parts.conversations.open(talk.id, principal)
        seen = self.seen(name, talk)
        if name != talk.owner and not seen:
            assert found is None
            return ""
        assert found is not None
        numbers = self.parts.numbers.of(principal, documents_in(found.turns))
        told = ConversationDetail.whole(found, numbers)
        if name == talk.owner:
            open_ = [self.opens(name, talk, number) for number in range(1, len(talk.turns) + 1)]
            assert [turn.answer is not None for turn in told.history] == open_
        else:
            assert [(turn.number, turn.question) for turn in told.history] == [
                (number, turn.words) for number, turn in enumerate(seen, 1)
            ]
            assert (told.title, told.shares, told.turns) == (seen[0].words, [], len(seen))
            assert all(turn.answer is not None and turn.answer.withheld == 0 for turn in told.history)
        return told.model_dump_json()


def paged(call: Callable[[tuple[str, str] | None], Any]) -> tuple[list[Any], int]:
    """All of a list, page by page, and the count that each page tells."""
    found: list[Any] = []
    after, totals = None, set()
    while True:
        page, total, after = call(after)
        found += page
        totals.add(total)
        if after is None:
            assert len(totals) == 1
            return found, totals.pop()


STEPS_TAKEN: tuple[tuple[Callable[[World], None], int], ...] = (
    (World.ask, 8), (World.share, 5), (World.add_document, 3), (World.relabel, 3), (World.move, 2), (World.rename, 2),
    (World.unshare, 1), (World.delete_document, 2), (World.restore_document, 2), (World.delete, 1), (World.erase, 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def parts(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleStores]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE sharing")
    url = urlsplit(database_url)._replace(path="/sharing").geturl()
    home: Path = tmp_path_factory.mktemp("sharing")
    with PeopleStores(load_settings(home=home, DATABASE_URL=url, demo=False)) as made:
        yield made


def history(parts: PeopleStores, seed: int) -> None:
    world = World(parts, seed)
    world.add_document()
    kinds, weights = zip(*STEPS_TAKEN, strict=True)
    for step in world.random.choices(kinds, weights, k=STEPS):
        step(world)
        world.look(world.random.choice(NAMES))
    for name in NAMES:
        world.look(name)


@pytest.mark.parametrize("seed", range(1, HISTORIES + 1))
def test_nobody_is_shown_what_they_may_not_read(parts: PeopleStores, seed: int) -> None:
    history(parts, seed)


def goes_on_from_anything(patch: pytest.MonkeyPatch) -> None:
    """A follow-up is shown without what it goes on from."""
    real: Any = Conversations._open

    def opened(self: Conversations, turns: Any, *given: Any) -> Any:
        return real(self, [replace(turn, carried=()) for turn in turns], *given)

    patch.setattr(Conversations, "_open", opened)


def tells_the_owners_title(patch: pytest.MonkeyPatch) -> None:
    real: Any = Conversations._seen

    def seen(self: Conversations, shared: Any, *given: Any) -> Any:
        found = real(self, shared, *given)
        stored = self.store.find(shared.id, shared.owner)
        return found and stored and replace(found, told=replace(found.told, title=stored[0].title or found.told.title))

    patch.setattr(Conversations, "_seen", seen)


def counts_hidden_turns(patch: pytest.MonkeyPatch) -> None:
    real: Any = Conversations._seen

    def seen(self: Conversations, shared: Any, *given: Any) -> Any:
        found = real(self, shared, *given)
        return found and replace(found, told=replace(found.told, turns=len(shared.turns)))

    patch.setattr(Conversations, "_seen", seen)


def opens_whatever_is_shared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(KeptAnswers, "readable", lambda self, kept, principal: list(kept))


def knows_cited_documents_alone(patch: pytest.MonkeyPatch) -> None:
    """Titles, in parts and cautions, are shown of documents that are not cited."""
    real: Any = kept_module._named
    patch.setattr(kept_module, "_named", lambda answer, context: real(answer, ()))


def shares_an_answer_without_what_it_goes_on_from(patch: pytest.MonkeyPatch) -> None:
    real: Any = PostgresConversations.sharing

    def sharing(self: PostgresConversations, *given: Any) -> Any:
        return [replace(one, turns=[replace(turn, carried=()) for turn in one.turns]) for one in real(self, *given)]

    patch.setattr(PostgresConversations, "sharing", sharing)


LEAKS = (
    goes_on_from_anything, tells_the_owners_title, counts_hidden_turns, opens_whatever_is_shared,
    knows_cited_documents_alone, shares_an_answer_without_what_it_goes_on_from,
)  # fmt: skip


def histories(parts: PeopleStores, first: int) -> None:
    for seed in range(first, first + 20):
        history(parts, seed)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(parts: PeopleStores, leak: Callable[[pytest.MonkeyPatch], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        leak(patch)
        with pytest.raises(AssertionError):
            histories(parts, 100 + 100 * LEAKS.index(leak))
