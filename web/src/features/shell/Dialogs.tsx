import { createContext, lazy, type ReactNode, Suspense, useContext, useState } from 'react';
import { LoadGuard } from '../../ui/LoadGuard';

const QuickSwitcher = lazy(() => import('../switcher/QuickSwitcher'));
const CreateRoom = lazy(() => import('../create/CreateRoom'));
const NewDirect = lazy(() => import('../create/NewDirect'));
const KeyboardHelp = lazy(() => import('./KeyboardHelp'));

export type DialogName = 'switcher' | 'create_group' | 'create_channel' | 'direct' | 'keys';
type Open = (name: DialogName) => void;

const Context = createContext<Open>(() => {});

/** The dialogs that can be opened from anywhere; each is loaded when it is first wanted. */
export function DialogProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<DialogName | null>(null);
  const close = () => setOpen(null);
  return (
    <Context value={setOpen}>
      {children}
      <LoadGuard key={open} onClose={close}>
        <Suspense>
          {open === 'switcher' && <QuickSwitcher onClose={close} />}
          {open === 'create_group' && <CreateRoom kind="group" onClose={close} />}
          {open === 'create_channel' && <CreateRoom kind="channel" onClose={close} />}
          {open === 'direct' && <NewDirect onClose={close} />}
          {open === 'keys' && <KeyboardHelp onClose={close} />}
        </Suspense>
      </LoadGuard>
    </Context>
  );
}

export function useOpenDialog(): Open {
  return useContext(Context);
}
