import { SignIn } from "./session/SignIn";
import { useSession } from "./session/useSession";
import { Workspace } from "./Workspace";

export function App() {
  const state = useSession();
  if (state.session === null || state.me === null) return <SignIn state={state} />;
  return (
    <Workspace key={state.me.user} api={state.api} session={state.session} me={state.me} onSignOut={state.signOut} />
  );
}
