/** Rows with columns, ticks and actions; on a narrow screen each row is a card. */
import { useEffect, useRef, type FocusEvent, type ReactNode } from 'react';
import { Checkbox } from './Checkbox';
import styles from './DataTable.module.css';

export interface Column<T> {
  id: string;
  title: string;
  cell: (one: T) => ReactNode;
  /** The first line of the card: needs no title there. */
  main?: boolean;
  /** Says enough without its title on a card. */
  plain?: boolean;
}

export interface Ticks<T> {
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  /** False for what no action on many is possible with. */
  can: (one: T) => boolean;
  allLabel: string;
  oneLabel: (name: string) => string;
}

export interface DataTableProps<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (one: T) => string;
  nameOf: (one: T) => string;
  ticks?: Ticks<T> | undefined;
  actions?: ((one: T) => ReactNode) | undefined;
  actionsLabel: string;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, keyOf, ticks, actions, actionsLabel } = props;
  const { body, onFocus, onBlur } = useKeptFocus(rows.map(keyOf));
  return (
    <div className={styles.panel}>
      <table className={styles.table} aria-label={label}>
        <thead data-ticks={ticks ? true : undefined}>
          <tr>
            {ticks && (
              <th scope="col" data-col="tick">
                <TickAll rows={rows} keyOf={keyOf} ticks={ticks} />
              </th>
            )}
            {columns.map(({ id, title }) => (
              <th key={id} scope="col">
                {title}
              </th>
            ))}
            {actions && (
              <th scope="col">
                <span className="sr-only">{actionsLabel}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody ref={body} onFocus={onFocus} onBlur={onBlur}>
          {rows.map((one) => (
            <Row key={keyOf(one)} one={one} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What opens above a page. */
const OPENED = '[role="dialog"], [role="alertdialog"]';

/** Frames to wait for the focus to be given up, as by a dialog that closes. */
const PATIENCE = 60;

/** When the row somebody was at goes, the one in its place has the focus: without it a keyboard starts over at the top. */
function useKeptFocus(keys: readonly string[]) {
  const body = useRef<HTMLTableSectionElement>(null);
  const last = useRef<{ key: string; at: number }>(undefined);
  const all = keys.join('\n');
  useEffect(() => {
    const was = last.current;
    if (!was || all.split('\n').includes(was.key)) return;
    let left = PATIENCE;
    let frame = 0;
    const take = () => {
      left -= 1;
      const { activeElement } = document;
      const isLost = activeElement === null || activeElement === document.body;
      if (!isLost && left > 0) {
        frame = requestAnimationFrame(take);
        return;
      }
      last.current = undefined;
      const rows = body.current?.rows;
      if (isLost) rows?.[Math.min(was.at, rows.length - 1)]?.focus({ preventScroll: true });
    };
    take();
    return () => cancelAnimationFrame(frame);
  }, [all]);
  const onFocus = ({ target }: { target: EventTarget }) => {
    const row = target instanceof Element ? target.closest('tr') : null;
    if (row) last.current = { key: row.dataset['row'] ?? '', at: row.sectionRowIndex };
  };
  // Whoever goes elsewhere by themselves is at no row any more; a dialog that a row has opened gives the focus back.
  const onBlur = ({ target, relatedTarget }: FocusEvent) => {
    const forget = () => (last.current = undefined);
    if (relatedTarget) {
      if (!body.current?.contains(relatedTarget) && !relatedTarget.closest(OPENED)) forget();
      return;
    }
    // To nothing: by a press beside everything, unless the row itself went, or the window was left.
    requestAnimationFrame(() => {
      if (target.isConnected && document.hasFocus() && document.activeElement === document.body) forget();
    });
  };
  return { body, onFocus, onBlur };
}

function TickAll<T>({ rows, keyOf, ticks }: { rows: readonly T[]; keyOf: (one: T) => string; ticks: Ticks<T> }) {
  const { selected, onSelect, can, allLabel } = ticks;
  const ids = rows.filter(can).map(keyOf);
  const all = ids.length > 0 && ids.every((id) => selected.has(id));
  return (
    <Checkbox
      label={allLabel}
      hideLabel
      isSelected={all}
      isIndeterminate={!all && ids.some((id) => selected.has(id))}
      onChange={(on) => onSelect(new Set(on ? ids : []))}
    >
      <span className={styles.all} aria-hidden>
        {allLabel}
      </span>
    </Checkbox>
  );
}

function Row<T>({ one, columns, keyOf, nameOf, ticks, actions }: DataTableProps<T> & { one: T }) {
  const id = keyOf(one);
  const toggle = (on: boolean) => {
    const next = new Set(ticks?.selected);
    if (on) next.add(id);
    else next.delete(id);
    ticks?.onSelect(next);
  };
  const isSelected = ticks?.selected.has(id) ?? false;
  return (
    <tr data-selected={isSelected || undefined} data-row={id} tabIndex={-1}>
      {ticks && (
        <td data-col="tick">
          {ticks.can(one) && (
            <Checkbox label={ticks.oneLabel(nameOf(one))} hideLabel isSelected={isSelected} onChange={toggle} />
          )}
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          data-col={column.main ? 'main' : 'fact'}
          {...(column.main || column.plain ? {} : { 'data-label': column.title })}
        >
          {column.cell(one)}
        </td>
      ))}
      {actions && (
        <td data-col="actions">
          <div className={styles.actions}>{actions(one)}</div>
        </td>
      )}
    </tr>
  );
}
