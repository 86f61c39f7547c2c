// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { createMemoryRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endSession, getSession, loseSession, setSession } from '../../api/session';
import { createQueryClient } from '../../app/queryClient';
import { ForcedPasswordPage } from './ForcedPasswordPage';
import { LoginPage } from './LoginPage';

function show(answer: (body: unknown) => Response, path = '/login?next=/recordings') {
  const logins: unknown[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.endsWith('/change-password')) return Response.json(tokens);
    if (!request.url.endsWith('/auth/login')) return Response.json({ mode: 'demo' });
    const body: unknown = await request.json();
    logins.push(body);
    return answer(body);
  });
  const routes = [
    { path: '/login', Component: LoginPage },
    { path: '/change-password', Component: ForcedPasswordPage },
    { path: '/recordings', Component: () => <h1>Recordings page</h1> },
    { path: '/slow', lazy: () => new Promise<never>(() => {}) },
    { path: '/', Component: () => <h1>Start page</h1> },
  ];
  render(
    <QueryClientProvider client={createQueryClient()}>
      <RouterProvider router={createMemoryRouter(routes, { initialEntries: [path] })} />
    </QueryClientProvider>,
  );
  return logins;
}

function signIn(user: string, password: string): void {
  fireEvent.change(screen.getByRole('textbox', { name: 'User' }), { target: { value: user } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: password } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

const tokens = { accessToken: 'a', refreshToken: 'r' };

beforeEach(() => setSession(undefined));

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('signing in', () => {
  it('leads to the page that was asked for', async () => {
    const logins = show(() => Response.json(tokens));
    signIn('admin', 'admin');
    await screen.findByRole('heading', { name: 'Recordings page' });
    expect(logins).toEqual([{ userId: 'admin', password: 'admin' }]);
    expect(getSession()).toMatchObject(tokens);
  });

  it('leads there also when the password must be changed first', async () => {
    show((body) =>
      Response.json({ ...tokens, mustChangePassword: (body as { password: string }).password === 'given' }),
    );
    signIn('ann_s', 'given');
    await screen.findByRole('heading', { name: 'Choose a new password' });
    const type = (label: string, value: string) =>
      fireEvent.change(screen.getByLabelText(label), { target: { value } });
    type('Current password', 'given');
    type('New password', 'a new password');
    type('Repeat new password', 'a new password');
    fireEvent.click(screen.getByRole('button', { name: 'Change password' }));
    await screen.findByRole('heading', { name: 'Recordings page' });
  });

  it('says that it goes on while the next page is fetched', async () => {
    show(() => Response.json(tokens), '/login?next=/slow');
    signIn('admin', 'admin');
    expect((await screen.findByRole('status')).textContent).toContain('Loading');
    expect(screen.queryByRole('heading', { name: 'Sign in' })).toBeNull();
  });

  it('never leads to another site', async () => {
    show(() => Response.json(tokens), '/login?next=//evil.example');
    signIn('admin', 'admin');
    await screen.findByRole('heading', { name: 'Start page' });
  });

  it('says that the password is wrong, and keeps nobody signed in', async () => {
    show(() => Response.json({ error: 'Authentication Error', message: 'no' }, { status: 401 }));
    signIn('admin', 'nope');
    expect((await screen.findByRole('alert')).textContent).toBe('User or password is wrong.');
    expect(getSession()).toBeUndefined();
  });

  it('says how long to wait after too many tries', async () => {
    const headers = { 'Retry-After': '12' };
    show(() => Response.json({ error: 'Too Many Requests', message: 'x' }, { status: 429, headers }));
    signIn('admin', 'nope');
    expect((await screen.findByRole('alert')).textContent).toContain('12 s');
  });

  it('says who ended the login before', () => {
    const begun = { accessToken: 'a', refreshToken: 'r' };
    setSession(begun);
    loseSession(begun);
    show(() => Response.json(tokens));
    expect(screen.getByRole('status').textContent).toContain('You were signed out.');
    act(() => endSession(begun));
    expect(screen.queryByRole('status')).toBeNull();
  });

  it('asks for both fields before it asks the box', async () => {
    const logins = show(() => Response.json(tokens));
    fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('Please enter your user name.')).toBeTruthy();
    expect(screen.getByText('Please enter your password.')).toBeTruthy();
    expect(logins).toEqual([]);
  });
});
