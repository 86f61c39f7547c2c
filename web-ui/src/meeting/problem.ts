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
  if (error instanceof ApiError) return kindOfStatus(error.status, message);
  if (error instanceof ConnectionError) return kindOfConnection(error, message);
  return 'other';
}

function kindOfStatus(status: number, message: string): ProblemKind {
  if (status === 403 || status === 409) {
    if (message.includes('already in the meeting')) return 'inAnother';
    if (message.includes('still running')) return 'ownRuns';
    if (message.includes('were removed')) return 'removed';
    if (message.includes('full') || message.includes('maximum')) return 'full';
    return status === 409 ? 'closed' : 'forbidden';
  }
  if (status === 400) return 'secret';
  if (status === 401) return 'login';
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
