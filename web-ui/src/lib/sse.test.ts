import { describe, expect, it } from 'vitest';
import { createSseParser } from './sse';

describe('createSseParser', () => {
  it('reads events however the stream is cut', () => {
    const text = ': ping\n\nevent: status\ndata: {"a":1}\n\nevent: recording\r\ndata: x\r\ndata: y\r\n\r\n';
    const wanted = [
      { event: 'status', data: '{"a":1}' },
      { event: 'recording', data: 'x\ny' },
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const parse = createSseParser();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...parse(text.slice(at, at + size)));
      expect(found).toEqual(wanted);
    }
  });

  it('skips comments, unknown fields and events without data', () => {
    const parse = createSseParser();
    expect(parse(':ping\nid: 3\nretry: 10\nevent: status\n\n')).toEqual([]);
    expect(parse('data: still fine\n\n')).toEqual([{ event: 'message', data: 'still fine' }]);
  });

  it('drops a line without end instead of eating memory', () => {
    const parse = createSseParser();
    for (let piece = 0; piece < 20; piece += 1) expect(parse('x'.repeat(100_000))).toEqual([]);
    expect(parse('\n\ndata: on\n\n')).toEqual([{ event: 'message', data: 'on' }]);
  });
});
