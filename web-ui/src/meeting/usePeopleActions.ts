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
  removedPeople,
  removeOne,
  setModerator,
  type Moderator,
} from '../api/meetings';
import { errorText } from '../app/errorText';
import { showToast } from '../ui/toastStore';
import { removals } from './removals';
import type { Rights } from './useRights';

/** Who was removed is asked for so long after the first who came or went: a crowd asks no more often than one. */
const GATHER_MS = 5000;
/** What was done last is shown. */
const PEOPLE = { topic: 'people' };

export type PeopleAct =
  | { kind: 'muteAll' }
  | { kind: 'mute' | 'cameraOff' | 'promote' | 'demote' | 'remove' | 'inviteBack'; identity: string; name: string };

export interface PeopleActions {
  mayPromote: boolean;
  mayMute: boolean;
  mayRemove: boolean;
  removed: readonly { participantIdentity: string; participantName: string }[];
  isPending: boolean;
  act: (what: PeopleAct) => void;
}

export function usePeopleActions(room: Room, roomId: string, member: Rights): PeopleActions {
  const { t } = useTranslation();
  const client = useQueryClient();
  useComersAndGoers(room, roomId);
  const by: Moderator = { roomId, token: member.token };
  const mayPromote = member.can('canMakeModerator');
  const mayMute = member.can('canMuteParticipants');
  const mayRemove = member.can('canKickParticipants');
  const mayInvite = member.can('canInvite');
  const removed = useQuery({
    queryKey: keys.removed(roomId),
    queryFn: () => removedPeople(by),
    enabled: mayInvite,
  });
  const mutation = useMutation({
    // One after the other: what is chosen while another is under way is not lost.
    scope: { id: `people ${roomId}` },
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
    onSettled: (_data, _error, { kind }) =>
      kind === 'remove' || kind === 'inviteBack'
        ? client.invalidateQueries({ queryKey: keys.removed(roomId) })
        : undefined,
  });
  return {
    mayPromote,
    mayMute,
    mayRemove,
    removed: removed.data ?? [],
    isPending: mutation.isPending,
    act: mutation.mutate,
  };
}

/** Whoever goes may have been removed, and whoever comes invited back, by somebody else. */
function useComersAndGoers(room: Room, roomId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      void client.invalidateQueries({ queryKey: keys.removed(roomId) });
    };
    const onChange = () => (timer ??= setTimeout(ask, GATHER_MS));
    room.on(RoomEvent.ParticipantConnected, onChange).on(RoomEvent.ParticipantDisconnected, onChange);
    return () => {
      clearTimeout(timer);
      room.off(RoomEvent.ParticipantConnected, onChange).off(RoomEvent.ParticipantDisconnected, onChange);
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
