/** What an administrator passes on to a person whose password was set just now. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { CopyField } from '../../ui/Share';

export interface HandoutProps {
  name: string;
  userId: string;
  password: string;
  onClose: () => void;
}

export function Handout({ name, userId, password, onClose }: HandoutProps) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t('users.handOut', { name })}</p>
      <CopyField value={userId} copyLabel={t('users.copyUser')} copiedLabel={t('app.copied')} />
      <CopyField value={password} copyLabel={t('users.copyPassword')} copiedLabel={t('app.copied')} />
      <div>
        <Button variant="primary" onPress={onClose}>
          {t('users.done')}
        </Button>
      </div>
    </>
  );
}
