/** Fields bound to react-hook-form. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Controller, type Control, type FieldPath, type FieldValues, type RegisterOptions } from 'react-hook-form';
import styles from './Form.module.css';
import { TextField, type TextFieldProps } from './TextField';

export interface FormProps {
  onSubmit: () => unknown;
  /** What was sent is under way: Enter does not send it again. */
  isPending: boolean;
  /** What came of sending it: a field may be wrong by it. */
  error?: Error | null;
  children: ReactNode;
}

/** Whoever sends it with something wrong in it is led to the first field of that kind. */
export function Form({ onSubmit, isPending, error, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries, error]);
  const submit = async () => {
    await onSubmit();
    setTries((count) => count + 1);
  };
  return (
    <form
      ref={form}
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPending) void submit();
      }}
    >
      {children}
    </form>
  );
}

export interface FormTextFieldProps<T extends FieldValues> extends Omit<TextFieldProps, 'name' | 'value' | 'onChange'> {
  control: Control<T>;
  name: FieldPath<T>;
  rules?: Omit<RegisterOptions<T, FieldPath<T>>, 'disabled' | 'setValueAs' | 'valueAsNumber' | 'valueAsDate'>;
}

export function FormTextField<T extends FieldValues>({ control, name, rules, ...props }: FormTextFieldProps<T>) {
  return (
    <Controller
      control={control}
      name={name}
      {...(rules ? { rules } : {})}
      render={({ field, fieldState }) => (
        <TextField
          {...props}
          name={field.name}
          value={field.value}
          onChange={field.onChange}
          onBlur={field.onBlur}
          inputRef={field.ref}
          error={fieldState.error?.message ?? props.error}
        />
      )}
    />
  );
}
