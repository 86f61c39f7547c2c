/** Where somebody is in a list: what is searched and shown, how it is sorted, which page, what is ticked. */
import { useDeferredValue, useState } from 'react';
import type { ListQuery } from '../../api/paging';

const PAGE_SIZE = 10;

export type OrderName = 'newest' | 'oldest' | 'byName' | 'byNameDown' | 'longest' | 'largest';
export type Orders = Readonly<Partial<Record<OrderName, { sortField: string; sortOrder: 'asc' | 'desc' }>>>;

/** The four orders of what has a date and a name, by the names of those fields. */
export function byDateAndName(date: string, name = 'name'): Orders {
  return {
    newest: { sortField: date, sortOrder: 'desc' },
    oldest: { sortField: date, sortOrder: 'asc' },
    byName: { sortField: name, sortOrder: 'asc' },
    byNameDown: { sortField: name, sortOrder: 'desc' },
  };
}

export interface ListState<Shown extends string = string> {
  /** For the box. */
  query: ListQuery;
  search: string;
  orders: readonly OrderName[];
  order: OrderName;
  /** Which part of all is shown. */
  shown: Shown;
  page: number;
  selected: ReadonlySet<string>;
  onSearch: (text: string) => void;
  onOrder: (order: OrderName) => void;
  onShown: (shown: Shown) => void;
  onSelect: (selected: ReadonlySet<string>) => void;
  onPrevious: () => void;
  onNext: (token: string) => void;
  /** Back to the first page with nothing ticked. */
  restart: () => void;
}

/** `first` is the order at the beginning. */
export function useListState<Shown extends string = 'all'>(orders: Orders, first: OrderName): ListState<Shown | 'all'> {
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState(first);
  const [shown, setShown] = useState<Shown | 'all'>('all');
  /** Tokens of the pages before this one; the first page has none. */
  const [trail, setTrail] = useState<string[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(search.trim());
  // What is ticked is on the page that is seen.
  const turnTo = (next: string[]) => {
    setTrail(next);
    setSelected(new Set());
  };
  const restart = () => turnTo([]);
  const fromStart =
    <T>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      restart();
    };
  return {
    query: { ...orders[order], search: wanted || undefined, nextPageToken: trail.at(-1), maxItems: PAGE_SIZE },
    search,
    orders: Object.keys(orders) as OrderName[],
    order,
    shown,
    page: trail.length + 1,
    selected,
    onSearch: fromStart(setSearch),
    onOrder: fromStart(setOrder),
    onShown: fromStart(setShown),
    onSelect: setSelected,
    onPrevious: () => turnTo(trail.slice(0, -1)),
    onNext: (token) => turnTo([...trail, token]),
    restart,
  };
}
