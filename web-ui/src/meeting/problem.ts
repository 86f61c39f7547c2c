/** Why a room cannot be opened or joined, from what the box or LiveKit answered. */
import { ConnectionError, ConnectionErrorReason } from 'livekit-client';
import { roomProblem, type Problem, type ProblemKind } from '../app/roomProblem';

export function problemOf(error: unknown): Problem {
  const problem = roomProblem(error);
  if (!(error instanceof ConnectionError)) return problem;
  return { ...problem, kind: kindOfConnection(error, problem.message.toLowerCase()) };
}

/** Joining works when it leaves the other meeting. */
export function canForce({ kind }: Problem): boolean {
  return kind === 'inAnother' || kind === 'ownRuns';
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
