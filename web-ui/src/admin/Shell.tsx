/** The frame of the console: navigation, who is signed in. Nobody gets in without a session. */
import { Clapperboard, LayoutDashboard, LogOut, MonitorPlay, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { useLogout, useMe, useSession } from '../api/auth';
import { useBox, useBoxEvents } from '../api/box';
import { Logo } from '../app/Logo';
import { paths } from '../app/paths';
import styles from './Shell.module.css';

export function Shell() {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (!session) return <Navigate to={paths.loginThen(pathname + search)} replace />;
  if (session.mustChangePassword) return <Navigate to={paths.changePassword} replace />;
  return <Frame />;
}

function Frame() {
  const { t } = useTranslation();
  useBoxEvents();
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
        <Outlet />
      </main>
    </div>
  );
}

function Navigation() {
  const { t } = useTranslation();
  const box = useBox();
  const me = useMe();
  const logout = useLogout();
  return (
    <nav className={styles.nav} aria-label={t('app.navigation')}>
      <ul>
        <Item to={paths.overview} icon={<LayoutDashboard size={20} aria-hidden />} label={t('nav.overview')} end />
        <Item to={paths.recordings} icon={<Clapperboard size={20} aria-hidden />} label={t('nav.recordings')} />
        {box.data?.panel && (
          <Item to={paths.panel} icon={<MonitorPlay size={20} aria-hidden />} label={t('nav.panel')} />
        )}
        <li className={styles.push}>
          <div className={styles.user}>{me.data?.name}</div>
          <NavLink to={paths.profile} className={styles.link ?? ''}>
            <UserRound size={20} aria-hidden />
            {t('nav.profile')}
          </NavLink>
        </li>
        <li className={styles.onlyWide}>
          <button type="button" className={styles.link} onClick={() => logout.mutate()}>
            <LogOut size={20} aria-hidden />
            {t('nav.signOut')}
          </button>
        </li>
      </ul>
    </nav>
  );
}

function Item({ to, icon, label, end = false }: { to: string; icon: ReactNode; label: string; end?: boolean }) {
  return (
    <li>
      <NavLink to={to} end={end} className={styles.link ?? ''}>
        {icon}
        {label}
      </NavLink>
    </li>
  );
}
