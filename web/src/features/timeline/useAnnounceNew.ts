import type { Room, Timeline } from '@chirm/client';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { preferences } from '../../app/preferences';
import { useAnnounce } from '../../lib/announcer';
import { plain } from '../../lib/markdown/plain';
import { clockTime } from '../../lib/time';
import { useRoomName } from '../rooms/roomName';
import type { RowContext } from './useRowContext';

/** Messages that come within this time are told together. */
const GATHER_MS = 2_000;
const SINGLY = 2;

/** Says what arrives in the open room: up to two messages word for word, more as a number. My own are silent. */
export function useAnnounceNew(room: Room, timeline: Timeline, { nameOf, me }: RowContext): void {
  const { t } = useTranslation();
  const announce = useAnnounce();
  const name = useRoomName(room);
  const told = useRef(room.last_seq);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef<() => void>(() => {});

  latest.current = () => {
    const news = timeline.messages.filter(
      (message) => message.seq > told.current && message.author !== me && !message.deleted_at,
    );
    told.current = timeline.messages.at(-1)?.seq ?? told.current;
    if (news.length === 0 || preferences().announce === 'off') return;
    const each = news.map((message) =>
      t('message.label', {
        name: nameOf(message.author),
        time: clockTime(Date.parse(message.created_at)),
        text: plain(message.body),
      }),
    );
    announce(news.length > SINGLY ? t('timeline.announce_many', { count: news.length, room: name }) : each.join(' '));
  };

  const last = timeline.messages.at(-1)?.seq ?? 0;
  useEffect(() => {
    if (last <= told.current || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, GATHER_MS);
  }, [last]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
