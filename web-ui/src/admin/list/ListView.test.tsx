// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { fakeBox, showPage } from '../../testing/page';
import { RoomsPage } from '../rooms/RoomsPage';

const room = (name: string) => ({ roomId: name, roomName: name, owner: 'admin', creationDate: 0, status: 'open' });

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('a list in pages', () => {
  it('goes back when the last one of its page is gone', async () => {
    fakeBox(({ path }) => {
      const isSecond = path.includes('nextPageToken=t1');
      const next = isSecond ? { isTruncated: false } : { isTruncated: true, nextPageToken: 't1' };
      return { rooms: isSecond ? [] : [room('Atrium')], pagination: { ...next, maxItems: 10 } };
    });
    showPage({ path: '/rooms', Component: RoomsPage });
    fireEvent.click(await screen.findByRole('button', { name: 'Next' }));
    await screen.findByText('Page 2');
    await screen.findByText('Page 1');
    expect(screen.getByRole('row', { name: /Atrium/ })).toBeTruthy();
    expect(screen.queryByText('No rooms yet')).toBeNull();
  });

  it('keeps the focus on what turned it, also on the last page', async () => {
    fakeBox(({ path }) => {
      const isSecond = path.includes('nextPageToken=t1');
      const next = isSecond ? { isTruncated: false } : { isTruncated: true, nextPageToken: 't1' };
      return { rooms: [room(isSecond ? 'Lobby' : 'Atrium')], pagination: { ...next, maxItems: 10 } };
    });
    showPage({ path: '/rooms', Component: RoomsPage });
    const next = await screen.findByRole('button', { name: 'Next' });
    act(() => next.focus());
    fireEvent.click(next);
    await screen.findByRole('row', { name: /Lobby/ });
    expect(next).toHaveProperty('disabled', false);
    expect(document.activeElement).toBe(next);
  });

  it('is not turned while it still shows what was asked before', async () => {
    let answer = () => {};
    const asked: string[] = [];
    fakeBox(async ({ path }) => {
      asked.push(path);
      if (path.includes('roomName=')) await new Promise<void>((resolve) => (answer = resolve));
      return { rooms: [room('Atrium')], pagination: { isTruncated: true, nextPageToken: 't1', maxItems: 10 } };
    });
    showPage({ path: '/rooms', Component: RoomsPage });
    const next = await screen.findByRole('button', { name: 'Next' });
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'a' } });
    await waitFor(() => expect(asked.at(-1)).toContain('roomName=a'));
    expect(next.ariaDisabled).toBe('true');
    fireEvent.click(next);
    expect(screen.getByText('Page 1')).toBeTruthy();
    answer();
    await waitFor(() => expect(next.ariaDisabled).toBeNull());
  });
});
