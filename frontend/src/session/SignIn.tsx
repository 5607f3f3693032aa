import { useState } from "react";
import { Problem } from "../client/problem";
import type { Person } from "../client/types";
import { ProblemNotice } from "../ui/ProblemNotice";
import { Wordmark } from "../ui/Wordmark";
import type { SessionState } from "./useSession";

/** Demo mode: a list of sample people. Otherwise: a field for an API key. */
export function SignIn({ state }: { state: SessionState }) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);
  const { session } = state;

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
    <main className="sign-in">
      <h1>
        <Wordmark />
      </h1>
      <p className="lead">Answers from your own documents. Every sentence opens at the words that it rests on.</p>
      {problem !== null && <ProblemNotice problem={problem} onRetry={session === null ? state.reload : undefined} />}
      {session === null && problem === null && <p role="status">Connecting…</p>}
      {session?.demo === true && (
        <People people={session.people} disabled={busy} onChoose={(user) => attempt(() => state.signInAs(user))} />
      )}
      {session?.demo === false && (
        <KeyForm disabled={busy} onSubmit={(key) => attempt(() => state.signInWithKey(key))} />
      )}
    </main>
  );
}

function People(props: { people: Person[]; disabled: boolean; onChoose: (user: string) => void }) {
  return (
    <section aria-labelledby="people-title">
      <h2 id="people-title">Who is asking?</h2>
      <p className="muted">This is a demonstration with sample people. Each may read different documents.</p>
      <ul className="people" aria-label="Sample people">
        {props.people.map(({ user, name, groups }) => (
          <li key={user}>
            <button
              type="button"
              className="card"
              aria-label={`Sign in as ${name}`}
              aria-describedby={`groups-${user}`}
              disabled={props.disabled}
              onClick={() => props.onChoose(user)}
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

function KeyForm(props: { disabled: boolean; onSubmit: (key: string) => void }) {
  const [key, setKey] = useState("");
  return (
    <form
      className="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit(key.trim());
      }}
    >
      <label htmlFor="api-key">API key</label>
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
        Kept in this tab only, and forgotten when you close it.
      </p>
      <button type="submit" className="primary" disabled={props.disabled || key.trim() === ""}>
        Sign in
      </button>
    </form>
  );
}
