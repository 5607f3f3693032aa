"""Uvicorn with a time limit for a request's head, and an application that hears at once when it is stopped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from api.http.app import stop
from api.http.limits import RequestTooSlow
from api.http.problems import problem_of, response_of
from api.http.schemas.problems import Problem
from api.http.stopping import GRACE_S


class Server(uvicorn.Server):
    """Serves our application until Ctrl-C or SIGTERM, which it hears before requests under way are waited for."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stop(self.config.app)  # type: ignore[arg-type]
        await super().shutdown(sockets)


def listening(
    app: FastAPI, host: str, port: int, *, header_timeout_s: float, trusted_proxies: Sequence[str] = ()
) -> Config:
    """`trusted_proxies`: whose X-Forwarded-For and -Proto count; nothing: those on this machine."""
    return Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        log_config=None,  # as the process logs; each request is told once, by api.http.telemetry
        access_log=False,
        timeout_graceful_shutdown=int(GRACE_S),
        http=timed(header_timeout_s),
        ws="none",
        forwarded_allow_ips=list(trusted_proxies) or None,
    )


def timed(header_timeout_s: float) -> type[H11Protocol]:
    """The protocol in which a request's line and headers have to be there within so many seconds."""

    class Timed(TimedProtocol):
        timeout_s = header_timeout_s

    return Timed


class TimedProtocol(H11Protocol):
    """HTTP/1.1. The time of a head begins with the connection, and with the first byte of each later request."""

    timeout_s = 10.0
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def send_400_response(self, msg: str) -> None:
        self._unwatch()
        self._refuse(Problem(title="Not HTTP", status=400, detail=f"{msg} Send HTTP/1.1.", code="http_error"))

    def _watch(self) -> None:
        """An alarm while a head is waited for, and none else."""
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._unwatch()
        elif self._alarm is None:
            self._alarm = self.loop.call_later(self.timeout_s, self._late)

    def _unwatch(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _late(self) -> None:
        self._alarm = None
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            return
        if self.conn.trailing_data[0]:
            late = f"The headers were not there within {self.timeout_s:g} s. Send the request again."
            self._refuse(problem_of(RequestTooSlow(late)))
        else:  # a connection that was opened for later
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Answers if nothing was answered yet, and closes."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            response = response_of(problem)
            headers = [*response.raw_headers, (b"connection", b"close")]
            reason = STATUS_PHRASES[problem.status]
            for event in (
                h11.Response(status_code=problem.status, headers=headers, reason=reason),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
