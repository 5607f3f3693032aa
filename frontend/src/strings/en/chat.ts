const passages = (n: number) => (n === 1 ? "1 passage" : `${n} passages`);
const number = new Intl.NumberFormat("en-GB");

export const chat = {
  conversation: "Conversation",
  newConversation: "New question",
  ask: "Ask",
  stop: "Stop",
  askForm: "Ask a question",
  yourQuestion: "Your question",
  placeholder: "Ask about your documents",
  placeholderFurther: "Ask on, or something else",
  keys: "Enter sends, Shift+Enter begins a new line, Esc goes to the newest answer.",
  narrow: "Narrow the search",
  narrowed: "Narrowed",
  characters: (length: number, most: number) => `${number.format(length)} of ${number.format(most)} characters`,
  welcome: "Ask your documents",
  welcomeWhat:
    "Answers come only from documents that you may read. Every sentence is checked against its source and carries a citation that opens at the quoted words.",
  begin: "Questions to begin with",
  waiting: (place: number) => (place === 1 ? "You are next…" : `You are number ${place} in line…`),
  searching: (found: number | null) => (found === null ? "Searching the documents you may read…" : `Searching ${passages(found)}…`),
  writing: (found: number | null) => (found === null ? "Writing and checking…" : `Writing from ${passages(found)} and checking each sentence…`),
  elapsed: (seconds: number) => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`),
  goesOn: "It goes on if you leave or reload the page.",
  searchedAs: "Searched as:",
  wordsAlone: "Ask the words alone, in a new conversation",
  earlier: "Asked again. The checked sentences of the answer before stay until the new one has its first.",
  wordsBack: "Put the question back into the box",
  changedTitle: "What this answer rests on has changed since",
  superseded: (title: string, version: number, by: number | null, stands: boolean | null, day: string) =>
    `${title}, version ${version}: ${by === null ? "a newer version" : `version ${by}`} holds since ${day}.${
      stands === null ? "" : stands ? " The quoted words stand in it too." : " The quoted words do not stand in it any more."
    }`,
  deleted: (title: string, version: number, day: string) => `${title}, version ${version}: deleted on ${day}.`,
  erased: (title: string, version: number, day: string) => `${title}, version ${version}: erased on ${day}.`,
  wrong: (title: string, version: number, reason: string, day: string) =>
    `${title}, version ${version}: found wrong on ${day}${reason === "" ? "" : ` (${reason})`}.`,
  closed: "You can no longer open this answer",
  closedWhat: "You may not read all that it rests on, or it is not kept any more.",
  sharedBy: (name: string) => `Shared by ${name}. You see the answers whose documents you may read. To ask on, begin a conversation of your own.`,
  opening: "Opening the conversation…",
  gone: "This conversation is not there",
  goneWhat: "It was deleted, it is not shared with you any more, or the address is mistyped.",
  goneAnswer: "This answer is not under way any more",
  goneAnswerWhat: "If it was finished, it stands in the list of conversations.",
  nothingYet: "Nothing has been asked in this conversation yet.",
};
