/** What moderators can do about the others in the meeting; each needs its right (features P6, T5). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RoomEvent, type Room } from 'livekit-client';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { keys } from '../api/keys';
import {
  cameraOffOne,
  inviteBack,
  muteAll,
  muteOne,
  promotedPeople,
  removedPeople,
  removeOne,
  setModerator,
  type Moderator,
} from '../api/meetings';
import { errorText } from '../app/errorText';
import { showToast } from '../ui/toastStore';
import { removals } from './removals';
import { ROLE_UPDATED } from './signals';
import type { Rights } from './useRights';

/** For a signal that got lost. */
const FOLLOW_MS = 30_000;
/** What was done last is shown. */
const PEOPLE = { topic: 'people' };

export type PeopleAct =
  | { kind: 'muteAll' }
  | { kind: 'mute' | 'cameraOff' | 'promote' | 'demote' | 'remove' | 'inviteBack'; identity: string; name: string };

export interface PeopleActions {
  mayPromote: boolean;
  mayMute: boolean;
  mayRemove: boolean;
  /** Made moderator in this meeting. */
  promoted: readonly string[];
  removed: readonly { participantIdentity: string; participantName: string }[];
  isPending: boolean;
  act: (what: PeopleAct) => void;
}

/** `badges` changes when somebody comes, goes or is promoted: then it is asked again who was. */
export function usePeopleActions(room: Room, roomId: string, member: Rights, badges: string): PeopleActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  useRoleSignals(room, roomId);
  const by: Moderator = { roomId, token: member.token };
  const mayPromote = member.can('canMakeModerator');
  const mayMute = member.can('canMuteParticipants');
  const mayRemove = member.can('canKickParticipants');
  const mayInvite = member.can('canInvite');
  const promoted = useQuery({
    queryKey: [...keys.promoted(roomId), badges, member.badge],
    queryFn: () => promotedPeople(by),
    refetchInterval: FOLLOW_MS,
    placeholderData: (before: string[] | undefined) => before,
  });
  const removed = useQuery({
    queryKey: [...keys.removed(roomId), badges],
    queryFn: () => removedPeople(by),
    enabled: mayInvite,
    placeholderData: (before) => before,
  });
  const mutation = useMutation({
    mutationFn: (what: PeopleAct) => {
      if (what.kind === 'remove') removals.begin(what.identity);
      return carryOut(by, what);
    },
    onSuccess: (_, what) =>
      showToast(
        what.kind === 'muteAll' ? t('people.done.muteAll') : t(`people.done.${what.kind}`, what),
        'info',
        PEOPLE,
      ),
    onError: (error, what) => {
      if (what.kind === 'remove') removals.forget(what.identity);
      if (!member.refused(error)) showToast(errorText(error, t), 'bad', PEOPLE);
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.promoted(roomId) }),
        client.invalidateQueries({ queryKey: keys.removed(roomId) }),
      ]),
  });
  return {
    mayPromote,
    mayMute,
    mayRemove,
    promoted: promoted.data ?? [],
    removed: removed.data ?? [],
    isPending: mutation.isPending,
    act: mutation.mutate,
  };
}

/** The box tells everybody when a role changes; what was asked before that is out of date. */
function useRoleSignals(room: Room, roomId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const onData = (_: Uint8Array, __: unknown, ___: unknown, topic?: string) => {
      if (topic === ROLE_UPDATED) void client.invalidateQueries({ queryKey: keys.promoted(roomId) });
    };
    room.on(RoomEvent.DataReceived, onData);
    return () => {
      room.off(RoomEvent.DataReceived, onData);
    };
  }, [client, room, roomId]);
}

function carryOut(by: Moderator, what: PeopleAct): Promise<unknown> {
  switch (what.kind) {
    case 'muteAll':
      return muteAll(by);
    case 'mute':
      return muteOne(by, what.identity);
    case 'cameraOff':
      return cameraOffOne(by, what.identity);
    case 'promote':
    case 'demote':
      return setModerator(by, what.identity, what.kind === 'promote');
    case 'remove':
      return removeOne(by, what.identity);
    case 'inviteBack':
      return inviteBack(by, what.identity);
  }
}
