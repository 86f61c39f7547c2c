/** Users of the box: who they are, what they may do, and who is online (features U4, U8). */
import { KeyRound, Pencil, Plus, Trash2, UserCog, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/auth';
import type { Role, User } from '../../api/model';
import { useUsers, type UsersQuery } from '../../api/users';
import { useTitle } from '../../app/useTitle';
import { isAdmin, managesUser } from '../../lib/console';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { Empty, Pill } from '../../ui/Surface';
import { Day } from '../list/Day';
import styles from '../list/List.module.css';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import { Who } from '../list/Who';
import page from '../page.module.css';
import { CreateUserDialog } from './CreateUserDialog';
import { DeleteUsersDialog } from './DeleteUsersDialog';
import { RenameDialog } from './RenameDialog';
import { ResetPasswordDialog } from './ResetPasswordDialog';
import { RoleDialog } from './RoleDialog';
import { ROLES } from './RoleSelect';
import { UsersTabs } from './UsersTabs';

const ORDERS = byDateAndName('registrationDate');
type Shown = 'online' | 'offline' | Role;

type Open =
  { dialog: 'create' } | { dialog: 'rename' | 'role' | 'reset'; user: User } | { dialog: 'delete'; users: User[] };

export function UsersPage() {
  const { t } = useTranslation();
  const me = useMe();
  const state = useListState<Shown>(ORDERS, 'byName');
  const [open, setOpen] = useState<Open>();
  const users = useUsers({ ...state.query, ...filterOf(state.shown) });
  const mayManage = isAdmin(me.data);
  useTitle(t('users.title'));
  const close = () => setOpen(undefined);
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('users.title')}</h1>
        {mayManage && (
          <Button variant="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setOpen({ dialog: 'create' })}>
            {t('users.create')}
          </Button>
        )}
      </div>
      <UsersTabs />
      <ListView
        label={t('users.list')}
        state={state}
        source={users}
        columns={useColumns(me.data?.userId)}
        keyOf={(user) => user.userId}
        nameOf={(user) => user.name}
        searchLabel={t('users.search')}
        parts={[
          { id: 'all', label: t('users.everybody') },
          { id: 'online', label: t('users.online') },
          { id: 'offline', label: t('users.offline') },
          ...ROLES.map((id) => ({ id, label: t(`profile.roles.${id}`) })),
        ]}
        canTick={(user) => managesUser(me.data, user.userId)}
        {...(mayManage
          ? {
              bulk: (chosen: User[]) => (
                <BulkDelete
                  label={t('list.deleteSelected')}
                  onPress={() => setOpen({ dialog: 'delete', users: chosen })}
                />
              ),
              actions: (user: User) =>
                managesUser(me.data, user.userId) && <UserActions user={user} onOpen={setOpen} />,
            }
          : {})}
        empty={<Empty icon={<Users aria-hidden />} title={t('users.empty')} />}
      />
      {open?.dialog === 'create' && <CreateUserDialog onClose={close} />}
      {open?.dialog === 'rename' && <RenameDialog user={open.user} onClose={close} />}
      {open?.dialog === 'role' && <RoleDialog user={open.user} onClose={close} />}
      {open?.dialog === 'reset' && <ResetPasswordDialog user={open.user} onClose={close} />}
      {open?.dialog === 'delete' && <DeleteUsersDialog users={open.users} onClose={close} onDone={state.restart} />}
    </div>
  );
}

function filterOf(shown: Shown | 'all'): Pick<UsersQuery, 'role' | 'online'> {
  if (shown === 'all') return {};
  if (shown === 'online' || shown === 'offline') return { online: shown === 'online' };
  return { role: shown };
}

function useColumns(own: string | undefined): Column<User>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'name',
      title: t('users.name'),
      main: true,
      cell: (user) => <Who name={user.name} id={user.userId} />,
    },
    { id: 'role', title: t('users.role'), cell: (user) => t(`profile.roles.${user.role}`) },
    {
      id: 'state',
      title: t('users.state'),
      plain: true,
      cell: (user) => (
        <span className={styles.pills}>
          {user.online ? <Pill tone="ok">{t('users.online')}</Pill> : <Pill>{t('users.offline')}</Pill>}
          {user.userId === own && <Pill tone="accent">{t('users.you')}</Pill>}
          {user.mustChangePassword && <Pill tone="warn">{t('users.mustChange')}</Pill>}
        </span>
      ),
    },
    {
      id: 'since',
      title: t('users.since'),
      cell: (user) => <Day at={user.registrationDate} />,
    },
  ];
}

function UserActions({ user, onOpen }: { user: User; onOpen: (open: Open) => void }) {
  const { t } = useTranslation();
  const { name } = user;
  return (
    <>
      <IconButton
        label={t('users.renameOne', { name })}
        icon={<Pencil size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'rename', user })}
      />
      <IconButton
        label={t('users.changeRoleOne', { name })}
        icon={<UserCog size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'role', user })}
      />
      <IconButton
        label={t('users.resetOne', { name })}
        icon={<KeyRound size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'reset', user })}
      />
      <IconButton
        label={t('users.deleteOne', { name })}
        icon={<Trash2 size={18} aria-hidden />}
        onPress={() => onOpen({ dialog: 'delete', users: [user] })}
      />
    </>
  );
}
