/** Parses `text/event-stream`; fetches nothing. */

export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Returns a function that takes pieces of the stream in order and gives the events completed by
 * each. Comments (pings) and unknown fields are skipped. An event of more than 1 MiB is dropped.
 */
export function createSseParser(): (piece: string) => ServerEvent[] {
  const LIMIT = 1024 * 1024;
  let rest = '';
  let event = '';
  let data: string[] = [];

  function line(text: string, done: ServerEvent[]): void {
    if (text === '') {
      if (data.length > 0) done.push({ event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }

  return (piece) => {
    const done: ServerEvent[] = [];
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const text of lines) line(text, done);
    if (rest.length > LIMIT) {
      rest = '';
      data = [];
    }
    return done;
  };
}
