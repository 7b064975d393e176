import { Failure, type Message, type Room } from '@chirm/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useFailureText } from '../../lib/failureText';
import { commandFor, parse, Refused, type Situation } from './commands';

interface Input {
  room: Room;
  replyTo: Message | null;
  /** What was written is on its way, or was carried out. */
  done(): void;
  ask: Situation['ask'];
}

/** What happens with a line that was finished: it is sent, or it is a command that is carried out. */
export function useSending({ room, replyTo, done, ask }: Input) {
  const { t } = useTranslation();
  const client = useClient();
  const [problem, setProblem] = useState<Refused | Failure | null>(null);
  const failure = useFailureText(problem instanceof Failure ? problem : null);

  const send = (body: string) => void client.send(room.id, body, replyTo?.seq);

  const command = async (written: { name: string; rest: string }) => {
    try {
      await commandFor(room, written).perform({ client, room, rest: written.rest, send, ask });
      done();
    } catch (cause) {
      setProblem(cause instanceof Refused || cause instanceof Failure ? cause : new Failure('internal'));
    }
  };

  return {
    run(text: string): void {
      setProblem(null);
      const parsed = parse(text);
      if (parsed.kind === 'command') return void command(parsed);
      send(parsed.body);
      done();
    },
    /** Why a command was not carried out, and what to do. */
    problem:
      problem instanceof Refused
        ? t(problem.sentence as 'command.unknown', { ...problem.values, name: problem.values.name ?? '' })
        : failure,
    forget: () => setProblem(null),
  };
}
