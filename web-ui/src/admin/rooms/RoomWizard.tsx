/** Sets a room up before it is made: who may join, what is possible, and all of it once more to read (features R6). */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/Button';
import { Switch } from '../../ui/Switch';
import { DialogForm } from '../DialogForm';
import { ConfigFields, isInRange } from './ConfigFields';
import { WAYS, type RoomDraft } from './newRoom';
import styles from './Room.module.css';
import { RoomReview } from './RoomReview';

const STEPS = ['access', 'config', 'review'] as const;

export interface RoomWizardProps {
  draft: RoomDraft;
  onDraft: (draft: RoomDraft) => void;
  isPending: boolean;
  error: Error | null;
  /** To the name. */
  onBack: () => void;
  onDone: () => void;
}

export function RoomWizard({ draft, onDraft, isPending, error, onBack, onDone }: RoomWizardProps) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const step = STEPS[at] ?? 'review';
  const isLast = step === 'review';
  // Each step is read from its title on.
  useEffect(() => heading.current?.focus(), [at]);
  const next = () => {
    if (isLast) onDone();
    else if (step !== 'config' || isInRange(draft.config)) setAt(at + 1);
  };
  return (
    <DialogForm
      submitLabel={t(isLast ? 'form.create' : 'wizard.next')}
      isPending={isPending}
      error={error}
      onSubmit={next}
      back={
        <Button onPress={at === 0 ? onBack : () => setAt(at - 1)} isDisabled={isPending}>
          {t('wizard.back')}
        </Button>
      }
    >
      <h3 ref={heading} tabIndex={-1} className={styles.step}>
        {t(`wizard.${step}`)}
        <small>{t('wizard.step', { at: at + 2, of: STEPS.length + 1 })}</small>
      </h3>
      {step === 'access' && <Access draft={draft} onDraft={onDraft} />}
      {step === 'config' && (
        <ConfigFields draft={draft.config} onDraft={(config) => onDraft({ ...draft, config })} isDisabled={false} />
      )}
      {step === 'review' && <RoomReview draft={draft} />}
    </DialogForm>
  );
}

function Access({ draft, onDraft }: Pick<RoomWizardProps, 'draft' | 'onDraft'>) {
  const { t } = useTranslation();
  const { links } = draft;
  return (
    <>
      {WAYS.map((way) => (
        <Switch
          key={way}
          label={t(`access.${way}`)}
          description={t(`access.${way}Text`)}
          isSelected={links[way]}
          onChange={(on) => onDraft({ ...draft, links: { ...links, [way]: on } })}
        />
      ))}
      <p className={styles.muted}>{t('wizard.accessText')}</p>
    </>
  );
}
