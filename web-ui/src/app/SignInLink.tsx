/** To signing in, and back to this page. */
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { LinkButton } from '../ui/Button';
import { paths } from './paths';

export function SignInLink({ isPrimary = false }: { isPrimary?: boolean }) {
  const { t } = useTranslation();
  const { pathname, search } = useLocation();
  return (
    <LinkButton variant={isPrimary ? 'primary' : 'secondary'} href={paths.loginThen(pathname + search)}>
      {t('join.problem.signIn')}
    </LinkButton>
  );
}
