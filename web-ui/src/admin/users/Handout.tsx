/** What an administrator passes on to a person whose password was set just now. */
import { useTranslation } from 'react-i18next';
import { CopyText } from '../../app/CopyText';
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
      <CopyText value={userId} label={t('users.copyUser')} autoFocus />
      <CopyText value={password} label={t('users.copyPassword')} />
    </ShownOnce>
  );
}
