/** The arrow beside microphone or camera: another device. */
import type { Room } from 'livekit-client';
import { ChevronUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { remember } from '../lib/storage';
import { IconButton } from '../ui/Button';
import { Menu } from '../ui/Menu';
import { showToast } from '../ui/toastStore';
import styles from './Meeting.module.css';
import { useDevices } from './useDevices';

export interface DeviceMenuProps {
  which: 'mic' | 'cam';
  room: Room;
  label: string;
}

export function DeviceMenu({ which, room, label }: DeviceMenuProps) {
  const { t } = useTranslation();
  const kind = which === 'mic' ? 'audioinput' : 'videoinput';
  const devices = useDevices(kind, room.localParticipant.trackPublications.size);
  if (devices.length === 0) return null;
  const choose = (id: string) => {
    remember(which, id);
    room
      .switchActiveDevice(kind, id)
      .catch(() => showToast(t(which === 'mic' ? 'meeting.micFailed' : 'meeting.camFailed'), 'bad'));
  };
  const active = room.getActiveDevice(kind);
  return (
    <Menu
      label={label}
      trigger={
        <IconButton
          label={label}
          icon={<ChevronUp size={16} aria-hidden />}
          className={styles.chevron ?? ''}
          size="small"
        />
      }
      groups={[
        {
          title: t(which === 'mic' ? 'join.microphone' : 'join.camera'),
          entries: devices,
          ...(active ? { selected: active } : {}),
          onSelect: choose,
        },
      ]}
    />
  );
}
