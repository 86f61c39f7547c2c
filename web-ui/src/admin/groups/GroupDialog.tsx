/** Makes or changes a group: its name, its right, its people. */
import { X } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { isCode } from '../../api/errors';
import type { Group } from '../../api/model';
import { useSaveGroup, useUserNames } from '../../api/users';
import { errorText } from '../../app/errorText';
import { Button, IconButton } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { Switch } from '../../ui/Switch';
import { Who } from '../list/Who';
import { UserPicker } from '../users/UserPicker';
import styles from '../users/Users.module.css';

export function GroupDialog({ group, onClose }: { group: Group | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveGroup();
  const [operator, setOperator] = useState(group?.operator ?? false);
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? []);
  const names = useUserNames(members);
  const { control, handleSubmit } = useForm({ defaultValues: { name: group?.name ?? '' } });
  const submit = handleSubmit(({ name }) =>
    save.mutate(
      { groupId: group?.groupId, change: { name: name.trim(), operator, members: [...members] } },
      { onSuccess: onClose },
    ),
  );
  return (
    <Modal
      title={group ? t('groups.edit', { name: group.name }) : t('groups.create')}
      closeLabel={t('app.close')}
      isOpen
      onClose={onClose}
    >
      <Form onSubmit={submit}>
        {save.error && (
          <Banner tone="bad">
            {isCode(save.error, 'group_exists') ? t('groups.nameTaken') : errorText(save.error, t)}
          </Banner>
        )}
        <FormTextField
          control={control}
          name="name"
          label={t('groups.name')}
          autoFocus={!group}
          autoComplete="off"
          maxLength={50}
          rules={{ validate: (value) => value.trim() !== '' || t('form.required') }}
        />
        <Switch
          label={t('groups.operator')}
          description={t('groups.operatorText')}
          isSelected={operator}
          onChange={setOperator}
        />
        <section className={styles.section}>
          <h3>{t('groups.members')}</h3>
          {members.length === 0 && <p className={styles.muted}>{t('groups.nobody')}</p>}
          <ul className={styles.people}>
            {members.map((id) => (
              <li key={id}>
                <Who name={names[id] ?? id} id={id} />
                <IconButton
                  label={t('groups.remove', { name: names[id] ?? id })}
                  icon={<X size={18} aria-hidden />}
                  size="small"
                  onPress={() => setMembers(members.filter((one) => one !== id))}
                />
              </li>
            ))}
          </ul>
        </section>
        <section className={styles.section}>
          <h3>{t('groups.add')}</h3>
          <UserPicker without={members} onPick={(user) => setMembers([...members, user.userId])} />
        </section>
        <div>
          <Button type="submit" variant="primary" isPending={save.isPending}>
            {t(group ? 'form.save' : 'form.create')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
