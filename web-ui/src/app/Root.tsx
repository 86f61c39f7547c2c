/** What surrounds every page: banner, toasts, navigation of links, document language. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { RouterProvider as AriaRouter } from '../ui/RouterLink';
import { useTranslation } from 'react-i18next';
import { Outlet, ScrollRestoration, useLocation, useNavigate } from 'react-router';
import { keys } from '../api/keys';
import { subscribeRefusals } from '../api/refusals';
import { Toasts } from '../ui/Toasts';
import { dismissErrors } from '../ui/toastStore';
import { OfflineBanner } from './OfflineBanner';

/** Who was refused something may have another role now: menu and buttons follow. */
function useRightsAsTheyAre(): void {
  const client = useQueryClient();
  useEffect(() => subscribeRefusals(() => void client.invalidateQueries({ queryKey: keys.me })), [client]);
}

export function Root() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  useRightsAsTheyAre();
  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);
  useEffect(() => dismissErrors, [pathname]);
  return (
    <AriaRouter navigate={(to) => void navigate(to)}>
      <OfflineBanner />
      <Outlet />
      <Toasts label={t('app.messages')} closeLabel={t('app.close')} />
      <ScrollRestoration />
    </AriaRouter>
  );
}
