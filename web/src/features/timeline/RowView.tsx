import { delivery, type Row } from '@chirm/client';
import { DayRow } from './DayRow';
import { JoinedRow } from './JoinedRow';
import { MessageRow } from './MessageRow';
import { NewRow } from './NewRow';
import { QueuedRow } from './QueuedRow';
import type { RowContext } from './useRowContext';

interface Props {
  row: Row;
  context: RowContext;
  active: boolean;
  stop: boolean;
}

export function RowView({ row, context, active, stop }: Props) {
  switch (row.kind) {
    case 'day':
      return <DayRow id={row.key} day={row.at} />;
    case 'new':
      return <NewRow />;
    case 'joined':
      return <JoinedRow id={row.key} users={row.users} nameOf={context.nameOf} />;
    case 'queued':
      return (
        <QueuedRow
          queued={row.queued}
          head={row.head}
          name={context.nameOf(context.me)}
          nameOf={context.nameOf}
          active={active}
          stop={stop}
          names={context.names}
        />
      );
    case 'message': {
      const { message, head } = row;
      const mine = message.author === context.me;
      return (
        <MessageRow
          id={row.key}
          message={message}
          head={head}
          name={context.nameOf(message.author)}
          delivery={mine ? delivery(context.floor, message.seq) : null}
          readers={context.readers.get(message.seq)}
          nameOf={context.nameOf}
          names={context.names}
          active={active}
          stop={stop}
        />
      );
    }
  }
}
