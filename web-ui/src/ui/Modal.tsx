/** Dialogs: one to show something, one to ask before something is done. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal as AriaModal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './Button';
import styles from './Modal.module.css';

export interface ModalProps {
  title: string;
  closeLabel: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function Modal({ title, closeLabel, isOpen, onClose, children }: ModalProps) {
  return (
    <Frame isOpen={isOpen} onClose={onClose} role="dialog">
      <div className={styles.head}>
        <Heading slot="title" className={styles.title ?? ''}>
          {title}
        </Heading>
        <IconButton label={closeLabel} icon={<X size={20} aria-hidden />} onPress={onClose} size="small" />
      </div>
      <div className={styles.body}>{children}</div>
    </Frame>
  );
}

export interface ConfirmProps {
  title: string;
  confirmLabel: string;
  cancelLabel: string;
  isOpen: boolean;
  isPending?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm(props: ConfirmProps) {
  const { title, confirmLabel, cancelLabel, isOpen, isPending, onConfirm, onClose, children } = props;
  return (
    <Frame isOpen={isOpen} onClose={onClose} role="alertdialog">
      <div className={styles.head}>
        <Heading slot="title" className={styles.title ?? ''}>
          {title}
        </Heading>
      </div>
      <div className={styles.body}>{children}</div>
      <div className={styles.actions}>
        <Button onPress={onClose} autoFocus>
          {cancelLabel}
        </Button>
        <Button variant="danger" onPress={onConfirm} isPending={isPending ?? false}>
          {confirmLabel}
        </Button>
      </div>
    </Frame>
  );
}

interface FrameProps {
  isOpen: boolean;
  onClose: () => void;
  role: 'dialog' | 'alertdialog';
  children: ReactNode;
}

function Frame({ isOpen, onClose, role, children }: FrameProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === 'dialog'}
      className={styles.overlay ?? ''}
    >
      <AriaModal className={styles.modal ?? ''}>
        <Dialog role={role} className={styles.dialog ?? ''}>
          {children}
        </Dialog>
      </AriaModal>
    </ModalOverlay>
  );
}
