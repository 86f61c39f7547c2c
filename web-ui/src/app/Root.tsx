/** What surrounds every page: banner, toasts, navigation of links, document language. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { RouterProvider as AriaRouter } from '../ui/RouterLink';
import { useTranslation } from 'react-i18next';
import { Outlet, ScrollRestoration, useLocation, useNavigate } from 'react-router';
import { useSession } from '../api/auth';
import { keys } from '../api/keys';
import { subscribeRefusals } from '../api/refusals';
import { userOf } from '../api/session';
import { Toasts } from '../ui/Toasts';
import { dismissErrors } from '../ui/toastStore';
import { OfflineBanner } from './OfflineBanner';

/** Who was refused something may have another role now: menu and buttons follow. */
function useRightsAsTheyAre(): void {
  const client = useQueryClient();
  useEffect(() => subscribeRefusals(() => void client.invalidateQueries({ queryKey: keys.me })), [client]);
}

/**
 * Another tab may sign in somebody else: nothing of whoever was here before is shown to them, on any page. Only who is
 * at a room's door or in its meeting stays who they are there.
 */
function useOwnData(): void {
  const client = useQueryClient();
  const session = useSession();
  const user = session && (userOf(session.accessToken) ?? '');
  const before = useRef(user);
  useEffect(() => {
    if (user === undefined) return;
    if (before.current !== undefined && before.current !== user) {
      void client.resetQueries({ predicate: (query) => query.queryKey[0] !== keys.lobbies[0] || !query.isActive() });
    }
    before.current = user;
  }, [client, user]);
}

export function Root() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  useRightsAsTheyAre();
  useOwnData();
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
