/** Names the browser tab while a page is shown. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isolate } from '../lib/isolate';

export function useTitle(title: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${isolate(title)} · ${t('app.name')}`;
  }, [title, t]);
}
