// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Recording } from '../../api/model';
import { setSession } from '../../api/session';
import { fakeBox, page, showPage } from '../../testing/page';
import { RecordingsList } from './RecordingsList';

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

async function show(canDelete: boolean, all = [done, running]) {
  fakeBox(() => page('recordings', all));
  const hrefOf = ({ recordingId }: Recording) => `/r/${recordingId}`;
  showPage({ path: '/', Component: () => <RecordingsList canDelete={canDelete} hrefOf={hrefOf} /> });
  await screen.findByRole('row', { name: /Training/ });
  return (name: string) => within(screen.getByRole('row', { name: new RegExp(name) }));
}

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('recordings in a list', () => {
  it('offer to play, download and delete what is finished', async () => {
    const first = (await show(true))('Board room');
    expect(first.getByText('1:15')).toBeTruthy();
    expect(first.getByText('1.5 MB')).toBeTruthy();
    const download = first.getByRole('link', { name: /^Download/ });
    expect(download.getAttribute('href')).toContain('/recordings/a--EG_1--1/download?ticket=t');
    fireEvent.click(first.getByRole('button', { name: /^Delete/ }));
    expect(await screen.findByRole('alertdialog')).toBeTruthy();
  });

  it('offer nothing for one that still runs', async () => {
    const second = (await show(true))('Training');
    expect(second.queryByRole('link', { name: /^Download/ })).toBeNull();
    expect(second.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(second.queryByRole('checkbox')).toBeNull();
  });

  it('hide deleting from those who may not', async () => {
    await show(false);
    expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('offer deletion only of those that one may delete', async () => {
    const others: Recording = { ...done, recordingId: 'b--EG_3--3', roomName: 'Lobby', canDelete: false };
    const lobby = (await show(true, [{ ...done, canDelete: true }, others, running]))('Lobby');
    expect(lobby.getByRole('link', { name: /^Download/ })).toBeTruthy();
    expect(lobby.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(lobby.queryByRole('checkbox')).toBeNull();
    const own = within(screen.getByRole('row', { name: /Board room/ }));
    expect(own.getByRole('button', { name: /^Delete/ })).toBeTruthy();
    expect(own.getByRole('checkbox')).toBeTruthy();
  });

  it('of a room whose recordings are not for them are refused in these words', async () => {
    fakeBox(() => Response.json({ error: 'x', code: 'permission_missing', message: 'x' }, { status: 403 }));
    showPage({ path: '/', Component: () => <RecordingsList roomId="a" canDelete hrefOf={() => '/'} /> });
    expect((await screen.findByRole('alert')).textContent).toContain('may not see the recordings of this room');
  });

  it('are ticked all at once where they can be deleted', async () => {
    await show(true);
    fireEvent.click(screen.getByRole('checkbox', { name: 'Select all on this page' }));
    expect(screen.getByText('1 selected')).toBeTruthy();
  });
});
