/** A visit to a room by its link: first a token without joining, then the room it opens. */
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { readMembership } from '../lib/can';
import { api, call, memberHeader } from './client';
import { keys } from './keys';
import type { Room } from './model';
import { getRoom, memberToken } from './rooms';

export interface RoomVisit {
  room: Room;
  /** Room member token; does not join the meeting. */
  token: string;
  /** What the box knows this person as; a member's name is fixed. */
  known: { name: string; isFixed: boolean } | undefined;
}

/** The token of a visit lasts two hours; a meeting has one of its own. */
const RENEW_MS = 60 * 60_000;
/** What is refused so soon after the beginning is not refused for the token's age. */
const FRESH_MS = 60_000;

export function useRoomVisit(roomId: string, secret: string | undefined) {
  return useQuery({
    queryKey: keys.lobby(roomId, secret),
    queryFn: () => begin(roomId, secret),
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });
}

/** A visit that stays: it begins anew before its token ends, and by `refused` when that is taken no more. */
export function useRecordingsVisit(roomId: string, secret: string | undefined) {
  const visit = useQuery({
    queryKey: keys.recordingsVisit(roomId, secret),
    queryFn: () => begin(roomId, secret),
    staleTime: 5 * 60_000,
    refetchInterval: RENEW_MS,
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: false,
  });
  const { dataUpdatedAt, refetch } = visit;
  const refused = useCallback(() => {
    if (Date.now() - dataUpdatedAt > FRESH_MS) void refetch();
  }, [dataUpdatedAt, refetch]);
  return { ...visit, refused };
}

async function begin(roomId: string, secret: string | undefined): Promise<RoomVisit> {
  const token = await memberToken({ roomId, secret });
  const [room, known] = await Promise.all([getRoom(roomId, token), knownName(roomId, token)]);
  return { token, room, known };
}

/** The token of a visitor has no name yet. Who cannot be asked is asked for one. */
async function knownName(roomId: string, token: string): Promise<RoomVisit['known']> {
  const { memberId, userId } = readMembership(token);
  try {
    if (memberId) {
      const params = { path: { roomId, memberId }, header: memberHeader(token) };
      return { name: (await call(api.GET('/rooms/{roomId}/members/{memberId}', { params }))).name, isFixed: true };
    }
    return userId ? { name: (await call(api.GET('/users/me'))).name, isFixed: false } : undefined;
  } catch {
    return undefined;
  }
}
