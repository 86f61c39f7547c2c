/** Why a recording ended, from what the box puts into the room's metadata, a message or the recording itself. */
import { parseObject } from './can';

export type RecordingEnd = { why: 'stopped'; by?: string } | { why: 'diskFull' } | { why: 'failed' };

/** From the room's metadata; undefined when it says nothing about an end. */
export function endInMetadata(metadata: string | undefined): RecordingEnd | undefined {
  return recordingEnd(parseObject(metadata)['recording']);
}

/** From an object that tells of a recording: its `reason`, else its `status`; and `by` whom it was stopped. */
export function recordingEnd(recording: unknown): RecordingEnd | undefined {
  if (typeof recording !== 'object' || recording === null) return undefined;
  const { reason, status, by } = recording as Record<string, unknown>;
  const why = whyOf(reason) ?? whyOf(status);
  if (why !== 'stopped') return why && { why };
  return typeof by === 'string' && by !== '' ? { why, by } : { why };
}

function whyOf(word: unknown): RecordingEnd['why'] | undefined {
  switch (word) {
    case 'disk_full':
    case 'limit_reached':
      return 'diskFull';
    case 'failed':
    case 'error':
    case 'aborted':
      return 'failed';
    case 'stopped':
    case 'ending':
    case 'complete':
      return 'stopped';
    default:
      return undefined;
  }
}
