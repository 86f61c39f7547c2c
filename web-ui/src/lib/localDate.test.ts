import { describe, expect, it } from 'vitest';
import { fromLocalInput, toLocalInput } from './localDate';

describe('times in fields', () => {
  it('come back as they went in, to the minute', () => {
    const ms = new Date(2026, 2, 9, 8, 5).getTime();
    expect(toLocalInput(ms)).toBe('2026-03-09T08:05');
    expect(fromLocalInput('2026-03-09T08:05')).toBe(ms);
  });

  it('begin with the day where there is only a day', () => {
    expect(fromLocalInput('2026-03-09')).toBe(new Date(2026, 2, 9).getTime());
  });

  it('are nothing where nothing is written', () => {
    expect(fromLocalInput('')).toBeUndefined();
    expect(fromLocalInput('soon')).toBeUndefined();
  });
});
