/** A link to pass on: as text with a copy button, and as a QR code. */
import { Check, Copy } from 'lucide-react';
import { QRCodeSVG } from 'qrcode.react';
import { useEffect, useState } from 'react';
import { copyText } from '../lib/clipboard';
import { Button } from './Button';
import styles from './Share.module.css';

export interface CopyFieldProps {
  value: string;
  copyLabel: string;
  copiedLabel: string;
  /** Said where the browser did not copy it. */
  failedLabel: string;
  autoFocus?: boolean;
}

export function CopyField({ value, copyLabel, copiedLabel, failedLabel, autoFocus = false }: CopyFieldProps) {
  const [copied, setCopied] = useState(false);
  const [failed, setFailed] = useState(false);
  const copy = async () => {
    const done = await copyText(value);
    setCopied(done);
    setFailed(!done);
  };
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className={styles.copy}>
      <div className={styles.value}>
        <span>{value}</span>
      </div>
      <Button
        autoFocus={autoFocus}
        icon={copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
        onPress={() => void copy()}
      >
        <span aria-live="polite">{copied ? copiedLabel : copyLabel}</span>
      </Button>
      <p className={styles.failed} role="status">
        {failed && failedLabel}
      </p>
    </div>
  );
}

/** Dark on white in both schemes: scanners want it so. */
export function QrCode({ value, label, size = 148 }: { value: string; label: string; size?: number }) {
  return (
    <div className={styles.qr} role="img" aria-label={label}>
      <QRCodeSVG value={value} size={size} marginSize={0} aria-hidden />
    </div>
  );
}
