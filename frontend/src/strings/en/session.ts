export const signIn = {
  title: "Sign in",
  lead: "Answers from your own documents. Every sentence opens at the words that it rests on.",
  connecting: "Connecting…",
  organisation: "Sign in with your organisation",
  people: "Who is asking?",
  peopleHint: "This is a demonstration with sample people. Each may read different documents.",
  samplePeople: "Sample people",
  as: (name: string) => `Sign in as ${name}`,
  key: "API key",
  keyHint: "It opens a session of this browser; the key itself is not kept.",
  send: "Sign in",
  withKey: "Sign in with an API key",
  ended: ["Your session has ended", "Sign in again to go on."],
  refused: ["This key was not accepted", "Check that it is complete, or ask for a new one."],
  /** By the code with which the organisation's sign-in comes back: title and what to do. */
  returned: {
    sign_in_failed: ["The sign-in did not complete", "It was begun elsewhere or too long ago. Sign in again."],
    sign_in_refused: ["Your organisation did not sign you in", "Sign in again. If it stays so, tell whoever looks after accounts."],
    not_authenticated: ["You may not sign in here", "Your account is not active. Ask whoever looks after accounts."],
    identity_provider_unavailable: ["Your organisation's sign-in cannot be reached", "Try again in a moment."],
  } as Record<string, readonly [string, string]>,
  other: ["You could not be signed in", "Try again in a moment."],
} as const;
