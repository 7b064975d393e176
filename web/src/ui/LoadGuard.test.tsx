import { render, screen } from '@testing-library/react';
import { lazy, Suspense } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startI18n } from '../app/i18n';
import { LoadGuard } from './LoadGuard';

beforeEach(async () => {
  await startI18n();
  // React reports what a guard caught, too.
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const Gone = lazy(() => Promise.reject(new TypeError('Failed to fetch dynamically imported module')));

it('a part that cannot be loaded says so and offers to load the page anew; the rest stays', async () => {
  render(
    <>
      <p>the rest</p>
      <LoadGuard>
        <Suspense>
          <Gone />
        </Suspense>
      </LoadGuard>
    </>,
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('This part could not be loaded');
  expect(screen.getByRole('button', { name: 'Reload' })).toBeVisible();
  expect(screen.getByText('the rest')).toBeVisible();
});
