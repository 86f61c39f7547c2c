/** What one member may do in a room: the role, and where they deviate from it. */
import { useTranslation } from 'react-i18next';
import { useChangeMember, useMember, type BaseRole } from '../../api/members';
import type { Permissions, RoomMember, RoomRoles } from '../../api/model';
import { forRole } from '../../lib/overrides';
import { Modal } from '../../ui/Modal';
import { Select } from '../../ui/Select';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import styles from '../rooms/Room.module.css';
import { useDraft } from '../useDraft';
import { Overrides } from './Overrides';

export interface MemberDialogProps {
  member: RoomMember;
  roles: RoomRoles | undefined;
  onClose: () => void;
}

export function MemberDialog({ member, roles, onClose }: MemberDialogProps) {
  const { t } = useTranslation();
  const { name, roomId, memberId } = member;
  const now = useMember(roomId, memberId);
  return (
    <Modal title={t('members.edit', { name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Fresh query={now}>
        {({ data, etag }) => <MemberForm member={data} etag={etag} roles={roles} onClose={onClose} />}
      </Fresh>
    </Modal>
  );
}

function MemberForm({ member, etag, roles, onClose }: MemberDialogProps & { etag: string | undefined }) {
  const { t } = useTranslation();
  const { memberId } = member;
  const change = useChangeMember(member.roomId);
  const draft = useDraft({ baseRole: member.baseRole, custom: member.customPermissions ?? {} });
  const { baseRole, custom } = draft.value;
  const ofRole = (role: BaseRole) => roles?.[role].permissions ?? {};
  const submit = () =>
    change.mutate(
      { memberId, etag, baseRole, customPermissions: custom },
      {
        onSuccess: () => {
          showToast(t('form.saved'));
          onClose();
        },
      },
    );
  return (
    <DialogForm
      submitLabel={t('form.save')}
      isPending={change.isPending}
      error={change.error}
      clash={draft.clash}
      onSubmit={submit}
    >
      <p className={styles.muted}>{t('members.atOnce')}</p>
      <Select
        label={t('members.role')}
        options={[
          { id: 'speaker', label: t('members.roles.speaker') },
          { id: 'moderator', label: t('members.roles.moderator') },
        ]}
        value={baseRole}
        onChange={(next: BaseRole) => draft.set({ baseRole: next, custom: forRole(ofRole(next), custom) })}
      />
      <Overrides
        role={ofRole(baseRole)}
        custom={custom}
        onCustom={(next: Permissions) => draft.set({ baseRole, custom: next })}
      />
    </DialogForm>
  );
}
