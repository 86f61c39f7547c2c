/** The buttons of the meeting. Shows only what this participant may do. */
import type { Room } from 'livekit-client';
import {
  Camera,
  CameraOff,
  MessageSquareText,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PhoneOff,
  UsersRound,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../ui/Button';
import styles from './Meeting.module.css';
import { DeviceMenu } from './DeviceMenu';
import type { DialogName, SidePanel } from './MeetingView';
import { MoreMenu } from './MoreMenu';
import { RecordButton, RecordingIndicator } from './RecordButton';
import type { Layout } from './Stage';
import type { MediaControl, MediaControls } from './useMediaControls';
import type { Member } from './useMemberToken';
import { useNarrow } from './useNarrow';
import type { RecordingControl } from './useRecordingControl';

export interface ControlBarProps {
  room: Room;
  roomName: string;
  roomId: string;
  secret: string | undefined;
  member: Member;
  media: MediaControls;
  recording: RecordingControl;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  panel: SidePanel | undefined;
  onPanel: (panel: SidePanel) => void;
  canChat: boolean;
  unread: number;
  onDialog: (dialog: DialogName) => void;
  onLeave: () => void;
}

export function ControlBar(props: ControlBarProps) {
  const { t } = useTranslation();
  const { room, roomName, member, media, recording, panel, onPanel, canChat, unread, onLeave } = props;
  const narrow = useNarrow();
  return (
    <section className={styles.bar} aria-label={t('meeting.controls')}>
      <div className={styles.barLeft}>
        <RecordingIndicator phase={recording.phase} />
        <bdi className={styles.roomName}>{roomName}</bdi>
      </div>
      <div className={styles.barMiddle}>
        <Device which="mic" control={media.microphone} room={room} />
        <Device which="cam" control={media.camera} room={room} />
        {!narrow && media.screen.allowed && <ScreenShare control={media.screen} />}
        {!narrow && member.can('canRecord') && <RecordButton recording={recording} />}
        <MoreMenu {...props} narrow={narrow} />
        <Button
          variant="danger"
          icon={<PhoneOff size={20} aria-hidden />}
          onPress={onLeave}
          className={styles.leave ?? ''}
        >
          {t('meeting.leave')}
        </Button>
      </div>
      <div className={styles.barRight}>
        {canChat && (
          <Toggle
            label={unread > 0 ? t('meeting.chatUnread', { count: unread }) : t('meeting.chat')}
            icon={<MessageSquareText size={21} aria-hidden />}
            active={panel === 'chat'}
            opens="chat"
            badge={unread}
            onPress={() => onPanel('chat')}
          />
        )}
        <Toggle
          label={t('meeting.participants')}
          icon={<UsersRound size={21} aria-hidden />}
          active={panel === 'people'}
          opens="people"
          onPress={() => onPanel('people')}
        />
      </div>
    </section>
  );
}

interface DeviceProps {
  which: 'mic' | 'cam';
  control: MediaControl;
  room: Room;
}

const DEVICES = {
  mic: { On: Mic, Off: MicOff, turnOff: 'meeting.mute', turnOn: 'meeting.unmute', options: 'meeting.micOptions' },
  cam: {
    On: Camera,
    Off: CameraOff,
    turnOff: 'meeting.cameraOff',
    turnOn: 'meeting.cameraOn',
    options: 'meeting.camOptions',
  },
} as const;

function Device({ which, control, room }: DeviceProps) {
  const { t } = useTranslation();
  if (!control.allowed) return null;
  const { On, Off, turnOff, turnOn, options } = DEVICES[which];
  const Icon = control.on ? On : Off;
  return (
    <div className={styles.pair}>
      <IconButton
        label={t(control.on ? turnOff : turnOn)}
        icon={<Icon size={21} aria-hidden />}
        onPress={control.toggle}
        className={styles.control ?? ''}
        {...(control.on ? {} : { 'data-off': true })}
      />
      <DeviceMenu which={which} room={room} label={t(options)} />
    </div>
  );
}

function ScreenShare({ control }: { control: MediaControl }) {
  const { t } = useTranslation();
  return (
    <Toggle
      label={t(control.on ? 'meeting.stopShare' : 'meeting.share')}
      icon={control.on ? <MonitorX size={21} aria-hidden /> : <MonitorUp size={21} aria-hidden />}
      active={control.on}
      onPress={control.toggle}
    />
  );
}

interface ToggleProps {
  label: string;
  icon: ReactNode;
  active: boolean;
  /** What it shows and hides; absent for a switch. */
  opens?: SidePanel;
  badge?: number;
  onPress: () => void;
}

function Toggle({ label, icon, active, opens, badge = 0, onPress }: ToggleProps) {
  return (
    <div className={styles.withBadge}>
      <IconButton
        label={label}
        icon={icon}
        onPress={onPress}
        className={styles.control ?? ''}
        {...(active ? { 'data-active': true } : {})}
        {...(opens ? { 'data-opens': opens, 'aria-expanded': active } : {})}
      />
      {badge > 0 && (
        <span className={styles.badge} aria-hidden>
          {badge > 99 ? '99+' : badge}
        </span>
      )}
    </div>
  );
}
