/** Lists that come in pages, the same for every kind of thing. */
import { ApiError } from './errors';

/** What a page of a list is asked for. */
export interface ListQuery {
  search?: string | undefined;
  sortField?: string | undefined;
  sortOrder?: 'asc' | 'desc' | undefined;
  nextPageToken?: string | undefined;
  maxItems: number;
}

/** How often a list that others change is asked for again while it is on screen. */
export const LIVE_MS = 10_000;

export interface Page<T> {
  items: T[];
  /** Token of the next page; absent on the last one. */
  next: string | undefined;
}

export function pageOf<T>(items: T[], pagination: { isTruncated: boolean; nextPageToken?: string }): Page<T> {
  return { items, next: pagination.isTruncated ? pagination.nextPageToken : undefined };
}

/** Paging and sorting as the box's lists take them. */
export function pagingOf({ sortField, sortOrder, nextPageToken, maxItems }: ListQuery) {
  return {
    maxItems,
    ...(sortField ? { sortField } : {}),
    ...(sortOrder ? { sortOrder } : {}),
    ...(nextPageToken ? { nextPageToken } : {}),
  };
}

/** Finds `search` anywhere in the name, whatever its case. */
export function nameFilter(search: string | undefined) {
  return search ? { name: search, nameMatchMode: 'partial' as const, nameCaseInsensitive: true } : {};
}

/** Something to be deleted, in the version that was shown. */
export interface Doomed {
  id: string;
  etag: string | undefined;
}

/** What came of a deletion of one or several. */
export interface Outcome {
  deleted: number;
  /** Somebody else has changed them since they were shown. */
  stale: string[];
  failed: { id: string; error: ApiError }[];
}

/** One call after the other: only so each is deleted as it was shown. */
export async function eachOf(all: Doomed[], remove: (one: Doomed) => Promise<unknown>): Promise<Outcome> {
  const outcome: Outcome = { deleted: 0, stale: [], failed: [] };
  for (const one of all) {
    try {
      await remove(one);
      outcome.deleted += 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 412) outcome.stale.push(one.id);
      else outcome.failed.push({ id: one.id, error });
    }
  }
  return outcome;
}
