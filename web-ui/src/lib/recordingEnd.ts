/** Why a recording ended, from the room's metadata or from the record of the recording. */
import { parseObject } from './can';

export type RecordingEnd = 'stopped' | 'diskFull' | 'failed' | 'interrupted';

/** What the box tells all participants, under its own key; undefined when it tells of no end. */
export function endInMetadata(metadata: string | undefined): RecordingEnd | undefined {
  const own = parseObject(metadata)['huddlebox'];
  return typeof own === 'object' && own !== null && 'recordingEnded' in own
    ? recordingEnd(own.recordingEnded)
    : undefined;
}

/** From what is said of one recording: its `endReason`, or where there is none its `status`. */
export function recordingEnd(recording: unknown): RecordingEnd | undefined {
  if (typeof recording !== 'object' || recording === null) return undefined;
  const { endReason, status } = recording as Record<string, unknown>;
  return END[String(endReason)] ?? END[String(status)];
}

const END: Partial<Record<string, RecordingEnd>> = {
  stopped: 'stopped',
  cancelled: 'stopped',
  meeting_ended: 'stopped',
  disk_full: 'diskFull',
  failed: 'failed',
  interrupted: 'interrupted',
  // States of a recording.
  ending: 'stopped',
  complete: 'stopped',
  aborted: 'stopped',
  limit_reached: 'diskFull',
};
