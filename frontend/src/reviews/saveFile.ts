/** Saves a file under a name, without what file systems refuse. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name.replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim();
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
