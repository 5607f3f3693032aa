import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Api } from "../client/api";
import { documents as calls } from "../client/documents";
import { Problem } from "../client/problem";
import type { DocumentSummary, Me } from "../client/types";
import { words } from "../strings";
import { ModalDialog } from "../ui/Dialog";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Failures } from "./Each";
import { afterwards, changeOf, choices, keepsOwn, readsNow } from "./readers";
import { ReadersField } from "./ReadersField";

interface Props {
  api: Api;
  me: Me;
  documents: DocumentSummary[];
  onChanged: (ids: string[]) => void;
  onClose: () => void;
}

const told = words.documents.readers;

/** Changes who may read one document, or many: of many, only what is chosen otherwise than it is. */
export function ReadersDialog({ api, me, documents, onChanged, onClose }: Props) {
  const [wished, setWished] = useState<ReadonlyMap<string, boolean>>(new Map());
  const number = documents.length;
  const change = changeOf(wished, documents);
  const after = afterwards(change, documents);
  const unchanged = change.add.length === 0 && change.remove.length === 0;
  const nobody = after.some((allow) => allow.length === 0);
  const lockedOut = !nobody && after.some((allow) => !keepsOwn(me, allow));
  const saving = useMutation({
    mutationFn: () => calls.allow(api, documents.map(({ document_id }) => document_id), change),
    onSuccess: (done) => {
      const refused = done.filter(({ reason, outcome }) => reason !== "" || outcome === "not_found");
      const changed = done.filter((one) => !refused.includes(one));
      if (changed.length > 0) onChanged(changed.map(({ document_id }) => document_id));
      if (refused.length === 0) onClose();
    },
  });
  const titles = new Map(documents.map((one) => [one.document_id, one]));
  const refused = (saving.data ?? [])
    .filter(({ reason, outcome }) => reason !== "" || outcome === "not_found")
    .map(({ document_id, reason }) => ({ of: { title: titles.get(document_id)?.title ?? "" }, problem: new Problem(reason || told.gone, "", "") }));
  const reads = (token: string) => {
    const now = readsNow(token, documents);
    return wished.get(token) ?? (now === "some" ? null : now === "all");
  };

  return (
    <ModalDialog title={told.title(number)} onClose={onClose} busy={saving.isPending}>
      <div className="stack">
        {number === 1 && <p className="row-title">{documents[0]?.title}</p>}
        <ReadersField
          legend={number === 1 ? told.legend : told.legendMany}
          choices={choices(me, documents.flatMap((one) => one.allow))}
          chosen={reads}
          some={told.some}
          disabled={saving.isPending || saving.isSuccess}
          onChange={(token, chosen) => setWished(new Map([...wished, [token, chosen]]))}
        />
        <p className="muted">{number === 1 ? told.what : told.whatMany}</p>
        <p className={nobody || lockedOut ? "notice warned" : "visually-hidden"} role="status">
          {nobody ? told.none : lockedOut ? told.losing : ""}
        </p>
        {saving.error !== null && <ProblemNotice problem={Problem.from(saving.error)} />}
        <Failures failed={refused} />
      </div>
      <div className="dialog-actions">
        <button type="button" className="secondary" disabled={saving.isPending} onClick={onClose}>
          {saving.isSuccess ? words.ui.close : words.ui.cancel}
        </button>
        {!saving.isSuccess && (
          <button type="button" className="primary" disabled={saving.isPending || unchanged || nobody} onClick={() => saving.mutate()}>
            {saving.isPending ? told.saving : told.save}
          </button>
        )}
      </div>
    </ModalDialog>
  );
}
