import { expect, it } from 'vitest';
import { createComings } from './comings';

it('tells who comes and goes while all is well', () => {
  const comings = createComings();
  expect(comings.joined('ann')).toBe(true);
  expect(comings.left('ann')).toBe(true);
  expect(comings.settled()).toEqual([]);
});

it('is quiet about those who come back after a loss, and names those who do not', () => {
  const comings = createComings();
  comings.lost();
  for (const one of ['ann', 'ben', 'eve']) expect(comings.left(one)).toBe(false);
  expect(comings.joined('ann')).toBe(false);
  expect(comings.joined('zoe')).toBe(true);
  comings.lost();
  expect(comings.joined('ben')).toBe(false);
  expect(comings.settled()).toEqual(['eve']);
  expect(comings.joined('eve')).toBe(true);
});
