"""What the OpenAI client raises, as errors that tell a person what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generation.errors import GenerationError, GeneratorRejected, GeneratorTimeout, GeneratorUnavailable

if TYPE_CHECKING:
    import openai


@contextmanager
def foreseen(base_url: str, timeout_s: float) -> Iterator[None]:
    """Raises `GenerationError` for whatever the client raises in the block; the arguments are for the words."""
    import httpx2
    import openai

    try:
        yield
    except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException) as error:
        if "ConnectTimeout" in type(error.__cause__).__name__:
            raise _unreachable(base_url) from error
        raise GeneratorTimeout(
            f"The language model did not finish within {timeout_s:g} s. Ask for less, or allow more time."
        ) from error
    except openai.APIStatusError as error:
        raise _status_error(error.status_code, _said(error)) from error
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        raise _unreachable(base_url) from error
    except openai.APIError as error:  # an error event inside a stream
        raise _status_error(_code(error.body), _said(error)) from error


def _unreachable(base_url: str) -> GeneratorUnavailable:
    return GeneratorUnavailable(
        f"The language model server at {base_url} cannot be reached. "
        "Check that it runs, or wait until it has been restarted."
    )


def _status_error(status: int, message: str) -> GenerationError:
    if status == 429 or status >= 500:
        return GeneratorUnavailable(f"The language model server is busy or loading ({message}). Try again soon.")
    if status in (401, 403):
        return GeneratorRejected(f"The language model server refuses the key. Correct it in the settings. ({message})")
    if status == 404:
        said = f"The language model server has no such model or address. Check both. ({message})"
        return GeneratorRejected(said, unserved=True)
    return GeneratorRejected(f"The language model refused the request: {message}")


def _said(error: openai.APIError) -> str:
    """The server's own words, on one line: what answers may be another program, with a page of its own."""
    message = error.body.get("message") if isinstance(error.body, dict) else None
    return " ".join((message if isinstance(message, str) else error.message).split())[:300]


def _code(body: object) -> int:
    """The status that a server put into an error event; 500 if there is none."""
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else 500
