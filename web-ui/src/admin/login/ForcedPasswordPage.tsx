/** First sign-in with a password somebody else has set (features U4). */
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useLogout, useSession } from '../../api/auth';
import { Centered } from '../../app/Centered';
import { GoTo } from '../../app/GoTo';
import { paths } from '../../app/paths';
import { safeNext } from '../../lib/links';
import { Button } from '../../ui/Button';
import { PasswordForm } from '../profile/PasswordForm';

export function ForcedPasswordPage() {
  const { t } = useTranslation();
  const session = useSession();
  const logout = useLogout();
  const [search] = useSearchParams();
  if (!session) return <GoTo to={paths.login} />;
  if (!session.mustChangePassword) return <GoTo to={safeNext(search.get('next'))} />;
  return (
    <Centered
      title={t('password.forcedTitle')}
      actions={
        <Button variant="quiet" onPress={() => logout.mutate()}>
          {t('nav.signOut')}
        </Button>
      }
    >
      <p>{t('password.forcedText')}</p>
      <PasswordForm />
    </Centered>
  );
}
