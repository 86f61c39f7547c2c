/** Everything that does not need its own button; on a phone also sharing and recording. */
import {
  Ban,
  Circle,
  Clapperboard,
  Ellipsis,
  Keyboard,
  LayoutGrid,
  Maximize,
  MonitorUp,
  RectangleHorizontal,
  Settings,
  Square,
  UserPlus,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { paths } from '../app/paths';
import { IconButton } from '../ui/Button';
import { Menu, type MenuEntry } from '../ui/Menu';
import type { ControlBarProps } from './ControlBar';
import styles from './Meeting.module.css';

export function MoreMenu(props: ControlBarProps & { narrow: boolean }) {
  const { t } = useTranslation();
  const { layout, onLayout, narrow } = props;
  const phone = usePhoneEntries(props);
  const entries = useEntries(props);
  return (
    <Menu
      label={t('meeting.more')}
      trigger={
        <IconButton
          label={t('meeting.more')}
          icon={<Ellipsis size={22} aria-hidden />}
          className={styles.control ?? ''}
        />
      }
      groups={[
        ...(narrow && phone.length > 0 ? [{ entries: phone }] : []),
        {
          title: t('meeting.layout'),
          entries: [
            { id: 'grid', label: t('meeting.layoutGrid'), icon: <LayoutGrid size={18} aria-hidden /> },
            { id: 'speaker', label: t('meeting.layoutSpeaker'), icon: <RectangleHorizontal size={18} aria-hidden /> },
          ],
          selected: layout,
          onSelect: (id: string) => onLayout(id === 'speaker' ? 'speaker' : 'grid'),
        },
        { entries },
      ]}
    />
  );
}

function usePhoneEntries({ member, media, recording }: ControlBarProps): MenuEntry[] {
  const { t } = useTranslation();
  const entries: MenuEntry[] = [];
  if (media.screen.allowed) {
    entries.push({
      id: 'share',
      label: t(media.screen.on ? 'meeting.stopShare' : 'meeting.share'),
      icon: <MonitorUp size={18} aria-hidden />,
      onAction: media.screen.toggle,
    });
  }
  if (member.can('canRecord') && recording.phase === 'off') {
    entries.push({
      id: 'record',
      label: t('recording.start'),
      icon: <Circle size={18} fill="var(--rec)" stroke="var(--rec)" aria-hidden />,
      onAction: recording.start,
    });
  }
  if (member.can('canRecord') && recording.phase === 'recording') {
    entries.push({
      id: 'record',
      label: t('recording.stop'),
      icon: <Square size={18} fill="currentColor" aria-hidden />,
      onAction: recording.stop,
    });
  }
  return entries;
}

function useEntries({ member, roomId, secret, onDialog }: ControlBarProps): MenuEntry[] {
  const { t } = useTranslation();
  const entries: MenuEntry[] = [];
  if (member.can('canShareAccessLinks')) {
    entries.push({
      id: 'invite',
      label: t('meeting.invite'),
      icon: <UserPlus size={18} aria-hidden />,
      onAction: () => onDialog('invite'),
    });
  }
  if (member.can('canRetrieveRecordings')) {
    entries.push({
      id: 'recordings',
      label: t('meeting.recordingsOf'),
      icon: <Clapperboard size={18} aria-hidden />,
      // Another tab: the meeting goes on in this one.
      onAction: () => window.open(paths.roomRecordings(roomId, secret), '_blank', 'noopener'),
    });
  }
  if (document.fullscreenEnabled) {
    entries.push({
      id: 'fullscreen',
      label: t('meeting.fullscreen'),
      icon: <Maximize size={18} aria-hidden />,
      onAction: toggleFullscreen,
    });
  }
  entries.push(
    {
      id: 'settings',
      label: t('meeting.settings'),
      icon: <Settings size={18} aria-hidden />,
      onAction: () => onDialog('settings'),
    },
    {
      id: 'shortcuts',
      label: t('meeting.shortcuts'),
      icon: <Keyboard size={18} aria-hidden />,
      onAction: () => onDialog('shortcuts'),
    },
  );
  if (member.can('canEndMeeting')) {
    entries.push({
      id: 'end',
      label: t('meeting.endForAll'),
      icon: <Ban size={18} aria-hidden />,
      danger: true,
      onAction: () => onDialog('end'),
    });
  }
  return entries;
}

function toggleFullscreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  // The browser may refuse; the meeting goes on as it is.
  change.catch(() => undefined);
}
