/** Keeps the member token alive during a meeting, and current when rights change. */
import { RoomEvent, type Room } from 'livekit-client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isStatus } from '../api/errors';
import { memberToken, refreshMemberToken, type TokenRequest } from '../api/rooms';
import { parseObject, readMembership, type Membership } from '../lib/can';
import { keepSeat } from './seat';
import { PERMISSIONS_UPDATED, ROLE_UPDATED } from './signals';

/** Renew this long before the end. */
const MARGIN_MS = 5 * 60_000;
const SHORTEST_MS = 30_000;
const RIGHTS_TOPICS: readonly string[] = [ROLE_UPDATED, PERMISSIONS_UPDATED];

export interface Member extends Membership {
  token: string;
}

export function useMemberToken(room: Room, roomId: string, secret: string | undefined, first: string): Member {
  const [token, setToken] = useState(first);
  const [failures, setFailures] = useState(0);
  const asked = useRef(0);
  const applied = useRef(0);
  const renew = useCallback(async () => {
    asked.current += 1;
    const turn = asked.current;
    const participantName = room.localParticipant.name;
    const fresh = await renewed({ roomId, secret, participantName }, token).catch(() => undefined);
    // What was asked later is known already: that answer knows of everything this one knows.
    if (turn < applied.current) return;
    if (fresh) {
      applied.current = turn;
      keepSeat(roomId, fresh);
      setToken(fresh);
    } else setFailures((count) => count + 1);
  }, [room, roomId, secret, token]);

  const membership = useMemo(() => readMembership(token), [token]);
  const { expires } = membership;
  useEffect(() => {
    // A failed renewal is tried again while the old token is valid.
    if (!expires || expires < Date.now()) return;
    const delay = Math.min(Math.max(expires - Date.now() - MARGIN_MS, SHORTEST_MS), 2 ** 31 - 1);
    const timer = setTimeout(() => void renew(), delay);
    return () => clearTimeout(timer);
  }, [expires, renew, failures]);

  useEffect(() => {
    const onData = (payload: Uint8Array, _: unknown, __: unknown, topic?: string) => {
      if (!topic || !RIGHTS_TOPICS.includes(topic)) return;
      const { participantIdentity: whom } = parseObject(new TextDecoder().decode(payload));
      // Everybody hears of a new role; only whose it is has other rights.
      if (whom === undefined || whom === room.localParticipant.identity) void renew();
    };
    const onPermissions = (_: unknown, participant: { isLocal: boolean }) => {
      if (participant.isLocal) void renew();
    };
    room.on(RoomEvent.DataReceived, onData);
    room.on(RoomEvent.ParticipantPermissionsChanged, onPermissions);
    return () => {
      room.off(RoomEvent.DataReceived, onData);
      room.off(RoomEvent.ParticipantPermissionsChanged, onPermissions);
    };
  }, [room, renew]);

  return { ...membership, token };
}

/** A token from before a change of the member's permissions is dead: whom the box knows otherwise, gets a new one. */
async function renewed(ask: TokenRequest, token: string): Promise<string> {
  try {
    return await refreshMemberToken(ask.roomId, token);
  } catch (error) {
    const { memberId, userId } = readMembership(token);
    if (!isStatus(error, 401) || !(memberId ?? userId)) throw error;
    return memberToken({ ...ask, joinMeeting: true });
  }
}
