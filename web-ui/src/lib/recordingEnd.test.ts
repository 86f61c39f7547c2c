import { describe, expect, it } from 'vitest';
import { endInMetadata, recordingEnd } from './recordingEnd';

describe('recordingEnd', () => {
  it.each([
    [{ endReason: 'disk_full', status: 'limit_reached' }, 'diskFull'],
    [{ endReason: 'interrupted', status: 'complete' }, 'interrupted'],
    [{ endReason: 'a new one', status: 'failed' }, 'failed'],
    [{ status: 'limit_reached' }, 'diskFull'],
    [{ endReason: 'stopped' }, 'stopped'],
    [{ status: 'active' }, undefined],
    [{ endReason: { deep: 1 } }, undefined],
    ['disk_full', undefined],
    [null, undefined],
  ])('%j is %j', (recording, end) => expect(recordingEnd(recording)).toBe(end));
});

describe('endInMetadata', () => {
  it.each([undefined, '', 'plain words', '[]', 'null', '{"huddlebox":null}', '{"huddlebox":{}}', '{"theme":"dark"}'])(
    'knows nothing from %j',
    (metadata) => expect(endInMetadata(metadata)).toBeUndefined(),
  );

  it('reads what the box tells everybody', () => {
    const recordingEnded = { recordingId: 'a', status: 'limit_reached', endReason: 'disk_full', endDate: 1 };
    expect(endInMetadata(JSON.stringify({ theme: 'dark', huddlebox: { recordingEnded } }))).toBe('diskFull');
  });
});
