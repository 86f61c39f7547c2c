/** Changing one's own password. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../../api/auth';
import { isStatus } from '../../api/errors';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';

const EMPTY = { currentPassword: '', newPassword: '', repeat: '' };
const SHORTEST = 5;

export function PasswordForm() {
  const { t } = useTranslation();
  const change = useChangePassword();
  const { control, handleSubmit, getValues, reset } = useForm({ defaultValues: EMPTY });
  const submit = handleSubmit(({ currentPassword, newPassword }) =>
    change.mutate(
      { currentPassword, newPassword },
      {
        onSuccess: () => {
          reset(EMPTY);
          showToast(t('password.done'));
        },
      },
    ),
  );
  return (
    <Form onSubmit={submit}>
      {change.error && (
        <Banner tone="bad">
          {isStatus(change.error, 400) ? t('password.wrongCurrent') : errorText(change.error, t)}
        </Banner>
      )}
      <FormTextField
        control={control}
        name="currentPassword"
        type="password"
        label={t('password.current')}
        autoComplete="current-password"
        rules={{ required: t('password.missing') }}
      />
      <FormTextField
        control={control}
        name="newPassword"
        type="password"
        label={t('password.new')}
        description={t('password.rule')}
        autoComplete="new-password"
        rules={{
          minLength: { value: SHORTEST, message: t('password.tooShort') },
          required: t('password.missing'),
          validate: (value) => value !== getValues('currentPassword') || t('password.same'),
        }}
      />
      <FormTextField
        control={control}
        name="repeat"
        type="password"
        label={t('password.repeat')}
        autoComplete="new-password"
        rules={{ validate: (value) => value === getValues('newPassword') || t('password.mismatch') }}
      />
      <div>
        <Button type="submit" variant="primary" isPending={change.isPending}>
          {t('password.submit')}
        </Button>
      </div>
    </Form>
  );
}
