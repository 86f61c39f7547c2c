// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { setSession } from '../api/session';
import { ADMIN, fakeBox, showPage } from '../testing/page';
import { Shell } from './Shell';

const tokenOf = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

it('shows nothing of one user to another who signs in from another tab', async () => {
  const kim = { ...ADMIN, userId: 'kim_m', name: 'Kim', role: 'room_member' };
  let me: object = ADMIN;
  fakeBox(({ path }) => (path === '/users/me' ? me : undefined), null);
  setSession({ accessToken: tokenOf('admin') });
  showPage({ path: '/x', Component: Shell });
  await screen.findByRole('link', { name: 'Users' });
  me = kim;
  act(() => setSession({ accessToken: tokenOf('kim_m') }));
  await screen.findByText('Kim');
  expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
});
