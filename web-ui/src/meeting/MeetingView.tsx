/** The meeting: pictures, controls, panels and notices around one connected room. */
import { RoomContext } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoomVisit } from '../api/visit';
import { EndMeetingDialog } from '../app/EndMeetingDialog';
import { useTitle } from '../app/useTitle';
import { recall, remember } from '../lib/storage';
import { dismissToast, showToast } from '../ui/toastStore';
import type { Chat } from './chat';
import { ChatPanel } from './ChatPanel';
import { ControlBar } from './ControlBar';
import { InviteDialog, SettingsDialog, ShortcutsDialog } from './dialogs';
import styles from './Meeting.module.css';
import { Notices } from './Notices';
import { PeoplePanel } from './PeoplePanel';
import { RemoteAudio } from './RemoteAudio';
import { Side } from './Side';
import { Stage, type Layout } from './Stage';
import { useComingsAndGoings } from './useComingsAndGoings';
import { useMeetingChat } from './useMeetingChat';
import { useMediaControls, type MediaControl, type MediaControls } from './useMediaControls';
import { useMemberToken } from './useMemberToken';
import { useOutage } from './useOutage';
import { useRecordingControl } from './useRecordingControl';
import { useRights } from './useRights';
import { useShortcuts } from './useShortcuts';
import { useWakeLock } from './useWakeLock';

export type SidePanel = 'chat' | 'people';
export type DialogName = 'invite' | 'settings' | 'shortcuts' | 'end';

export interface MeetingViewProps {
  room: Room;
  chat: Chat;
  visit: RoomVisit;
  secret: string | undefined;
  joinToken: string;
  /** A camera or microphone that was wanted did not start. */
  mediaProblem: boolean;
  onLeave: () => void;
}

export function MeetingView(props: MeetingViewProps) {
  return (
    <RoomContext.Provider value={props.room}>
      <Connected {...props} />
    </RoomContext.Provider>
  );
}

function Connected({ room, chat: talk, visit, secret, joinToken, mediaProblem, onLeave }: MeetingViewProps) {
  const { t } = useTranslation();
  const [layout, setLayoutState] = useState<Layout>(recall('layout') === 'speaker' ? 'speaker' : 'grid');
  const [pinned, setPinned] = useState<string>();
  const [panel, setPanel] = useState<SidePanel>();
  const [dialog, setDialog] = useState<DialogName>();
  const member = useRights(room, useMemberToken(room, visit.room.roomId, secret, joinToken));
  const media = useMediaControls(room, member);
  const chat = useMeetingChat(talk, panel === 'chat');
  const outage = useOutage(room);
  const recording = useRecordingControl(room, visit.room.roomId, member, outage);
  useComingsAndGoings(room, outage);
  useWakeLock();
  useTitle(t('meeting.title', { room: visit.room.roomName }));

  useMediaProblem(mediaProblem, media);

  const setLayout = (next: Layout) => {
    remember('layout', next);
    setPinned(undefined);
    setLayoutState(next);
  };
  const togglePanel = (which: SidePanel) => setPanel(panel === which ? undefined : which);
  const closePanel = () => {
    // Back to the button that opened it.
    document.querySelector<HTMLElement>(`[data-opens="${panel ?? ''}"]`)?.focus();
    setPanel(undefined);
  };
  const canChat = member.can('canReadChat') && visit.room.config?.chat?.enabled !== false;
  useShortcuts({
    m: () => media.microphone.allowed && media.microphone.toggle(),
    v: () => media.camera.allowed && media.camera.toggle(),
    c: () => canChat && togglePanel('chat'),
    p: () => togglePanel('people'),
    l: () => setLayout(layout === 'grid' ? 'speaker' : 'grid'),
    '?': () => setDialog('shortcuts'),
  });

  return (
    <div className={styles.meeting} data-meeting>
      <Notices room={room} outage={outage} />
      <main className={styles.middle}>
        <h1 className="sr-only">{t('meeting.title', { room: visit.room.roomName })}</h1>
        <Stage room={room} layout={layout} outage={outage} pinned={pinned} onPin={setPinned} />
        {panel === 'chat' && canChat && (
          <Side title={t('chat.title')} onClose={closePanel}>
            <ChatPanel chat={chat} canWrite={member.can('canWriteChat')} />
          </Side>
        )}
        {panel === 'people' && (
          <Side title={t('people.title')} onClose={closePanel}>
            <PeoplePanel room={room} roomId={visit.room.roomId} member={member} />
          </Side>
        )}
      </main>
      <ControlBar
        room={room}
        roomName={visit.room.roomName}
        roomId={visit.room.roomId}
        secret={secret}
        member={member}
        media={media}
        recording={recording}
        layout={layout}
        onLayout={setLayout}
        panel={panel}
        onPanel={togglePanel}
        canChat={canChat}
        unread={chat.unread}
        onDialog={setDialog}
        onLeave={onLeave}
      />
      <RemoteAudio room={room} />
      <InviteDialog
        isOpen={dialog === 'invite'}
        onClose={() => setDialog(undefined)}
        roomId={visit.room.roomId}
        token={member.token}
      />
      <SettingsDialog isOpen={dialog === 'settings'} onClose={() => setDialog(undefined)} room={room} media={media} />
      {dialog === 'end' && (
        <EndMeetingDialog
          room={visit.room}
          memberToken={member.token}
          onRefused={member.refused}
          onClose={() => setDialog(undefined)}
        />
      )}
      <ShortcutsDialog isOpen={dialog === 'shortcuts'} onClose={() => setDialog(undefined)} />
    </div>
  );
}

/** Said until all that was wanted runs; a lost connection may only have broken off the wait for it. */
function useMediaProblem(hasProblem: boolean, { camera, microphone }: MediaControls): void {
  const { t } = useTranslation();
  const shown = useRef<number>(undefined);
  const runs = (wish: string, { on }: MediaControl) => on || recall(wish) !== 'yes';
  const allRun = runs('camOn', camera) && runs('micOn', microphone);
  const isTold = hasProblem && !allRun;
  useEffect(() => {
    if (isTold) shown.current ??= showToast(t('meeting.mediaFailed'), 'bad');
    else dismissToast(shown.current);
  }, [isTold, t]);
}
