// @vitest-environment happy-dom
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { useFocusKept } from "./focus";

afterEach(cleanup);

function Page({ busy = false, gone = false, view = "first" }: { busy?: boolean; gone?: boolean; view?: string }) {
  useFocusKept();
  return (
    <main id="main" tabIndex={-1} key={view}>
      <section tabIndex={-1} aria-label="Panel">
        {!gone && <button disabled={busy}>Send</button>}
      </section>
    </main>
  );
}

const focused = () => document.activeElement;

it("comes back to what was disabled while its work was done", async () => {
  const { rerender } = render(<Page />);
  const button = screen.getByRole("button");
  button.focus();
  rerender(<Page busy />);
  button.blur(); // as browsers do it to what was disabled
  rerender(<Page />);
  await waitFor(() => expect(focused()).toBe(button));
});

it("goes from what is gone to what stands around it, at last to the view", async () => {
  const { rerender } = render(<Page />);
  screen.getByRole("button").focus();
  rerender(<Page gone />);
  await waitFor(() => expect(focused()?.getAttribute("aria-label")).toBe("Panel"));
  rerender(<Page gone view="second" />);
  await waitFor(() => expect(focused()?.id).toBe("main"));
});

it("stays away where somebody has left it, or nobody had it", async () => {
  const { rerender } = render(<Page />);
  rerender(<Page gone />);
  rerender(<Page />);
  screen.getByRole("button").focus();
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  screen.getByRole("button").blur();
  rerender(<Page gone />);
  await new Promise((done) => setTimeout(done, 200));
  expect(focused()).toBe(document.body);
});
