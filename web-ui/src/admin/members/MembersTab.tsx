/** Members of a room, with their role and their own link (features M1–M4). */
import { Link2, Plus, SlidersHorizontal, Trash2, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readMember, useDeleteMembers, useMembers, type BaseRole } from '../../api/members';
import type { RoomMember } from '../../api/model';
import { isolate } from '../../lib/isolate';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { Empty, Pill } from '../../ui/Surface';
import { DeleteMany } from '../list/DeleteMany';
import { Day } from '../list/Day';
import styles from '../list/List.module.css';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import { Who } from '../list/Who';
import page from '../page.module.css';
import { useRoom } from '../rooms/useRoom';
import { AddMemberDialog } from './AddMemberDialog';
import { MemberDialog } from './MemberDialog';
import { MemberLinkDialog } from './MemberLinkDialog';

const ORDERS = byDateAndName('membershipDate');

type Open =
  { dialog: 'add' } | { dialog: 'edit' | 'link'; member: RoomMember } | { dialog: 'remove'; members: RoomMember[] };

export function MembersTab() {
  const { t } = useTranslation();
  const { room, mayManage } = useRoom();
  const state = useListState<BaseRole>(ORDERS, 'byName');
  const [open, setOpen] = useState<Open>();
  const members = useMembers(room.roomId, {
    ...state.query,
    ...(state.shown === 'all' ? {} : { baseRole: state.shown }),
  });
  const remove = useDeleteMembers(room.roomId);
  const close = () => setOpen(undefined);
  return (
    <div className={page.page}>
      {mayManage && (
        <div>
          <Button variant="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setOpen({ dialog: 'add' })}>
            {t('members.add')}
          </Button>
        </div>
      )}
      <ListView
        label={t('members.list')}
        state={state}
        source={members}
        columns={useColumns()}
        keyOf={(member) => member.memberId}
        nameOf={(member) => member.name}
        searchLabel={t('members.search')}
        parts={[
          { id: 'all', label: t('members.everybody') },
          { id: 'moderator', label: t('members.moderators') },
          { id: 'speaker', label: t('members.speakers') },
        ]}
        canTick={() => true}
        {...(mayManage
          ? {
              bulk: (chosen: RoomMember[]) => (
                <BulkDelete
                  label={t('members.removeSelected')}
                  onPress={() => setOpen({ dialog: 'remove', members: chosen })}
                />
              ),
              actions: (member: RoomMember) => <MemberActions member={member} onOpen={setOpen} />,
            }
          : {})}
        empty={
          <Empty icon={<UsersRound aria-hidden />} title={t('members.empty')}>
            <p>{t('members.emptyText')}</p>
          </Empty>
        }
      />
      {open?.dialog === 'add' && (
        <AddMemberDialog
          room={room}
          onClose={close}
          onAdded={(member) => setOpen(member.type === 'external' ? { dialog: 'link', member } : undefined)}
        />
      )}
      {open?.dialog === 'edit' && <MemberDialog member={open.member} roles={room.roles} onClose={close} />}
      {open?.dialog === 'link' && <MemberLinkDialog member={open.member} onClose={close} />}
      {open?.dialog === 'remove' && (
        <DeleteMany
          kind={`member ${room.roomId}`}
          things={open.members.map(({ memberId: id, name }) => ({ id, name }))}
          read={(id) => readMember(room.roomId, id)}
          nameOf={({ name }) => name}
          describe={({ name, baseRole }) => `${isolate(name)} (${t(`members.roles.${baseRole}`)})`}
          title={(count, name) => t('members.removeTitle', { count, name })}
          confirmLabel={t('members.remove')}
          remove={remove}
          onClose={close}
          onDone={state.restart}
        >
          <p>{t('members.removeText')}</p>
        </DeleteMany>
      )}
    </div>
  );
}

function useColumns(): Column<RoomMember>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'name',
      title: t('members.name'),
      main: true,
      cell: (member) => <Who name={member.name} {...(member.type === 'user' ? { id: member.memberId } : {})} />,
    },
    {
      id: 'role',
      title: t('members.role'),
      plain: true,
      cell: (member) => {
        const count = Object.keys(member.customPermissions ?? {}).length;
        return (
          <span className={styles.pills}>
            <Pill tone={member.baseRole === 'moderator' ? 'accent' : 'neutral'}>
              {t(`members.roles.${member.baseRole}`)}
            </Pill>
            {count > 0 && <Pill tone="warn">{t('members.changed', { count })}</Pill>}
          </span>
        );
      },
    },
    { id: 'kind', title: t('members.kind'), plain: true, cell: (member) => t(`members.${member.type}`) },
    {
      id: 'since',
      title: t('members.since'),
      cell: (member) => <Day at={member.membershipDate} />,
    },
  ];
}

function MemberActions({ member, onOpen }: { member: RoomMember; onOpen: (open: Open) => void }) {
  const { t } = useTranslation();
  const { name } = member;
  return (
    <>
      {member.accessUrl && (
        <IconButton
          label={t('members.linkOne', { name })}
          icon={<Link2 size={18} aria-hidden />}
          onPress={() => onOpen({ dialog: 'link', member })}
        />
      )}
      <IconButton
        label={t('members.edit', { name })}
        icon={<SlidersHorizontal size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'edit', member })}
      />
      <IconButton
        label={t('members.removeOne', { name })}
        icon={<Trash2 size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'remove', members: [member] })}
      />
    </>
  );
}
