import { describe, expect, it } from 'vitest';
import { endInMetadata, recordingEnd } from './recordingEnd';

describe('recordingEnd', () => {
  it.each([
    [{ reason: 'disk_full', by: 'Ann' }, { why: 'diskFull' }],
    [{ status: 'limit_reached' }, { why: 'diskFull' }],
    [{ status: 'failed', reason: 'something new' }, { why: 'failed' }],
    [
      { reason: 'stopped', by: 'Ann' },
      { why: 'stopped', by: 'Ann' },
    ],
    [{ reason: 'stopped', by: '' }, { why: 'stopped' }],
    [{ status: 'complete' }, { why: 'stopped' }],
    [{ status: 'active' }, undefined],
    [{ reason: { deep: 1 } }, undefined],
    ['disk_full', undefined],
    [null, undefined],
  ])('%j is %j', (recording, end) => expect(recordingEnd(recording)).toEqual(end));

  it.each([undefined, '', 'plain words', '[]', 'null', '{"recording":null}', '{"theme":"dark"}'])(
    'is not known from the metadata %j',
    (metadata) => expect(endInMetadata(metadata)).toBeUndefined(),
  );

  it('is read from the metadata', () => {
    expect(endInMetadata('{"recording":{"reason":"disk_full"}}')).toEqual({ why: 'diskFull' });
  });
});
