"""The witnesses of the audit trail, by settings, and the round that a service makes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from api.wiring.background import Background, log
from infra.connectors.s3 import client
from infra.files.signing import signing_key
from infra.settings import Settings, SettingsError
from infra.witness.buckets import BucketWitness
from infra.witness.files import FileWitness
from infra.witness.timestamps import TimestampAuthority
from infra.witness.witnesses import Trail, Witness, Witnesses, WitnessReport
from ingest.errors import FootnoteError

__all__ = ["BackgroundWitness", "WitnessReport", "witness", "witnesses"]


def witnesses(settings: Settings, trail: Trail, salt_key: bytes) -> Witnesses:
    """Raises `SettingsError` and, for a bucket without boto3, `SourceUnavailable`."""
    if settings.witness_required and not settings.witnesses:
        raise SettingsError("FOOTNOTE_WITNESS_REQUIRED needs a witness: name one in FOOTNOTE_WITNESSES.")
    return Witnesses(
        trail,
        settings.home,
        signing_key(settings.home),
        salt_key,
        others=[witness(settings, place) for place in settings.witnesses],
        authority=_authority(settings),
        every=settings.witness_every_s,
        required=settings.witness_required,
    )


def witness(settings: Settings, place: str) -> Witness:
    """At an absolute path, or s3://BUCKET/PREFIX."""
    if not place.startswith("s3://"):
        return FileWitness(Path(place).absolute())
    found = urlsplit(place)
    asked = client(endpoint=settings.witness_s3_endpoint, region=settings.witness_s3_region, access_key="", secret="")
    return BucketWitness(asked, found.netloc, found.path, settings.witness_days)


def _authority(settings: Settings) -> TimestampAuthority | None:
    if not settings.witness_tsa:
        return None
    if settings.witness_tsa_ca is None:
        raise SettingsError("FOOTNOTE_WITNESS_TSA_CA is missing: by which certificates are its timestamps checked?")
    return TimestampAuthority(settings.witness_tsa, settings.witness_tsa_ca)


class BackgroundWitness(Background):
    """A round every so many seconds, and one when the service stops."""

    def __init__(self, of: Witnesses, *, every: float) -> None:
        self._round = of.round
        super().__init__("footnote-witness", of.round, "The witnesses could not be given a checkpoint", every=every)

    def stop(self) -> None:
        begun = self._thread.ident is not None
        super().stop()
        if begun:
            try:
                self._round()
            except (FootnoteError, OSError) as error:
                log.warning("The last checkpoint did not reach every witness: %s", error)
