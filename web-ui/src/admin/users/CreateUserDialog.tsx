/** Makes a user with a first password. */
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useInfo } from '../../api/box';
import { isCode } from '../../api/errors';
import type { Role } from '../../api/model';
import { useCreateUser } from '../../api/users';
import { nameProblem } from '../../app/nameProblem';
import { isTooLong, LONGEST_PASSWORD, makePassword, shortestPassword } from '../../lib/password';
import { FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { DialogForm } from '../DialogForm';
import { Handout } from './Handout';
import { RoleSelect } from './RoleSelect';

const USER_ID = /^[a-z0-9_]{5,20}$/;

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateUser();
  const shortest = shortestPassword(useInfo().data?.mode);
  const [role, setRole] = useState<Role>('user');
  const { control, handleSubmit } = useForm({
    defaultValues: { name: '', userId: '', password: makePassword() },
  });
  const userId = useWatch({ control, name: 'userId' });
  if (create.isSuccess) {
    const made = create.variables;
    return (
      <Modal title={t('users.created')} closeLabel={t('app.close')} isOpen onClose={onClose}>
        <Handout name={made.name} userId={made.userId} password={made.password} onClose={onClose} />
      </Modal>
    );
  }
  const taken = isCode(create.error, 'user_exists') && create.variables?.userId === userId;
  const submit = handleSubmit((values) => create.mutate({ ...values, name: values.name.trim(), role }));
  return (
    <Modal title={t('users.create')} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <DialogForm
        submitLabel={t('form.create')}
        isPending={create.isPending}
        error={create.error}
        words={() => (taken ? '' : undefined)}
        onSubmit={submit}
      >
        <FormTextField
          control={control}
          name="name"
          label={t('users.name')}
          autoFocus
          autoComplete="off"
          rules={{ validate: (value) => nameProblem(value, t('form.required'), t) }}
        />
        <FormTextField
          control={control}
          name="userId"
          label={t('users.userId')}
          description={t('users.userIdRule')}
          autoComplete="off"
          rules={{ validate: (value) => USER_ID.test(value) || t('users.userIdRule') }}
          {...(taken ? { error: t('users.userIdTaken') } : {})}
        />
        <RoleSelect value={role} onChange={setRole} />
        <FormTextField
          control={control}
          name="password"
          label={t('users.password')}
          description={t('users.passwordRule', { count: shortest })}
          autoComplete="off"
          rules={{
            minLength: { value: shortest, message: t('users.passwordShort', { count: shortest }) },
            validate: (value) => !isTooLong(value) || t('password.tooLong', { count: LONGEST_PASSWORD }),
          }}
        />
      </DialogForm>
    </Modal>
  );
}
