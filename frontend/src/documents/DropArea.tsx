import { useEffect, useRef, useState } from "react";
import type { Chosen } from "../client/types";
import { words } from "../strings";
import { droppedFiles } from "./dropped";

/** Takes files and folders that are dropped anywhere on the page; without it a browser would leave the page for them. */
export function DropArea({ onFiles }: { onFiles: (found: Promise<Chosen[]>) => void }) {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;

  useEffect(() => {
    let depth = 0; // enter and leave are told of every element on the way
    const bringsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      depth -= 1;
      if (depth <= 0) end();
    };
    const hover = (event: DragEvent) => {
      if (!bringsFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    };
    const drop = (event: DragEvent) => {
      if (!bringsFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      end();
      latest.current(droppedFiles(event.dataTransfer));
    };
    const end = () => {
      depth = 0;
      setOver(false);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: hover, drop } as const;
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name as "drop", listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name as "drop", listener);
    };
  }, []);

  if (!over) return null;
  return (
    <div className="drop-over" aria-hidden="true">
      <p>{words.documents.upload.drop}</p>
    </div>
  );
}
