/** What one member may do in a room: the role, and where they deviate from it. */
import { useTranslation } from 'react-i18next';
import { useChangeMember, useMember, type BaseRole } from '../../api/members';
import type { Permissions, RoomMember, RoomRoles } from '../../api/model';
import { errorText } from '../../app/errorText';
import { forRole } from '../../lib/overrides';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Select } from '../../ui/Select';
import { Loading } from '../../ui/Spinner';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import styles from '../rooms/Room.module.css';
import { StaleNote } from '../StaleNote';
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
      {now.error && <Banner tone="bad">{errorText(now.error, t)}</Banner>}
      {now.isPending && <Loading label={t('app.loading')} />}
      {now.data && <MemberForm member={now.data.member} etag={now.data.etag} roles={roles} onClose={onClose} />}
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
        onChange={(next: BaseRole) => draft.set({ baseRole: next, custom: forRole(ofRole(next), custom) })}
      />
      <Overrides
        role={ofRole(baseRole)}
        custom={custom}
        onCustom={(next: Permissions) => draft.set({ baseRole, custom: next })}
      />
      <StaleNote error={change.error} clash={draft.clash} />
      <div>
        <Button type="submit" variant="primary" isPending={change.isPending}>
          {t('form.save')}
        </Button>
      </div>
    </Form>
  );
}
