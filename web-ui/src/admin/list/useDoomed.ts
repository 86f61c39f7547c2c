/** What is about to be deleted, as it is on the box now, and in which version. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import type { Tagged } from '../../api/client';
import type { Doomed } from '../../api/paging';

export interface DoomedNow<T> {
  /** For the deletion; without a version what could not be read. */
  doomed: Doomed[];
  /** By id; undefined what could not be read. */
  now: ReadonlyMap<string, T | undefined>;
  /** Not all are read yet. */
  isReading: boolean;
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
  return {
    doomed: ids.map((id, at) => ({ id, etag: found[at]?.data?.etag })),
    now: new Map(ids.map((id, at) => [id, found[at]?.data?.data])),
    isReading: found.some((one) => one.isFetching),
    again: () => void client.refetchQueries({ queryKey: ['doomed', kind] }),
  };
}
