/** Turns every LiveKit disconnect reason into one of our words. */
import { DisconnectReason } from 'livekit-client';

export type LeaveReason =
  | 'voluntary'
  | 'duplicate'
  | 'shutdown'
  | 'removed'
  | 'ended'
  | 'network'
  | 'joinFailed'
  | 'media'
  | 'refused'
  | 'unknown';

const REASONS: Partial<Record<DisconnectReason, LeaveReason>> = {
  [DisconnectReason.UNKNOWN_REASON]: 'unknown',
  [DisconnectReason.CLIENT_INITIATED]: 'voluntary',
  [DisconnectReason.DUPLICATE_IDENTITY]: 'duplicate',
  [DisconnectReason.SERVER_SHUTDOWN]: 'shutdown',
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'ended',
  [DisconnectReason.STATE_MISMATCH]: 'network',
  [DisconnectReason.JOIN_FAILURE]: 'joinFailed',
  [DisconnectReason.MIGRATION]: 'shutdown',
  [DisconnectReason.SIGNAL_CLOSE]: 'network',
  [DisconnectReason.ROOM_CLOSED]: 'ended',
  [DisconnectReason.USER_UNAVAILABLE]: 'refused',
  [DisconnectReason.USER_REJECTED]: 'refused',
  [DisconnectReason.SIP_TRUNK_FAILURE]: 'refused',
  [DisconnectReason.CONNECTION_TIMEOUT]: 'network',
  [DisconnectReason.MEDIA_FAILURE]: 'media',
};

/** The client gives no reason when it stops trying to reconnect. */
export function leaveReason(reason: DisconnectReason | undefined): LeaveReason {
  if (reason === undefined) return 'network';
  return REASONS[reason] ?? 'unknown';
}

/** Nobody wanted this end: the page may bring the person back by itself. */
export function wantsRejoin(reason: LeaveReason): boolean {
  return reason === 'shutdown' || reason === 'network' || reason === 'media';
}
