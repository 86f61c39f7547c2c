// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { Shell } from '../admin/Shell';
import { api } from '../api/client';
import { setSession } from '../api/session';
import { ADMIN, fakeBox, showPage } from '../testing/page';
import { Root } from './Root';

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

it('follows a role that was taken away as soon as the box refuses something', async () => {
  let role = 'admin';
  fakeBox(({ path }) => {
    if (path === '/users/me') return { ...ADMIN, role };
    return Response.json({ error: 'Forbidden', message: 'x' }, { status: 403 });
  }, null);
  showPage({ path: '/x', Component: Root, children: [{ index: true, Component: Shell }] });
  await screen.findByRole('link', { name: 'Users' });
  role = 'room_member';
  await act(() => api.GET('/api-keys'));
  await waitFor(() => expect(screen.queryByRole('link', { name: 'Users' })).toBeNull());
});
