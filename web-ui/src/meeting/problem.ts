/** Why a room cannot be opened or joined, from what the box or LiveKit answered. */
import { ConnectionError, ConnectionErrorReason } from 'livekit-client';
import { ApiError, UnreachableError } from '../api/errors';

export type ProblemKind =
  | 'notFound'
  | 'secret'
  | 'closed'
  | 'full'
  | 'forbidden'
  | 'removed'
  | 'inAnother'
  | 'ownRuns'
  | 'login'
  | 'unreachable'
  | 'media'
  | 'other';

export interface Problem {
  kind: ProblemKind;
  message: string;
}

export function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: kindOfError(error, message.toLowerCase()), message };
}

/** Joining works when it leaves the other meeting. */
export function canForce({ kind }: Problem): boolean {
  return kind === 'inAnother' || kind === 'ownRuns';
}

function kindOfError(error: unknown, message: string): ProblemKind {
  if (error instanceof UnreachableError) return 'unreachable';
  if (error instanceof ApiError) return kindOfAnswer(error);
  if (error instanceof ConnectionError) return kindOfConnection(error, message);
  return 'other';
}

const KINDS: Record<string, ProblemKind> = {
  room_not_found: 'notFound',
  room_closed: 'closed',
  room_full: 'full',
  bad_secret: 'secret',
  link_disabled: 'forbidden',
  removed_from_meeting: 'removed',
  in_another_meeting: 'inAnother',
  own_meeting_runs: 'ownRuns',
};

function kindOfAnswer({ status, body }: ApiError): ProblemKind {
  const known = body && KINDS[body.code];
  if (known) return known;
  if (status === 401) return 'login';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  return status >= 500 ? 'unreachable' : 'other';
}

function kindOfConnection(error: ConnectionError, message: string): ProblemKind {
  if (message.includes('pc connection')) return 'media';
  switch (error.reason) {
    case ConnectionErrorReason.NotAllowed:
      return 'forbidden';
    case ConnectionErrorReason.ServerUnreachable:
    case ConnectionErrorReason.Timeout:
    case ConnectionErrorReason.WebSocket:
      return 'unreachable';
    default:
      return 'other';
  }
}
