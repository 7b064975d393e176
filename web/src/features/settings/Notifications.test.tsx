import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startI18n } from '../../app/i18n';
import { choose, preferences } from '../../app/preferences';
import { Notifications } from './Notifications';

/** A browser that answers `answer` when it is asked. */
function browser(permission: NotificationPermission, answer = permission) {
  const Notification = {
    permission,
    requestPermission: vi.fn(async () => {
      Notification.permission = answer;
      return answer;
    }),
  };
  vi.stubGlobal('Notification', Notification);
  Object.defineProperty(navigator, 'serviceWorker', { configurable: true, value: {} });
  return Notification;
}

beforeEach(startI18n);
afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'serviceWorker');
  choose('notify', 'off');
});

describe('notifications', () => {
  it('are asked for by a press and never before, and are on once allowed', async () => {
    const { requestPermission } = browser('default', 'granted');
    render(<Notifications />);
    expect(requestPermission).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Enable notifications' }));
    expect(await screen.findByRole('radio', { name: 'All messages' })).toBeChecked();
    expect(preferences().notify).toBe('all');
  });

  it('that were refused say where they can be allowed', async () => {
    browser('default', 'denied');
    render(<Notifications />);
    await userEvent.click(screen.getByRole('button', { name: 'Enable notifications' }));
    expect(await screen.findByText(/^This browser blocks notifications/)).toBeVisible();
    expect(preferences().notify).toBe('off');
  });
});
