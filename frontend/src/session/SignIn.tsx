import { useEffect, useRef, useState } from "react";
import { Problem } from "../client/problem";
import type { Person } from "../client/types";
import { useTitle } from "../app/title";
import { words } from "../strings";
import { useHash } from "../ui/hooks";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Wordmark } from "../ui/Wordmark";
import { startOf } from "./returned";
import type { SessionState } from "./useSession";

/** By the organisation's sign-in where there is one; as a sample person in demo mode, else by an API key. */
export function SignIn({ state }: { state: SessionState }) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);
  const { session } = state;
  useTitle(words.signIn.title);

  // Whoever has signed out goes on from here by key; at first nobody is signed in, and nothing takes the focus.
  const main = useRef<HTMLElement>(null);
  const signedOut = useRef(session !== null);
  useEffect(() => {
    if (signedOut.current) main.current?.focus();
  }, []);

  async function attempt(signIn: () => Promise<void>) {
    setBusy(true);
    setFailed(null);
    try {
      await signIn();
    } catch (error) {
      setFailed(Problem.from(error));
    } finally {
      setBusy(false);
    }
  }

  const problem = failed ?? state.problem;
  return (
    <main className="sign-in" ref={main} tabIndex={-1}>
      <h1>
        <Wordmark />
      </h1>
      <p className="lead">{words.signIn.lead}</p>
      {problem !== null && <ProblemNotice problem={problem} onRetry={session === null ? state.reload : undefined} />}
      {session === null && problem === null && <p role="status">{words.signIn.connecting}</p>}
      {session?.organisation === true && <Organisation />}
      {session?.demo === true && (
        <People people={session.people} disabled={busy} onChoose={(user) => attempt(() => state.signInAs(user))} />
      )}
      {session?.demo === false && (
        <KeyForm
          disabled={busy}
          folded={session.organisation}
          onSubmit={(key) => attempt(() => state.signInWithKey(key))}
        />
      )}
    </main>
  );
}

function Organisation() {
  return (
    <p>
      <a className="button primary" href={startOf(`#${useHash()}`)}>
        {words.signIn.organisation}
      </a>
    </p>
  );
}

function People(props: { people: Person[]; disabled: boolean; onChoose: (user: string) => void }) {
  return (
    <section aria-labelledby="people-title">
      <h2 id="people-title">{words.signIn.people}</h2>
      <p className="muted">{words.signIn.peopleHint}</p>
      <ul className="people" aria-label={words.signIn.samplePeople}>
        {props.people.map(({ user, name, groups }) => (
          <li key={user}>
            <button
              type="button"
              className="card"
              aria-label={words.signIn.as(name)}
              aria-describedby={`groups-${user}`}
              aria-disabled={props.disabled}
              onClick={() => props.disabled || props.onChoose(user)}
            >
              <span className="card-name">{name}</span>
              <span className="labels" id={`groups-${user}`}>
                {groups.map((group) => (
                  <span className="label" key={group}>
                    {group}
                  </span>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function KeyForm(props: { disabled: boolean; folded: boolean; onSubmit: (key: string) => void }) {
  const [key, setKey] = useState("");
  const form = (
    <form
      className="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.disabled) props.onSubmit(key.trim());
      }}
    >
      <label htmlFor="api-key">{words.signIn.key}</label>
      <input
        id="api-key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={key}
        onChange={(event) => setKey(event.target.value)}
        aria-describedby="api-key-hint"
      />
      <p className="muted" id="api-key-hint">
        {words.signIn.keyHint}
      </p>
      <button type="submit" className="primary" aria-disabled={props.disabled} disabled={key.trim() === ""}>
        {words.signIn.send}
      </button>
    </form>
  );
  if (!props.folded) return form;
  return (
    <details>
      <summary>{words.signIn.withKey}</summary>
      {form}
    </details>
  );
}
