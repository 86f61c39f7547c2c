import { describe, expect, it } from 'vitest';
import { safeNext, shareable, signalUrl } from './links';
import { splitLinks } from './splitLinks';

describe('safeNext', () => {
  it.each([
    ['/recordings?x=1', '/recordings?x=1'],
    [null, '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
  ])('%s → %s', (next, path) => expect(safeNext(next)).toBe(path));
});

it('signals where the page came from', () => {
  expect(signalUrl('https://box:8443')).toBe('wss://box:8443');
  expect(signalUrl('http://localhost:8080')).toBe('ws://localhost:8080');
});

describe('shareable', () => {
  const lan = 'https://192.0.2.7:8443/room/a?secret=speaker';

  it('moves a link of this computer to the LAN, and keeps its secret', () => {
    expect(shareable('http://localhost:8080/room/a?secret=moderator', lan)).toBe(
      'https://192.0.2.7:8443/room/a?secret=moderator',
    );
  });

  it.each([
    ['https://box.example/room/a?secret=x', lan],
    ['http://localhost:8080/room/a', undefined],
    ['not a link', lan],
  ])('leaves %s alone', (link, address) => expect(shareable(link, address)).toBe(link));
});

describe('splitLinks', () => {
  it('finds addresses and leaves the sentence its full stop', () => {
    expect(splitLinks('See https://a.example/x?y=1. Or (http://b.example)!')).toEqual([
      { text: 'See ' },
      { text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1' },
      { text: '. Or (' },
      { text: 'http://b.example', href: 'http://b.example' },
      { text: ')!' },
    ]);
  });

  it('makes nothing else clickable', () => {
    expect(splitLinks('javascript:alert(1) ftp://x https://')).toEqual([
      { text: 'javascript:alert(1) ftp://x https://' },
    ]);
  });
});
