"""Log lines: what stands in them, and that no content gets into them."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from structlog.contextvars import bound_contextvars

from generation.errors import AuditUnavailable, GeneratorRejected
from infra.postgres.errors import DatabaseUnavailable
from infra.settings import SettingsError
from infra.telemetry import logs
from infra.telemetry.telling import told
from ingest.errors import DamagedFile

MARK = "zanzibar-7 privileged"
log = logging.getLogger("footnote")


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged since the last call, as JSON. What configuring changes is put back."""
    root, before = logging.getLogger(), log.level
    hooks = threading.excepthook, sys.excepthook, sys.unraisablehook
    logs.configure("debug", "json")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for handler in [one for one in root.handlers if isinstance(one, logs._Stderr)]:
        root.removeHandler(handler)
    log.setLevel(before)
    logging.captureWarnings(False)
    threading.excepthook, sys.excepthook, sys.unraisablehook = hooks


def failing(error: BaseException) -> BaseException:
    """That error as it was raised, below one more."""
    question = MARK
    try:
        try:
            raise error
        except BaseException as inner:
            raise ValueError(f"while asking {question}") from inner
    except ValueError as outer:
        return outer


def test_a_line_is_json_with_time_level_words_and_the_known_fields(lines: Any) -> None:
    with bound_contextvars(request_id="req-12345678", question=MARK):
        log.info("A file of a job has ended.", extra={"job": "j1", "number": 2, "file": MARK, "outcome": "added"})
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "A file of a job has ended.",
        "level": "info",
        "job": "j1",
        "number": 2,
        "outcome": "added",
        "request_id": "req-12345678",
    }


def test_an_error_is_told_by_kind_and_places_and_never_by_its_message_or_variables(lines: Any) -> None:
    log.error("It failed: %s", GeneratorRejected(MARK), exc_info=failing(KeyError(MARK)))
    (line,) = lines()
    assert MARK not in json.dumps(line)
    assert line["event"] == "It failed: generator_rejected"
    outer, inner = line["exception"]
    assert (outer["error"], outer["type"], inner["type"]) == ("ValueError", "ValueError", "KeyError")
    assert outer["at"][-1].split(":")[1].split()[1] == "failing"


def test_of_the_service_itself_the_message_is_told() -> None:
    assert told(SettingsError("FOOTNOTE_PORT is taken.")) == "wrong_configuration: FOOTNOTE_PORT is taken."
    away = DatabaseUnavailable("PostgreSQL does not answer.")
    away.__cause__ = psycopg.OperationalError("connection refused")
    assert told(away) == "database_unavailable: PostgreSQL does not answer."


@pytest.mark.parametrize("cause", [psycopg.errors.InvalidTextRepresentation(MARK), TypeError(MARK), DamagedFile(MARK)])
def test_a_message_that_repeats_what_failed_is_not_told(cause: Exception) -> None:
    error = AuditUnavailable(f"The audit record cannot be written. {cause}")
    error.__cause__ = cause
    assert MARK not in told(error)
    assert told(error).startswith("audit_unavailable")
    if isinstance(cause, psycopg.Error):
        assert told(error) == "audit_unavailable: SQLSTATE 22P02"


def test_of_an_error_of_the_system_the_file_is_not_told() -> None:
    assert told(FileNotFoundError(2, "No such file", f"/srv/{MARK}.pdf")) == "FileNotFoundError: ENOENT"


def test_groups_and_circles_of_errors_are_told_once_each(lines: Any) -> None:
    one, two = ValueError(MARK), KeyError(MARK)
    one.__context__, two.__context__ = two, one
    log.error("Several failed.", exc_info=ExceptionGroup(MARK, [one, two]))
    (line,) = lines()
    assert [found["type"] for found in line["exception"]] == ["ExceptionGroup", "ValueError", "KeyError"]
    assert MARK not in json.dumps(line)


def test_libraries_are_heard_from_warnings_on_and_without_their_words(lines: Any) -> None:
    for name in ("openai", "httpx", "psycopg", "asyncio", "procrastinate.worker"):
        library = logging.getLogger(name)
        library.setLevel(logging.DEBUG)
        library.debug("prompt %s", MARK)
        library.warning(f"{MARK} %s", MARK, exc_info=failing(OSError(MARK)))
        library.setLevel(logging.NOTSET)
    found = lines()
    assert [line["library"] for line in found] == ["openai", "httpx", "psycopg", "asyncio", "procrastinate.worker"]
    assert {line["event"] for line in found} == {"A library reports something."}
    assert MARK not in json.dumps(found)


def test_the_server_is_heard_with_its_words_and_numbers_alone(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = logging.getLogger("uvicorn.error")
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)  # a server of another test has changed it
    server.warning("Port %d on %s: %r", 80, MARK, MARK)
    server.error("Exception in ASGI application\n", exc_info=failing(ValueError(MARK)))
    first, second = lines()
    assert first["event"] == "Port 80 on ?: ?"
    assert second["event"] == "Exception in ASGI application"
    assert MARK not in json.dumps([first, second])


def test_what_python_would_print_becomes_lines_without_content(lines: Any) -> None:
    logs.take_over()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"sheet {MARK} is odd", stacklevel=1)
    thread = threading.Thread(target=lambda: failing_thread(MARK))
    thread.start()
    thread.join()
    sys.excepthook(ValueError, failing(ValueError(MARK)), None)  # type: ignore[arg-type]
    found = lines()
    assert [line.get("library", line["event"]) for line in found] == [
        "py.warnings",
        "A thread ended by an error that nobody caught.",
        "The process ends by an error that nobody caught.",
    ]
    assert MARK not in json.dumps(found)


def failing_thread(words: str) -> None:
    raise ValueError(words)


@pytest.mark.parametrize("bad", ["one\ntwo", "\x1b[31mred", "c1 \x85 next", "\u202ereversed", "half \ud800"])
def test_control_characters_are_escaped(lines: Any, capsys: pytest.CaptureFixture[str], bad: str) -> None:
    log.warning("The connector %s is away.", bad, extra={"connector": bad})
    raw = capsys.readouterr().err
    logs.configure("info", "text")
    log.warning("The connector %s is away.", bad, extra={"connector": bad})
    plain = capsys.readouterr().err
    for text in (raw, plain):
        assert text.count("\n") == 1
        assert text.rstrip("\n").isprintable()
    assert json.loads(raw)["connector"] == bad


def test_text_is_one_line_that_people_read(lines: Any, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    log.info("request", extra={"method": "GET", "route": "/v1/documents/{document_id}", "status": 200, "ms": 1.5})
    log.error("It failed.", exc_info=failing(ValueError(MARK)))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("info     request method=GET route=/v1/documents/{document_id} status=200 ms=1.5")
    assert "error=ValueError" in second
    assert MARK not in second


def test_a_line_that_cannot_be_written_repeats_nothing(lines: Any) -> None:
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one, logs._Stderr)]
    handler.handle(logging.LogRecord("footnote", logging.WARNING, "", 1, "%d files", (MARK,), None))
    assert [line["event"] for line in lines()] == ["A log line could not be written."]


def test_the_level_holds_and_the_last_setting_counts(lines: Any) -> None:
    logs.configure("warning", "json")
    log.info("too little")
    log.warning("enough")
    assert [line["event"] for line in lines()] == ["enough"]


def test_a_long_value_is_cut(lines: Any) -> None:
    log.warning("x" * 5000)
    assert len(lines()[0]["event"]) < 600
