import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import '../locales/i18n';
import { isolate } from './isolate';

describe('a name in a sentence', () => {
  it.each([
    ['Anna & Co. <x>', 'Anna & Co. <x>'],
    ['王伟', '王伟'],
    ['שרה', '\u2068שרה\u2069'],
    ['\u202Eevil', '\u2068\u202Eevil\u2069'],
    ['a\u2069\u202Eb', '\u2068a\u202Eb\u2069'],
    ['\u2067a', '\u2068\u2067a\u2069\u2069'],
  ])('%j is written %j', (name, text) => expect(isolate(name)).toBe(text));

  it('is isolated wherever words are put together', () => {
    expect(i18next.t('meeting.joined', { name: '\u202Eevil' })).toBe('\u2068\u202Eevil\u2069 joined.');
    expect(i18next.t('meeting.joined', { name: 'Anna & "Bob"' })).toBe('Anna & "Bob" joined.');
  });
});
