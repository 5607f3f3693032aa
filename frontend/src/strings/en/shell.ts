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
  table: {
    sortBy: "Sort by",
    ascending: "From the first",
    descending: "From the last",
    previous: "Previous page",
    next: "Next page",
    pages: (name: string) => `Pages: ${name}`,
    range: (first: number, last: number, all: number) =>
      `${first.toLocaleString("en-GB")} to ${last.toLocaleString("en-GB")} of ${all.toLocaleString("en-GB")}`,
  },
  notCopied: "The browser did not allow it: select the text and copy it.",
};
