/** Who is signed in on this browser. The one place that touches the stored tokens. */
import { decodeJwt } from '../lib/jwt';

export interface Session {
  accessToken: string;
  /** Absent while a password change is demanded: that token is short-lived and cannot be renewed. */
  refreshToken?: string | undefined;
  mustChangePassword?: boolean | undefined;
}

const KEY = 'huddlebox.session';
const listeners = new Set<() => void>();
let isLost = false;
let cached: { text: string | null; session: Session | undefined } | undefined;

export function getSession(): Session | undefined {
  const text = read();
  if (cached?.text !== text) cached = { text, session: parse(text) };
  return cached?.session;
}

export function setSession(session: Session | undefined): void {
  write(session, false);
}

/** Whether the box, and nobody here, has ended the last login. */
export function wasLost(): boolean {
  return isLost;
}

/** Ends the login that `begun` is of because the box takes it no more. */
export function loseSession(begun: Session | undefined): void {
  if (isSameLogin(begun)) write(undefined, true);
}

/** Somebody here ends the login that `begun` is of, renewed meanwhile or not; one that came after it stands. */
export function endSession(begun: Session | undefined): void {
  // A box that was told first may have ended it already: it is not lost for that.
  if (!getSession() || isSameLogin(begun)) setSession(undefined);
}

/** Puts `next` in the place of the login that `begun` is of; one that came after it stands. */
export function replaceSession(begun: Session | undefined, next: Session | undefined): void {
  if (isSameLogin(begun)) setSession(next);
}

/** Whose access token it is; undefined where it cannot be read. */
export function userOf(accessToken: string): string | undefined {
  return claimOf(accessToken, 'sub');
}

/** The same for all access tokens of one login. */
export function loginOf(accessToken: string): string {
  return claimOf(accessToken, 'sid') ?? accessToken;
}

/** Tells about sign-in and sign-out, also from other tabs. Returns the unsubscribe function. */
export function subscribeSession(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== KEY && event.key !== null) return;
    // Signed out there is lost here; what was lost is not missed any more once somebody has signed in.
    isLost = !getSession();
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', onStorage);
  };
}

function write(session: Session | undefined, lost: boolean): void {
  isLost = lost;
  try {
    if (session) localStorage.setItem(KEY, JSON.stringify(session));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is blocked: the session lives as long as this page.
    memory = session ? JSON.stringify(session) : null;
  }
  for (const listener of listeners) listener();
}

function isSameLogin(begun: Session | undefined): boolean {
  const now = getSession();
  return now !== undefined && begun !== undefined && loginOf(now.accessToken) === loginOf(begun.accessToken);
}

function claimOf(accessToken: string, name: string): string | undefined {
  const claim = decodeJwt(accessToken)?.[name];
  return typeof claim === 'string' ? claim : undefined;
}

let memory: string | null = null;

function read(): string | null {
  try {
    return localStorage.getItem(KEY) ?? memory;
  } catch {
    return memory;
  }
}

function parse(text: string | null): Session | undefined {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const valid = typeof value === 'object' && value !== null && 'accessToken' in value;
    return valid ? (value as Session) : undefined;
  } catch {
    return undefined;
  }
}
