import { useLocation } from 'wouter';
import { useClient } from '../app/ClientContext';
import { useAction } from './useAction';

/** Goes to the direct room with somebody, which is made where there was none. */
export function useOpenDirect(done?: () => void) {
  const { api, store } = useClient();
  const [, navigate] = useLocation();
  return useAction(async (user: string) => {
    const { room } = await api.direct(user);
    store.dispatch({ type: 'room', room });
    navigate(`/r/${room.id}`);
  }, done);
}
