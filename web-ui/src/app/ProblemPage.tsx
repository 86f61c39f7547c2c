/** A link that leads nowhere, in clear words. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Centered } from './Centered';
import { SignInLink } from './SignInLink';
import { Button } from '../ui/Button';
import type { Problem } from './roomProblem';

const RETRY_MS = 5000;

export function ProblemPage({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { t } = useTranslation();
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
          {kind === 'login' && <SignInLink isPrimary />}
          {onRetry && kind !== 'login' && <Button onPress={onRetry}>{t('app.retry')}</Button>}
        </>
      }
    >
      <p>{t(`join.problem.${kind}.text`, { message })}</p>
    </Centered>
  );
}
