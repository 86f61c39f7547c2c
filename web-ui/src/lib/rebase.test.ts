import { describe, expect, it } from 'vitest';
import { rebase, same } from './rebase';

const base = { name: 'a', chat: { enabled: true }, limit: null as number | null };

describe('what two people change at the same time', () => {
  it.each([
    ['only one of them', { ...base, name: 'mine' }, base, { ...base, name: 'mine' }, false],
    ['only the other', base, { ...base, limit: 5 }, { ...base, limit: 5 }, false],
    ['different parts', { ...base, name: 'mine' }, { ...base, limit: 5 }, { ...base, name: 'mine', limit: 5 }, false],
    ['the same part', { ...base, name: 'mine' }, { ...base, name: 'yours' }, { ...base, name: 'mine' }, true],
    ['the same part alike', { ...base, limit: 5 }, { ...base, limit: 5 }, { ...base, limit: 5 }, false],
    [
      'parts of a part',
      { ...base, chat: { enabled: false } },
      { ...base, chat: { enabled: true, big: true } },
      { ...base, chat: { enabled: false, big: true } },
      false,
    ],
  ])('%s', (_, draft, theirs, value, clash) => {
    expect(rebase<unknown>(base, draft, theirs)).toEqual({ value, clash });
  });

  it('keeps what one took away', () => {
    const draft = { name: 'a' };
    expect(rebase<object>({ name: 'a', date: 'x' }, draft, { name: 'b', date: 'x' })).toEqual({
      value: { name: 'b' },
      clash: false,
    });
  });
});

it('takes the order of keys for nothing', () => {
  expect(same({ a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  expect(same({ a: 1 }, { a: 2 })).toBe(false);
});
