/** A link that leads nowhere, in clear words. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { Centered } from './Centered';
import { paths } from './paths';
import { Button, LinkButton } from '../ui/Button';
import type { Problem } from './roomProblem';

const RETRY_MS = 5000;

export function ProblemPage({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { pathname, search } = useLocation();
  const { kind, message } = problem;
  useEffect(() => {
    if (kind !== 'unreachable' || !onRetry) return;
    const timer = setInterval(onRetry, RETRY_MS);
    return () => clearInterval(timer);
  }, [kind, onRetry]);
  return (
    <Centered
      title={t(`join.problem.${kind}.title`)}
      actions={
        <>
          {kind === 'login' && (
            <LinkButton variant="primary" href={paths.loginThen(pathname + search)}>
              {t('join.problem.signIn')}
            </LinkButton>
          )}
          {onRetry && kind !== 'login' && <Button onPress={onRetry}>{t('app.retry')}</Button>}
        </>
      }
    >
      <p>{t(`join.problem.${kind}.text`, { message })}</p>
    </Centered>
  );
}
