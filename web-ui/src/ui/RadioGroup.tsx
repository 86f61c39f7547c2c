/** A choice of one whose options need a line each. */
import { Label, Radio, RadioGroup as AriaRadioGroup } from 'react-aria-components';
import styles from './Field.module.css';

export interface RadioGroupProps<K extends string> {
  label: string;
  options: readonly { id: K; label: string }[];
  value: K;
  onChange: (id: K) => void;
}

export function RadioGroup<K extends string>({ label, options, value, onChange }: RadioGroupProps<K>) {
  return (
    <AriaRadioGroup className={styles.field ?? ''} value={value} onChange={(id) => onChange(id as K)}>
      <Label className={styles.label ?? ''}>{label}</Label>
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className={styles.radio ?? ''}>
          <span className={styles.dot} aria-hidden />
          {option.label}
        </Radio>
      ))}
    </AriaRadioGroup>
  );
}
