/** Shows a page of the console in a test, with a box behind it that answers what it is told to. */
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ComponentType } from 'react';
import { createMemoryRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { vi } from 'vitest';
import { setSession } from '../api/session';
import { createQueryClient } from '../app/queryClient';

export interface Call {
  method: string;
  /** Below `/api/v1`, with the query. */
  path: string;
  body: unknown;
  headers: Headers;
}

/** Undefined is answered with 404. */
export type Answer = (call: Call) => unknown;

export const ADMIN = { userId: 'admin', name: 'Administrator', role: 'admin', registrationDate: 0 };

const HOME = { roomId: 'home', roomName: 'Home', lanUrls: ['https://192.0.2.7:8443/room/home?secret=s'] };

/** The calls that change something, as they come in. */
export function fakeBox(answer: Answer, me: object | null = ADMIN): Call[] {
  const changes: Call[] = [];
  setSession({ accessToken: 'a' });
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    const call: Call = {
      method: request.method,
      path: pathname.replace('/api/v1', '') + search,
      body: text ? (JSON.parse(text) as unknown) : undefined,
      headers: request.headers,
    };
    if (call.method !== 'GET') changes.push(call);
    if (call.path === '/users/me' && me) return Response.json(me);
    if (call.path === '/info') return Response.json({ mode: 'demo' });
    if (call.path === '/box') return tagged({ homeRoom: HOME }, 9);
    const body = await answer(call);
    if (body instanceof Response) return body;
    return body === undefined ? Response.json({ error: 'x', message: 'x' }, { status: 404 }) : Response.json(body);
  });
  return changes;
}

export interface Shown {
  path: string;
  Component: ComponentType;
  children?: { path?: string; index?: true; Component: ComponentType }[];
}

/** Returns the router, to go elsewhere by. */
export function showPage(shown: Shown, at = shown.path) {
  const children = shown.children?.map(({ path, Component }) =>
    path === undefined ? { index: true as const, Component } : { path, Component },
  );
  const { path, Component } = shown;
  const route = { path, Component, ...(children ? { children } : {}) };
  const router = createMemoryRouter([route, { path: '*', Component: () => <h1>Elsewhere</h1> }], {
    initialEntries: [at],
  });
  render(
    <QueryClientProvider client={createQueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

export const page = <K extends string>(key: K, items: unknown[]) => ({
  [key]: items,
  pagination: { isTruncated: false, maxItems: 10 },
});

/** What the box answers with a version of it. */
export const tagged = (body: object, revision: number) => Response.json(body, { headers: { ETag: `"${revision}"` } });

/** Somebody else was faster. */
export const stale = () =>
  Response.json({ error: 'Precondition Failed', code: 'changed_meanwhile', message: 'x' }, { status: 412 });
