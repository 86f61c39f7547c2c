/** The console's menu: what the signed-in role has use for. On a phone a bar with the rest behind a button. */
import {
  Clapperboard,
  DoorOpen,
  Ellipsis,
  KeyRound,
  LayoutDashboard,
  LogOut,
  MonitorPlay,
  ScrollText,
  UserRound,
  UsersRound,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { NavLink, useNavigate } from 'react-router';
import { useMe } from '../api/auth';
import { useInfo } from '../api/box';
import { paths } from '../app/paths';
import { isAdmin, seesBox, type Self } from '../lib/console';
import { PlainButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { Menu } from '../ui/Menu';
import styles from './Shell.module.css';
import { useSignOut } from './useSignOut';

interface Entry {
  to: string;
  name: 'overview' | 'rooms' | 'recordings' | 'users' | 'apiKeys' | 'audit' | 'panel' | 'profile';
  icon: LucideIcon;
}

/** As many fit side by side on the narrowest phone. */
const MOST_ON_PHONE = 5;

function entriesFor(self: Self | undefined, panel: boolean): Entry[] {
  if (!self) return [];
  const entries: Entry[] = [];
  if (seesBox(self)) entries.push({ to: paths.overview, name: 'overview', icon: LayoutDashboard });
  entries.push({ to: paths.rooms, name: 'rooms', icon: DoorOpen });
  entries.push({ to: paths.recordings, name: 'recordings', icon: Clapperboard });
  if (seesBox(self)) entries.push({ to: paths.users, name: 'users', icon: UsersRound });
  if (isAdmin(self)) entries.push({ to: paths.apiKeys, name: 'apiKeys', icon: KeyRound });
  if (seesBox(self)) entries.push({ to: paths.audit, name: 'audit', icon: ScrollText });
  if (panel && isAdmin(self)) entries.push({ to: paths.panel, name: 'panel', icon: MonitorPlay });
  return entries;
}

export function Navigation() {
  const { t } = useTranslation();
  const me = useMe();
  const info = useInfo();
  const signOut = useSignOut();
  const entries = entriesFor(me.data, info.data?.panel ?? false);
  const profile: Entry = { to: paths.profile, name: 'profile', icon: UserRound };
  const all = [...entries, profile];
  const onPhone = all.length > MOST_ON_PHONE ? all.slice(0, MOST_ON_PHONE - 1) : all;
  const rest = all.slice(onPhone.length);
  return (
    <nav className={styles.nav} aria-label={t('app.navigation')}>
      <ul>
        {entries.map((entry) => (
          <Item key={entry.to} entry={entry} isHidden={rest.includes(entry)} />
        ))}
        <li className={classes(styles.push, rest.includes(profile) && styles.onlyWide)}>
          <div className={styles.user}>{me.data?.name}</div>
          <ItemLink entry={profile} />
        </li>
        <li className={styles.onlyWide}>
          <button type="button" className={styles.link} onClick={signOut.onPress}>
            <LogOut size={20} aria-hidden />
            {t('nav.signOut')}
          </button>
        </li>
        {rest.length > 0 && <More entries={rest} />}
      </ul>
      {signOut.question}
    </nav>
  );
}

function Item({ entry, isHidden }: { entry: Entry; isHidden: boolean }) {
  return (
    <li className={isHidden ? styles.onlyWide : undefined}>
      <ItemLink entry={entry} />
    </li>
  );
}

function ItemLink({ entry: { to, name, icon: Icon } }: { entry: Entry }) {
  const { t } = useTranslation();
  return (
    <NavLink to={to} end={to === paths.overview} className={styles.link ?? ''}>
      <Icon size={20} aria-hidden />
      {t(`nav.${name}`)}
    </NavLink>
  );
}

function More({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <li className={styles.onlyNarrow}>
      <Menu
        label={t('nav.more')}
        trigger={
          <PlainButton className={styles.link ?? ''}>
            <Ellipsis size={20} aria-hidden />
            {t('nav.more')}
          </PlainButton>
        }
        groups={[
          {
            entries: entries.map(({ to, name, icon: Icon }) => ({
              id: to,
              label: t(`nav.${name}`),
              icon: <Icon size={18} aria-hidden />,
              onAction: () => void navigate(to),
            })),
          },
        ]}
      />
    </li>
  );
}
