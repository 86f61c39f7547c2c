/** The dialogs of the meeting: inviting, devices, shortcuts. */
import { useQuery } from '@tanstack/react-query';
import type { Room } from 'livekit-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getRoom } from '../api/rooms';
import { errorText } from '../app/errorText';
import { Modal } from '../ui/Modal';
import { Segmented } from '../ui/Segmented';
import { CopyField, QrCode } from '../ui/Share';
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
  const [who, setWho] = useState<'speaker' | 'moderator'>('speaker');
  const room = useQuery({
    queryKey: ['invite', roomId],
    queryFn: () => getRoom(roomId, token),
    enabled: isOpen,
    staleTime: 0,
  });
  const links = room.data?.access?.anonymous;
  const speaker = links?.speaker?.enabled ? links.speaker.url : undefined;
  const moderator = links?.moderator?.enabled ? links.moderator.url : undefined;
  const url = who === 'moderator' ? (moderator ?? speaker) : (speaker ?? moderator);
  return (
    <Modal title={t('meeting.invite')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      {room.isPending && <Loading label={t('app.loading')} />}
      {room.error && <Banner tone="bad">{errorText(room.error, t)}</Banner>}
      {speaker && moderator && (
        <Segmented
          label={t('overview.who')}
          options={[
            { id: 'speaker', label: t('overview.speaker') },
            { id: 'moderator', label: t('overview.moderator') },
          ]}
          value={who}
          onChange={setWho}
        />
      )}
      {url && (
        <>
          <p>{t(`overview.${who}Text`)}</p>
          <CopyField value={url} copyLabel={t('app.copy')} copiedLabel={t('app.copied')} />
          <div className={styles.center}>
            <QrCode value={url} label={t('overview.qr', { who: t(`overview.${who}`) })} size={180} />
          </div>
        </>
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
