interface Named {
  title: string;
  source: string;
}

/** The file's name, or its whole source, by source, of those documents whose titles are alike. */
export function fileNames(documents: Named[]): Map<string, string> {
  const alike = new Map<string, Set<string>>();
  for (const { title, source } of documents) alike.set(title, (alike.get(title) ?? new Set()).add(source));
  const names = new Map<string, string>();
  for (const sources of alike.values()) {
    if (sources.size < 2) continue;
    const short = new Set([...sources].map(lastStep)).size === sources.size;
    for (const source of sources) names.set(source, short ? lastStep(source) : source);
  }
  return names;
}

function lastStep(source: string): string {
  return source.split("/").at(-1) ?? source;
}
