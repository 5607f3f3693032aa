import { expect, it } from "vitest";
import { sendingLine } from "../documents/SendingProgress";
import { file, job } from "./samples";
import { announcement, earlierLine, fileLine, paceWords, pathOf, progressLine, statusWord, timeLeft } from "./words";

it("tells how far a job is, how fast it goes and how long it takes", () => {
  const running = job("a", { status: "running", total: 1200, ended: 13, failed: 1, files_per_second: 3.21, seconds_left: 370 });
  expect(progressLine(running)).toBe("13 of 1,200 files · 1 failed · 3.2 files a second · about 6 minutes left");
  expect(progressLine(job("a", { status: "queued", total: 1, ended: 0 }))).toBe("0 of 1 file");
});

it("tells what became of a job's files", () => {
  const outcomes = { added: 38, failed: 1, replaced: 2, unchanged: 1 };
  const over = job("a", { status: "cancelled", outcomes, done: 41, failed: 1, cancelled: 3 });
  expect(progressLine(over)).toBe("38 added, 2 updated, 1 already there, 1 failed, 3 not begun");
  expect(progressLine(job("a", { done: 2 }))).toBe("2 done");
});

it("says how a job stands", () => {
  expect(statusWord(job("a", { status: "running", listing: true }))).toBe("Looking for files");
  expect(statusWord(job("a", { status: "running", cancelling: true }))).toBe("Stopping");
  expect(statusWord(job("a", { status: "partial" }))).toBe("Done in part");
});

it("announces each quarter once", () => {
  const at = (ended: number) => announcement(job("a", { status: "running", total: 100, ended }));
  expect(new Set(Array.from({ length: 100 }, (_, ended) => at(ended))).size).toBe(4);
  expect([at(0), at(60)]).toEqual(["a: Under way.", "a: Under way, 50%."]);
});

it("speaks of time and pace in round numbers", () => {
  expect([3, 12, 54, 70, 600, 7200].map(timeLeft)).toEqual([
    "a few seconds left",
    "about 15 seconds left",
    "about 55 seconds left",
    "about a minute left",
    "about 10 minutes left",
    "about 2 hours left",
  ]);
  expect([12, 0.5, 0.01].map(paceWords)).toEqual(["12.0 files a second", "30 files a minute", "under 2 files a minute"]);
});

it("names a file by the path under which it was handed in", () => {
  expect(pathOf(file(1, { source: "upload/ana/deals/old/a.txt" }))).toBe("deals/old/a.txt");
  expect(pathOf(file(1, { source: "folder/deals/a.txt" }))).toBe("folder/deals/a.txt");
});

it("says of a file that is not done how it stands", () => {
  expect(fileLine(file(1, { status: "cancelled" }))).toBe("not begun");
  const failed = { status: "failed", name: "a.pdf" } as const;
  expect(fileLine(file(1, { ...failed, reason: "a.pdf: cut off." }))).toBe("failed: cut off.");
  expect(fileLine(file(1, { ...failed, reason: "It was refused." }))).toBe("failed: It was refused.");
});

it("says what is folded away", () => {
  expect(earlierLine([job("a"), job("b", { failed: 2 })], false)).toBe("2 earlier uploads, 1 with failed files");
  expect(earlierLine([job("a")], false)).toBe("1 earlier upload");
  expect(earlierLine([job("a")], true)).toBe("1 or more earlier uploads");
});

it("tells how much has gone out", () => {
  const sending = { sent: 5_000_000, total: 20_000_000, since: 1000, waiting: false };
  expect(sendingLine(sending, 6000)).toBe(
    "5.0\u00a0MB of 20.0\u00a0MB sent · about 15 seconds left. Keep this page open until all is sent.",
  );
  expect(sendingLine({ ...sending, sent: 20_000_000 }, 6000)).toBe("Sent; the service is taking it in…");
  expect(sendingLine({ ...sending, waiting: true }, 6000)).toBe("The connection was lost; trying again…");
});
