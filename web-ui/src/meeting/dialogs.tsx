/** The dialogs of the meeting: inviting, devices, shortcuts. */
import { useQuery } from '@tanstack/react-query';
import type { Room } from 'livekit-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getRoom } from '../api/rooms';
import { isStatus } from '../api/errors';
import { errorText } from '../app/errorText';
import { InviteLink, type Guest } from '../app/InviteLink';
import { Modal } from '../ui/Modal';
import { Loading } from '../ui/Spinner';
import { Banner } from '../ui/Surface';
import { showToast } from '../ui/toastStore';
import { DeviceSelect } from './DeviceSelect';
import styles from './Dialogs.module.css';
import type { MediaControls } from './useMediaControls';

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function InviteDialog({ isOpen, onClose, roomId, token }: DialogProps & { roomId: string; token: string }) {
  const { t } = useTranslation();
  const [wanted, setWho] = useState<Guest>('speaker');
  const room = useQuery({
    queryKey: ['invite', roomId],
    queryFn: () => getRoom(roomId, token),
    enabled: isOpen,
    staleTime: 0,
  });
  const links = room.data?.access?.anonymous;
  const speaker = links?.speaker?.enabled ? links.speaker.url : undefined;
  const moderator = links?.moderator?.enabled ? links.moderator.url : undefined;
  // What the link gives must be what is said of it.
  const who = (wanted === 'moderator' && moderator) || !speaker ? 'moderator' : 'speaker';
  const url = who === 'moderator' ? moderator : speaker;
  return (
    <Modal title={t('meeting.invite')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      {room.isPending && <Loading label={t('app.loading')} />}
      {room.error && (
        <Banner tone="bad">{isStatus(room.error, 401) ? t('meeting.linkReplaced') : errorText(room.error, t)}</Banner>
      )}
      {room.data && !url && <p>{t('meeting.noLink')}</p>}
      {url && (
        <InviteLink who={who} onWho={setWho} url={url} choice={speaker !== undefined && moderator !== undefined} />
      )}
    </Modal>
  );
}

export function SettingsDialog({ isOpen, onClose, room, media }: DialogProps & { room: Room; media: MediaControls }) {
  const { t } = useTranslation();
  const granted = room.localParticipant.trackPublications.size;
  const choose = (kind: MediaDeviceKind) => (id: string) =>
    void room.switchActiveDevice(kind, id).catch(() => showToast(t('meeting.deviceFailed'), 'bad'));
  return (
    <Modal title={t('meeting.settings')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      {media.camera.allowed && (
        <DeviceSelect
          which="cam"
          granted={granted}
          active={room.getActiveDevice('videoinput')}
          onChange={choose('videoinput')}
        />
      )}
      {media.microphone.allowed && (
        <DeviceSelect
          which="mic"
          granted={granted}
          active={room.getActiveDevice('audioinput')}
          onChange={choose('audioinput')}
        />
      )}
      <DeviceSelect
        which="speaker"
        granted={granted}
        active={room.getActiveDevice('audiooutput')}
        onChange={choose('audiooutput')}
      />
    </Modal>
  );
}

export function ShortcutsDialog({ isOpen, onClose }: DialogProps) {
  const { t } = useTranslation();
  const rows = [
    ['M', t('meeting.shortcutsList.mic')],
    ['V', t('meeting.shortcutsList.cam')],
    ['C', t('meeting.shortcutsList.chat')],
    ['P', t('meeting.shortcutsList.people')],
    ['L', t('meeting.shortcutsList.layout')],
    ['?', t('meeting.shortcutsList.help')],
  ];
  return (
    <Modal title={t('meeting.shortcuts')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      <dl className={styles.keys}>
        {rows.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
