/** What moderators do in a running meeting: in the name of their member token, or of the login. */
import { api, call, memberHeader } from './client';

export interface Moderator {
  roomId: string;
  /** Absent means the signed-in user. */
  token?: string;
}

const all = ({ roomId, token }: Moderator) => ({ path: { roomId }, header: memberHeader(token) });
const one = ({ roomId, token }: Moderator, identity: string) => ({
  path: { roomId, identity },
  header: memberHeader(token),
});

export function setModerator(by: Moderator, identity: string, on: boolean): Promise<unknown> {
  const body = { action: on ? ('upgrade' as const) : ('downgrade' as const) };
  return call(api.PUT('/meetings/{roomId}/participants/{identity}/role', { params: one(by, identity), body }));
}

export function muteOne(by: Moderator, identity: string): Promise<unknown> {
  const body = { audioActive: false as const };
  return call(api.PUT('/meetings/{roomId}/participants/{identity}/media', { params: one(by, identity), body }));
}

export function cameraOffOne(by: Moderator, identity: string): Promise<unknown> {
  const body = { videoActive: false as const };
  return call(api.PUT('/meetings/{roomId}/participants/{identity}/media', { params: one(by, identity), body }));
}

/** Everybody but moderators and the caller. */
export function muteAll(by: Moderator): Promise<unknown> {
  const body = { audioActive: false as const };
  return call(api.PUT('/meetings/{roomId}/participants/media', { params: all(by), body }));
}

/** There is no way back for them without an invitation. */
export function removeOne(by: Moderator, identity: string): Promise<unknown> {
  return call(api.DELETE('/meetings/{roomId}/participants/{identity}', { params: one(by, identity) }));
}

export function removedPeople(by: Moderator): Promise<{ participantIdentity: string; participantName: string }[]> {
  return call(api.GET('/meetings/{roomId}/removed', { params: all(by) }));
}

export function inviteBack(by: Moderator, identity: string): Promise<unknown> {
  return call(api.DELETE('/meetings/{roomId}/removed/{identity}', { params: one(by, identity) }));
}

export function endMeeting(by: Moderator): Promise<unknown> {
  return call(api.DELETE('/meetings/{roomId}', { params: all(by) }));
}
