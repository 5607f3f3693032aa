import type { Citation } from "../client/types";
import { words } from "../strings";

/** The words of a citation; of a table's row also the header and the unit that it is read with. */
export function Quote({ citation, className }: { citation: Citation; className: string }) {
  const context = contextOf(citation);
  return (
    <>
      {context.length > 0 && (
        <p className="quote-context">
          {words.answers.source.tableSays} {context.map((line) => `“${line}”`).join(", ")}
        </p>
      )}
      <blockquote className={className}>{citation.quote}</blockquote>
    </>
  );
}

/** Header and unit of the table, in their own words; none where the server does not tell them. */
function contextOf(citation: Citation): string[] {
  const { context = [] } = citation as Citation & { context?: { quote: string }[] };
  return context.map(({ quote }) => quote);
}
