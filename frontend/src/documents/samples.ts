/** Documents for tests. */

import type { DocumentSummary } from "../client/types";

export function document(id: string, changes: Partial<DocumentSummary> = {}): DocumentSummary {
  return {
    document_id: id, title: `Lease ${id}`, source: `upload/ana/${id}.pdf`, version: 1, version_id: "v_1", media_type: "application/pdf",
    pages: 3, bytes: 1200, date: "2024-05-01", added_at: "2025-01-02T10:00:00Z", allow: ["group:legal"],
    versions: [{ version: 1, version_id: "v_1", added_at: "2025-01-02T10:00:00Z", content_sha256: "0", corrects: null }],
    may_change: true, warnings: [], coverage: { text: 3, ocr: 0, unread: 0, blank: 0 }, behind: false, chunking: "structure",
    language: "en", deleted_at: null, restorable_until: null, ...changes,
  };
}
