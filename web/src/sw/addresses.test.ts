import { describe, expect, it } from 'vitest';
import { isClientAddress } from './addresses';

describe('addresses of the client', () => {
  it.each(['/', '/index.html', '/r/0190-abc', '/r/#a.b', '/settings', '/admin/rooms', '/apiary'])('%s', (path) => {
    expect(isClientAddress(path, '/')).toBe(true);
    expect(isClientAddress(`/chat${path}`, '/chat/')).toBe(true);
  });
  it.each(['/api/v1/me', '/ws', '/docs', '/docs/index.css', '/healthz', '/metrics', '/favicon.ico'])(
    'not %s',
    (path) => {
      expect(isClientAddress(path, '/')).toBe(false);
      expect(isClientAddress(`/chat${path}`, '/chat/')).toBe(false);
    },
  );
  it('ends where the server’s path ends', () => {
    expect(isClientAddress('/settings', '/chat/')).toBe(false);
  });
});
