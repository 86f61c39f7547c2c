// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { fakeBox, page, showPage, stale, tagged, type Answer } from '../../testing/page';
import { WebhookPage } from './WebhookPage';
import { WebhooksPage } from './WebhooksPage';

const url = 'https://example.org/hook';
const hook = { webhookId: 'wh-1', url, events: ['recordingEnded'], enabled: true, creationDate: 0 };

const atrium = { roomId: 'atrium-1', roomName: 'Atrium' };

function show(answer: Answer = () => hook, now: object = hook) {
  const changes = fakeBox((call) => {
    if (call.method !== 'GET') return answer(call);
    if (call.path.startsWith('/rooms?')) return page('rooms', [atrium]);
    if (call.path.startsWith('/rooms/')) return tagged(atrium, 1);
    return call.path === '/webhooks' ? { webhooks: [now] } : tagged(now, 5);
  });
  showPage({ path: '/keys/webhooks', Component: WebhooksPage });
  return changes;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('webhooks', () => {
  it('are made with the events that are chosen, and their secret is shown once', async () => {
    const changes = show(() => ({ ...hook, secret: 'whsec-1' }));
    await screen.findByRole('row', { name: /Recording ended/ });
    fireEvent.click(screen.getByRole('button', { name: 'New webhook' }));
    const dialog = within(await screen.findByRole('dialog'));
    fireEvent.change(dialog.getByRole('textbox', { name: 'Address' }), { target: { value: 'ftp://x' } });
    fireEvent.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByText(/begins with https/)).toBeTruthy();
    expect(changes).toEqual([]);
    fireEvent.change(dialog.getByRole('textbox', { name: 'Address' }), { target: { value: url } });
    fireEvent.click(dialog.getByRole('radio', { name: 'Only these' }));
    fireEvent.click(dialog.getByRole('checkbox', { name: 'Recording changed' }));
    fireEvent.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await screen.findByText('whsec-1')).toBeTruthy();
    const { events } = changes[0]?.body as { events: string[] };
    expect(events).toHaveLength(6);
    expect(events).not.toContain('recordingUpdated');
    fireEvent.click(screen.getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByText('whsec-1')).toBeNull());
  });

  describe('for one room only', () => {
    it('are not made for all while that room is not chosen', async () => {
      const changes = show(() => ({ ...hook, secret: 'whsec-1' }));
      fireEvent.click(await screen.findByRole('button', { name: 'New webhook' }));
      const dialog = within(await screen.findByRole('dialog'));
      fireEvent.change(dialog.getByRole('textbox', { name: 'Address' }), { target: { value: url } });
      fireEvent.click(dialog.getByRole('radio', { name: 'One room only' }));
      fireEvent.click(dialog.getByRole('button', { name: 'Create' }));
      expect((await dialog.findByRole('alert')).textContent).toBe('Please choose the room.');
      expect(changes).toEqual([]);
      fireEvent.click(await dialog.findByRole('button', { name: 'Choose Atrium' }));
      const away = await dialog.findByRole('button', { name: 'Choose another than Atrium' });
      expect(document.activeElement).toBe(away);
      await waitFor(() => expect(dialog.queryByRole('alert')).toBeNull());
      fireEvent.click(dialog.getByRole('button', { name: 'Create' }));
      await waitFor(() => expect(changes).toMatchObject([{ method: 'POST', body: { url, roomId: 'atrium-1' } }]));
    });

    it('do not become ones for all when another room is looked for', async () => {
      const changes = show(() => hook, { ...hook, roomId: 'atrium-1' });
      fireEvent.click(await screen.findByRole('button', { name: `Change ${url}` }));
      fireEvent.click(await screen.findByRole('button', { name: 'Choose another than Atrium' }));
      fireEvent.click(screen.getByRole('button', { name: 'Save' }));
      expect((await screen.findByRole('alert')).textContent).toBe('Please choose the room.');
      expect(changes).toEqual([]);
    });

    it('are not sent by Enter in the search for it', async () => {
      show();
      fireEvent.click(await screen.findByRole('button', { name: 'New webhook' }));
      fireEvent.click(await screen.findByRole('radio', { name: 'One room only' }));
      const search = screen.getByRole('searchbox', { name: 'Find a room by name' });
      // The browser sends the form of a field unless somebody else takes the key.
      expect(fireEvent.keyDown(search, { key: 'Enter' })).toBe(false);
    });
  });

  it('are switched off without losing what they are for', async () => {
    const changes = show();
    fireEvent.click(await screen.findByRole('switch', { name: `Send events to ${url}` }));
    await waitFor(() =>
      expect(changes).toMatchObject([
        { method: 'PUT', path: '/webhooks/wh-1', body: { url, enabled: false, events: ['recordingEnded'] } },
      ]),
    );
    expect(changes[0]?.headers.get('If-Match')).toBe('"5"');
  });

  it('are asked about by the address they have now', async () => {
    const now = { ...hook, url: 'https://example.org/moved' };
    fakeBox(({ path }) => (path === '/webhooks' ? { webhooks: [hook] } : tagged(now, 6)));
    showPage({ path: '/keys/webhooks', Component: WebhooksPage });
    fireEvent.click(await screen.findByRole('button', { name: `Delete ${url}` }));
    const dialog = within(await screen.findByRole('alertdialog'));
    expect(await dialog.findByText(now.url)).toBeTruthy();
    expect(dialog.queryByText(url)).toBeNull();
  });

  it('name the room they are for, and one that is gone by its id', async () => {
    const both = [
      { ...hook, roomId: 'atrium-1' },
      { ...hook, webhookId: 'wh-2', url: `${url}/2`, roomId: 'gone-1' },
    ];
    fakeBox(({ path }) => {
      if (path === '/webhooks') return { webhooks: both };
      return path.startsWith('/rooms/atrium-1') ? tagged({ roomId: 'atrium-1', roomName: 'Atrium' }, 1) : undefined;
    });
    showPage({ path: '/keys/webhooks', Component: WebhooksPage });
    const cell = (await screen.findByText('atrium-1')).closest('td');
    await waitFor(() => expect(cell?.textContent).toContain('Atrium'));
    expect(screen.getByText('gone-1')).toBeTruthy();
  });

  it('are changed in the version that was shown', async () => {
    const changes = show(stale);
    fireEvent.click(await screen.findByRole('button', { name: `Change ${url}` }));
    const address = await screen.findByRole('textbox', { name: 'Address' });
    fireEvent.change(address, { target: { value: 'https://example.org/other' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Somebody else has changed this meanwhile');
    expect(changes[0]?.headers.get('If-Match')).toBe('"5"');
    expect(address).toHaveProperty('value', 'https://example.org/other');
  });
});

describe('the log of a webhook', () => {
  it('says what waits, why, and when it is tried again', async () => {
    const waiting = {
      eventId: 'ev-1',
      event: 'meetingStarted',
      roomId: 'a',
      creationDate: 0,
      state: 'waiting',
      attempts: 3,
      nextAttemptDate: 1000,
      lastError: 'The address does not answer.',
    };
    fakeBox(({ path }) => {
      if (path.startsWith('/rooms/a')) return tagged({ roomId: 'a', roomName: 'Atrium' }, 1);
      return path.includes('/deliveries') ? page('deliveries', [waiting]) : tagged(hook, 5);
    });
    showPage({ path: '/keys/webhooks/:webhookId', Component: WebhookPage }, '/keys/webhooks/wh-1');
    const row = within(await screen.findByRole('row', { name: /Meeting started/ }));
    for (const words of ['Waiting', '3', 'The address does not answer.', /Next try at/])
      expect(row.getByText(words)).toBeTruthy();
    await row.findByText('Atrium');
  });
});
