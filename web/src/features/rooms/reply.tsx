import type { Message } from '@chirm/client';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Reply {
  to: Message | null;
  setTo(message: Message | null): void;
}

const Context = createContext<Reply>({ to: null, setTo: () => {} });

/** Which message the next one answers: chosen in the timeline, shown in the composer. */
export function ReplyProvider({ children }: { children: ReactNode }) {
  const [to, choose] = useState<Message | null>(null);
  // Another object each time: who chooses the same again means to go on writing, too.
  const value = useMemo(() => ({ to, setTo: (message: Message | null) => choose(message && { ...message }) }), [to]);
  return <Context value={value}>{children}</Context>;
}

export function useReply(): Reply {
  return useContext(Context);
}
