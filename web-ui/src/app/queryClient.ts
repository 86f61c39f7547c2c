/** The one cache of what the box said. */
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // A refusal stays a refusal; a silent box is asked again.
        retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 3,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}
