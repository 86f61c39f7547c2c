/** A button that tells when it goes down and when it comes up. */
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';

export interface PressButtonProps {
  className: string;
  onDown: () => void;
  onUp: () => void;
  children: ReactNode;
  'data-key'?: string;
}

/** Leaving the button while holding it counts as letting go. Assistive technology sends both at once. */
export function PressButton({ onDown, onUp, ...props }: PressButtonProps) {
  return <AriaButton {...props} onPressStart={onDown} onPressEnd={onUp} />;
}
