// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
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

it('leaves alone whoever went elsewhere before the row was gone', () => {
  const outside = document.createElement('button');
  document.body.append(outside);
  const { rerender } = render(table(['a', 'b']));
  act(() => screen.getByRole('button', { name: 'Delete a' }).focus());
  act(() => outside.focus());
  act(() => outside.blur());
  rerender(table(['b']));
  expect(document.activeElement).toBe(document.body);
  outside.remove();
});

it('leaves alone whoever pressed beside everything', async () => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  const { rerender } = render(table(['a', 'b']));
  const delete_ = screen.getByRole('button', { name: 'Delete a' });
  act(() => delete_.focus());
  act(() => delete_.blur());
  await act(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  rerender(table(['b']));
  expect(document.activeElement).toBe(document.body);
});

it('takes the focus back from a question about a row', () => {
  const { rerender } = render(
    <>
      {table(['a', 'b'])}
      <div role="alertdialog">
        <button>Yes</button>
      </div>
    </>,
  );
  act(() => screen.getByRole('button', { name: 'Delete a' }).focus());
  act(() => screen.getByRole('button', { name: 'Yes' }).focus());
  rerender(<>{table(['b'])}</>);
  expect(document.activeElement?.textContent).toContain('b');
});

it('takes the focus from nothing else', () => {
  const { rerender } = render(table(['a', 'b']));
  act(() => screen.getByRole('button', { name: 'Delete a' }).focus());
  rerender(table(['a']));
  expect(document.activeElement?.textContent).toBe('Delete a');
});
