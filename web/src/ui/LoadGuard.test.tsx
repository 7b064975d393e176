import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startI18n } from '../app/i18n';
import { fetchParts, part } from '../lib/part';
import { LoadGuard } from './LoadGuard';

beforeEach(async () => {
  await startI18n();
  // React reports what a guard caught, too.
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const outOfReach = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
const inReach = () => Promise.resolve({ default: () => <p>the part</p> });
const load = vi.fn<typeof inReach>(inReach);
const Part = part(load);
const guarded = (
  <LoadGuard>
    <Suspense>
      <Part />
    </Suspense>
  </LoadGuard>
);

it('a part that cannot be loaded says so, and comes when it is asked for again; the rest stays', async () => {
  load.mockImplementation(outOfReach);
  const { unmount } = render(
    <>
      <p>the rest</p>
      {guarded}
    </>,
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('This part could not be loaded');
  expect(screen.getByText('the rest')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('This part could not be loaded');

  // Who leaves and comes back asks for it again as well.
  unmount();
  load.mockImplementation(inReach);
  render(guarded);
  expect(await screen.findByText('the part')).toBeVisible();
});

it('who is offline is not offered to reload, which would leave them with nothing', async () => {
  const Gone = part(outOfReach);
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  render(
    <LoadGuard>
      <Suspense>
        <Gone />
      </Suspense>
    </LoadGuard>,
  );
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Reload' })).toBeNull();
});

it('all parts are fetched ahead, and one that fails keeps no other back', async () => {
  const other = vi.fn(inReach);
  part(outOfReach);
  part(other);
  await fetchParts();
  expect(other).toHaveBeenCalledOnce();
});
