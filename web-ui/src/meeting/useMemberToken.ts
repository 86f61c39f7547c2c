/** Keeps the member token alive during a meeting, and current when rights change. */
import { RoomEvent, type Room } from 'livekit-client';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { refreshMemberToken } from '../api/rooms';
import { readMembership, type Membership } from '../lib/can';

/** Renew this long before the end. */
const MARGIN_MS = 5 * 60_000;
const SHORTEST_MS = 30_000;
const RIGHTS_TOPICS = ['meet_participant_role_updated', 'meet_participant_permissions_updated'];

export interface Member extends Membership {
  token: string;
}

export function useMemberToken(room: Room, roomId: string, first: string): Member {
  const [token, setToken] = useState(first);
  const [failures, setFailures] = useState(0);
  const renew = useCallback(async () => {
    const fresh = await refreshMemberToken(roomId, token).catch(() => undefined);
    if (fresh) setToken(fresh);
    else setFailures((count) => count + 1);
  }, [roomId, token]);

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
    const onData = (_: Uint8Array, __: unknown, ___: unknown, topic?: string) => {
      if (topic && RIGHTS_TOPICS.includes(topic)) void renew();
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
