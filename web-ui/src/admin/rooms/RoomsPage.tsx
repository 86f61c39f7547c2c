/** The rooms the signed-in user sees: join them, make them, set them up, delete them (features R1–R5). */
import { Clapperboard, DoorOpen, LogIn, Plus, Settings, Share2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMe } from '../../api/auth';
import { useBox } from '../../api/box';
import { useRooms, type RoomsQuery } from '../../api/manageRooms';
import type { Room } from '../../api/model';
import { paths } from '../../app/paths';
import { useTitle } from '../../app/useTitle';
import { useShareable } from '../../app/useShareable';
import { copyText } from '../../lib/clipboard';
import { createsRooms, isAdmin, joinsRoom, managesRoom, type Self } from '../../lib/console';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { IconLink } from '../../ui/IconLink';
import { Empty } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { Day } from '../list/Day';
import styles from '../list/List.module.css';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import page from '../page.module.css';
import { CreateRoomDialog } from './CreateRoomDialog';
import { DeleteRoomsDialog } from './DeleteRoomsDialog';
import { RoomPills } from './RoomPills';

const ORDERS = byDateAndName('creationDate', 'roomName');
type Shown = 'mine' | Room['status'];

export function RoomsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const state = useListState<Shown>(ORDERS, 'newest');
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Room[]>();
  const rooms = useRooms({ ...state.query, ...filterOf(state.shown, me.data) });
  const mayCreate = createsRooms(me.data);
  // The box's own room stays.
  const home = useBox(isAdmin(me.data)).data?.homeRoom.roomId;
  const mayDelete = (room: Room) => managesRoom(me.data, room) && room.roomId !== home;
  useTitle(t('rooms.title'));
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('rooms.title')}</h1>
        {mayCreate && (
          <Button variant="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setCreating(true)}>
            {t('rooms.create')}
          </Button>
        )}
      </div>
      <ListView
        label={t('rooms.list')}
        state={state}
        source={rooms}
        columns={useColumns(home)}
        keyOf={(room) => room.roomId}
        nameOf={(room) => room.roomName}
        searchLabel={t('rooms.search')}
        parts={[
          { id: 'all', label: t('rooms.all') },
          ...(mayCreate ? [{ id: 'mine' as const, label: t('rooms.mine') }] : []),
          ...(['active_meeting', 'open', 'closed'] as const).map((id) => ({ id, label: t(`rooms.st.${id}`) })),
        ]}
        canTick={mayDelete}
        bulk={(chosen) => <BulkDelete label={t('list.deleteSelected')} onPress={() => setDeleting(chosen)} />}
        actions={(room) => (
          <RoomActions room={room} self={me.data} onDelete={mayDelete(room) ? () => setDeleting([room]) : undefined} />
        )}
        empty={
          <Empty icon={<DoorOpen aria-hidden />} title={t('rooms.empty')}>
            <p>{t(mayCreate ? 'rooms.emptyText' : 'rooms.emptyMember')}</p>
          </Empty>
        }
      />
      {creating && <CreateRoomDialog onClose={() => setCreating(false)} />}
      {deleting && <DeleteRoomsDialog rooms={deleting} onClose={() => setDeleting(undefined)} onDone={state.restart} />}
    </div>
  );
}

function filterOf(shown: Shown | 'all', self: Self | undefined): Pick<RoomsQuery, 'owner' | 'status'> {
  if (shown === 'all') return {};
  if (shown === 'mine') return self ? { owner: self.userId } : {};
  return { status: shown };
}

function useColumns(home: string | undefined): Column<Room>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'name',
      title: t('rooms.name'),
      main: true,
      cell: (room) => (
        <Link to={paths.roomSettings(room.roomId)} className={styles.name ?? ''}>
          <bdi>{room.roomName}</bdi>
        </Link>
      ),
    },
    {
      id: 'status',
      title: t('rooms.status'),
      plain: true,
      cell: (room) => <RoomPills room={room} isHome={room.roomId === home} />,
    },
    { id: 'owner', title: t('rooms.owner'), cell: (room) => room.owner },
    {
      id: 'since',
      title: t('rooms.since'),
      cell: (room) => <Day at={room.creationDate} />,
    },
  ];
}

interface RoomActionsProps {
  room: Room;
  self: Self | undefined;
  /** Absent for what stays. */
  onDelete: (() => void) | undefined;
}

function RoomActions({ room, self, onDelete }: RoomActionsProps) {
  const { t } = useTranslation();
  const { roomId, roomName } = room;
  const link = room.access?.anonymous?.speaker;
  const url = link?.enabled ? link.url : undefined;
  const shared = useShareable(url ?? '');
  const mayManage = managesRoom(self, room);
  const copy = async () => {
    const done = await copyText(shared);
    showToast(t(done ? 'rooms.linkCopied' : 'rooms.linkNotCopied'), done ? 'info' : 'bad', { topic: 'copy' });
  };
  return (
    <>
      {room.status !== 'closed' && joinsRoom(self, room) && (
        <IconLink
          label={t('rooms.openOne', { room: roomName })}
          icon={<LogIn size={18} aria-hidden />}
          href={paths.room(roomId)}
          target="_blank"
        />
      )}
      {url && (
        <IconButton
          label={t('rooms.copyOne', { room: roomName })}
          icon={<Share2 size={18} aria-hidden />}
          onPress={() => void copy()}
        />
      )}
      <IconLink
        label={t('rooms.recordingsOne', { room: roomName })}
        icon={<Clapperboard size={18} aria-hidden />}
        href={paths.recordingsOf(roomId)}
      />
      {mayManage && (
        <IconLink
          label={t('rooms.settingsOne', { room: roomName })}
          icon={<Settings size={18} aria-hidden />}
          href={paths.roomSettings(roomId)}
        />
      )}
      {onDelete && (
        <IconButton
          label={t('rooms.deleteOne', { room: roomName })}
          icon={<Trash2 size={18} aria-hidden />}
          onPress={onDelete}
        />
      )}
    </>
  );
}
