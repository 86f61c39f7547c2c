/** Leads to another page, and says that it is under way while that one is fetched. */
import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';
import { Loading } from '../ui/Spinner';

/** The page this stands in is no place to come back to. */
export function GoTo({ to }: { to: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Navigate to={to} replace />
      <Loading label={t('app.loading')} />
    </>
  );
}
