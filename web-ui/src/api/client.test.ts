// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api, call, memberHeader } from './client';
import { ApiError, UnreachableError } from './errors';
import { isReachable, reportReachable } from './reachability';
import { getSession, setSession, subscribeSession, wasLost } from './session';

type Answer = (request: Request) => Response;

function box(answer: Answer): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    requests.push(request);
    return Promise.resolve().then(() => answer(request));
  });
  return requests;
}

const tokenOf = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;

const json = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

beforeEach(() => setSession({ accessToken: 'old', refreshToken: 'r1' }));

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
  reportReachable(true);
});

describe('the session', () => {
  it('is renewed once when it has expired, and the call is made again', async () => {
    const requests = box((request) => {
      if (request.url.endsWith('/auth/refresh')) return json(200, { accessToken: 'new', refreshToken: 'r2' });
      return request.headers.get('Authorization') === 'Bearer new' ? json(200, { userId: 'admin' }) : json(401, {});
    });
    await expect(call(api.GET('/users/me'))).resolves.toEqual({ userId: 'admin' });
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
      '/api/v1/users/me',
      '/api/v1/auth/refresh',
      '/api/v1/users/me',
    ]);
    expect(getSession()).toMatchObject({ accessToken: 'new', refreshToken: 'r2' });
  });

  it('is renewed once for calls that expire together', async () => {
    const requests = box((request) => {
      if (request.url.endsWith('/auth/refresh')) return json(200, { accessToken: 'new', refreshToken: 'r2' });
      return request.headers.get('Authorization') === 'Bearer new' ? json(200, {}) : json(401, {});
    });
    await Promise.all([call(api.GET('/users/me')), call(api.GET('/box')), call(api.GET('/box/status'))]);
    expect(requests.filter(({ url }) => url.endsWith('/auth/refresh'))).toHaveLength(1);
  });

  it('ends when it cannot be renewed', async () => {
    box(() => json(401, { error: 'Authentication Error', message: 'Invalid token' }));
    await expect(call(api.GET('/users/me'))).rejects.toMatchObject({ status: 401 });
    expect(getSession()).toBeUndefined();
    expect(wasLost()).toBe(true);
  });

  it('stands while the box is too busy to renew it', async () => {
    box((request) => json(request.url.endsWith('/auth/refresh') ? 503 : 401, { error: 'Busy', message: 'later' }));
    await expect(call(api.GET('/users/me'))).rejects.toBeInstanceOf(UnreachableError);
    expect(getSession()).toMatchObject({ accessToken: 'old', refreshToken: 'r1' });
    expect(wasLost()).toBe(false);
  });

  it('is asked for again when the box says, if that had too many calls', async () => {
    box((request) => {
      const isRenewal = request.url.endsWith('/auth/refresh');
      return json(isRenewal ? 429 : 401, { error: 'Busy', message: 'later' }, { 'Retry-After': '7' });
    });
    await expect(call(api.GET('/users/me'))).rejects.toMatchObject({ status: 429, retryAfter: 7 });
    expect(getSession()).toMatchObject({ accessToken: 'old', refreshToken: 'r1' });
    expect(wasLost()).toBe(false);
  });

  it('that was lost is not missed once another tab has signed in, and lost when that one signs out', async () => {
    const unsubscribe = subscribeSession(() => undefined);
    box(() => json(401, {}));
    await expect(call(api.GET('/users/me'))).rejects.toMatchObject({ status: 401 });
    expect(wasLost()).toBe(true);
    const key = 'huddlebox.session';
    localStorage.setItem(key, JSON.stringify({ accessToken: 'there' }));
    window.dispatchEvent(new StorageEvent('storage', { key }));
    expect(wasLost()).toBe(false);
    localStorage.removeItem(key);
    window.dispatchEvent(new StorageEvent('storage', { key }));
    expect(wasLost()).toBe(true);
    unsubscribe();
  });

  it('stays ended when one signs out while it is renewed', async () => {
    box((request) => {
      if (!request.url.endsWith('/auth/refresh')) return json(401, {});
      setSession(undefined);
      return json(200, { accessToken: 'new', refreshToken: 'r2' });
    });
    await expect(call(api.GET('/users/me'))).rejects.toMatchObject({ status: 401 });
    expect(getSession()).toBeUndefined();
  });

  it('of somebody who signed in meanwhile is neither ended nor used', async () => {
    const mine = { accessToken: tokenOf('ann_s'), refreshToken: 'r9' };
    setSession({ accessToken: tokenOf('admin'), refreshToken: 'r1' });
    const requests = box(() => {
      setSession(mine);
      return json(401, {});
    });
    await expect(call(api.DELETE('/api-keys/{keyId}', { params: { path: { keyId: 'k' } } }))).rejects.toThrow();
    expect(requests).toHaveLength(1);
    expect(getSession()).toEqual(mine);
  });

  it('is not touched by a refused room member', async () => {
    const requests = box(() => json(401, {}));
    const params = { path: { roomId: 'a' }, header: memberHeader('guest') };
    await expect(call(api.GET('/rooms/{roomId}', { params }))).rejects.toBeInstanceOf(ApiError);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers.get('Authorization')).toBeNull();
    expect(getSession()?.accessToken).toBe('old');
  });
});

describe('errors', () => {
  it('carry the words and the waiting time of the box', async () => {
    box(() => json(429, { error: 'Too Many Requests', message: 'later' }, { 'Retry-After': '7' }));
    await expect(call(api.GET('/info'))).rejects.toMatchObject({ status: 429, retryAfter: 7, message: 'later' });
  });

  it('tell a silent box from one that refuses', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(call(api.GET('/info'))).rejects.toBeInstanceOf(UnreachableError);
    expect(isReachable()).toBe(false);
    box(() => json(200, {}));
    await call(api.GET('/info'));
    expect(isReachable()).toBe(true);
  });
});
