/** The buttons of the room: microphone, camera, leaving. */
import { Camera, CameraOff, Mic, MicOff, PhoneOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useHangUp, useRoomControls } from '../../api/box';
import type { BoxStatus } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from './Overview.module.css';

export function RoomControls({ room }: { room: BoxStatus['room'] }) {
  const { t } = useTranslation();
  const controls = useRoomControls();
  const hangUp = useHangUp();
  const joined = room.state === 'joined';
  const onError = (error: unknown) => showToast(errorText(error, t), 'bad');
  return (
    <Card title={t('overview.controls')}>
      <div className={styles.controls}>
        <Button
          isDisabled={!joined}
          icon={room.micMuted ? <MicOff size={18} className={styles.off} aria-hidden /> : <Mic size={18} aria-hidden />}
          onPress={() => controls.mutate({ micMuted: !room.micMuted }, { onError })}
        >
          {t(room.micMuted ? 'overview.unmuteRoom' : 'overview.muteRoom')}
        </Button>
        <Button
          isDisabled={!joined}
          icon={
            room.cameraOff ? (
              <CameraOff size={18} className={styles.off} aria-hidden />
            ) : (
              <Camera size={18} aria-hidden />
            )
          }
          onPress={() => controls.mutate({ cameraOff: !room.cameraOff }, { onError })}
        >
          {t(room.cameraOff ? 'overview.cameraOn' : 'overview.cameraOff')}
        </Button>
        <Button
          icon={<PhoneOff size={18} aria-hidden />}
          isDisabled={!joined}
          isPending={hangUp.isPending}
          onPress={() => hangUp.mutate(undefined, { onError, onSuccess: () => showToast(t('overview.hungUp')) })}
        >
          {t('overview.hangUp')}
        </Button>
      </div>
    </Card>
  );
}
