/** What must be seen at once, and stays until it is over: a broken connection, sound or pictures held back by the browser. */
import { RoomEvent, type Room } from 'livekit-client';
import { Play, Volume2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button';
import { Banner } from '../ui/Surface';
import { showToast } from '../ui/toastStore';
import styles from './Meeting.module.css';
import type { Outage } from './useOutage';
import { useRoomValue } from './useRoomValue';

const AUDIO_EVENTS = [RoomEvent.AudioPlaybackStatusChanged];
const VIDEO_EVENTS = [RoomEvent.VideoPlaybackStatusChanged];

export function Notices({ room, outage }: { room: Room; outage: Outage }) {
  const { t } = useTranslation();
  const hasSound = useRoomValue(room, AUDIO_EVENTS, (now) => now.canPlaybackAudio);
  const hasPictures = useRoomValue(room, VIDEO_EVENTS, (now) => now.canPlaybackVideo);
  const reconnecting = outage === 'lost';
  useBackOnline(reconnecting);
  // Called from a press, both may play from then on; refused once more, the notice is still there.
  const unlock = () => {
    Promise.all([room.startAudio(), room.startVideo()]).catch(() => showToast(t('meeting.unlockFailed')));
  };
  return (
    <>
      {(!hasSound || !hasPictures) && (
        <Banner
          tone="warn"
          action={
            <Button
              variant="primary"
              icon={hasSound ? <Play size={18} aria-hidden /> : <Volume2 size={18} aria-hidden />}
              onPress={unlock}
            >
              {t(hasSound ? 'meeting.unlockVideo' : 'meeting.unlockAudio')}
            </Button>
          }
        >
          {t(hasSound ? 'meeting.unlockVideoText' : 'meeting.unlockText')}
        </Banner>
      )}
      {/* Over the pictures: they stay where they are. */}
      <div className={styles.reconnecting}>
        {reconnecting && <Banner tone="bad">{t('meeting.reconnecting')}</Banner>}
      </div>
    </>
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
