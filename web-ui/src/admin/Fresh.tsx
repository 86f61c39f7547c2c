/** What a dialog is about, read anew when it opens: it is changed as it is now. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../app/errorText';
import { Loading } from '../ui/Spinner';
import { Banner } from '../ui/Surface';

export interface FreshProps<T> {
  query: { data: T | undefined; error: Error | null };
  children: (data: T) => ReactNode;
}

export function Fresh<T>({ query: { data, error }, children }: FreshProps<T>) {
  const { t } = useTranslation();
  return (
    <>
      {error && <Banner tone="bad">{errorText(error, t)}</Banner>}
      {data === undefined && !error && <Loading label={t('app.loading')} />}
      {data !== undefined && children(data)}
    </>
  );
}
