/** Makes or changes a group: its name, its right, its people. */
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isCode } from '../../api/errors';
import type { Group } from '../../api/model';
import { useGroup, useSaveGroup, useUserNames } from '../../api/users';
import { nameProblem } from '../../app/nameProblem';
import { IconButton } from '../../ui/Button';
import { Modal } from '../../ui/Modal';
import { Switch } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import { Who } from '../list/Who';
import { useDraft } from '../useDraft';
import { UserPicker } from '../users/UserPicker';
import styles from '../users/Users.module.css';

const FRESH = { name: '', operator: false, members: [] as readonly string[] };

export function GroupDialog({ group, onClose }: { group: Group | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const now = useGroup(group?.groupId);
  return (
    <Modal
      title={group ? t('groups.edit', { name: group.name }) : t('groups.create')}
      closeLabel={t('app.close')}
      isOpen
      onClose={onClose}
    >
      {group ? (
        <Fresh query={now}>{({ data, etag }) => <GroupForm group={data} etag={etag} onClose={onClose} />}</Fresh>
      ) : (
        <GroupForm group={undefined} etag={undefined} onClose={onClose} />
      )}
    </Modal>
  );
}

interface GroupFormProps {
  group: Group | undefined;
  etag: string | undefined;
  onClose: () => void;
}

function GroupForm({ group, etag, onClose }: GroupFormProps) {
  const { t } = useTranslation();
  const save = useSaveGroup();
  const { name, operator, members }: typeof FRESH = group ?? FRESH;
  const draft = useDraft({ name, operator, members });
  const { value, set } = draft;
  const [tried, setTried] = useState(false);
  const problem = nameProblem(value.name, t('form.required'), t);
  const taken = isCode(save.error, 'group_exists') && save.variables?.change.name === value.name.trim();
  const submit = () => {
    setTried(true);
    if (problem) return;
    const change = { name: value.name.trim(), operator: value.operator, members: [...value.members] };
    save.mutate({ groupId: group?.groupId, etag, change }, { onSuccess: onClose });
  };
  return (
    <DialogForm
      submitLabel={t(group ? 'form.save' : 'form.create')}
      isPending={save.isPending}
      error={save.error}
      words={() => (taken ? '' : undefined)}
      clash={draft.clash}
      onSubmit={submit}
    >
      <TextField
        label={t('groups.name')}
        value={value.name}
        autoFocus={!group}
        autoComplete="off"
        onChange={(next) => set({ ...value, name: next })}
        error={taken ? t('groups.nameTaken') : tried || value.name.trim() !== '' ? problem : undefined}
      />
      <Switch
        label={t('groups.operator')}
        description={t('groups.operatorText')}
        isSelected={value.operator}
        onChange={(on) => set({ ...value, operator: on })}
      />
      <Members members={value.members} onChange={(next) => set({ ...value, members: next })} />
    </DialogForm>
  );
}

interface MembersProps {
  members: readonly string[];
  onChange: (members: readonly string[]) => void;
}

function Members({ members, onChange }: MembersProps) {
  const { t } = useTranslation();
  const names = useUserNames(members.length > 0);
  return (
    <>
      <section className={styles.section}>
        <h3>{t('groups.members')}</h3>
        {members.length === 0 && <p className={styles.muted}>{t('groups.nobody')}</p>}
        <ul className={styles.people}>
          {members.map((id) => {
            const name = names?.get(id) ?? id;
            return (
              <li key={id}>
                <Who name={name} id={id} />
                <IconButton
                  label={t('groups.remove', { name })}
                  icon={<X size={18} aria-hidden />}
                  size="small"
                  onPress={() => onChange(members.filter((one) => one !== id))}
                />
              </li>
            );
          })}
        </ul>
      </section>
      <section className={styles.section}>
        <h3>{t('groups.add')}</h3>
        <UserPicker without={members} onPick={(user) => onChange([...members, user.userId])} />
      </section>
    </>
  );
}
