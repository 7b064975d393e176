import type { Message } from '@chirm/client';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Reply {
  to: Message | null;
  setTo(message: Message | null): void;
}

const Context = createContext<Reply>({ to: null, setTo: () => {} });

/** Which message the next one answers: chosen in the timeline, shown in the composer. */
export function ReplyProvider({ children }: { children: ReactNode }) {
  const [to, setTo] = useState<Message | null>(null);
  const value = useMemo(() => ({ to, setTo }), [to]);
  return <Context value={value}>{children}</Context>;
}

export function useReply(): Reply {
  return useContext(Context);
}
