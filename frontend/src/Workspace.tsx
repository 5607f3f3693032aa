import { useCallback, useEffect, useRef, useState } from "react";
import { Chat } from "./chat/Chat";
import { useChat } from "./chat/useChat";
import type { Api } from "./client/api";
import type { DocumentText, Me, Session } from "./client/types";
import { Documents } from "./documents/Documents";
import { useUpload } from "./documents/useUpload";
import { Evaluation } from "./evaluation/Evaluation";
import { linkedPlace, linkedSource } from "./source/linked";
import { type Source, SourcePanel } from "./source/SourcePanel";
import { suggestionsFor } from "./suggestions";
import { useHash, useMedia } from "./ui/hooks";
import { Wordmark } from "./ui/Wordmark";

/** Everything behind the sign-in: the chat, the documents, and the source panel beside them. */
export function Workspace(props: { api: Api; session: Session; me: Me; onSignOut: () => void }) {
  const { api, session, me } = props;
  const chat = useChat(api);
  const upload = useUpload(api);
  const hash = useHash();
  const view = viewOf(hash, me);
  const narrow = useMedia("(max-width: 59.99rem)");
  const [source, setSource] = useState<Source | null>(null);
  const opener = useRef<HTMLElement | null>(null);

  const openSource = useCallback((wanted: Source) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setSource(wanted);
  }, []);
  const closeSource = useCallback(() => {
    setSource(null);
    if (linkedPlace(location.hash.slice(1)) !== null) location.hash = "chat";
    // After the next paint, when what lay under the sheet can take focus again.
    requestAnimationFrame(() => opener.current?.focus());
  }, []);

  useEffect(() => {
    const place = linkedPlace(hash);
    if (place === null) return;
    let current = true;
    const show = (text: DocumentText | null) => current && openSource(linkedSource(place, text));
    api.documentText(place.document_id, place.version_id).then(show, () => show(null));
    return () => {
      current = false;
    };
  }, [api, hash, openSource]);

  return (
    <div className={source === null ? "workspace" : "workspace with-source"}>
      <div className="workspace-main" inert={narrow && source !== null}>
        <Header session={session} me={me} view={view} onSignOut={props.onSignOut} />
        <Chat
          chat={chat}
          hidden={view !== "chat"}
          suggestions={session.demo ? suggestionsFor(me.groups) : []}
          onCite={(citation) => openSource({ ...citation, quote: citation })}
        />
        {view === "evaluation" && (
          <Evaluation api={api} chosen={hash.split("/")[1] ?? ""} onCite={(cited) => openSource({ ...cited, quote: cited })} />
        )}
        {view === "documents" && <Documents api={api} me={me} upload={upload} onRead={openSource} />}
      </div>
      {source !== null && <SourcePanel api={api} source={source} modal={narrow} onClose={closeSource} onOpen={setSource} />}
    </div>
  );
}

function viewOf(hash: string, me: Me): "chat" | "documents" | "evaluation" {
  if (hash === "documents") return "documents";
  return hash.split("/")[0] === "evaluation" && me.scopes.includes("admin") ? "evaluation" : "chat";
}

function Header({ session, me, view, onSignOut }: { session: Session; me: Me; view: string; onSignOut: () => void }) {
  const name = session.people.find(({ user }) => user === me.user)?.name ?? me.user;
  return (
    <header className="header">
      <Wordmark />
      <nav aria-label="Views">
        <a href="#chat" aria-current={view === "chat" ? "page" : undefined}>
          Questions
        </a>
        <a href="#documents" aria-current={view === "documents" ? "page" : undefined}>
          Documents
        </a>
        {me.scopes.includes("admin") && (
          <a href="#evaluation" aria-current={view === "evaluation" ? "page" : undefined}>
            Evaluation
          </a>
        )}
      </nav>
      <div className="who">
        <span className="who-name" title={`Groups: ${me.groups.join(", ")}`}>
          {name}
        </span>
        <button type="button" className="quiet" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}
