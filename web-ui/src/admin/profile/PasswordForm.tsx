/** Changing one's own password. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../../api/auth';
import { useInfo } from '../../api/box';
import { isCode } from '../../api/errors';
import { errorText } from '../../app/errorText';
import { isTooLong, LONGEST_PASSWORD, shortestPassword } from '../../lib/password';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Banner } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';

const EMPTY = { currentPassword: '', newPassword: '', repeat: '' };

export function PasswordForm() {
  const { t } = useTranslation();
  const change = useChangePassword();
  const shortest = shortestPassword(useInfo().data?.mode);
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
    <Form onSubmit={submit} isPending={change.isPending}>
      {change.error && (
        <Banner tone="bad">
          {isCode(change.error, 'wrong_password') ? t('password.wrongCurrent') : errorText(change.error, t)}
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
        description={t('password.rule', { count: shortest })}
        autoComplete="new-password"
        rules={{
          minLength: { value: shortest, message: t('password.tooShort', { count: shortest }) },
          required: t('password.missing'),
          validate: {
            tooLong: (value) => !isTooLong(value) || t('password.tooLong', { count: LONGEST_PASSWORD }),
            same: (value) => value !== getValues('currentPassword') || t('password.same'),
          },
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
