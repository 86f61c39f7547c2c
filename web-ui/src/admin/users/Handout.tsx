/** What an administrator passes on to a person whose password was set just now. */
import { useTranslation } from 'react-i18next';
import { CopyField } from '../../ui/Share';
import { ShownOnce } from '../ShownOnce';

export interface HandoutProps {
  name: string;
  userId: string;
  password: string;
  onClose: () => void;
}

export function Handout({ name, userId, password, onClose }: HandoutProps) {
  const { t } = useTranslation();
  return (
    <ShownOnce onClose={onClose}>
      <p>{t('users.handOut', { name })}</p>
      <CopyField value={userId} copyLabel={t('users.copyUser')} copiedLabel={t('app.copied')} autoFocus />
      <CopyField value={password} copyLabel={t('users.copyPassword')} copiedLabel={t('app.copied')} />
    </ShownOnce>
  );
}
