"""What is left of a caller's budgets, in the header fields of draft-ietf-httpapi-ratelimit-headers (version 10)."""

from __future__ import annotations

from api.http.parts import Allowance
from retrieval.types import Principal

_DAY_S = 86_400


async def told(allowance: Allowance, principal: Principal) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit`; nothing where no budget holds."""
    left = await allowance(principal)
    if not left:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{what}";q={one.quota};w={_DAY_S}' for what, one in left.items()),
        "RateLimit": ", ".join(f'"{what}";r={one.left};t={one.seconds}' for what, one in left.items()),
    }
