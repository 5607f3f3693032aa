"""The only composition: real parts put together from settings, each made when first needed.

Each module adds to the one before: what is kept (`api.wiring.stores`), `models`, `ingestion`, `answers`, `trying`,
`container`.
"""

from api.bootstrap.container import Container

__all__ = ["Container"]
