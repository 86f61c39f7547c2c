/** Buttons and links that look like buttons. */
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Link as AriaLink,
  Tooltip,
  TooltipTrigger,
  type ButtonProps as AriaButtonProps,
} from 'react-aria-components';
import styles from './Button.module.css';
import { classes } from './classes';
import { Spinner } from './Spinner';

type Variant = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'small' | 'large';

interface Look {
  variant?: Variant | undefined;
  size?: Size | undefined;
  wide?: boolean | undefined;
}

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'isPending'>, Look {
  icon?: ReactNode;
  /** Shows a spinner and takes no presses. */
  isPending?: boolean;
  /** Takes no presses for now; unlike a disabled one it keeps the focus. */
  isHeld?: boolean;
  /** Adds to the look, for bars with buttons of their own kind. */
  className?: string;
  children: ReactNode;
}

/** Not the library's own pending state: it announces buttons that are gone by then. */
function held({ isPending, isHeld }: Pick<ButtonProps, 'isPending' | 'isHeld'>) {
  if (!isPending && !isHeld) return {};
  const look = isPending ? {} : { 'data-held': true };
  return { type: 'button', onPress: undefined, 'aria-disabled': 'true', ...look } as const;
}

export function Button(props: ButtonProps) {
  const { variant = 'secondary', size, wide, icon, isPending, isHeld, className, children, ...rest } = props;
  return (
    <AriaButton
      {...rest}
      {...held({ isPending, isHeld })}
      className={classes(look({ variant, size, wide }), className)}
    >
      {isPending ? <Spinner small /> : icon}
      <span>{children}</span>
    </AriaButton>
  );
}

/** A button with the look of the place it stands in. */
export function PlainButton({ className, children }: { className: string; children: ReactNode }) {
  return <AriaButton className={className}>{children}</AriaButton>;
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon' | 'wide'> {
  label: string;
  icon: ReactNode;
}

/** A button with an icon only; its label is spoken and shown as a tooltip. */
export function IconButton(props: IconButtonProps) {
  const { label, icon, variant = 'quiet', size, isPending, isHeld, className, ...rest } = props;
  return (
    <TooltipTrigger delay={400} closeDelay={0}>
      <AriaButton
        {...rest}
        {...held({ isPending, isHeld })}
        aria-label={label}
        className={classes(look({ variant, size }), styles.icon, className)}
      >
        {isPending ? <Spinner small /> : icon}
      </AriaButton>
      <Tooltip className={styles.tooltip ?? ''} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

export interface LinkButtonProps extends Look {
  href: string;
  icon?: ReactNode;
  children: ReactNode;
  target?: '_blank';
  download?: boolean;
}

export function LinkButton({ variant = 'secondary', size, wide, icon, children, ...props }: LinkButtonProps) {
  return (
    <AriaLink {...props} rel={props.target ? 'noopener' : undefined} className={look({ variant, size, wide })}>
      {icon}
      <span>{children}</span>
    </AriaLink>
  );
}

function look({ variant = 'secondary', size, wide }: Look): string {
  return classes(styles.button, styles[variant], size && styles[size], wide && styles.wide);
}
