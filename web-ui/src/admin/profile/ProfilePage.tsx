/** One's own account. */
import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLogout, useMe } from '../../api/auth';
import { errorText } from '../../app/errorText';
import { useTitle } from '../../app/useTitle';
import { formatDate } from '../../lib/format';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { Loading } from '../../ui/Spinner';
import { Banner, Card } from '../../ui/Surface';
import page from '../page.module.css';
import { PasswordForm } from './PasswordForm';

export function ProfilePage() {
  const { t } = useTranslation();
  const me = useMe();
  const logout = useLogout();
  useTitle(t('profile.title'));
  return (
    <div className={classes(page.page, page.narrow)}>
      <div className={page.head}>
        <h1 className={page.grow}>{t('profile.title')}</h1>
        <Button icon={<LogOut size={18} aria-hidden />} onPress={() => logout.mutate()}>
          {t('nav.signOut')}
        </Button>
      </div>
      {me.isPending && <Loading label={t('app.loading')} />}
      {me.error && <Banner tone="bad">{errorText(me.error, t)}</Banner>}
      {me.data && (
        <Card title={t('profile.account')}>
          <dl className={page.facts}>
            <dt>{t('profile.name')}</dt>
            <dd>{me.data.name}</dd>
            <dt>{t('profile.user')}</dt>
            <dd>{me.data.userId}</dd>
            <dt>{t('profile.role')}</dt>
            <dd>{t(`profile.roles.${me.data.role}`)}</dd>
            <dt>{t('profile.since')}</dt>
            <dd>{formatDate(me.data.registrationDate)}</dd>
          </dl>
        </Card>
      )}
      <Card title={t('password.title')}>
        <PasswordForm />
      </Card>
    </div>
  );
}
