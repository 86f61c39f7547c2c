/** Says what becomes of their rooms before users are deleted (features U5). */
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { readUser, useDeleteUsers } from '../../api/users';
import { isolate } from '../../lib/isolate';
import { DeleteMany } from '../list/DeleteMany';

export interface DeleteUsersDialogProps {
  users: User[];
  onClose: () => void;
  onDone: () => void;
}

export function DeleteUsersDialog({ users, ...rest }: DeleteUsersDialogProps) {
  const { t } = useTranslation();
  const remove = useDeleteUsers();
  return (
    <DeleteMany
      {...rest}
      kind="user"
      things={users.map(({ userId: id, name }) => ({ id, name }))}
      read={readUser}
      nameOf={({ name }) => name}
      describe={({ name, role }) => `${isolate(name)} (${t(`profile.roles.${role}`)})`}
      title={(count, name) => t('users.deleteTitle', { count, name })}
      confirmLabel={t('users.delete')}
      remove={remove}
    >
      <p>{t('users.deleteText', { count: users.length })}</p>
      <p>{t('users.deleteRooms')}</p>
    </DeleteMany>
  );
}
