/** Where somebody is in a list: what is searched, how it is sorted, which page, what is ticked. */
import { useDeferredValue, useState } from 'react';
import type { ListQuery } from '../../api/paging';

const PAGE_SIZE = 10;

export type Orders = Readonly<Record<string, { sortField: string; sortOrder: 'asc' | 'desc' }>>;

export interface ListState {
  /** For the box. */
  query: ListQuery;
  search: string;
  order: string;
  page: number;
  selected: ReadonlySet<string>;
  onSearch: (text: string) => void;
  onOrder: (order: string) => void;
  onSelect: (selected: ReadonlySet<string>) => void;
  onPrevious: () => void;
  onNext: (token: string) => void;
  /** Back to the first page with nothing ticked. */
  restart: () => void;
}

/** `first` is the order at the beginning. */
export function useListState(orders: Orders, first: string): ListState {
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState(first);
  /** Tokens of the pages before this one; the first page has none. */
  const [trail, setTrail] = useState<string[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(search.trim());
  const restart = () => {
    setTrail([]);
    setSelected(new Set());
  };
  return {
    query: { ...orders[order], search: wanted || undefined, nextPageToken: trail.at(-1), maxItems: PAGE_SIZE },
    search,
    order,
    page: trail.length + 1,
    selected,
    onSearch: (text) => {
      setSearch(text);
      restart();
    },
    onOrder: (next) => {
      setOrder(next);
      restart();
    },
    onSelect: setSelected,
    onPrevious: () => setTrail(trail.slice(0, -1)),
    onNext: (token) => setTrail([...trail, token]),
    restart,
  };
}
