export const product = "Footnote";

export const shell = {
  views: "Views",
  questions: "Questions",
  documents: "Documents",
  reviews: "Reviews",
  administration: "Administration",
  signOut: "Sign out",
  skip: "Skip to content",
  groups: (names: string[]) => `Groups: ${names.join(", ")}`,
  opening: "Opening…",
  notThere: "There is no such page",
  notThereWhat: "The address may be mistyped, or it is not for you. Choose a view above.",
  failed: "This view could not be shown",
  reload: "Reload the page",
};

export const ui = {
  tryAgain: "Try again",
  tryAgainIn: (seconds: number) => `Try again in ${seconds} s`,
  cancel: "Cancel",
  close: "Close",
  loading: "Loading…",
  copy: "Copy",
  copied: "Copied",
  notCopied: "The browser did not allow it: select the text and copy it.",
};
