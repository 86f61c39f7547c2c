// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { fakeBox, page, showPage } from '../../testing/page';
import { RoomRecordingsPage } from './RoomRecordingsPage';

const TWO_HOURS = 2 * 3_600_000;
const permissions = { canRetrieveRecordings: true, canDeleteRecordings: true };
const claims = { metadata: JSON.stringify({ roomId: 'a', permissions }) };
const film = { recordingId: 'r1', roomId: 'a', roomName: 'Atrium', status: 'complete', startDate: 0, duration: 9 };

/** A box whose tokens and tickets last as long as they do on a real one. */
function show(at = '') {
  let made = 0;
  const begun = new Map<string, number>();
  fakeBox(({ path, headers }) => {
    if (path.endsWith('/members/token')) {
      made += 1;
      const token = `${made}.${btoa(JSON.stringify(claims))}.x`;
      begun.set(token, Date.now());
      return { token };
    }
    const token = headers.get('X-Room-Member-Token')?.replace('Bearer ', '') ?? '';
    const isOver = Date.now() - (begun.get(token) ?? 0) > TWO_HOURS;
    if (isOver) return Response.json({ error: 'x', code: 'invalid_token', message: 'Invalid token' }, { status: 401 });
    const now = { ...film, ticket: `t${Date.now()}` };
    if (path.startsWith('/recordings/')) return now;
    return path.startsWith('/recordings') ? page('recordings', [now]) : { roomId: 'a', roomName: 'Atrium' };
  });
  setSession(undefined);
  showPage({ path: '/room/:roomId/recordings', Component: RoomRecordingsPage }, `/room/a/recordings?secret=s${at}`);
  return { visits: () => made };
}

/** As after a lid was closed: no timer ran, and then the window is looked at again. */
async function sleep(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await act(async () => {
    window.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(100);
  });
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the recordings of a room by its link', () => {
  it('are there again after longer than the token of the visit lasts', async () => {
    const { visits } = show();
    await screen.findByRole('row', { name: /Atrium/ });
    await sleep(TWO_HOURS + 60_000);
    await waitFor(() => expect(visits()).toBe(2));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(screen.getByRole('row', { name: /Atrium/ })).toBeTruthy();
  });

  it('are read with a new token before the old one ends', async () => {
    const { visits } = show();
    await screen.findByRole('row', { name: /Atrium/ });
    await act(() => vi.advanceTimersByTimeAsync(TWO_HOURS - 60_000));
    expect(visits()).toBeGreaterThan(1);
  });

  it('play on from where the old address failed', async () => {
    show('&recording=r1');
    const video = await screen.findByLabelText<HTMLVideoElement>('Recording of Atrium');
    const first = video.src;
    video.currentTime = 5;
    await sleep(TWO_HOURS + 60_000);
    fireEvent.error(video);
    await waitFor(() => expect(video.src).not.toBe(first));
    expect(document.contains(video)).toBe(true);
    video.currentTime = 0;
    fireEvent.loadedMetadata(video);
    expect(video.currentTime).toBe(5);
    expect(screen.queryByText('The recording could not be played.')).toBeNull();
    fireEvent.error(video);
    await screen.findByText('The recording could not be played.');
  });
});
