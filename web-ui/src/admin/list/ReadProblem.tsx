/** What a dialog asks about could not be read: says why, and offers to try again. */
import { useTranslation } from 'react-i18next';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Banner } from '../../ui/Surface';
import type { DoomedNow } from './useDoomed';

export function ReadProblem({ problem, again }: Pick<DoomedNow<unknown>, 'problem' | 'again'>) {
  const { t } = useTranslation();
  if (!problem) return null;
  return (
    <Banner tone="bad" action={<Button onPress={again}>{t('app.retry')}</Button>}>
      {errorText(problem, t)}
    </Banner>
  );
}
