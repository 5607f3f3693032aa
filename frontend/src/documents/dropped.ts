import type { Chosen } from "../client/types";

/** What was dropped, folders read to their ends; has to be called while the event is handled. */
export function droppedFiles({ items }: DataTransfer): Promise<Chosen[]> {
  // A browser forgets the items as soon as the event's handler has returned, so all are taken hold of first.
  const held = [...items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return inOrder(
    held.map(({ entry, file }) => {
      if (entry !== null) return filesBelow(entry, "");
      return Promise.resolve(file === null ? [] : [{ file, path: file.name }]);
    }),
  );
}

/** What a picker gave; a picked folder's files carry their path in it. */
export function pickedFiles(files: Iterable<File>): Chosen[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

export async function filesBelow(entry: FileSystemEntry, folder: string): Promise<Chosen[]> {
  const path = `${folder}${entry.name}`;
  if (entry.isFile) return [{ file: await fileOf(entry as FileSystemFileEntry), path }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives some entries at a time, and none at the end.
  for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader)) entries.push(...some);
  entries.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return inOrder(entries.map((one) => filesBelow(one, `${path}/`)));
}

async function inOrder(found: Promise<Chosen[]>[]): Promise<Chosen[]> {
  return (await Promise.all(found)).flat();
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
