/** Lists that come in pages, the same for every kind of thing. */

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

/** What came of a deletion of several. */
export interface Outcome {
  deleted: number;
  failed: { id: string; why: string }[];
}
