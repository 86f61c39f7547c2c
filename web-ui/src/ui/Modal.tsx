/** Dialogs: one to show something, one to ask before something is done. */
import { X } from 'lucide-react';
import { useContext, useEffect, useState, type ReactNode } from 'react';
import { Dialog, Heading, Modal as AriaModal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './Button';
import styles from './Modal.module.css';
import { createHolder, ModalHold, useModalHold, type Hold } from './modalHold';

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
        <CloseButton label={closeLabel} onClose={onClose} />
      </div>
      <div className={styles.body}>{children}</div>
    </Frame>
  );
}

function CloseButton({ label, onClose }: { label: string; onClose: () => void }) {
  const holder = useContext(ModalHold);
  const close = () => holder?.get() !== 'busy' && onClose();
  return <IconButton label={label} icon={<X size={20} aria-hidden />} onPress={close} size="small" />;
}

export interface ConfirmProps {
  title: string;
  confirmLabel: string;
  cancelLabel: string;
  isOpen: boolean;
  isPending?: boolean;
  /** False while it is not known yet what is asked about. */
  isReady?: boolean;
  /** It can be undone as easily: then it is no red button. */
  isHarmless?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm(props: ConfirmProps) {
  const {
    title,
    confirmLabel,
    cancelLabel,
    isOpen,
    isPending,
    isReady = true,
    isHarmless,
    onConfirm,
    onClose,
    children,
  } = props;
  return (
    <Frame isOpen={isOpen} onClose={onClose} role="alertdialog">
      <Held as={isPending ? 'busy' : 'typed'} />
      <div className={styles.head}>
        <Heading slot="title" className={styles.title ?? ''}>
          {title}
        </Heading>
      </div>
      <div className={styles.body}>{children}</div>
      <div className={styles.actions}>
        <Button onPress={onClose} isDisabled={isPending ?? false} autoFocus>
          {cancelLabel}
        </Button>
        <Button
          variant={isHarmless ? 'primary' : 'danger'}
          onPress={onConfirm}
          isPending={isPending ?? false}
          isDisabled={!isReady}
        >
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

function Held({ as }: { as: Hold }) {
  useModalHold(as);
  return null;
}

/** Where the keyboard was before the first of dialogs that follow each other. */
let origin: Element | undefined;

function noteOrigin(): void {
  const { activeElement } = document;
  const isPage = activeElement !== null && activeElement !== document.body;
  if (isPage && !activeElement.closest('[role="dialog"], [role="alertdialog"]')) origin = activeElement;
}

/** A dialog that takes the place of another cannot give the focus back to it: then it goes to where it all began. */
function Origin() {
  useState(noteOrigin);
  useEffect(
    () => () => {
      // After React Aria has tried.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (document.activeElement !== document.body) return;
          const page = origin?.isConnected ? origin : document.getElementById('main');
          if (page instanceof HTMLElement) page.focus({ preventScroll: true });
        }),
      );
    },
    [],
  );
  return null;
}

function Frame({ isOpen, onClose, role, children }: FrameProps) {
  const [holder] = useState(createHolder);
  return (
    <ModalHold value={holder}>
      {isOpen && <Origin />}
      <ModalOverlay
        isOpen={isOpen}
        onOpenChange={(open) => !open && ['free', 'typed'].includes(holder.get()) && onClose()}
        isDismissable={role === 'dialog'}
        shouldCloseOnInteractOutside={() => holder.get() === 'free'}
        className={styles.overlay ?? ''}
      >
        <AriaModal className={styles.modal ?? ''}>
          <Dialog role={role} className={styles.dialog ?? ''}>
            {children}
          </Dialog>
        </AriaModal>
      </ModalOverlay>
    </ModalHold>
  );
}
