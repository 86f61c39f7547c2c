/** Who did what on this box (features U9, B9). */
import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAudit, type AuditQuery } from '../../api/apiKeys';
import type { AuditEntry } from '../../api/model';
import { useTitle } from '../../app/useTitle';
import { formatDate } from '../../lib/format';
import { fromLocalInput } from '../../lib/localDate';
import type { Column } from '../../ui/DataTable';
import { Select } from '../../ui/Select';
import { Empty } from '../../ui/Surface';
import { TextField } from '../../ui/TextField';
import styles from '../list/List.module.css';
import { actionText, actorText } from './auditText';
import { ListView } from '../list/ListView';
import { useListState } from '../list/useListState';
import page from '../page.module.css';

const DAY_MS = 86_400_000;
const RANGES = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS };
/** There is one order only: newest first. */
const ORDERS = {};

interface Range {
  kind: 'always' | 'custom' | keyof typeof RANGES;
  /** Milliseconds since 1970. */
  from: number | undefined;
  to: number | undefined;
  /** As the fields have them. */
  fromText: string;
  toText: string;
}

const ALWAYS: Range = { kind: 'always', from: undefined, to: undefined, fromText: '', toText: '' };

export function AuditPage() {
  const { t } = useTranslation();
  const state = useListState(ORDERS, 'newest');
  const [range, setRange] = useState(ALWAYS);
  const wanted: AuditQuery = { ...state.query, from: range.from, to: range.to };
  const audit = useAudit(wanted);
  useTitle(t('audit.title'));
  const change = (next: Range) => {
    setRange(next);
    state.restart();
  };
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>{t('audit.title')}</h1>
      </div>
      <p>{t('audit.text')}</p>
      <ListView
        label={t('audit.list')}
        state={state}
        source={audit}
        columns={useColumns()}
        keyOf={(entry) => entry.id}
        nameOf={(entry) => entry.action}
        searchLabel={t('audit.search')}
        filters={<TimeRange range={range} onChange={change} />}
        isFiltered={range.kind !== 'always'}
        empty={<Empty icon={<ScrollText aria-hidden />} title={t('audit.empty')} />}
      />
    </div>
  );
}

function TimeRange({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const { t } = useTranslation();
  const choose = (kind: Range['kind']) => {
    if (kind === 'always' || kind === 'custom') onChange({ ...ALWAYS, kind });
    else onChange({ ...ALWAYS, kind, from: Date.now() - RANGES[kind] });
  };
  return (
    <>
      <div className={styles.choice}>
        <Select
          label={t('audit.range')}
          hideLabel
          options={(['always', 'day', 'week', 'month', 'custom'] as const).map((id) => ({
            id,
            label: t(`audit.${id}`),
          }))}
          value={range.kind}
          onChange={choose}
        />
      </div>
      {range.kind === 'custom' && (
        <>
          <TextField
            label={t('audit.from')}
            type="datetime-local"
            value={range.fromText}
            onChange={(fromText) => onChange({ ...range, fromText, from: timeOf(fromText) })}
          />
          <TextField
            label={t('audit.to')}
            type="datetime-local"
            value={range.toText}
            onChange={(toText) => onChange({ ...range, toText, to: timeOf(toText) })}
          />
        </>
      )}
    </>
  );
}

/** A year that is still being typed lies before all times the box knows. */
function timeOf(text: string): number | undefined {
  const ms = fromLocalInput(text);
  return ms === undefined ? undefined : Math.max(0, ms);
}

function useColumns(): Column<AuditEntry>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'action',
      title: t('audit.action'),
      main: true,
      cell: (entry) => (
        <span className={styles.named}>
          <strong>{actionText(entry.action, t)}</strong>
          {actionText(entry.action, t) !== entry.action && <small>{entry.action}</small>}
        </span>
      ),
    },
    { id: 'target', title: t('audit.target'), cell: (entry) => entry.target },
    {
      id: 'who',
      title: t('audit.who'),
      cell: (entry) => (
        <span className={styles.named}>
          <span>{actorText(entry.who, t)}</span>
          {entry.address && <small>{entry.address}</small>}
        </span>
      ),
    },
    { id: 'detail', title: t('audit.detail'), plain: true, cell: (entry) => entry.detail },
    {
      id: 'at',
      title: t('audit.at'),
      cell: (entry) => <span className={styles.date}>{formatDate(entry.at)}</span>,
    },
  ];
}
