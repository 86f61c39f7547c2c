/** A list of recordings. Where they come from is up to the caller. */
import { Clapperboard } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { isStatus } from '../../api/errors';
import type { Recording } from '../../api/model';
import { useRecordings } from '../../api/recordings';
import { formatBytes, formatDate, formatDuration } from '../../lib/format';
import { isolate } from '../../lib/isolate';
import type { Column } from '../../ui/DataTable';
import { Empty } from '../../ui/Surface';
import { BulkDelete } from '../list/BulkDelete';
import { ListView } from '../list/ListView';
import { useListState } from '../list/useListState';
import { DeleteDialog } from './DeleteDialog';
import { RecordingActions } from './RecordingActions';
import styles from './Recordings.module.css';
import { StatusPill } from './StatusPill';
import { isDeletable } from './status';
import { Thumbnail } from './Thumbnail';
import { useRefused } from './useRefused';

const ORDERS = {
  newest: { sortField: 'startDate', sortOrder: 'desc' },
  oldest: { sortField: 'startDate', sortOrder: 'asc' },
  byName: { sortField: 'roomName', sortOrder: 'asc' },
  longest: { sortField: 'duration', sortOrder: 'desc' },
  largest: { sortField: 'size', sortOrder: 'desc' },
} as const;

export interface RecordingsListProps {
  memberToken?: string;
  roomId?: string;
  canDelete: boolean;
  searchable?: boolean;
  /** The member token is taken no more. */
  onRefused?: () => void;
  hrefOf: (recording: Recording) => string;
}

export function RecordingsList(props: RecordingsListProps) {
  const { memberToken, roomId, canDelete, searchable, onRefused, hrefOf } = props;
  const { t } = useTranslation();
  const state = useListState(ORDERS, 'newest');
  const [deleting, setDeleting] = useState<string[]>();
  const recordings = useRecordings({ ...state.query, roomId }, memberToken);
  useRefused(recordings.error, onRefused);
  return (
    <>
      <ListView
        label={t('recordings.list')}
        state={state}
        source={recordings}
        words={(error) => (roomId && isStatus(error, 403) ? t('recordings.forbiddenRoom') : undefined)}
        columns={useColumns(hrefOf)}
        keyOf={(one) => one.recordingId}
        nameOf={(one) => `${isolate(one.roomName)}, ${dateOf(one)}`}
        {...(searchable ? { searchLabel: t('recordings.search') } : {})}
        canTick={isDeletable}
        {...(canDelete
          ? {
              bulk: (chosen: Recording[]) => (
                <BulkDelete
                  label={t('list.deleteSelected')}
                  onPress={() => setDeleting(chosen.map((one) => one.recordingId))}
                />
              ),
            }
          : {})}
        actions={(one) => (
          <RecordingActions
            recording={one}
            date={dateOf(one)}
            href={hrefOf(one)}
            onDelete={canDelete ? () => setDeleting([one.recordingId]) : undefined}
          />
        )}
        empty={
          <Empty icon={<Clapperboard aria-hidden />} title={t('recordings.empty')}>
            <p>{t('recordings.emptyText')}</p>
          </Empty>
        }
      />
      <DeleteDialog
        ids={deleting}
        {...(memberToken ? { memberToken } : {})}
        onClose={() => setDeleting(undefined)}
        onDone={state.restart}
      />
    </>
  );
}

function dateOf({ startDate }: Recording): string {
  return startDate ? formatDate(startDate) : '–';
}

function useColumns(hrefOf: (recording: Recording) => string): Column<Recording>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'room',
      title: t('recordings.room'),
      main: true,
      cell: (one) => (
        <Link to={hrefOf(one)} className={styles.name ?? ''}>
          <Thumbnail recording={one} />
          <bdi>{one.roomName}</bdi>
        </Link>
      ),
    },
    { id: 'date', title: t('recordings.date'), plain: true, cell: dateOf },
    {
      id: 'duration',
      title: t('recordings.duration'),
      cell: ({ duration }) => <Figure text={duration === undefined ? '–' : formatDuration(duration)} />,
    },
    {
      id: 'size',
      title: t('recordings.size'),
      cell: ({ size }) => <Figure text={size === undefined ? '–' : formatBytes(size)} />,
    },
    {
      id: 'status',
      title: t('recordings.status'),
      plain: true,
      cell: ({ status }) => <StatusPill status={status} />,
    },
  ];
}

function Figure({ text }: { text: string }) {
  return <span className={styles.number}>{text}</span>;
}
