/** What must be seen at once: a broken connection, sound held back by the browser, who comes and goes. */
import { useAudioPlayback } from '@livekit/components-react';
import { ConnectionState, RoomEvent, type Participant, type Room } from 'livekit-client';
import { Volume2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button';
import { Banner } from '../ui/Surface';
import { showToast } from '../ui/Toasts';
import styles from './Meeting.module.css';
import { kindOf, nameOf } from './participant';

export function Notices({ room, state }: { room: Room; state: ConnectionState }) {
  const { t } = useTranslation();
  const { canPlayAudio, startAudio } = useAudioPlayback(room);
  const reconnecting = state === ConnectionState.Reconnecting || state === ConnectionState.SignalReconnecting;
  useComingsAndGoings(room);
  useBackOnline(reconnecting);
  return (
    <div className={styles.notices}>
      {reconnecting && <Banner tone="bad">{t('meeting.reconnecting')}</Banner>}
      {!canPlayAudio && (
        <Banner
          tone="warn"
          action={
            <Button variant="primary" icon={<Volume2 size={18} aria-hidden />} onPress={() => void startAudio()}>
              {t('meeting.unlockAudio')}
            </Button>
          }
        >
          {t('meeting.unlockText')}
        </Banner>
      )}
    </div>
  );
}

function useBackOnline(reconnecting: boolean): void {
  const { t } = useTranslation();
  const was = useRef(false);
  useEffect(() => {
    if (was.current && !reconnecting) showToast(t('meeting.backOnline'));
    was.current = reconnecting;
  }, [reconnecting, t]);
}

function useComingsAndGoings(room: Room): void {
  const { t } = useTranslation();
  useEffect(() => {
    const tell = (key: 'meeting.joined' | 'meeting.left') => (participant: Participant) => {
      if (kindOf(participant) === 'standard') showToast(t(key, { name: nameOf(participant) }));
    };
    const joined = tell('meeting.joined');
    const left = tell('meeting.left');
    room.on(RoomEvent.ParticipantConnected, joined);
    room.on(RoomEvent.ParticipantDisconnected, left);
    return () => {
      room.off(RoomEvent.ParticipantConnected, joined);
      room.off(RoomEvent.ParticipantDisconnected, left);
    };
  }, [room, t]);
}
