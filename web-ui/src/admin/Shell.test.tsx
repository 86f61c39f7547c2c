// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { Link } from 'react-router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { getSession, setSession } from '../api/session';
import { useRoomVisit } from '../api/visit';
import { Root } from '../app/Root';
import { ADMIN, fakeBox, showPage } from '../testing/page';
import { LoginPage } from './login/LoginPage';
import { Shell } from './Shell';
import { StartPage } from './StartPage';
import { LeaveGuard, useUnsaved } from './unsaved';

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
  showPage({ path: '/x', Component: Root, children: [{ index: true, Component: Shell }] });
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
  showPage({ path: '/', Component: Root, children }, '/x');
  await screen.findByRole('link', { name: 'Users' });
  act(() => setSession(undefined));
  await screen.findByRole('heading', { name: 'Sign in' });
  me = kim;
  act(() => setSession({ accessToken: tokenOf('kim_m') }));
  await screen.findByRole('button', { name: 'Sign out' });
  await screen.findByText('Kim');
  expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
});

it('shows nothing of one user to another who signed in while a page without a frame was on screen', async () => {
  let me: object = ADMIN;
  let answer = () => {};
  let isHeld = false;
  fakeBox(async ({ path }) => {
    if (path !== '/users/me') return undefined;
    if (isHeld) await new Promise<void>((resolve) => (answer = resolve));
    return me;
  }, null);
  setSession({ accessToken: tokenOf('admin') });
  const children = [
    { path: '/x', Component: Shell },
    { path: '/panel', Component: () => <Link to="/x">Back</Link> },
  ];
  const router = showPage({ path: '/', Component: Root, children }, '/x');
  await screen.findByRole('link', { name: 'Users' });
  await act(() => router.navigate('/panel'));
  isHeld = true;
  me = kim;
  act(() => setSession(undefined));
  act(() => setSession({ accessToken: tokenOf('kim_m') }));
  fireEvent.click(screen.getByRole('link', { name: 'Back' }));
  await screen.findByRole('button', { name: 'Sign out' });
  expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
  answer();
  await screen.findByText('Kim');
  expect(screen.queryByRole('link', { name: 'Users' })).toBeNull();
});

it('leaves whoever is at a room as they are when somebody else signs in', async () => {
  let visits = 0;
  fakeBox(({ path }) => {
    if (path.endsWith('/members/token')) visits += 1;
    return path.endsWith('/members/token') ? { token: 'x.e30.x' } : { roomId: 'a', roomName: 'Atrium' };
  });
  setSession({ accessToken: tokenOf('admin') });
  const Visit = () => <p>{useRoomVisit('a', 's').data?.room.roomName}</p>;
  showPage({ path: '/x', Component: Root, children: [{ index: true, Component: Visit }] });
  await screen.findByText('Atrium');
  act(() => setSession({ accessToken: tokenOf('kim_m') }));
  await act(() => new Promise((resolve) => setTimeout(resolve)));
  expect(screen.getByText('Atrium')).toBeTruthy();
  expect(visits).toBe(1);
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

  it('asks before what is not saved is lost by it', async () => {
    const calls = fakeBox(() => undefined);
    setSession({ accessToken: tokenOf('admin') });
    const Form = () => {
      useUnsaved(true);
      return <LeaveGuard />;
    };
    showPage({ path: '/x', Component: Shell, children: [{ index: true, Component: Form }] });
    const button = await screen.findByRole('button', { name: 'Sign out' });
    fireEvent.click(button);
    const question = within(await screen.findByRole('alertdialog', { name: 'Leave without saving?' }));
    fireEvent.click(question.getByRole('button', { name: 'Stay' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(calls).toEqual([]);
    expect(getSession()).toBeDefined();
    fireEvent.click(button);
    fireEvent.click(await screen.findByRole('button', { name: 'Leave' }));
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
