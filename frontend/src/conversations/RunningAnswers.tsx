import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { Button, Dialog, DialogTrigger, Heading, Popover } from "react-aria-components";
import { useSigned } from "../app/context";
import { isRunning, type UnderWay, underWay } from "../chat/threads";
import { statusLine } from "../chat/turns";
import { RUNNING, useChatState } from "../chat/useChat";
import { running } from "../client/conversations";
import { Problem } from "../client/problem";
import { words } from "../strings";
import { ProblemNotice } from "../ui/ProblemNotice";
import { useNow } from "../ui/useSeconds";
import "../styles/conversations.css";

const EACH_MS = 3000;

/** Own answers under way, wherever they were asked; nothing while there are none. */
export function RunningAnswers() {
  const { api } = useSigned();
  const { threads } = useChatState();
  const here = threads.some(({ turns }) => isRunning(turns));
  const { data } = useQuery({
    queryKey: RUNNING,
    queryFn: () => running.list(api),
    refetchInterval: ({ state }) => (state.data !== null && (here || state.data?.some((one) => one.state === "running")) ? EACH_MS : false),
  });
  const [open, setOpen] = useState(false);
  const now = useNow(open);
  const all = underWay(threads, data ?? [], now);
  if (all.length === 0) return null;
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button className="quiet running-button">
        <span className="working">{words.running.button(all.length)}</span>
      </Button>
      <Popover className="popover running-popover" placement="bottom end">
        <Dialog className="running-list">
          <Heading slot="title" level={2}>
            {words.running.title}
          </Heading>
          <ul>
            {all.map((one) => (
              <Row key={one.key} answer={one} now={now} onOpened={() => setOpen(false)} />
            ))}
          </ul>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Row({ answer, now, onOpened }: { answer: UnderWay; now: number; onOpened: () => void }) {
  const { api } = useSigned();
  const client = useQueryClient();
  const { threads, choose, stop } = useChatState();
  const navigate = useNavigate();
  const id = useId();
  const { question, conversation, thread, running: joined, since } = answer;

  function open() {
    if (conversation !== null) void navigate({ to: "/c/$conversation", params: { conversation }, search: {} as never });
    else {
      if (thread !== "") choose(thread);
      void navigate({ to: "/", search: (joined === "" ? {} : { running: joined }) as never });
    }
    onOpened();
  }

  // What runs elsewhere is told by the next look at the list; until then the button says that it was heard.
  const ending = useMutation({
    mutationFn: () => running.stop(api, joined),
    onSettled: () => client.invalidateQueries({ queryKey: RUNNING }),
  });
  function end() {
    const turns = threads.find(({ key }) => key === thread)?.turns ?? [];
    const turn = turns.find(({ phase }) => phase === "running");
    if (turn !== undefined) stop(thread, turn);
    else ending.mutate();
  }
  const stopping = ending.isPending || ending.isSuccess;

  return (
    <li>
      <button type="button" className="link running-question" id={id} onClick={open}>
        {question}
      </button>
      <p className="running-stage">
        {statusLine(answer)} <span className="elapsed-time">{words.chat.elapsed(Math.max(0, Math.floor((now - since) / 1000)))}</span>
      </p>
      <button type="button" className="secondary" aria-describedby={id} disabled={stopping} onClick={end}>
        {stopping ? words.running.stopping : words.running.stop}
      </button>
      {ending.error !== null && <ProblemNotice problem={Problem.from(ending.error)} />}
    </li>
  );
}
