/** What is about to be deleted, as it is on the box now, and in which version. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import type { Tagged } from '../../api/client';
import { isStatus } from '../../api/errors';
import type { Doomed } from '../../api/paging';

export interface DoomedNow<T> {
  /** For the deletion; without a version what is gone. */
  doomed: Doomed[];
  /** By id; undefined what is gone or not read yet. */
  now: ReadonlyMap<string, T | undefined>;
  /** Each is read or gone: without its version it would be deleted whatever it has become. */
  isReady: boolean;
  /** Why one of them could not be read. */
  problem: Error | undefined;
  /** Reads them anew. */
  again: () => void;
}

/** `kind` tells the ids of one kind of thing from those of another. */
export function useDoomed<T>(
  kind: string,
  ids: readonly string[],
  read: (id: string) => Promise<Tagged<T>>,
): DoomedNow<T> {
  const client = useQueryClient();
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['doomed', kind, id],
      queryFn: () => read(id),
      staleTime: 0,
      gcTime: 0,
      // Read when it is shown, and not behind the back of whoever looks at it.
      refetchOnWindowFocus: false,
      retry: false,
    })),
  });
  const problem = found.map(({ error }) => error).find((error) => error && !isStatus(error, 404)) ?? undefined;
  return {
    doomed: ids.map((id, at) => ({ id, etag: found[at]?.data?.etag })),
    now: new Map(ids.map((id, at) => [id, found[at]?.data?.data])),
    isReady: !problem && !found.some((one) => one.isFetching),
    problem,
    again: () => void client.refetchQueries({ queryKey: ['doomed', kind] }),
  };
}
