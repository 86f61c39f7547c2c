/** What a call to the box can fail with. Never shows the user anything: pages choose the words. */
import type { ErrorBody } from './model';

/** The box answered, and said no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly body: ErrorBody | undefined,
    /** Seconds to wait, when the box named them (429). */
    readonly retryAfter: number | undefined,
  ) {
    super(body?.message ?? `HTTP ${status}`);
  }
}

/** The box did not answer at all. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** The box refused for exactly this reason. */
export function isCode(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && error.body !== undefined && codes.includes(error.body.code);
}

export function isStatus(error: unknown, ...statuses: number[]): error is ApiError {
  return error instanceof ApiError && statuses.includes(error.status);
}
