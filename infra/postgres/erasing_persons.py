"""What an erasure of a person does, table by table: by names, tokens, accounts, and `told` in what operators typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from infra.postgres.sql import SQL

OF_PERSON = (
    ("people", SQL["erase_people"]),
    ("sessions", SQL["erase_sessions_of_person"]),
    ("api_keys", SQL["erase_keys_of_person"]),
    ("budgets", SQL["erase_budgets_of_person"]),
    ("budget_use", SQL["erase_budget_use_of_person"]),
    ("documents", SQL["erase_owner"]),
    ("documents", SQL["erase_manager"]),
    ("documents", SQL["erase_upload_names"]),
    ("held_versions", SQL["erase_held_upload_names"]),
    ("held_versions", SQL["erase_held_label"]),
    ("collections", SQL["erase_walls"]),
    ("collections", SQL["erase_collection_label"]),
    ("collection_documents", SQL["erase_asked"]),
    ("connector_items", SQL["erase_item_label"]),
    ("facts", SQL["erase_facts_setter"]),
    ("holds", SQL["erase_lifted_holds"]),
    ("feedback", SQL["erase_feedback_of_person"]),
    ("feedback", SQL["erase_reviewer"]),
    ("answer_marks", SQL["erase_mark_owner"]),
    ("sign_offs", SQL["erase_sign_offs_of_person"]),
    ("reviews", SQL["erase_reviews_of_person"]),
    ("conversations", SQL["erase_conversations_of_person"]),
    ("conversation_shares", SQL["erase_shares_with_person"]),
    ("review_shares", SQL["erase_review_shares_with_person"]),
    ("releases", SQL["erase_release_proposer"]),
    ("release_events", SQL["erase_release_actor"]),
    ("releases", SQL["erase_release_notes"]),
    ("release_events", SQL["erase_release_reasons"]),
    ("release_observations", SQL["erase_observations_of_person"]),
)


def pattern(words: Iterable[str]) -> str:
    """A regular expression of PostgreSQL for any of them as whole words, over any white space, and not within longer
    names (j.doe in j.doe.smith)."""
    every = [r"\s+".join(map(_literal, word.split())) for word in words if word.strip()]
    return rf"(?<![\w@-])(?<!\w\.)(?:{'|'.join(every)})(?![\w@-]|\.\w)"


def _literal(word: str) -> str:
    return re.sub(r"(\W)", r"\\\1", word)
