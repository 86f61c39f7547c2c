/** How full the disk is. */
import { useTranslation } from 'react-i18next';
import type { Disk } from '../../api/model';
import { formatBytes } from '../../lib/format';
import { Meter } from '../../ui/Meter';
import { Banner, Card } from '../../ui/Surface';

/** Warn when less than this much beyond the reserve is left. */
const SCARCE_BYTES = 1_000_000_000;

export function StorageCard({ disk }: { disk: Disk }) {
  const { t } = useTranslation();
  const other = Math.max(0, disk.totalBytes - disk.freeBytes - disk.recordingsBytes);
  const usable = Math.max(0, disk.freeBytes - disk.reserveBytes);
  return (
    <Card title={t('overview.disk')}>
      {usable < SCARCE_BYTES && <Banner tone="warn">{t('overview.diskFull')}</Banner>}
      <Meter
        label={t('overview.diskLabel')}
        parts={[
          part(t('overview.diskRecordings'), disk.recordingsBytes, 'accent'),
          part(t('overview.diskOther'), other, 'neutral'),
          part(t('overview.diskReserve'), Math.min(disk.reserveBytes, disk.freeBytes), 'warn'),
          part(t('overview.diskFree'), usable, 'empty'),
        ]}
      />
    </Card>
  );
}

function part(label: string, value: number, tone: 'accent' | 'neutral' | 'warn' | 'empty') {
  return { label, value, text: formatBytes(value), tone };
}
