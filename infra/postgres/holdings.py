"""Where what is: every column that can hold words, whose they may be, and how an erasure takes them out.

docs/erasure.md has the same table; tests hold both to the schema.
"""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENT, PERSON = "document", "person"


@dataclass(frozen=True, slots=True)
class Holding:
    """`of`: whose words they may be. `how`: what an erasure does there, or why nothing is to be done."""

    column: str
    of: tuple[str, ...]
    how: str

    @property
    def table(self) -> str:
        return self.column.partition(".")[0]


_ROWS = """
access_labels.id | person | digest of a label; labels that nothing has any more are removed
access_labels.principals | person | the label without the name takes its place
adapter_changes.action | | one of three words
adapter_changes.evidence | | figures of an evaluation
adapter_changes.name | | of a model
adapter_changes.previous | | of a model
adapters.base | | of a model
adapters.base_sha256 | | digest of a model
adapters.config | | settings of a training
adapters.data_sha256 | | digest of training data
adapters.gguf_sha256 | | digest of a model
adapters.metrics | | figures of an evaluation
adapters.name | | of a model
adapters.peft_sha256 | | digest of a model
adapters.prompt_sha256 | | digest of a prompt
adapters.status | | one of three words
answer_marks.owner | person | emptied
answer_marks.reason | | one of four words
api_keys.groups | person | row removed
api_keys.hash | person | row removed
api_keys.id | person | row removed
api_keys.label | person | row removed
api_keys.scopes | person | row removed
api_keys.user_name | person | row removed
audit.hash | | chain over what is sealed
audit.prev_hash | | chain over what is sealed
audit.principal | person | a pseudonym, whose key is destroyed
audit.record | document, person | sealed; the keys of document, person and entries are destroyed
audit_resealed.hash | | chain over what was sealed since
audit_resealed.leaf | | salted digest of what was sealed since
budget_use.subject | person | row removed
budgets.subject | person | row removed
catalog_generation.embedder | | of a model
chunks.embedding | document | row removed
chunks.id | document | row removed
chunks.reading | document | row removed
chunks.section_path | document | row removed
chunks.summary | document | row removed
chunks.table_header | document | row removed
chunks.text | document | row removed
chunks.title | document | row removed
collection_documents.asked | person | the name taken out
collection_documents.collection | document | row removed
collections.label | person | the name taken out
collections.name | | an operator's word
collections.walls | person | the name taken out
connector_items.code | document | row removed
connector_items.connector | document | row removed
connector_items.facts | document | row removed; of a person it is the source's, and is listed
connector_items.fingerprint | document | row removed
connector_items.key | document | row removed
connector_items.label | person | the name taken out; the next sync sets it by the mapping
connector_items.reason | document | row removed
connectors.collection | | an operator's word
connectors.kind | | one of three words
connectors.mapping | | a path, an operator's
connectors.name | | an operator's word
connectors.options | | an operator's settings; a mailbox of a person is listed
connectors.problem | document | emptied where it names the item
connectors.summary | | counts
conversation_shares.principal | person | row removed
conversations.matter | person | row removed
conversations.owner | person | row removed
conversations.title | person | row removed
documents.label_id | person | the label without the name takes its place
documents.managers | person | the name taken out
documents.owner | person | the operator's from then on
documents.source | document, person | row removed; in uploads of a person the name gives way to "[erased]"
erased_items.connector | | an operator's word
erased_items.mark | | keyed hash
erasures.asked_by | | an operator's words
erasures.counts | | figures
erasures.indices | | of keys that are destroyed
erasures.kind | | one of two words
erasures.originals | document | emptied when it is done
erasures.subjects | document, person | id or pseudonym: which erasure this is
eval_cases.case_id | | an operator's word
eval_cases.code | | of the program
eval_cases.dataset | | digest of a set of cases
eval_cases.evidence | | digest of versions of documents
eval_cases.outcome | | one of three words
eval_cases.slices | | names of groups, codes of kind, language and file type
eval_cases.snapshot | | of the index as the asker sees it
eval_cases.status | | one of three words
eval_cases.store | | one of three words
eval_cases.suite | | one of four words
eval_cases.version | | digest of a case
eval_datasets.name | | an operator's word
eval_datasets.sha256 | | digest of a set of cases
eval_decisions.gates | | margins of gates, and an operator's words for them
eval_decisions.outcome | | one of three words
eval_decisions.results | | figures, and an operator's words for cases
eval_metrics.case_id | | an operator's word
eval_metrics.name | | of the program
eval_metrics.suite | | one of four words
eval_runs.code_commit | | of the program
eval_runs.config_sha256 | | digest of models and settings
eval_runs.data_sha256 | | digest of sets of cases
eval_runs.plan | | digests and counts
eval_runs.setup | | names of models, digests of settings
eval_runs.status | | one of four words
eval_runs.what | | one word
facts.kind | document | row removed
facts.replaces | document | row removed
facts.role | document | row removed
facts.set_by | person | gives way to "[erased]"
facts.term | document | row removed
facts.value | document | row removed
feedback.kind | | one of four words
feedback.owner | person | row removed
feedback.review | document, person | row removed
feedback.reviewed_by | person | gives way to "[erased]"
feedback.state | | one of four words
feedback.words | document, person | row removed, as are all of an answer that goes
groups.display_name | | of a group
groups.external_id | | of a group
groups.name | | of a group
held_versions.content_sha256 | document | row removed
held_versions.label | person | the name taken out
held_versions.media_type | document | row removed
held_versions.owner | person | the operator's from then on
held_versions.source | document, person | row removed; in uploads of a person the name gives way to "[erased]"
held_versions.text | document | row removed
held_versions.title | document | row removed
holds.kind | | one of three words
holds.reason | | an operator's words
holds.subject | person | the row of a lifted hold is removed
index_chunks.embedding | document | row removed
index_chunks.id | document | row removed
index_chunks.index_name | | of an index
index_chunks.reading | document | row removed
index_chunks.section_path | document | row removed
index_chunks.summary | document | row removed
index_chunks.table_header | document | row removed
index_chunks.text | document | row removed
index_chunks.title | document | row removed
index_keys.cut_by | | a kind of chunking
index_keys.index_key | document | row removed
index_keys.index_name | | of an index
index_keys.of_chunking | | a kind of chunking
index_keys.of_key | document | row removed
index_keys.reading | document | row removed
index_segments.index_name | | of an index
index_segments.name | | random
indexes.base_chunking | | a kind of chunking
indexes.chunking | | a kind of chunking
indexes.embedder | | of a model
indexes.name | | of an index
job_files.content_sha256 | document | row emptied
job_files.name | document | row emptied
job_files.report | document | row emptied
job_files.source | document, person | row emptied; jobs of a person are removed
job_files.state | | one of five words
jobs.idempotency_key | document, person | emptied with a file of it; jobs of a person are removed
jobs.kind | | one of three words
jobs.owner | person | jobs of a person are removed
jobs.queue | | of the program
jobs.request | person | jobs that name a person are removed
jobs.request_sha256 | document, person | emptied with a file of it; jobs of a person are removed
jobs.title | document | emptied where it is the file's name or that of a folder above it, also in part
jobs.tokens | person | jobs of a person are removed
listed_documents.document_date | document | row removed
listed_documents.kinds | document | row removed
listed_documents.label_id | person | follows its document
listed_documents.language | document | row removed
listed_documents.media_type | document | row removed
listed_documents.sought | document, person | follows its document
listed_documents.source_key | document, person | follows its document
listed_documents.title_key | document | row removed
people.attributes | person | row removed
people.external_id | person | row removed
people.former_names | person | row removed
people.user_name | person | row removed
procrastinate_jobs.args | | id and number of a file of a job
procrastinate_jobs.lock | | id of a document or job
procrastinate_jobs.queue_name | | of the program
procrastinate_jobs.queueing_lock | | not used
procrastinate_jobs.task_name | | of the program
procrastinate_periodic_defers.periodic_id | | not used
procrastinate_periodic_defers.task_name | | of the program
release_events.action | | one of eight words
release_events.by | person | gives way to "[erased]"
release_events.evidence | person | figures, an operator's words; in reasons the name gives way to "[erased]"
release_events.name | | an operator's word
release_events.previous | | an operator's word
release_observations.arm | | one of three words
release_observations.code | | of the program
release_observations.person | person | row removed
release_observations.release | | an operator's word
release_observations.status | | one of four words
release_processes.code | | of the program
release_processes.host | | name of a machine
release_processes.state | | one of three words
releases.by | person | gives way to "[erased]"
releases.name | | an operator's word
releases.note | person | an operator's words; the name gives way to "[erased]"
releases.pins | | names of models, digests, settings
releases.pins_sha256 | | digest of models and settings
releases.settings | | settings of the installation
retention.class | | one of five words
review_cells.code | | of the program
review_cells.state | | one of seven words
review_shares.principal | person | row removed
reviews.key_id | person | row removed
reviews.owner | person | row removed
reviews.questions | person | row removed
reviews.title | person | row removed
reviews.tokens | person | row removed
schema_migrations.name | | of the program
schema_migrations.sha256 | | of the program
segments.name | | random
sessions.groups | person | row removed
sessions.hash | person | row removed
sessions.key_id | person | row removed
sessions.scopes | person | row removed
sessions.user_name | person | row removed
sessions.way | person | row removed
sign_offs.signed_by | person | row removed
sign_offs.verdict | | one of three words
sign_offs.words | document, person | row removed, as are all of an answer that goes
versions.chunking | document | row removed
versions.content_sha256 | document | row removed
versions.document_date | document | row removed
versions.index_key | document | row removed
versions.label_id | person | the label without the name takes its place
versions.language | document | row removed
versions.layout | document | row removed
versions.media_type | document | row removed
versions.names | document | row removed
versions.pages | document | row removed
versions.reading | document | row removed
versions.text | document | row removed
versions.title | document | row removed
versions.warnings | document | row removed
wrong_versions.reason | document | row removed
"""


def _holding(row: str) -> Holding:
    column, of, how = (cell.strip() for cell in row.split("|"))
    return Holding(column, tuple(filter(None, map(str.strip, of.split(",")))), how)


HOLDINGS = tuple(map(_holding, _ROWS.strip().splitlines()))
# Free words of whoever runs the installation: an erasure of a person lists the rows in which the name stands.
OPERATORS = frozenset(one.column for one in HOLDINGS if "an operator's" in one.how)


def tables_of(kind: str) -> tuple[str, ...]:
    """Those that an erasure of this kind writes to: the trail is not among them."""
    return tuple(sorted({one.table for one in HOLDINGS if kind in one.of} - {"audit"}))
