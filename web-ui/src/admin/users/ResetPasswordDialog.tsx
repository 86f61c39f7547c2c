/** Gives a user a new password, which must be changed when signing in. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useInfo } from '../../api/box';
import { useResetPassword, useUser } from '../../api/users';
import { isTooLong, LONGEST_PASSWORD, makePassword, shortestPassword } from '../../lib/password';
import { FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { DialogForm } from '../DialogForm';
import { Fresh } from '../Fresh';
import { Handout } from './Handout';
import type { UserDialogProps, UserFormProps } from './userDialog';

export function ResetPasswordDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation();
  const now = useUser(user.userId);
  const reset = useResetPassword();
  const { name, userId } = user;
  if (reset.isSuccess) {
    return (
      <Modal title={t('users.resetDone')} closeLabel={t('app.close')} isOpen onClose={onClose}>
        <Handout name={name} userId={userId} password={reset.variables.newPassword} onClose={onClose} />
      </Modal>
    );
  }
  return (
    <Modal title={t('users.resetOne', { name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Fresh query={now}>{({ data, etag }) => <ResetForm user={data} etag={etag} reset={reset} />}</Fresh>
    </Modal>
  );
}

interface ResetFormProps extends Omit<UserFormProps, 'onClose'> {
  reset: ReturnType<typeof useResetPassword>;
}

function ResetForm({ user, etag, reset }: ResetFormProps) {
  const { t } = useTranslation();
  const { name, userId } = user;
  const shortest = shortestPassword(useInfo().data?.mode);
  const { control, handleSubmit } = useForm({ defaultValues: { newPassword: makePassword() } });
  return (
    <DialogForm
      submitLabel={t('users.reset')}
      isPending={reset.isPending}
      error={reset.error}
      onSubmit={handleSubmit(({ newPassword }) => reset.mutate({ userId, etag, newPassword }))}
    >
      <p>{t('users.resetText', { name })}</p>
      <FormTextField
        control={control}
        name="newPassword"
        label={t('users.newPassword')}
        autoComplete="off"
        rules={{
          minLength: { value: shortest, message: t('users.passwordShort', { count: shortest }) },
          validate: (value) => !isTooLong(value) || t('password.tooLong', { count: LONGEST_PASSWORD }),
        }}
      />
    </DialogForm>
  );
}
