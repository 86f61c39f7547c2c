/** Gives a user a new password, which must be changed when signing in. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useInfo } from '../../api/box';
import type { User } from '../../api/model';
import { useResetPassword } from '../../api/users';
import { errorText } from '../../app/errorText';
import { makePassword, shortestPassword } from '../../lib/password';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Modal } from '../../ui/Modal';
import { Banner } from '../../ui/Surface';
import { Handout } from './Handout';

export function ResetPasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const { name, userId } = user;
  const reset = useResetPassword();
  const shortest = shortestPassword(useInfo().data?.mode);
  const { control, handleSubmit } = useForm({ defaultValues: { newPassword: makePassword() } });
  if (reset.isSuccess) {
    return (
      <Modal title={t('users.resetDone')} closeLabel={t('app.close')} isOpen onClose={onClose}>
        <Handout name={name} userId={userId} password={reset.variables.newPassword} onClose={onClose} />
      </Modal>
    );
  }
  return (
    <Modal title={t('users.resetOne', { name })} closeLabel={t('app.close')} isOpen onClose={onClose}>
      <Form onSubmit={handleSubmit(({ newPassword }) => reset.mutate({ userId, newPassword }))}>
        {reset.error && <Banner tone="bad">{errorText(reset.error, t)}</Banner>}
        <p>{t('users.resetText', { name })}</p>
        <FormTextField
          control={control}
          name="newPassword"
          label={t('users.newPassword')}
          autoComplete="off"
          rules={{ minLength: { value: shortest, message: t('users.passwordShort', { count: shortest }) } }}
        />
        <div>
          <Button type="submit" variant="primary" isPending={reset.isPending}>
            {t('users.reset')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
