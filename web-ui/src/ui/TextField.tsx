/** Fields for text, passwords and searching. */
import { Search, X } from 'lucide-react';
import type { Ref } from 'react';
import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  SearchField as AriaSearchField,
  Text,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from 'react-aria-components';
import styles from './Field.module.css';

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'style' | 'children'> {
  label: string;
  description?: string | undefined;
  /** Shown under the field and makes it invalid. */
  error?: string | undefined;
  inputRef?: Ref<HTMLInputElement>;
}

export function TextField({ label, description, error, inputRef, ...props }: TextFieldProps) {
  return (
    <AriaTextField {...props} isInvalid={error !== undefined} className={styles.field ?? ''}>
      <Label className={styles.label ?? ''}>{label}</Label>
      <Input {...(inputRef ? { ref: inputRef } : {})} className={styles.input ?? ''} />
      {description && (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>{error}</FieldError>
    </AriaTextField>
  );
}

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** The label is spoken and shown as the placeholder. Enter is for the search alone, never for the form around it. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      onSubmit={() => undefined}
      className={styles.field ?? ''}
    >
      <div className={styles.box}>
        <Search size={18} aria-hidden className={styles.leading} />
        <Input className={styles.input ?? ''} placeholder={label} />
        <AriaButton className={styles.clear ?? ''}>
          <X size={16} aria-hidden />
        </AriaButton>
      </div>
    </AriaSearchField>
  );
}
