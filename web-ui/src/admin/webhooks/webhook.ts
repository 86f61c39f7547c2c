/** A webhook as it is sent to the box. */
import type { EventKind, Webhook, WebhookAsk } from '../../api/model';

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

export function bodyOf({ url, events, roomId, enabled }: Webhook): WebhookAsk {
  return { url, enabled, ...(events ? { events } : {}), ...(roomId ? { roomId } : {}) };
}

/** What the box can send to; whether it may is the box's to say. */
export function isWebAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text.trim()).protocol);
  } catch {
    return false;
  }
}
