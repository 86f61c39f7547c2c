/** One room: its state, and its settings, links, permissions and members as tabs. */
import { ArrowLeft, Ban, DoorClosed, DoorOpen, LogIn, Trash2, Tv } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useNavigate, useParams } from 'react-router';
import { useMe } from '../../api/auth';
import { useBox } from '../../api/box';
import { isStatus } from '../../api/errors';
import { useChangeRoom, useManagedRoom, type ManagedRoom } from '../../api/manageRooms';
import { EndMeetingDialog } from '../../app/EndMeetingDialog';
import { errorText } from '../../app/errorText';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { isAdmin, joinsRoom, managesRoom, readsMembers } from '../../lib/console';
import { Button, LinkButton } from '../../ui/Button';
import { Loading } from '../../ui/Spinner';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { Tabs } from '../list/Tabs';
import page from '../page.module.css';
import { LeaveGuard, NOTHING_TO_SAVE } from '../unsaved';
import recordings from '../recordings/Recordings.module.css';
import { DeleteRoomsDialog } from './DeleteRoomsDialog';
import { HomeRoomDialog } from './HomeRoomDialog';
import styles from './Room.module.css';
import { RoomPills } from './RoomPills';
import type { RoomContext } from './useRoom';

export function ManagedRoomPage() {
  const { t } = useTranslation();
  const { roomId = '' } = useParams();
  const room = useManagedRoom(roomId);
  useTitle(room.data?.room.roomName ?? t('rooms.title'));
  return (
    <div className={page.page}>
      <Link to={paths.rooms} className={recordings.back ?? ''}>
        <ArrowLeft size={18} aria-hidden />
        {t('rooms.back')}
      </Link>
      {room.isPending && <Loading label={t('app.loading')} />}
      {room.error && (
        <Banner tone="bad">{isStatus(room.error, 404) ? t('rooms.missing') : errorText(room.error, t)}</Banner>
      )}
      {room.data && <Content managed={room.data} />}
    </div>
  );
}

function Content({ managed }: { managed: ManagedRoom }) {
  const { t } = useTranslation();
  const me = useMe();
  const { room } = managed;
  const mayManage = managesRoom(me.data, room);
  const box = useBox(isAdmin(me.data));
  const isHome = box.data?.homeRoom.roomId === room.roomId;
  const context: RoomContext = { ...managed, mayManage, isFixed: room.status === 'active_meeting' };
  return (
    <>
      <div className={page.head}>
        <h1>
          <bdi>{room.roomName}</bdi>
        </h1>
        <RoomPills room={room} isHome={isHome} />
        <span className={page.grow} />
        <Actions managed={managed} mayManage={mayManage} isHome={isHome} canBeHome={box.isSuccess && !isHome} />
      </div>
      {me.data && !mayManage && <Banner>{t('rooms.readOnly')}</Banner>}
      <Tabs
        label={room.roomName}
        tabs={[
          { to: paths.roomSettings(room.roomId), label: t('rooms.tabSettings') },
          { to: paths.roomAccess(room.roomId), label: t('rooms.tabAccess') },
          { to: paths.roomRoles(room.roomId), label: t('rooms.tabRoles') },
          ...(readsMembers(me.data, room)
            ? [{ to: paths.roomMembers(room.roomId), label: t('rooms.tabMembers') }]
            : []),
        ]}
      />
      <Outlet context={context} />
      <LeaveGuard />
    </>
  );
}

interface ActionsProps {
  managed: ManagedRoom;
  mayManage: boolean;
  /** The box itself takes part in it; such a room stays. */
  isHome: boolean;
  canBeHome: boolean;
}

function Actions({ managed, mayManage, isHome, canBeHome }: ActionsProps) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const change = useChangeRoom(managed);
  const [asking, setAsking] = useState<'delete' | 'end' | 'home'>();
  const { room } = managed;
  const isClosed = room.status === 'closed';
  const isRunning = room.status === 'active_meeting';
  const willClose = isRunning && room.meetingEndAction === 'close';
  const toOpen = isClosed || willClose;
  const setStatus = (status: 'open' | 'closed') =>
    change.mutate(
      { kind: 'status', status },
      {
        onSuccess: () => {
          const closing = isRunning ? 'rooms.closeWaits' : 'rooms.closed';
          showToast(t(status === 'closed' ? closing : willClose ? 'rooms.staysOpen' : 'rooms.opened'));
        },
        onError: (error) => showToast(errorText(error, t), 'bad'),
      },
    );
  return (
    <div className={styles.buttons}>
      {!isClosed && joinsRoom(me.data, room) && (
        <LinkButton href={paths.room(room.roomId)} target="_blank" icon={<LogIn size={18} aria-hidden />}>
          {t('rooms.open')}
        </LinkButton>
      )}
      {mayManage && (
        <>
          {isRunning && (
            <Button icon={<Ban size={18} aria-hidden />} onPress={() => setAsking('end')}>
              {t('rooms.endMeeting')}
            </Button>
          )}
          <Button
            icon={toOpen ? <DoorOpen size={18} aria-hidden /> : <DoorClosed size={18} aria-hidden />}
            isPending={change.isPending}
            onPress={() => setStatus(toOpen ? 'open' : 'closed')}
          >
            {t(isClosed ? 'rooms.reopen' : willClose ? 'rooms.keepOpen' : 'rooms.close')}
          </Button>
          {canBeHome && (
            <Button icon={<Tv size={18} aria-hidden />} onPress={() => setAsking('home')}>
              {t('rooms.makeHome')}
            </Button>
          )}
          {!isHome && (
            <Button variant="danger" icon={<Trash2 size={18} aria-hidden />} onPress={() => setAsking('delete')}>
              {t('rooms.delete')}
            </Button>
          )}
        </>
      )}
      {asking === 'home' && <HomeRoomDialog room={room} onClose={() => setAsking(undefined)} />}
      {asking === 'end' && <EndMeetingDialog room={room} onClose={() => setAsking(undefined)} />}
      {asking === 'delete' && (
        <DeleteRoomsDialog
          rooms={[room]}
          onClose={() => setAsking(undefined)}
          onDone={() => void navigate(paths.rooms, { state: NOTHING_TO_SAVE })}
        />
      )}
    </div>
  );
}
