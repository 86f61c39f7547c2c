/** A secret that is shown this one time: it goes away by its buttons only. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button';
import { useModalHold } from '../ui/modalHold';

export function ShownOnce({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  useModalHold('once');
  return (
    <>
      {children}
      <div>
        <Button variant="primary" onPress={onClose}>
          {t('form.done')}
        </Button>
      </div>
    </>
  );
}
