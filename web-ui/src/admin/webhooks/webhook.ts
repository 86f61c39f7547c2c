/** What a webhook may be about, and where it may go. */
import type { EventKind } from '../../api/model';

/** In the order people are shown them. */
export const EVENTS = [
  'meetingStarted',
  'meetingEnded',
  'participantJoined',
  'participantLeft',
  'recordingStarted',
  'recordingUpdated',
  'recordingEnded',
] as const satisfies readonly EventKind[];

/** What the box can send to; whether it may is the box's to say. */
export function isWebAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text.trim()).protocol);
  } catch {
    return false;
  }
}
