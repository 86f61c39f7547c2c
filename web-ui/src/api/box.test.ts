import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { applyBoxEvent } from './box';
import { keys } from './keys';

describe('news of a recording', () => {
  it('show how it stands, and leave the ticket that opens its files', () => {
    const client = new QueryClient();
    const key = keys.recording('', 'a');
    client.setQueryData(key, { recordingId: 'a', status: 'ending', ticket: 't' });
    applyBoxEvent(client, 'recording', { recordingId: 'a', status: 'complete' });
    expect(client.getQueryData(key)).toEqual({ recordingId: 'a', status: 'complete', ticket: 't' });
  });

  it('change no other recording', () => {
    const client = new QueryClient();
    const key = keys.recording('', 'b');
    client.setQueryData(key, { recordingId: 'b', status: 'complete', ticket: 't' });
    applyBoxEvent(client, 'recording', { recordingId: 'a', status: 'active' });
    expect(client.getQueryData(key)).toMatchObject({ recordingId: 'b', status: 'complete' });
  });
});
