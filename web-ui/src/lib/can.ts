/** Reads the rights and the badge the box put into a member token. Decides nothing itself. */
import { decodeJwt } from './jwt';

/** What goes by the meeting itself. */
const BY_MEETING = [
  'canJoinMeeting',
  'canPublishAudio',
  'canPublishVideo',
  'canShareScreen',
  'canReadChat',
  'canWriteChat',
  'canChangeVirtualBackground',
] as const;

/** What is asked of the box with the token each time. */
const BY_TOKEN = [
  'canRecord',
  'canRetrieveRecordings',
  'canDeleteRecordings',
  'canShareAccessLinks',
  'canMakeModerator',
  'canMuteParticipants',
  'canKickParticipants',
  'canInvite',
  'canEndMeeting',
] as const;

/** In the order people are shown them. */
export const PERMISSIONS = [...BY_MEETING, ...BY_TOKEN] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** A token that is no longer taken takes this right along. */
export function goesByToken(permission: Permission): boolean {
  return (BY_TOKEN as readonly Permission[]).includes(permission);
}

export type Badge = 'owner' | 'admin' | 'moderator' | 'other';

export interface Membership {
  roomId: string | undefined;
  badge: Badge;
  /** A member of the room, by whom the box knows the name. */
  memberId: string | undefined;
  /** Signed in as. */
  userId: string | undefined;
  /** When the token ends, in ms since the epoch. */
  expires: number | undefined;
  can: (permission: Permission) => boolean;
}

/** A right that is not named is not given; a token that cannot be read gives none. */
export function readMembership(token: string): Membership {
  const claims = decodeJwt(token);
  const metadata = parseObject(claims?.['metadata']);
  const permissions = asObject(metadata['permissions']);
  return {
    roomId: asText(metadata['roomId']),
    badge: asBadge(metadata['badge']),
    memberId: asText(metadata['memberId']),
    userId: asText(metadata['userId']),
    expires: typeof claims?.['exp'] === 'number' ? claims['exp'] * 1000 : undefined,
    can: (permission) => permissions[permission] === true,
  };
}

/** Badge in a participant's LiveKit metadata. */
export function badgeOf(metadata: string | undefined): Badge {
  return asBadge(parseObject(metadata)['badge']);
}

/** Made moderator in this meeting, by a participant's LiveKit metadata: only they can be made speaker again. */
export function isPromoted(metadata: string | undefined): boolean {
  return parseObject(metadata)['isPromotedModerator'] === true;
}

/** Came by a link that anybody may hold, and could come again as somebody else. */
export function cameByLink(metadata: string | undefined): boolean {
  const { memberId, userId } = parseObject(metadata);
  return asText(memberId) === undefined && asText(userId) === undefined;
}

function asBadge(value: unknown): Badge {
  return value === 'owner' || value === 'admin' || value === 'moderator' ? value : 'other';
}

export function parseObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string' || value === '') return {};
  try {
    return asObject(JSON.parse(value));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
