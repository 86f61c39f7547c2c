/** Changes what a user may do on the box. */
import { useTranslation } from 'react-i18next';
import { useSetRole, useUser } from '../../api/users';
import { ownsNoRooms } from '../../lib/console';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import { useDraft } from '../useDraft';
import { RoleSelect } from './RoleSelect';
import type { UserDialogProps, UserFormProps } from './userDialog';

export function RoleDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation();
  const now = useUser(user.userId);
  return (
    <Modal title={t('users.changeRoleOne', { name: user.name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Fresh query={now}>{({ data, etag }) => <RoleForm user={data} etag={etag} onClose={onClose} />}</Fresh>
    </Modal>
  );
}

function RoleForm({ user, etag, onClose }: UserFormProps) {
  const { t } = useTranslation();
  const { name, userId } = user;
  const change = useSetRole();
  const draft = useDraft(user.role);
  const role = draft.value;
  const submit = () => {
    if (!draft.isChanged) return;
    const onSuccess = () => {
      showToast(t('users.roleDone', { name, role: t(`profile.roles.${role}`) }));
      onClose();
    };
    change.mutate({ userId, etag, role }, { onSuccess });
  };
  return (
    <DialogForm
      submitLabel={t('users.changeRole')}
      isPending={change.isPending}
      isDisabled={!draft.isChanged}
      error={change.error}
      clash={draft.clash}
      onSubmit={submit}
    >
      <p>{t('users.roleNow', { role: t(`profile.roles.${user.role}`) })}</p>
      <RoleSelect value={role} onChange={draft.set} />
      {ownsNoRooms(role) && !ownsNoRooms(user.role) && <Banner tone="warn">{t('users.roomsPass', { name })}</Banner>}
    </DialogForm>
  );
}
