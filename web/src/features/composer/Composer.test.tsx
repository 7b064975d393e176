import { act, fireEvent, render, screen } from '@testing-library/react';
import { beforeAll, expect, it, vi } from 'vitest';
import 'fake-indexeddb/auto';
import { hello, room } from '../../../packages/client/test/make';
import { quiet, World } from '../../../packages/client/test/world';
import { ClientProvider } from '../../app/ClientContext';
import { startI18n } from '../../app/i18n';
import { Composer } from './Composer';

beforeAll(async () => {
  await startI18n();
});

async function composing() {
  const world = new World();
  world.start();
  await world.greet(hello());
  const send = vi.spyOn(world.client, 'send').mockResolvedValue();
  render(
    <ClientProvider client={world.client}>
      <Composer room={room()} />
    </ClientProvider>,
  );
  await act(quiet);
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to lobby' });
  const type = (value: string) => fireEvent.change(field, { target: { value } });
  return { world, send, field, type };
}

it('sends with Enter, and is empty then', async () => {
  const { send, field, type } = await composing();
  type('  hello ');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(send).toHaveBeenCalledWith('room-1', 'hello', undefined);
  expect(field.value).toBe('');
});

it('leaves Shift+Enter to the text, and Enter to an input method that composes', async () => {
  const { send, field, type } = await composing();
  type('にほん');
  fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
  fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
  fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
  expect(send).not.toHaveBeenCalled();
});

it('sends nothing that is empty or too long, and counts near the limit', async () => {
  const { send, field, type } = await composing();
  for (const text of ['', '   ', 'x'.repeat(10_001)]) {
    type(text);
    fireEvent.keyDown(field, { key: 'Enter' });
  }
  expect(send).not.toHaveBeenCalled();
  type('x'.repeat(9_990));
  const counted = () => screen.getByRole('status').textContent;
  expect(field).toHaveAccessibleDescription('10 characters left');
  expect(counted()).toBe('10 characters left');
  // Not at each key.
  type('x'.repeat(9_991));
  expect(field).toHaveAccessibleDescription('9 characters left');
  expect(counted()).toBe('10 characters left');
  type('x'.repeat(10_002));
  expect(field).toHaveAccessibleDescription('2 characters too many');
  expect(counted()).toBe('2 characters too many');
  type('short');
  expect(counted()).toBe('');
  expect(field).not.toHaveAccessibleDescription();
});

it('runs as the page does while it has no letter, and then as its text does', async () => {
  const { field, type } = await composing();
  for (const text of ['', '/', '12']) {
    type(text);
    expect(field).not.toHaveAttribute('dir');
  }
  type('שלום');
  expect(field).toHaveAttribute('dir', 'auto');
});

it('puts the caret behind what it completes at once, and not once more under who goes on typing', async () => {
  const { field, type } = await composing();
  const complete = () => fireEvent.keyDown(field, { key: 'Enter' });
  type('/shr');
  complete();
  expect(field.value).toBe('/shrug ');
  expect(field.selectionStart).toBe('/shrug '.length);
  type('/shrug All');
  await new Promise(requestAnimationFrame);
  expect(field.selectionStart).toBe('/shrug All'.length);
});

it('tells that one types, and that one stopped', async () => {
  const { world, field, type } = await composing();
  type('h');
  type('he');
  fireEvent.blur(field);
  expect(world.wire.asked('typing').map((request) => request.on)).toEqual([true, false]);
});
