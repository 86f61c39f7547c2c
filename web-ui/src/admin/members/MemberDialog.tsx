/** What one member may do in a room: the role, and where they deviate from it. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangeMember, type BaseRole } from '../../api/members';
import type { Permissions, RoomMember, RoomRoles } from '../../api/model';
import { errorText } from '../../app/errorText';
import { forRole } from '../../lib/overrides';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Select } from '../../ui/Select';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from '../rooms/Room.module.css';
import { Overrides } from './Overrides';

export interface MemberDialogProps {
  member: RoomMember;
  roles: RoomRoles | undefined;
  onClose: () => void;
}

export function MemberDialog({ member, roles, onClose }: MemberDialogProps) {
  const { t } = useTranslation();
  const { name, memberId } = member;
  const change = useChangeMember(member.roomId);
  const [baseRole, setBaseRole] = useState(member.baseRole);
  const [custom, setCustom] = useState<Permissions>(member.customPermissions ?? {});
  const ofRole = (role: BaseRole) => roles?.[role].permissions ?? {};
  const submit = () =>
    change.mutate(
      { memberId, baseRole, customPermissions: custom },
      {
        onSuccess: () => {
          showToast(t('form.saved'));
          onClose();
        },
      },
    );
  return (
    <Modal title={t('members.edit', { name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className={styles.muted}>{t('members.atOnce')}</p>
        <Select
          label={t('members.role')}
          options={[
            { id: 'speaker', label: t('members.roles.speaker') },
            { id: 'moderator', label: t('members.roles.moderator') },
          ]}
          value={baseRole}
          onChange={(next: BaseRole) => {
            setBaseRole(next);
            setCustom(forRole(ofRole(next), custom));
          }}
        />
        <Overrides role={ofRole(baseRole)} custom={custom} onCustom={setCustom} />
        {change.error && <Banner tone="bad">{errorText(change.error, t)}</Banner>}
        <div>
          <Button type="submit" variant="primary" isPending={change.isPending}>
            {t('form.save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
