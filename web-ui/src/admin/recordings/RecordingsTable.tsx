/** Recordings as rows; on a narrow screen as cards. */
import { Download, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Recording } from '../../api/model';
import { recordingUrl } from '../../api/recordings';
import { formatBytes, formatDate, formatDuration } from '../../lib/format';
import { IconButton } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { IconLink } from '../../ui/IconLink';
import { StatusPill } from './StatusPill';
import styles from './Recordings.module.css';

export interface RecordingsTableProps {
  recordings: Recording[];
  canDelete: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onDelete: (id: string) => void;
  hrefOf: (recording: Recording) => string;
}

export function RecordingsTable(props: RecordingsTableProps) {
  const { t } = useTranslation();
  const { recordings, canDelete, selected, onSelect } = props;
  const deletable = recordings.filter(isOver).map((one) => one.recordingId);
  const all = deletable.length > 0 && deletable.every((id) => selected.has(id));
  const some = deletable.some((id) => selected.has(id));
  return (
    <div className={styles.panel}>
      <table className={styles.table} aria-label={t('recordings.list')}>
        <thead>
          <tr>
            {canDelete && (
              <th scope="col">
                <Checkbox
                  label={t('recordings.selectAll')}
                  hideLabel
                  isSelected={all}
                  isIndeterminate={some && !all}
                  onChange={(on) => onSelect(new Set(on ? deletable : []))}
                />
              </th>
            )}
            <th scope="col">{t('recordings.room')}</th>
            <th scope="col">{t('recordings.date')}</th>
            <th scope="col">{t('recordings.duration')}</th>
            <th scope="col">{t('recordings.size')}</th>
            <th scope="col">{t('recordings.status')}</th>
            <th scope="col">
              <span className="sr-only">{t('recordings.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {recordings.map((one) => (
            <Row key={one.recordingId} recording={one} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: RecordingsTableProps & { recording: Recording }) {
  const { t } = useTranslation();
  const { recording, canDelete, selected, onSelect, hrefOf } = props;
  const { recordingId: id, duration, size, startDate, roomName: room } = recording;
  const date = startDate ? formatDate(startDate) : '–';
  const toggle = (on: boolean) => {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    onSelect(next);
  };
  return (
    <tr data-selected={selected.has(id) || undefined}>
      {canDelete && (
        <td data-col="tick">
          {isOver(recording) && (
            <Checkbox
              label={t('recordings.select', { room, date })}
              hideLabel
              isSelected={selected.has(id)}
              onChange={toggle}
            />
          )}
        </td>
      )}
      <td data-col="name">
        <Link to={hrefOf(recording)} className={styles.name ?? ''}>
          <Thumbnail recording={recording} />
          <span>{room}</span>
        </Link>
      </td>
      <td data-col="date">{date}</td>
      <td data-col="duration" data-label={t('recordings.duration')} className={styles.number}>
        {duration === undefined ? '–' : formatDuration(duration)}
      </td>
      <td data-col="size" data-label={t('recordings.size')} className={styles.number}>
        {size === undefined ? '–' : formatBytes(size)}
      </td>
      <td data-col="status">
        <StatusPill status={recording.status} />
      </td>
      <td data-col="actions">
        <RowActions {...props} date={date} canDelete={canDelete} />
      </td>
    </tr>
  );
}

function RowActions(props: RecordingsTableProps & { recording: Recording; date: string }) {
  const { t } = useTranslation();
  const { recording, canDelete, date, onDelete, hrefOf } = props;
  const { recordingId: id, roomName: room } = recording;
  return (
    <div className={styles.rowActions}>
      {isPlayable(recording) && (
        <>
          <IconLink
            label={t('recordings.playOne', { room, date })}
            icon={<Play size={18} aria-hidden />}
            href={hrefOf(recording)}
          />
          <IconLink
            label={t('recordings.downloadOne', { room, date })}
            icon={<Download size={18} aria-hidden />}
            href={recordingUrl(recording, 'download')}
            download
          />
        </>
      )}
      {canDelete && isOver(recording) && (
        <IconButton
          label={t('recordings.deleteOne', { room, date })}
          icon={<Trash2 size={18} aria-hidden />}
          onPress={() => onDelete(id)}
        />
      )}
    </div>
  );
}

function Thumbnail({ recording }: { recording: Recording }) {
  const [missing, setMissing] = useState(false);
  return (
    <span className={styles.thumb}>
      {isPlayable(recording) && recording.hasThumbnail !== false && !missing && (
        <img src={recordingUrl(recording, 'thumbnail')} alt="" loading="lazy" onError={() => setMissing(true)} />
      )}
      <Play size={20} fill="currentColor" aria-hidden />
    </span>
  );
}

export function isPlayable({ status }: Recording): boolean {
  return status === 'complete' || status === 'limit_reached';
}

/** Nothing writes to it any more, so it can be deleted. */
export function isOver({ status }: Recording): boolean {
  return status !== 'starting' && status !== 'active' && status !== 'ending';
}
