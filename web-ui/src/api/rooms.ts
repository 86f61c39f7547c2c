/** Rooms as a visitor of a link sees them. */
import { api, call, memberHeader } from './client';
import type { Room } from './model';

export interface TokenRequest {
  roomId: string;
  secret?: string | undefined;
  joinMeeting?: boolean;
  participantName?: string | undefined;
  /** Leaves another meeting for this one. */
  force?: boolean | undefined;
  /** An earlier token of this browser for the room: its identity, promotion and ban hold. */
  seat?: string | undefined;
}

/** 400 wrong secret, 401 neither secret nor login, 403 not allowed, 404 no such room, 409 closed or in another meeting. */
export async function memberToken(ask: TokenRequest): Promise<string> {
  const { roomId, secret, joinMeeting, participantName, force, seat } = ask;
  const body = {
    ...(secret ? { secret } : {}),
    ...(participantName ? { participantName } : {}),
    joinMeeting: joinMeeting ?? false,
    ...(force ? { force } : {}),
  };
  const params = { path: { roomId }, header: memberHeader(seat) };
  const answer = await call(api.POST('/rooms/{roomId}/members/token', { params, body }));
  return answer.token;
}

export async function refreshMemberToken(roomId: string, token: string): Promise<string> {
  const params = { path: { roomId }, header: memberHeader(token) };
  return (await call(api.POST('/rooms/{roomId}/members/token/refresh', { params }))).token;
}

export function getRoom(roomId: string, token: string): Promise<Room> {
  const params = { path: { roomId }, header: memberHeader(token), query: { extraFields: 'config' } };
  return call(api.GET('/rooms/{roomId}', { params }));
}
