/** Adds a user of the box, or by name somebody from outside, to a room. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isCode } from '../../api/errors';
import { useAddMember, type BaseRole } from '../../api/members';
import type { Permissions, Room, RoomMember, User } from '../../api/model';
import { nameProblem } from '../../app/nameProblem';
import { forRole } from '../../lib/overrides';
import { Modal } from '../../ui/Modal';
import { Segmented } from '../../ui/Segmented';
import { Select } from '../../ui/Select';
import { Banner, Pill } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { showToast } from '../../ui/toastStore';
import { DialogForm } from '../DialogForm';
import { UserPicker } from '../users/UserPicker';
import { Overrides } from './Overrides';

export interface AddMemberDialogProps {
  room: Room;
  onClose: () => void;
  onAdded: (member: RoomMember) => void;
}

export function AddMemberDialog({ room, onClose, onAdded }: AddMemberDialogProps) {
  const { t } = useTranslation();
  const add = useAddMember(room.roomId);
  const [kind, setKind] = useState<RoomMember['type']>('user');
  const [user, setUser] = useState<User>();
  const [name, setName] = useState('');
  const [baseRole, setBaseRole] = useState<BaseRole>('speaker');
  const [custom, setCustom] = useState<Permissions>();
  const [tried, setTried] = useState(false);
  const permissions = room.roles?.[baseRole].permissions ?? {};
  const problem = nameProblem(name, t('form.required'), t);
  const missing = kind === 'user' ? user === undefined : problem !== undefined;
  const submit = () => {
    setTried(true);
    if (missing) return;
    const who = kind === 'user' ? { userId: user?.userId ?? '' } : { name: name.trim() };
    add.mutate(
      { ...who, baseRole, ...(custom ? { customPermissions: custom } : {}) },
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
      <DialogForm
        submitLabel={t('members.add')}
        isPending={add.isPending}
        error={add.error}
        words={(error) =>
          isCode(error, 'member_exists', 'member_needless')
            ? t('members.already', { name: user?.name ?? name })
            : undefined
        }
        onSubmit={submit}
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
        {kind === 'user' && user && (
          <div>
            <Pill tone="accent">{user.name}</Pill>
          </div>
        )}
        {kind === 'user' && tried && missing && <Banner tone="warn">{t('members.choose')}</Banner>}
        {kind === 'user' && (
          <UserPicker without={user ? [user.userId] : []} can={(one) => mayBeMember(one, room)} onPick={setUser} />
        )}
        {kind === 'external' && (
          <TextField
            label={t('members.name')}
            description={t('members.externalText')}
            value={name}
            autoComplete="off"
            onChange={setName}
            error={tried || name.trim() !== '' ? problem : undefined}
          />
        )}
        <Select
          label={t('members.role')}
          options={[
            { id: 'speaker', label: t('members.roles.speaker') },
            { id: 'moderator', label: t('members.roles.moderator') },
          ]}
          value={baseRole}
          onChange={(next: BaseRole) => {
            setBaseRole(next);
            setCustom(custom && forRole(room.roles?.[next].permissions ?? {}, custom));
          }}
        />
        <Switch
          label={t('members.oneByOne')}
          isSelected={custom !== undefined}
          onChange={(on) => setCustom(on ? {} : undefined)}
        />
        {custom && <Overrides role={permissions} custom={custom} onCustom={setCustom} />}
      </DialogForm>
    </Modal>
  );
}

/** They have every right in the room anyway (features M5). */
function mayBeMember(user: User, room: Room): boolean {
  return user.role !== 'admin' && user.userId !== room.owner;
}
