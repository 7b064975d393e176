import type { Message, Room } from '@chirm/client';
import { ArrowUp, CircleAlert } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { preferences } from '../../app/preferences';
import { LeaveRoom } from '../details/LeaveRoom';
import { useReply } from '../rooms/reply';
import { useRoomName } from '../rooms/roomName';
import { CommandHelp } from './CommandHelp';
import { CompletionList } from './CompletionList';
import { Counter } from './Counter';
import { EmojiButton } from './EmojiButton';
import { ReplyingTo } from './ReplyingTo';
import { sendsMessage } from './sendKey';
import { useCompletion } from './useCompletion';
import { useDraft } from './useDraft';
import { useSending } from './useSending';

let arrivals = 0;

/** Who goes to another room goes there to write. Not where the page has just loaded, and not where that opens a keyboard. */
function useFocusOnArrival(area: React.RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const loading = arrivals++ === 0;
    if (!loading && matchMedia('(pointer: fine)').matches) area.current?.focus();
  }, [area]);
}

/** Who chose what to answer goes on by writing. */
function useFocusOnReply(area: React.RefObject<HTMLTextAreaElement | null>, answered: Message | null): void {
  useEffect(() => {
    if (answered) area.current?.focus();
  }, [area, answered]);
}

const DEFAULT_MOST = 10_000;
/** From here on the rest is counted. */
const NEARLY = 0.9;

export function Composer({ room }: { room: Room }) {
  const { t } = useTranslation();
  const client = useClient();
  const reply = useReply();
  const name = useRoomName(room);
  const area = useRef<HTMLTextAreaElement>(null);
  const counter = useId();
  const [text, setText] = useDraft(room.id);
  const completion = useCompletion({ room, area, text, setText });
  const [asked, setAsked] = useState<'help' | 'leave' | null>(null);
  const sending = useSending({
    room,
    replyTo: reply.to,
    done: () => {
      setText('');
      reply.setTo(null);
    },
    ask: setAsked,
  });
  const most = useSelect((state) => state.server?.limits.body_chars ?? DEFAULT_MOST);
  const length = [...text].length;
  const left = length > most * NEARLY ? most - length : null;
  const sendable = text.trim() !== '' && length <= most;

  useFocusOnArrival(area);
  useFocusOnReply(area, reply.to);

  const send = () => {
    if (!sendable) return;
    sending.run(text.trim());
    area.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (completion.onKeyDown(event)) return;
    if (sendsMessage(event, preferences().send, matchMedia('(pointer: coarse)').matches)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && reply.to) {
      event.preventDefault();
      reply.setTo(null);
    }
  };

  return (
    <form
      className="mx-auto w-full max-w-[56rem] px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div role="alert">
        {sending.problem && (
          <p className="rise mb-1.5 flex gap-2 rounded-box bg-danger-soft px-3 py-2 text-danger text-note forced-edge">
            <CircleAlert aria-hidden size={17} className="mt-px shrink-0" />
            <span>{sending.problem}</span>
          </p>
        )}
      </div>
      {reply.to && <ReplyingTo message={reply.to} cancel={() => reply.setTo(null)} />}
      <div className="relative flex items-end gap-2 rounded-2xl border border-edge bg-raised p-1.5 ps-4 transition-colors focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)]">
        <CompletionList {...completion.list} />
        <textarea
          ref={area}
          id="composer"
          rows={1}
          // Without a letter it has no direction of its own, and runs as the page does.
          dir={/\p{L}/u.test(text) ? 'auto' : undefined}
          value={text}
          aria-describedby={left === null ? undefined : counter}
          aria-label={t('composer.label', { room: name })}
          placeholder={t('composer.label', { room: name })}
          enterKeyHint="enter"
          {...completion.field}
          onChange={(event) => {
            setText(event.target.value);
            completion.followCaret(event);
            sending.forget();
            client.typing.set(room.id, event.target.value !== '');
          }}
          onSelect={completion.followCaret}
          onKeyDown={onKeyDown}
          onBlur={() => client.typing.set(room.id, false)}
          className="growing min-w-0 flex-1 bg-transparent py-2 leading-normal touch:py-2.5 outline-none! placeholder-shown:truncate placeholder:truncate placeholder:text-soft"
        />
        <Counter id={counter} left={left} />
        <EmojiButton pick={completion.insert} />
        <Button
          type="submit"
          aria-label={t('composer.send')}
          isDisabled={!sendable}
          className="drop grid size-10 shrink-0 place-items-center bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-hover disabled:text-soft touch:size-11"
        >
          <ArrowUp aria-hidden size={20} strokeWidth={2.3} />
        </Button>
      </div>
      {asked === 'help' && <CommandHelp room={room} onClose={() => setAsked(null)} />}
      {asked === 'leave' && <LeaveRoom room={room} onClose={() => setAsked(null)} />}
    </form>
  );
}
