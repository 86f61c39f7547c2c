/** Signing in to the console. */
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useForget, useLogin, useSession, useWasLost } from '../../api/auth';
import { useInfo } from '../../api/box';
import { isStatus } from '../../api/errors';
import { Centered } from '../../app/Centered';
import { errorText } from '../../app/errorText';
import { GoTo } from '../../app/GoTo';
import { paths } from '../../app/paths';
import { safeNext } from '../../lib/links';
import { Button } from '../../ui/Button';
import { Form, FormTextField } from '../../ui/Form';
import { Banner } from '../../ui/Surface';

export function LoginPage() {
  const { t } = useTranslation();
  const session = useSession();
  const info = useInfo();
  const login = useLogin();
  const isLost = useWasLost();
  useForget();
  const [search] = useSearchParams();
  const { control, handleSubmit } = useForm({ defaultValues: { userId: '', password: '' } });
  if (session) {
    const next = safeNext(search.get('next'));
    return <GoTo to={session.mustChangePassword ? paths.changePasswordThen(next) : next} />;
  }
  return (
    <Centered title={t('login.title')}>
      <p>{t('login.subtitle')}</p>
      <Form onSubmit={handleSubmit((body) => login.mutate(body))} isPending={login.isPending}>
        {!login.error && isLost && <Banner>{t('login.lost')}</Banner>}
        {login.error && (
          <Banner tone="bad">{isStatus(login.error, 401, 404) ? t('login.wrong') : errorText(login.error, t)}</Banner>
        )}
        <FormTextField
          control={control}
          name="userId"
          label={t('login.user')}
          autoComplete="username"
          autoFocus
          rules={{ required: t('login.userMissing') }}
        />
        <FormTextField
          control={control}
          name="password"
          type="password"
          label={t('login.password')}
          autoComplete="current-password"
          rules={{ required: t('login.passwordMissing') }}
        />
        <Button type="submit" variant="primary" size="large" wide isPending={login.isPending}>
          {t('login.submit')}
        </Button>
      </Form>
      {info.data?.mode === 'demo' && <p>{t('login.demo')}</p>}
    </Centered>
  );
}
