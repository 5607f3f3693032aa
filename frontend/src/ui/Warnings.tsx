interface Props {
  title: string;
  lines: string[];
  /** Whether the lines wait behind the title. */
  folded?: boolean;
}

/** What of a document could not be read, or not surely; nothing where there is nothing. */
export function Warnings({ title, lines, folded = false }: Props) {
  if (lines.length === 0) return null;
  const list = (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
  if (folded) {
    return (
      <details className="notice warned">
        <summary>{title}</summary>
        {list}
      </details>
    );
  }
  return (
    <div className="notice warned" role="note" aria-label={title}>
      <p className="notice-title">{title}</p>
      {list}
    </div>
  );
}
