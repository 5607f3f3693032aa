import { useSigned } from "../app/context";
import { useSource } from "../app/source";
import type { DocumentSummary } from "../client/types";
import { DeleteDialog } from "./DeleteDialog";
import { DocumentDetails } from "./DocumentDetails";
import { ReadersDialog } from "./ReadersDialog";

/** What is to be done with which documents. */
export interface Wanted {
  what: "delete" | "readers" | "details" | "version";
  documents: DocumentSummary[];
}

interface Props {
  wanted: Wanted | null;
  /** The id of the document whose details are shown, or "". */
  details: string;
  recycleDays: number;
  onAct: (what: Wanted["what"], documents: DocumentSummary[]) => void;
  onDone: (ids: string[]) => void;
  onChanged: () => void;
  onForget: (ids: string[]) => void;
  onClose: () => void;
  onCloseDetails: () => Promise<void>;
}

/** The dialogs and the drawer that lie over the list. */
export function DocumentDialogs(props: Props) {
  const { wanted, details, recycleDays, onAct, onDone, onChanged, onForget, onClose, onCloseDetails } = props;
  const { api, me } = useSigned();
  const { place, open, close } = useSource();
  return (
    <>
      {details !== "" && (
        <DocumentDetails
          id={details}
          onOpen={(wantedPlace) => void onCloseDetails().then(() => open(wantedPlace))}
          onAct={(what, documents) => void onCloseDetails().then(() => onAct(what, documents))}
          onClose={() => {
            void onCloseDetails();
            onClose();
          }}
        />
      )}
      {wanted?.what === "delete" && (
        <DeleteDialog
          api={api}
          documents={wanted.documents}
          recycleDays={recycleDays}
          onDeleted={(ids) => {
            if (place !== null && ids.includes(place.document_id)) close();
            onForget(ids);
            onDone(ids);
          }}
          onClose={onClose}
        />
      )}
      {wanted?.what === "readers" && (
        <ReadersDialog
          api={api}
          me={me}
          documents={wanted.documents}
          onChanged={(ids) => {
            onChanged();
            onDone(ids);
          }}
          onClose={onClose}
        />
      )}
    </>
  );
}
