/** Why a room cannot be opened, from what the box answered. */
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

export function roomProblem(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: kindOfError(error), message };
}

function kindOfError(error: unknown): ProblemKind {
  if (error instanceof UnreachableError) return 'unreachable';
  return error instanceof ApiError ? kindOfAnswer(error) : 'other';
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
