"""Errors of signing in by an identity provider, and of its tokens."""

from __future__ import annotations

from ingest.errors import FootnoteError, NotNow


class ProviderUnavailable(NotNow):
    """The identity provider does not answer, or not as OpenID Connect has it."""

    code = "identity_provider_unavailable"


class SignInRefused(FootnoteError):
    """The identity provider has not signed this person in, or what it sent does not hold."""

    code = "sign_in_refused"
