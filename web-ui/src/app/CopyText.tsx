/** Something to be copied, with the words for it. */
import { useTranslation } from 'react-i18next';
import { CopyField } from '../ui/Share';

export interface CopyTextProps {
  value: string;
  /** Where several stand together: what the button copies. */
  label?: string;
  autoFocus?: boolean;
}

export function CopyText({ value, label, autoFocus = false }: CopyTextProps) {
  const { t } = useTranslation();
  const words = {
    copyLabel: label ?? t('app.copy'),
    copiedLabel: t('app.copied'),
    failedLabel: t('app.copyFailed'),
  };
  return <CopyField value={value} autoFocus={autoFocus} {...words} />;
}
