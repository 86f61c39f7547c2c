import { describe, expect, it } from 'vitest';
import { localPage } from './localPage';

const all = ['Wall', 'calendar', 'Signage'].map((name, index) => ({ name, at: index }));
const nameOf = (one: { name: string }) => one.name;
const names = (query: Parameters<typeof localPage>[1]) => localPage(all, query, nameOf).items.map(({ name }) => name);

describe('a list that is there whole', () => {
  it('is sorted', () => {
    expect(names({ maxItems: 10 })).toEqual(['calendar', 'Signage', 'Wall']);
    expect(names({ maxItems: 10, sortField: 'at', sortOrder: 'desc' })).toEqual(['Signage', 'calendar', 'Wall']);
  });

  it('is searched whatever the case', () => expect(names({ maxItems: 10, search: 'CAL' })).toEqual(['calendar']));

  it('is paged to its end', () => {
    const first = localPage(all, { maxItems: 2 }, nameOf);
    expect(first.items).toHaveLength(2);
    const second = localPage(all, { maxItems: 2, nextPageToken: first.next }, nameOf);
    expect(second).toMatchObject({ items: [{ name: 'Wall' }], next: undefined });
  });
});
