/** A list of anything: search, order, pages, ticks, and what to show when there is nothing. */
import { SearchX } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../../api/paging';
import { errorText } from '../../app/errorText';
import { Button } from '../../ui/Button';
import { DataTable, type Column } from '../../ui/DataTable';
import { Select } from '../../ui/Select';
import { Loading } from '../../ui/Spinner';
import { Banner, Empty } from '../../ui/Surface';
import { SearchField } from '../../ui/TextField';
import styles from './List.module.css';
import type { ListState } from './useListState';

/** The part of a query that a list shows. */
export interface ListSource<T> {
  data: Page<T> | undefined;
  error: Error | null;
  isPending: boolean;
  /** It is still the answer to what was asked before. */
  isPlaceholderData?: boolean;
  refetch: () => unknown;
}

export interface ListViewProps<T, Shown extends string = string> {
  label: string;
  state: ListState<Shown>;
  source: ListSource<T>;
  /** Words for errors that this list knows better. */
  words?: (error: Error) => string | undefined;
  columns: readonly Column<T>[];
  keyOf: (one: T) => string;
  nameOf: (one: T) => string;
  /** Absent where the box cannot search. */
  searchLabel?: string;
  /** Which parts can be shown; the first is everything. */
  parts?: readonly { id: Shown; label: string }[];
  /** Further choices beside these. */
  filters?: ReactNode;
  /** A filter is set: then an empty list is no empty box. */
  isFiltered?: boolean;
  /** With `bulk`: what may be ticked. */
  canTick?: (one: T) => boolean;
  /** Buttons for what is ticked. */
  bulk?: (chosen: T[]) => ReactNode;
  actions?: (one: T) => ReactNode;
  /** Shown while there is nothing at all. */
  empty: ReactNode;
}

export function ListView<T, Shown extends string>(props: ListViewProps<T, Shown>) {
  const { t } = useTranslation();
  const { label, state, source, columns, keyOf, nameOf, canTick, bulk, actions, empty } = props;
  const rows = source.data?.items ?? [];
  const chosen = rows.filter((one) => state.selected.has(keyOf(one)));
  useStepBack(state, source);
  useFocusWhenEmpty(rows.length);
  const isFiltered = Boolean(state.query.search) || state.shown !== 'all' || props.isFiltered;
  return (
    <>
      <Tools {...props} />
      {source.error && (
        <Banner tone="bad" action={<Button onPress={() => source.refetch()}>{t('app.retry')}</Button>}>
          {props.words?.(source.error) ?? errorText(source.error, t)}
        </Banner>
      )}
      {bulk && chosen.length > 0 && (
        <div className={styles.bulk} role="status">
          <span>{t('list.selected', { count: chosen.length })}</span>
          {bulk(chosen)}
        </div>
      )}
      {source.isPending && <Loading label={t('app.loading')} />}
      {source.data && rows.length === 0 && state.page === 1 && (isFiltered ? <NoMatch /> : empty)}
      {rows.length > 0 && (
        <DataTable
          label={label}
          rows={rows}
          columns={columns}
          keyOf={keyOf}
          nameOf={nameOf}
          actions={actions}
          actionsLabel={t('list.actions')}
          ticks={
            bulk && canTick && rows.some(canTick)
              ? {
                  selected: state.selected,
                  onSelect: state.onSelect,
                  can: canTick,
                  allLabel: t('list.selectAll'),
                  oneLabel: (name) => t('list.select', { name }),
                }
              : undefined
          }
        />
      )}
      <Pager label={label} state={state} next={source.data?.next} isHeld={source.isPlaceholderData ?? false} />
    </>
  );
}

/** The last one of this page went: the page before has some, if any has. */
function useStepBack<T>({ page, onPrevious }: Pick<ListState, 'page' | 'onPrevious'>, source: ListSource<T>): void {
  const isEmpty = source.data?.items.length === 0 && !source.isPlaceholderData;
  useEffect(() => {
    if (isEmpty && page > 1) onPrevious();
  }, [isEmpty, page, onPrevious]);
}

/** The last row took the focus with it: on from the page's beginning. */
function useFocusWhenEmpty(count: number): void {
  const before = useRef(count);
  useEffect(() => {
    const emptied = before.current > 0 && count === 0;
    before.current = count;
    if (!emptied) return;
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [count]);
}

function Tools<T, Shown extends string>({ state, searchLabel, parts, filters }: ListViewProps<T, Shown>) {
  const { t } = useTranslation();
  const { orders } = state;
  if (!searchLabel && !parts && orders.length === 0 && !filters) return null;
  return (
    <div className={styles.tools}>
      {searchLabel && (
        <div className={styles.search}>
          <SearchField label={searchLabel} value={state.search} onChange={state.onSearch} />
        </div>
      )}
      {parts && (
        <div className={styles.choice}>
          <Select label={t('list.show')} hideLabel options={parts} value={state.shown} onChange={state.onShown} />
        </div>
      )}
      {filters}
      {orders.length > 0 && (
        <div className={styles.choice}>
          <Select
            label={t('list.sort')}
            hideLabel
            options={orders.map((id) => ({ id, label: t(`list.${id}`) }))}
            value={state.order}
            onChange={state.onOrder}
          />
        </div>
      )}
    </div>
  );
}

interface PagerProps {
  label: string;
  state: Pick<ListState, 'page' | 'onPrevious' | 'onNext'>;
  next: string | undefined;
  /** What is next is not known yet. */
  isHeld: boolean;
}

function Pager({ label, state, next, isHeld }: PagerProps) {
  const { t } = useTranslation();
  if (state.page === 1 && !next) return null;
  return (
    <nav className={styles.pager} aria-label={label}>
      <span>{t('list.page', { page: state.page })}</span>
      <Button isHeld={state.page === 1} onPress={state.onPrevious}>
        {t('list.previous')}
      </Button>
      <Button isHeld={!next || isHeld} onPress={() => next && state.onNext(next)}>
        {t('list.next')}
      </Button>
    </nav>
  );
}

function NoMatch() {
  const { t } = useTranslation();
  return (
    <Empty icon={<SearchX aria-hidden />} title={t('list.noMatch')}>
      <p>{t('list.noMatchText')}</p>
    </Empty>
  );
}
