// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DataTable } from './DataTable';

const table = (rows: string[]) => (
  <DataTable
    label="Rooms"
    rows={rows}
    columns={[{ id: 'name', title: 'Name', cell: (one) => one }]}
    keyOf={(one) => one}
    nameOf={(one) => one}
    actions={(one) => <button>Delete {one}</button>}
    actionsLabel="Actions"
  />
);

it('hands the focus to the row that takes the place of a deleted one', () => {
  const { rerender } = render(table(['a', 'b', 'c']));
  const delete_ = (name: string) => act(() => screen.getByRole('button', { name: `Delete ${name}` }).focus());
  delete_('b');
  rerender(table(['a', 'c']));
  expect(document.activeElement?.textContent).toContain('c');
  delete_('c');
  rerender(table(['a']));
  expect(document.activeElement?.textContent).toContain('a');
});

it('takes the focus from nothing else', () => {
  const { rerender } = render(table(['a', 'b']));
  act(() => screen.getByRole('button', { name: 'Delete a' }).focus());
  rerender(table(['a']));
  expect(document.activeElement?.textContent).toBe('Delete a');
});
