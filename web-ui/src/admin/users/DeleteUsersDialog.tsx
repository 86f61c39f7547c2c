/** Says what becomes of their rooms before users are deleted (features U5). */
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { useDeleteUsers } from '../../api/users';
import { DeleteMany } from '../list/DeleteMany';

export interface DeleteUsersDialogProps {
  users: User[];
  onClose: () => void;
  onDone: () => void;
}

export function DeleteUsersDialog({ users, ...rest }: DeleteUsersDialogProps) {
  const { t } = useTranslation();
  const remove = useDeleteUsers();
  const count = users.length;
  return (
    <DeleteMany
      {...rest}
      title={t('users.deleteTitle', { count, name: users[0]?.name ?? '' })}
      confirmLabel={t('users.delete')}
      ids={users.map((user) => user.userId)}
      remove={remove}
    >
      <p>{t('users.deleteText', { count })}</p>
      <p>{t('users.deleteRooms')}</p>
    </DeleteMany>
  );
}
