/** Where a visitor lands when there is no page, or when the page broke. */
import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { Button, LinkButton } from '../ui/Button';
import { Centered } from './Centered';
import { paths } from './paths';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Centered
      title={t('app.notFound.title')}
      actions={
        <LinkButton variant="primary" href={paths.overview}>
          {t('app.notFound.home')}
        </LinkButton>
      }
    >
      <p>{t('app.notFound.text')}</p>
    </Centered>
  );
}

export function CrashPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  return (
    <Centered
      title={t('app.crash.title')}
      actions={
        <Button variant="primary" onPress={() => location.reload()}>
          {t('app.crash.reload')}
        </Button>
      }
    >
      <p>{t('app.crash.text')}</p>
    </Centered>
  );
}
