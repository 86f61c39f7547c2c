/** Says who came and who left. */
import { RoomEvent, type Participant, type Room } from 'livekit-client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../ui/toastStore';
import { createComings } from './comings';
import { kindOf, nameOf } from './participant';
import { removals } from './removals';
import { onConnectionLost } from './reconnect';
import type { Outage } from './useOutage';

export function useComingsAndGoings(room: Room, outage: Outage): void {
  const { t } = useTranslation();
  const [comings] = useState(createComings);
  const [names] = useState(() => new Map<string, string>());
  useEffect(() => {
    const joined = (one: Participant) => {
      removals.forget(one.identity);
      if (kindOf(one) !== 'standard' || !comings.joined(one.identity)) return;
      showToast(t('meeting.joined', { name: nameOf(one) }));
    };
    const left = (one: Participant) => {
      if (kindOf(one) !== 'standard' || removals.has(one.identity)) return;
      if (comings.left(one.identity)) showToast(t('meeting.left', { name: nameOf(one) }));
      else names.set(one.identity, nameOf(one));
    };
    const stop = onConnectionLost(room, comings.lost);
    room.on(RoomEvent.ParticipantConnected, joined);
    room.on(RoomEvent.ParticipantDisconnected, left);
    return () => {
      stop();
      removals.forgetAll();
      room.off(RoomEvent.ParticipantConnected, joined);
      room.off(RoomEvent.ParticipantDisconnected, left);
    };
  }, [room, comings, names, t]);
  useEffect(() => {
    if (outage !== 'none') return;
    for (const identity of comings.settled()) {
      showToast(t('meeting.left', { name: names.get(identity) ?? identity }));
    }
    names.clear();
  }, [outage, comings, names, t]);
}
