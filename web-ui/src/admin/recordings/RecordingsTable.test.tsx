// @vitest-environment jsdom
import { fireEvent, render, screen, within } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { describe, expect, it, vi } from 'vitest';
import type { Recording } from '../../api/model';
import { RecordingsTable } from './RecordingsTable';

const done: Recording = {
  recordingId: 'a--EG_1--1',
  roomId: 'a',
  roomName: 'Board room',
  status: 'complete',
  startDate: 1_700_000_000_000,
  duration: 75,
  size: 1_500_000,
  ticket: 't',
};
const running: Recording = { ...done, recordingId: 'a--EG_2--2', roomName: 'Training', status: 'active' };

function show(canDelete: boolean) {
  const onSelect = vi.fn();
  const onDelete = vi.fn();
  render(
    <MemoryRouter>
      <RecordingsTable
        recordings={[done, running]}
        canDelete={canDelete}
        selected={new Set()}
        onSelect={onSelect}
        onDelete={onDelete}
        hrefOf={({ recordingId }) => `/r/${recordingId}`}
      />
    </MemoryRouter>,
  );
  const row = (name: string) => within(screen.getByRole('row', { name: new RegExp(name) }));
  return { onSelect, onDelete, row };
}

describe('RecordingsTable', () => {
  it('offers to play, download and delete what is finished', () => {
    const { row, onDelete } = show(true);
    const first = row('Board room');
    expect(first.getByText('1:15')).toBeTruthy();
    expect(first.getByText('1.5 MB')).toBeTruthy();
    const download = first.getByRole('link', { name: /^Download/ });
    expect(download.getAttribute('href')).toContain('/recordings/a--EG_1--1/download?ticket=t');
    fireEvent.click(first.getByRole('button', { name: /^Delete/ }));
    expect(onDelete).toHaveBeenCalledWith('a--EG_1--1');
  });

  it('offers nothing for one that still runs', () => {
    const second = show(true).row('Training');
    expect(second.queryByRole('link', { name: /^Download/ })).toBeNull();
    expect(second.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(second.queryByRole('checkbox')).toBeNull();
  });

  it('hides deleting from those who may not', () => {
    show(false);
    expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('selects all that can be deleted', () => {
    const { onSelect } = show(true);
    fireEvent.click(screen.getByRole('checkbox', { name: 'Select all on this page' }));
    expect(onSelect).toHaveBeenCalledWith(new Set(['a--EG_1--1']));
  });
});
