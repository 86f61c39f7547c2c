/** The typed REST client: adds the session, renews it once when it has expired, reports dead boxes. */
import createClient from 'openapi-fetch';
import { ApiError, UnreachableError } from './errors';
import type { ErrorBody } from './model';
import { reportReachable } from './reachability';
import { reportRefusal } from './refusals';
import { getSession, loseSession, setSession, userOf } from './session';
import type { paths } from './types';

export const API_BASE = '/api/v1';

export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? API_BASE : location.origin + API_BASE,
  fetch: (request) => boxFetch(request),
});

/** The body of a good answer; throws `ApiError` or `UnreachableError` otherwise. */
export async function call<T>(pending: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await pending;
  if (response.ok) return data as T;
  throw new ApiError(response.status, errorBody(error), retryAfter(response));
}

/** A record and the version of it that was read. */
export interface Tagged<T> {
  data: T;
  etag: string | undefined;
}

/** The same with the version of what was answered, for `ifMatch`. */
export async function callTagged<T>(
  pending: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Tagged<T>> {
  const { response } = await pending;
  return { data: await call(pending), etag: response.headers.get('ETag') ?? undefined };
}

/** `fetch` with the session's access token; also for streams and other non-JSON answers. */
export async function boxFetch(request: Request): Promise<Response> {
  const spare = request.clone();
  const token = usesSession(request) ? getSession()?.accessToken : undefined;
  const response = await sendAs(token, request, spare);
  // Asking for one's own rights because they were refused would never end.
  if (token && response.status === 403 && !request.url.endsWith('/users/me')) reportRefusal();
  return response;
}

async function sendAs(token: string | undefined, request: Request, spare: Request): Promise<Response> {
  const response = await send(withToken(request, token));
  if (response.status !== 401 || !token) return response;
  const fresh = await renew(token);
  return fresh ? send(withToken(spare, fresh)) : response;
}

/** Header of a change that is meant for this version only; 412 when there is a newer one. */
export function ifMatch(etag: string | undefined): { 'If-Match'?: string } {
  return etag ? { 'If-Match': etag } : {};
}

/** Header of a room member; wins over the login at the box. */
export function memberHeader(memberToken: string | undefined): { 'X-Room-Member-Token'?: string } {
  return memberToken ? { 'X-Room-Member-Token': `Bearer ${memberToken}` } : {};
}

/** The box's own words for an error, if that is what `value` is. */
export function errorBody(value: unknown): ErrorBody | undefined {
  const known = typeof value === 'object' && value !== null && 'message' in value;
  return known ? (value as ErrorBody) : undefined;
}

async function send(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    reportReachable(response.status < 502 || response.status > 504);
    return response;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    reportReachable(false);
    throw new UnreachableError('The box does not answer', { cause });
  }
}

function usesSession(request: Request): boolean {
  return !request.headers.has('X-Room-Member-Token') && !/\/auth\/(login|refresh)$/.test(request.url);
}

function withToken(request: Request, token: string | undefined): Request {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}

/** One renewal at a time over all tabs: refresh tokens rotate, a second use would end the session. */
async function renew(expired: string): Promise<string | undefined> {
  const locks = navigator.locks as LockManager | undefined;
  return locks ? locks.request('huddlebox.refresh', () => renewNow(expired)) : renewOnce(expired);
}

let pending: Promise<string | undefined> | undefined;

function renewOnce(expired: string): Promise<string | undefined> {
  pending ??= renewNow(expired).finally(() => (pending = undefined));
  return pending;
}

async function renewNow(expired: string): Promise<string | undefined> {
  const session = getSession();
  if (session && session.accessToken !== expired) {
    // Renewed by another tab; what one user asked for is never done as another.
    return userOf(session.accessToken) === userOf(expired) ? session.accessToken : undefined;
  }
  if (!session?.refreshToken) {
    loseSession(session);
    return undefined;
  }
  const { data, error, response } = await api.POST('/auth/refresh', {
    params: { header: { 'X-Refresh-Token': `Bearer ${session.refreshToken}` } },
  });
  // Signed out meanwhile, or in as somebody else: that stands.
  if (getSession()?.refreshToken !== session.refreshToken) return undefined;
  if (data) {
    setSession({
      accessToken: data.accessToken,
      refreshToken: data.refreshToken ?? session.refreshToken,
      mustChangePassword: data.mustChangePassword,
    });
    return data.accessToken;
  }
  // Too busy to renew it says nothing of the login: it is asked again when the box says, or as if it had not answered.
  if (response.status === 429) throw new ApiError(429, errorBody(error), retryAfter(response));
  if (![400, 401, 403].includes(response.status)) throw new UnreachableError('The session cannot be renewed now');
  loseSession(session);
  return undefined;
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
