/** Groups of users, and whether their members operate every meeting (features U7). */
import { Pencil, Plus, Trash2, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/auth';
import type { Group } from '../../api/model';
import { readGroup, useDeleteGroups, useGroups, useSetOperator } from '../../api/users';
import { errorText } from '../../app/errorText';
import { useTitle } from '../../app/useTitle';
import { isAdmin } from '../../lib/console';
import { isolate } from '../../lib/isolate';
import { Button, IconButton } from '../../ui/Button';
import type { Column } from '../../ui/DataTable';
import { Empty } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { showToast } from '../../ui/toastStore';
import { DeleteMany } from '../list/DeleteMany';
import { Day } from '../list/Day';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { byDateAndName, useListState } from '../list/useListState';
import page from '../page.module.css';
import { UsersTabs } from '../users/UsersTabs';
import { GroupDialog } from './GroupDialog';

const ORDERS = byDateAndName('creationDate');

type Open = { edit: Group | undefined } | { remove: Group[] };

export function GroupsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const state = useListState(ORDERS, 'byName');
  const [open, setOpen] = useState<Open>();
  const groups = useGroups(state.query);
  const remove = useDeleteGroups();
  const mayManage = isAdmin(me.data);
  const columns = useColumns(mayManage);
  useTitle(t('users.title'));
  const close = () => setOpen(undefined);
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('users.title')}</h1>
        {mayManage && (
          <Button variant="primary" icon={<Plus size={18} aria-hidden />} onPress={() => setOpen({ edit: undefined })}>
            {t('groups.create')}
          </Button>
        )}
      </div>
      <UsersTabs />
      <ListView
        label={t('groups.list')}
        state={state}
        source={groups}
        columns={columns}
        keyOf={(group) => group.groupId}
        nameOf={(group) => group.name}
        canTick={() => true}
        {...(mayManage
          ? {
              bulk: (chosen: Group[]) => (
                <BulkDelete label={t('list.deleteSelected')} onPress={() => setOpen({ remove: chosen })} />
              ),
              actions: (group: Group) => (
                <>
                  <IconButton
                    label={t('groups.edit', { name: group.name })}
                    icon={<Pencil size={18} aria-hidden />}
                    onPress={() => setOpen({ edit: group })}
                  />
                  <IconButton
                    label={t('groups.deleteOne', { name: group.name })}
                    icon={<Trash2 size={18} aria-hidden />}
                    onPress={() => setOpen({ remove: [group] })}
                  />
                </>
              ),
            }
          : {})}
        empty={
          <Empty icon={<UsersRound aria-hidden />} title={t('groups.empty')}>
            <p>{t('groups.emptyText')}</p>
          </Empty>
        }
      />
      {open && 'edit' in open && <GroupDialog group={open.edit} onClose={close} />}
      {open && 'remove' in open && (
        <DeleteMany
          kind="group"
          things={open.remove.map(({ groupId: id, name }) => ({ id, name }))}
          read={readGroup}
          nameOf={({ name }) => name}
          describe={({ name, members }) => `${isolate(name)} (${t('groups.membersOf', { count: members.length })})`}
          title={(count, name) => t('groups.deleteTitle', { count, name })}
          confirmLabel={t('groups.delete')}
          remove={remove}
          onClose={close}
          onDone={state.restart}
        >
          <p>{t('groups.deleteText')}</p>
        </DeleteMany>
      )}
    </div>
  );
}

function useColumns(mayManage: boolean): Column<Group>[] {
  const { t } = useTranslation();
  const save = useSetOperator();
  const setOperator = (group: Group, operator: boolean) =>
    save.mutate({ groupId: group.groupId, operator }, { onError: (error) => showToast(errorText(error, t), 'bad') });
  return [
    { id: 'name', title: t('groups.name'), main: true, cell: (group) => <strong>{group.name}</strong> },
    {
      id: 'members',
      title: t('groups.members'),
      plain: true,
      cell: (group) => t('groups.membersOf', { count: group.members.length }),
    },
    {
      id: 'operator',
      title: t('groups.operator'),
      cell: (group) => (
        <Switch
          label={t('groups.operatorOf', { name: group.name })}
          hideLabel
          isSelected={group.operator}
          isDisabled={!mayManage}
          isHeld={save.isPending}
          onChange={(on) => setOperator(group, on)}
        />
      ),
    },
    {
      id: 'created',
      title: t('groups.created'),
      cell: (group) => <Day at={group.creationDate} />,
    },
  ];
}
