/** Why joining did not work, on the page where it was tried, and the way out where there is one. */
import { useTranslation } from 'react-i18next';
import { SignInLink } from '../app/SignInLink';
import { Button } from '../ui/Button';
import { Banner } from '../ui/Surface';
import type { Problem } from '../app/roomProblem';
import { canForce } from './problem';

export function ProblemBanner({ problem, onForce }: { problem: Problem; onForce: () => void }) {
  const { t } = useTranslation();
  const { kind, message } = problem;
  const force = canForce(problem) && <Button onPress={onForce}>{t('join.problem.force')}</Button>;
  return (
    <Banner tone="bad" action={kind === 'login' ? <SignInLink /> : force}>
      {t(`join.problem.${kind}.title`)}. {t(`join.problem.${kind}.text`, { message })}
    </Banner>
  );
}
