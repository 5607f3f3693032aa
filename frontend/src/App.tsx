import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { type Signed, SignedContext } from "./app/context";
import { newQueryClient } from "./app/queries";
import { newRouter } from "./app/router";
import { SignIn } from "./session/SignIn";
import { useSession } from "./session/useSession";

export function App() {
  const state = useSession();
  const { session, me, api, signOut } = state;
  const signed = useMemo(
    () => (session === null || me === null ? null : { api, session, me, signOut }),
    [api, session, me, signOut],
  );
  if (signed === null) return <SignIn state={state} />;
  return <SignedIn key={signed.me.user} signed={signed} />;
}

/** Nothing that one person has seen outlives their session in this tab: router and memory are made for each. */
function SignedIn({ signed }: { signed: Signed }) {
  const client = useMemo(newQueryClient, []);
  const router = useMemo(newRouter, []);
  useEffect(() => () => client.clear(), [client]);
  return (
    <SignedContext.Provider value={signed}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </SignedContext.Provider>
  );
}
