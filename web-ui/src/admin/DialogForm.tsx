/** The form in a dialog: why it did not work, and that nothing typed is lost by a press beside it or while it is sent. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isStatus } from '../api/errors';
import { errorText } from '../app/errorText';
import { Button } from '../ui/Button';
import { Form } from '../ui/Form';
import { useModalHold } from '../ui/modalHold';
import { Banner } from '../ui/Surface';
import styles from './DialogForm.module.css';

export interface DialogFormProps {
  submitLabel: string;
  isPending: boolean;
  /** There is nothing to send. */
  isDisabled?: boolean;
  error: Error | null;
  /** Words for errors that this form knows better; empty where a field says it. */
  words?: (error: Error) => string | undefined;
  /** Somebody else changed the same as is changed here. */
  clash?: boolean;
  onSubmit: () => unknown;
  /** Buttons before and after it. */
  back?: ReactNode;
  more?: ReactNode;
  children: ReactNode;
}

export function DialogForm(props: DialogFormProps) {
  const { t } = useTranslation();
  const { submitLabel, isPending, isDisabled = false, error, words, clash, onSubmit, back, more, children } = props;
  useModalHold(isPending ? 'busy' : 'typed');
  const usual = error && (isStatus(error, 412) ? t('form.stale') : errorText(error, t));
  const said = (error && words?.(error)) ?? usual;
  return (
    <Form onSubmit={onSubmit} isPending={isPending} error={error}>
      {children}
      <div className={styles.foot}>
        {said && <Banner tone="bad">{said}</Banner>}
        {clash && <Banner tone="warn">{t('form.clash')}</Banner>}
        <div className={styles.buttons}>
          {back}
          <Button type="submit" variant="primary" isPending={isPending} isDisabled={isDisabled}>
            {submitLabel}
          </Button>
          {more}
        </div>
      </div>
    </Form>
  );
}
