/** Adds a user of the box, or by name somebody from outside, to a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isStatus } from '../../api/errors';
import { useAddMember, type BaseRole } from '../../api/members';
import type { RoomMember, User } from '../../api/model';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { Banner, Pill } from '../../ui/Surface';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { UserPicker } from '../users/UserPicker';

export interface AddMemberDialogProps {
  roomId: string;
  onClose: () => void;
  onAdded: (member: RoomMember) => void;
}

export function AddMemberDialog({ roomId, onClose, onAdded }: AddMemberDialogProps) {
  const { t } = useTranslation();
  const add = useAddMember(roomId);
  const [kind, setKind] = useState<RoomMember['type']>('user');
  const [user, setUser] = useState<User>();
  const [name, setName] = useState('');
  const [baseRole, setBaseRole] = useState<BaseRole>('speaker');
  const [tried, setTried] = useState(false);
  const missing = kind === 'user' ? user === undefined : name.trim() === '';
  const submit = () => {
    setTried(true);
    if (missing) return;
    const who = kind === 'user' ? { userId: user?.userId ?? '' } : { name: name.trim() };
    add.mutate(
      { ...who, baseRole },
      {
        onSuccess: (member) => {
          showToast(t('members.added', { name: member.name }));
          onAdded(member);
        },
      },
    );
  };
  return (
    <Modal title={t('members.add')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Segmented
          label={t('members.kind')}
          options={[
            { id: 'user', label: t('members.user') },
            { id: 'external', label: t('members.external') },
          ]}
          value={kind}
          onChange={setKind}
        />
        {add.error && (
          <Banner tone="bad">
            {isStatus(add.error, 409) ? t('members.already', { name: user?.name ?? name }) : errorText(add.error, t)}
          </Banner>
        )}
        {kind === 'user' && user && (
          <div>
            <Pill tone="accent">{user.name}</Pill>
          </div>
        )}
        {kind === 'user' && tried && missing && <Banner tone="warn">{t('members.choose')}</Banner>}
        {kind === 'user' && <UserPicker without={user ? [user.userId] : []} onPick={setUser} />}
        {kind === 'external' && (
          <TextField
            label={t('members.name')}
            description={t('members.externalText')}
            value={name}
            maxLength={50}
            autoComplete="off"
            onChange={setName}
            error={tried && missing ? t('form.required') : undefined}
          />
        )}
        <Select
          label={t('members.role')}
          options={[
            { id: 'speaker', label: t('members.roles.speaker') },
            { id: 'moderator', label: t('members.roles.moderator') },
          ]}
          value={baseRole}
          onChange={setBaseRole}
        />
        <div>
          <Button type="submit" variant="primary" isPending={add.isPending}>
            {t('members.add')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
