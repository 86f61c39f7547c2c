/** Where the console opens: how the box is for those who see that, their rooms for all others. */
import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';
import { useMe } from '../api/auth';
import { errorText } from '../app/errorText';
import { paths } from '../app/paths';
import { seesBox } from '../lib/console';
import { Loading } from '../ui/Spinner';
import { Banner } from '../ui/Surface';
import { OverviewPage } from './overview/OverviewPage';

export function StartPage() {
  const { t } = useTranslation();
  const me = useMe();
  if (me.error) return <Banner tone="bad">{errorText(me.error, t)}</Banner>;
  if (!me.data) return <Loading label={t('app.loading')} />;
  return seesBox(me.data) ? <OverviewPage /> : <Navigate to={paths.rooms} replace />;
}
