// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../client/problem";
import { ProblemNotice } from "./ProblemNotice";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it("counts down as long as the server asks to wait, then lets one try again", () => {
  const retry = vi.fn();
  render(<ProblemNotice problem={new Problem("Busy", "Wait.", "overloaded", 503, 2)} onRetry={retry} />);
  const button = screen.getByRole<HTMLButtonElement>("button");
  expect([button.textContent, button.disabled]).toEqual(["Try again in 2 s", true]);
  act(() => void vi.advanceTimersByTime(1000));
  expect(button.textContent).toBe("Try again in 1 s");
  act(() => void vi.advanceTimersByTime(1000));
  expect([button.textContent, button.disabled]).toEqual(["Try again", false]);
  fireEvent.click(button);
  expect(retry).toHaveBeenCalledOnce();
});

it("lets one try again at once where nothing is asked", () => {
  render(<ProblemNotice problem={new Problem("No", "", "x")} onRetry={() => undefined} />);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Try again" }).disabled).toBe(false);
});
