/** Where the console opens: how the box is for those who see that, their rooms for all others. */
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/auth';
import { GoTo } from '../app/GoTo';
import { paths } from '../app/paths';
import { seesBox } from '../lib/console';
import { Loading } from '../ui/Spinner';
import { OverviewPage } from './overview/OverviewPage';

export function StartPage() {
  const { t } = useTranslation();
  const me = useMe();
  // The frame says why it is not known who is here.
  if (!me.data) return me.error ? null : <Loading label={t('app.loading')} />;
  return seesBox(me.data) ? <OverviewPage /> : <GoTo to={paths.rooms} />;
}
