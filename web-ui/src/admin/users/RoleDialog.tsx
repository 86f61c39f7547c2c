/** Changes what a user may do on the box. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/model';
import { useSetRole } from '../../api/users';
import { errorText } from '../../app/errorText';
import { ownsNoRooms } from '../../lib/console';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { RoleSelect } from './RoleSelect';

export function RoleDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const { name, userId } = user;
  const [role, setRole] = useState(user.role);
  const change = useSetRole();
  const submit = () =>
    change.mutate(
      { userId, role },
      {
        onSuccess: () => {
          showToast(t('users.roleDone', { name, role: t(`profile.roles.${role}`) }));
          onClose();
        },
      },
    );
  return (
    <Modal title={t('users.changeRoleOne', { name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {change.error && <Banner tone="bad">{errorText(change.error, t)}</Banner>}
        <RoleSelect value={role} onChange={setRole} />
        {ownsNoRooms(role) && !ownsNoRooms(user.role) && <Banner tone="warn">{t('users.roomsPass', { name })}</Banner>}
        <div>
          <Button type="submit" variant="primary" isPending={change.isPending} isDisabled={role === user.role}>
            {t('users.changeRole')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
