/** The one cache of what the box said. */
import { QueryClient } from '@tanstack/react-query';
import { ApiError, isStatus } from '../api/errors';

const RETRIES = 3;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) => count < RETRIES && mayPass(error),
        retryDelay: delayOf,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

/** A refusal stays a refusal; a silent or busy box is asked again. */
function mayPass(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

/** In milliseconds: what the box asks for, otherwise longer each time. */
function delayOf(count: number, error: Error): number {
  if (isStatus(error, 429)) return (error.retryAfter || 0) * 1000 || FIRST_DELAY_MS;
  return Math.min(FIRST_DELAY_MS * 2 ** count, LONGEST_DELAY_MS);
}
