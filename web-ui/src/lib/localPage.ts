/** Searching, sorting and paging of what the box answers whole. */

export interface LocalQuery {
  search?: string | undefined;
  sortField?: string | undefined;
  sortOrder?: 'asc' | 'desc' | undefined;
  nextPageToken?: string | undefined;
  maxItems: number;
}

/** The page of `all` that is asked for, searched by `textOf`; a token is the number of items before it. */
export function localPage<T>(
  all: readonly T[],
  query: LocalQuery,
  textOf: (one: T) => string,
): { items: T[]; next: string | undefined } {
  const { search = '', sortField = 'name', sortOrder = 'asc', nextPageToken, maxItems } = query;
  const sign = sortOrder === 'asc' ? 1 : -1;
  const valueOf = (one: T) => String((one as Record<string, unknown>)[sortField] ?? '');
  const found = all
    .filter((one) => textOf(one).toLowerCase().includes(search.toLowerCase()))
    .sort((a, b) => sign * valueOf(a).localeCompare(valueOf(b), undefined, { numeric: true }));
  const start = Number(nextPageToken ?? 0);
  const end = start + maxItems;
  return { items: found.slice(start, end), next: end < found.length ? String(end) : undefined };
}
