"""Log lines on stderr, JSON or text, from whatever uses the standard library's `logging`.

Our own lines (logger `footnote`) are constant words with codes, numbers and names of jobs and connectors in them; an
error in their arguments is told as `telling.told` has it. Of libraries it is told which one spoke and where, not its
words, which may repeat a prompt or a line of a document. Nothing else of a record gets out.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.contextvars import get_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level
from structlog.typing import EventDict, WrappedLogger

from infra.telemetry.telling import raised, told

OURS = "footnote"
LEVELS = ("debug", "info", "warning", "error")
# What may stand beside the words of a line: passed as `extra`, anything else is dropped.
FIELDS = (
    "method", "route", "status", "ms", "job", "number", "outcome", "code", "seconds", "connector", "failed",
)  # fmt: skip
_NEAR = "uvicorn.error"  # speaks of the server alone
_MOST_CHARS = 500
log = logging.getLogger(OURS)


def configure(level: str, form: str) -> str:
    """From now on all of the process logs this way; called again, the last call holds. Returns json or text.

    `level`: of our lines; libraries are heard from warnings on. `form`: json, text, or auto: text on a terminal.
    """
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    handler = _Stderr()
    handler.setFormatter(_formatter(form))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    log.setLevel(level.upper())
    return form


def noted(text: str) -> None:
    """What a person would be told on a terminal of how the service starts and goes on."""
    log.info("%s", text)


def take_over() -> None:
    """For processes that run on their own: what Python would print with its words (warnings, and errors that nobody
    caught) becomes log lines."""
    logging.captureWarnings(True)

    def of_a_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log.error("A thread ended by an error that nobody caught.", exc_info=args.exc_value)

    def of_the_process(_: type[BaseException], error: BaseException, __: Any) -> None:
        log.critical("The process ends by an error that nobody caught.", exc_info=error)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            log.error("An error could not be raised.", exc_info=args.exc_value)

    threading.excepthook, sys.excepthook, sys.unraisablehook = of_a_thread, of_the_process, unraisable


class _Stderr(logging.StreamHandler[TextIO]):
    """To whatever stderr is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr

    def filter(self, record: logging.LogRecord) -> bool:
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        return (ours or record.levelno >= logging.WARNING) and super().filter(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's; its own prints the arguments
        sys.stderr.write('{"level": "error", "event": "A log line could not be written."}\n')


def _formatter(form: str) -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[
            _words,
            ExtraAdder(FIELDS),
            _context,
            add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception,
            _safe,
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer() if form == "json" else _text,
        ],
        pass_foreign_args=True,
        use_get_message=False,
    )


def _words(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    record: logging.LogRecord = line["_record"]
    args = line.pop("positional_args", ())
    line.pop("stack", None)
    line.pop("stack_info", None)
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        line["event"] = _filled(record.msg, args, _value)
    elif record.name == _NEAR:
        line["event"] = _filled(record.msg, args, lambda arg: arg if isinstance(arg, int | float) else _Left())
    else:
        line["event"] = "A library reports something."
        line["library"], line["at"] = record.name, f"{record.module}:{record.lineno}"
    return line


class _Left:
    """In the place of an argument: whatever the format asks for."""

    def __str__(self) -> str:
        return "?"

    __repr__ = __str__

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        return 0.0


def _filled(template: object, args: Any, value: Any) -> str:
    if not isinstance(template, str):
        return _value(template) if isinstance(template, BaseException) else type(template).__qualname__
    if not args:
        return template.strip()
    if isinstance(args, Mapping):
        return template % {name: value(arg) for name, arg in args.items()}
    return template % tuple(value(arg) for arg in args)


def _value(value: Any) -> Any:
    return told(value) if isinstance(value, BaseException) else value


def _context(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    if request_id := get_contextvars().get("request_id"):
        line["request_id"] = request_id
    return line


def _exception(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    found = line.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["exception"] = raised(error)
    return line


def _safe(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Strings, numbers and what `raised` gives, none of it long."""
    for name, value in line.items():
        if isinstance(value, BaseException):
            value = told(value)
        if isinstance(value, str):
            line[name] = value if len(value) <= _MOST_CHARS else f"{value[:_MOST_CHARS]}..."
        elif name not in {"_record", "exception"} and not isinstance(value, int | float | None):
            line[name] = type(value).__qualname__
    return line


def _text(_: WrappedLogger, __: str, line: EventDict) -> str:
    """Time, level, words and then name=value; a control character is escaped, and a line is one line."""
    errors = line.pop("exception", [])
    head = f"{line.pop('timestamp')} {line.pop('level'):<8} {_printable(str(line.pop('event')))}"
    rest = [f"{name}={_token(value)}" for name, value in line.items()]
    rest += [f"error={_token(one['error'])} at={_token(' < '.join(reversed(one['at'])))}" for one in errors]
    return " ".join([head, *rest])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _token(value: object) -> str:
    text = str(value)
    return text if text.isascii() and text.isprintable() and " " not in text and '"' not in text else json.dumps(text)
