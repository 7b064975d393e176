import { createContext, type ReactNode, useContext, useState } from 'react';
import { CreateRoom } from '../create/CreateRoom';
import { NewDirect } from '../create/NewDirect';
import { QuickSwitcher } from '../switcher/QuickSwitcher';
import { KeyboardHelp } from './KeyboardHelp';

export type DialogName = 'switcher' | 'create_group' | 'create_channel' | 'direct' | 'keys';
type Open = (name: DialogName) => void;

const Context = createContext<Open>(() => {});

/** The dialogs that can be opened from anywhere. They come with the page: small as they are, they shall not miss the network. */
export function DialogProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<DialogName | null>(null);
  const close = () => setOpen(null);
  return (
    <Context value={setOpen}>
      {children}
      {open === 'switcher' && <QuickSwitcher onClose={close} />}
      {open === 'create_group' && <CreateRoom kind="group" onClose={close} />}
      {open === 'create_channel' && <CreateRoom kind="channel" onClose={close} />}
      {open === 'direct' && <NewDirect onClose={close} />}
      {open === 'keys' && <KeyboardHelp onClose={close} />}
    </Context>
  );
}

export function useOpenDialog(): Open {
  return useContext(Context);
}
