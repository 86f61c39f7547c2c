/** After the meeting: why it ended, and the way back. */
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/auth';
import { Centered } from '../app/Centered';
import { paths } from '../app/paths';
import { Button, LinkButton } from '../ui/Button';
import { Spinner } from '../ui/Spinner';
import styles from './Prejoin.module.css';
import { ProblemBanner } from './ProblemBanner';
import type { JoinState } from './useJoin';

export interface LeftPageProps {
  state: Extract<JoinState, { stage: 'left' }>;
  onRejoin: (force?: boolean) => void;
}

export function LeftPage({ state, onRejoin }: LeftPageProps) {
  const { t } = useTranslation();
  const session = useSession();
  const { reason, attempt, problem } = state;
  return (
    <Centered
      title={t(`left.reason.${reason}.title`)}
      actions={
        <>
          <Button variant="primary" onPress={() => onRejoin()} autoFocus>
            {t('left.rejoin')}
          </Button>
          {session && <LinkButton href={paths.overview}>{t('left.home')}</LinkButton>}
        </>
      }
    >
      <p>{t(`left.reason.${reason}.text`)}</p>
      {attempt !== undefined && (
        <p className={styles.waiting} role="status">
          <Spinner small />
          {t('left.autoRejoin')}
        </p>
      )}
      {problem && <ProblemBanner problem={problem} onForce={() => onRejoin(true)} />}
    </Centered>
  );
}
