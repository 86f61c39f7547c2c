/** A list of recordings: search, order, pages, select, delete. Where they come from is up to the caller. */
import { Clapperboard, SearchX, Trash2 } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/model';
import { useRecordings, type RecordingQuery } from '../../api/recordings';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { Select } from '../../ui/Select';
import { Loading } from '../../ui/Spinner';
import { Banner, Empty } from '../../ui/Surface';
import { SearchField } from '../../ui/TextField';
import { DeleteDialog } from './DeleteDialog';
import styles from './Recordings.module.css';
import { RecordingsTable } from './RecordingsTable';

const PAGE_SIZE = 10;
const ORDERS = {
  newest: { sortField: 'startDate', sortOrder: 'desc' },
  oldest: { sortField: 'startDate', sortOrder: 'asc' },
  name: { sortField: 'roomName', sortOrder: 'asc' },
  longest: { sortField: 'duration', sortOrder: 'desc' },
  largest: { sortField: 'size', sortOrder: 'desc' },
} as const satisfies Record<string, Pick<RecordingQuery, 'sortField' | 'sortOrder'>>;
type Order = keyof typeof ORDERS;

export interface RecordingsListProps {
  memberToken?: string;
  roomId?: string;
  canDelete: boolean;
  searchable?: boolean;
  hrefOf: (recording: Recording) => string;
}

export function RecordingsList({ memberToken, roomId, canDelete, searchable, hrefOf }: RecordingsListProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<Order>('newest');
  /** Tokens of the pages before this one; the first page has none. */
  const [trail, setTrail] = useState<string[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState<string[]>();
  const wanted = useDeferredValue(search.trim());
  const token = trail.at(-1);
  const list = useRecordings(
    {
      ...ORDERS[order],
      maxItems: PAGE_SIZE,
      ...(wanted ? { search: wanted } : {}),
      ...(roomId ? { roomId } : {}),
      ...(token ? { nextPageToken: token } : {}),
    },
    memberToken,
  );
  const restart = () => {
    setTrail([]);
    setSelected(new Set());
  };
  const recordings = list.data?.recordings ?? [];
  const next = list.data?.pagination.isTruncated ? list.data.pagination.nextPageToken : undefined;
  const chosen = recordings.filter((one) => selected.has(one.recordingId)).map((one) => one.recordingId);
  return (
    <>
      <Tools
        searchable={searchable ?? false}
        search={search}
        onSearch={(value) => {
          setSearch(value);
          restart();
        }}
        order={order}
        onOrder={(value) => {
          setOrder(value);
          restart();
        }}
      />
      {list.error && (
        <Banner tone="bad" action={<Button onPress={() => void list.refetch()}>{t('app.retry')}</Button>}>
          {errorText(list.error, t)}
        </Banner>
      )}
      {chosen.length > 0 && (
        <div className={styles.bulk} role="status">
          <span>{t('recordings.selected', { count: chosen.length })}</span>
          <Button variant="danger" icon={<Trash2 size={18} aria-hidden />} onPress={() => setDeleting(chosen)}>
            {t('recordings.deleteSelected')}
          </Button>
        </div>
      )}
      {list.isPending && <Loading label={t('app.loading')} />}
      {list.data && recordings.length === 0 && <Nothing search={wanted} />}
      {recordings.length > 0 && (
        <RecordingsTable
          recordings={recordings}
          canDelete={canDelete}
          selected={selected}
          onSelect={setSelected}
          onDelete={(id) => setDeleting([id])}
          hrefOf={hrefOf}
        />
      )}
      {(trail.length > 0 || next) && (
        <nav className={styles.pager} aria-label={t('recordings.list')}>
          <span>{t('recordings.page', { page: trail.length + 1 })}</span>
          <Button isDisabled={trail.length === 0} onPress={() => setTrail(trail.slice(0, -1))}>
            {t('recordings.previous')}
          </Button>
          <Button isDisabled={!next} onPress={() => next && setTrail([...trail, next])}>
            {t('recordings.next')}
          </Button>
        </nav>
      )}
      <DeleteDialog
        ids={deleting}
        {...(memberToken ? { memberToken } : {})}
        onClose={() => setDeleting(undefined)}
        onDone={restart}
      />
    </>
  );
}

interface ToolsProps {
  searchable: boolean;
  search: string;
  onSearch: (value: string) => void;
  order: Order;
  onOrder: (order: Order) => void;
}

function Tools({ searchable, search, onSearch, order, onOrder }: ToolsProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.tools}>
      {searchable && (
        <div className={styles.search}>
          <SearchField label={t('recordings.search')} value={search} onChange={onSearch} />
        </div>
      )}
      <div className={styles.sort}>
        <Select
          label={t('recordings.sort')}
          hideLabel
          options={[
            { id: 'newest', label: t('recordings.sortNewest') },
            { id: 'oldest', label: t('recordings.sortOldest') },
            { id: 'name', label: t('recordings.sortName') },
            { id: 'longest', label: t('recordings.sortLongest') },
            { id: 'largest', label: t('recordings.sortLargest') },
          ]}
          value={order}
          onChange={onOrder}
        />
      </div>
    </div>
  );
}

function Nothing({ search }: { search: string }) {
  const { t } = useTranslation();
  return search ? (
    <Empty icon={<SearchX aria-hidden />} title={t('recordings.noMatch')}>
      <p>{t('recordings.noMatchText', { search })}</p>
    </Empty>
  ) : (
    <Empty icon={<Clapperboard aria-hidden />} title={t('recordings.empty')}>
      <p>{t('recordings.emptyText')}</p>
    </Empty>
  );
}
