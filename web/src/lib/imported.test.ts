import { expect, it, vi } from 'vitest';
import { imported } from './imported';

const failing = (message: string) => () => Promise.reject(new TypeError(message));

it('what came is not asked for again', async () => {
  const again = vi.fn();
  expect(await imported(() => Promise.resolve('module'), again)).toBe('module');
  expect(again).not.toHaveBeenCalled();
});

it.each([
  'Failed to fetch dynamically imported module: https://chat.example/assets/EmojiPicker-Bx_1-9.js',
  'error loading dynamically imported module: https://chat.example/assets/EmojiPicker-Bx_1-9.js',
])('a module that a browser names as missing is asked for under another name: %s', async (message) => {
  const again = vi.fn(async () => 'module');
  expect(await imported(failing(message), again)).toBe('module');
  expect(again).toHaveBeenCalledWith('https://chat.example/assets/EmojiPicker-Bx_1-9.js');
});

it.each(['Importing a module script failed.', 'Unable to preload CSS for /assets/index.css'])(
  'a failure without an address stays one: %s',
  async (message) => {
    const again = vi.fn();
    await expect(imported(failing(message), again)).rejects.toThrow(message);
    expect(again).not.toHaveBeenCalled();
  },
);

it('what is out of reach under both names is out of reach', async () => {
  const missing = failing('Failed to fetch dynamically imported module: http://127.0.0.1:8080/assets/a.js');
  await expect(imported(missing, missing)).rejects.toThrow('Failed to fetch');
});
