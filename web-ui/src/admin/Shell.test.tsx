// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { Outlet } from 'react-router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { getSession, setSession } from '../api/session';
import { ADMIN, fakeBox, showPage } from '../testing/page';
import { LoginPage } from './login/LoginPage';
import { Shell } from './Shell';
import { StartPage } from './StartPage';

const tokenOf = (sub: string, login = sub, at = 0) => `x.${btoa(JSON.stringify({ sub, sid: login, at }))}.x`;
const kim = { ...ADMIN, userId: 'kim_m', name: 'Kim', role: 'room_member' };

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

it('shows nothing of one user to another who signs in from another tab', async () => {
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

it('shows nothing of one user to another who signs in from another tab after a sign-out there', async () => {
  let me: object = ADMIN;
  fakeBox(({ path }) => (path === '/users/me' ? me : undefined), null);
  setSession({ accessToken: tokenOf('admin') });
  const children = [
    { path: '/x', Component: Shell },
    { path: '/login', Component: LoginPage },
  ];
  showPage({ path: '/', Component: Outlet, children }, '/x');
  await screen.findByRole('link', { name: 'Users' });
  act(() => setSession(undefined));
  await screen.findByRole('heading', { name: 'Sign in' });
  me = kim;
  act(() => setSession({ accessToken: tokenOf('kim_m') }));
  await screen.findByRole('button', { name: 'Sign out' });
  await screen.findByText('Kim');
  expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
});

it('says why there is no menu, and tries again when told to', async () => {
  let isRefused = true;
  fakeBox(({ path }) => {
    if (path !== '/users/me') return undefined;
    return isRefused ? Response.json({ error: 'x', message: 'x' }, { status: 403 }) : ADMIN;
  }, null);
  showPage({ path: '/', Component: Shell, children: [{ index: true, Component: StartPage }] });
  expect((await screen.findByRole('alert')).textContent).toContain('not allowed');
  isRefused = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByRole('link', { name: 'Users' });
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
});

describe('signing out', () => {
  async function pressed(): Promise<() => Promise<void>> {
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    const calls = fakeBox(({ path }) => (path === '/auth/logout' ? held.then(() => ({ message: 'x' })) : undefined));
    setSession({ accessToken: tokenOf('admin', 'first') });
    showPage({ path: '/x', Component: Shell });
    fireEvent.click(await screen.findByRole('button', { name: 'Sign out' }));
    await waitFor(() => expect(calls).toHaveLength(1));
    return () =>
      act(async () => {
        answer();
        await new Promise((resolve) => setTimeout(resolve));
      });
  }

  it('ends the login also when it was renewed meanwhile', async () => {
    const answered = await pressed();
    act(() => setSession({ accessToken: tokenOf('admin', 'first', 1) }));
    await answered();
    await waitFor(() => expect(getSession()).toBeUndefined());
  });

  it('leaves alone whoever signed in before the box answered', async () => {
    const answered = await pressed();
    const second = { accessToken: tokenOf('admin', 'second') };
    act(() => setSession(second));
    await answered();
    expect(getSession()).toEqual(second);
    expect(screen.getByRole('link', { name: 'Users' })).toBeTruthy();
  });
});

it('keeps the login that came while the events of the one before were refused', async () => {
  const second = { accessToken: tokenOf('ann_s') };
  let refuse = () => {};
  const held = new Promise<void>((resolve) => (refuse = resolve));
  let asked = 0;
  fakeBox(async ({ path }) => {
    if (path !== '/box/events') return undefined;
    asked += 1;
    if (asked > 1) return new Response(new ReadableStream());
    await held;
    return Response.json({}, { status: 401 });
  });
  setSession({ accessToken: tokenOf('admin', 'first'), refreshToken: 'r' });
  showPage({ path: '/x', Component: Shell });
  await waitFor(() => expect(asked).toBe(1));
  act(() => setSession(second));
  await act(async () => {
    refuse();
    await new Promise((resolve) => setTimeout(resolve));
  });
  expect(getSession()).toEqual(second);
  // And follows them as who is here now.
  await waitFor(() => expect(asked).toBe(2));
});
