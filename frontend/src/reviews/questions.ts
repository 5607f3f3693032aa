/** The most that a review asks (docs/reviews.md). */
export const MOST_QUESTIONS = 50;
export const LONGEST_QUESTION = 4000;

export interface Questions {
  /** What is asked, in order, each once. */
  questions: string[];
  /** How many were left out because they stand there already. */
  twice: number;
}

/** "1. ", "2) ", "- " or "• " before a question, as lists have it. */
const NUMBERED = /^\s*(?:(?:\d{1,3}[.)]|[-•*])\s+)/;

/**
 * Questions out of what was typed or pasted: one a line. Of cells that were copied out of a table the first of each row
 * that has words; a cell that spans lines (in quotes, as tables copy it) is one question.
 */
export function parseQuestions(text: string): Questions {
  const asked: string[] = [];
  const seen = new Set<string>();
  let twice = 0;
  for (const line of rowsOf(text)) {
    const question = line.replace(NUMBERED, "").split(/\s+/u).filter(Boolean).join(" ");
    if (!/[\p{L}\p{N}]/u.test(question)) continue;
    const same = question.toLocaleLowerCase();
    if (seen.has(same)) twice += 1;
    else {
      seen.add(same);
      asked.push(question);
    }
  }
  return { questions: asked, twice };
}

/** The first cell with words of each row. Rows end with their line, but for line ends inside a quoted cell. */
function rowsOf(text: string): string[] {
  const rows: string[] = [];
  const unread = text.replace(/\r\n?/g, "\n");
  for (let at = 0; at < unread.length; ) {
    const cells: string[] = [];
    for (;;) {
      const [cell, end] = cellAt(unread, at);
      cells.push(cell);
      at = end + 1;
      if (unread[end] !== "\t") break;
    }
    rows.push(cells.find((cell) => cell.trim() !== "") ?? "");
  }
  return rows;
}

/** A cell and where it ends. Quotes count where they end with the cell: else they are the question's own. */
function cellAt(text: string, at: number): [string, number] {
  const quoted = /^"((?:[^"]|"")*)"(?=\t|\n|$)/.exec(text.slice(at));
  if (quoted !== null) return [(quoted[1] ?? "").replaceAll('""', '"'), at + quoted[0].length];
  const length = text.slice(at).search(/[\t\n]/);
  const end = length < 0 ? text.length : at + length;
  return [text.slice(at, end), end];
}
