import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, hueOf, initials } from './format';

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [75.9, '1:15'],
    [3675, '1:01:15'],
    [-3, '0:00'],
    [Number.NaN, '0:00'],
  ])('%s s reads %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_536_000, '1.5 MB'],
    [999_600, '1 MB'],
    [81_300_000_000, '81 GB'],
    [-1, '0 B'],
  ])('%s reads %s', (bytes, text) => expect(formatBytes(bytes, 'en')).toBe(text));
});

describe('initials', () => {
  it.each([
    ['Anna Schmidt', 'AS'],
    ['  anna  maria  schmidt ', 'AS'],
    ['王伟', '王'],
    ['🦊 Fox', '🦊F'],
    ['', '?'],
    ['\u202Eeva \u200Bkern', 'EK'],
    ['\u2067', '?'],
  ])('%j → %s', (name, letters) => expect(initials(name)).toBe(letters));
});

// The same names and hues as in the TV's own test.
it.each([
  ['Anna', 304],
  ['王伟', 344],
])('gives %s the colour of the TV', (name, hue) => expect(hueOf(name)).toBe(hue));
