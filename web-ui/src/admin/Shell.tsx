/** The frame of the console: navigation, who is signed in. Nobody gets in without a session. */
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation } from 'react-router';
import { useMe, useSession } from '../api/auth';
import { useBoxEvents } from '../api/box';
import { errorText } from '../app/errorText';
import { GoTo } from '../app/GoTo';
import { Logo } from '../app/Logo';
import { paths } from '../app/paths';
import { seesBox } from '../lib/console';
import { Button } from '../ui/Button';
import { Banner } from '../ui/Surface';
import { Navigation } from './Navigation';
import styles from './Shell.module.css';

export function Shell() {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (!session) return <GoTo to={paths.loginThen(pathname + search)} />;
  if (session.mustChangePassword) return <GoTo to={paths.changePasswordThen(pathname + search)} />;
  return <Frame />;
}

function Frame() {
  const { t } = useTranslation();
  const me = useMe();
  useBoxEvents(seesBox(me.data));
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t('app.skip')}
      </a>
      <header className={styles.side}>
        <div className={styles.brand}>
          <Logo />
          {t('app.name')}
        </div>
        <Navigation />
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {me.error && !me.data && (
          <Banner tone="bad" action={<Button onPress={() => void me.refetch()}>{t('app.retry')}</Button>}>
            {errorText(me.error, t)}
          </Banner>
        )}
        <Outlet />
      </main>
    </div>
  );
}
