// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { fakeBox, page, showPage, tagged, type Answer } from '../../testing/page';
import { dismissAllToasts, getToasts } from '../../ui/toastStore';
import { RoomsPage } from './RoomsPage';

const room = { roomId: 'a', roomName: 'Atrium', owner: 'robin', creationDate: 0, status: 'open' };
const robin = { userId: 'robin', name: 'Robin', role: 'user', registrationDate: 0 };

function show(answer: Answer, me: object = robin) {
  const changes = fakeBox((call) => {
    if (call.method === 'GET' && call.path.startsWith('/rooms?')) return page('rooms', [room]);
    return answer(call);
  }, me);
  showPage({ path: '/rooms', Component: RoomsPage });
  return changes;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('the rooms', () => {
  it('are made by their name', async () => {
    const changes = show(() => Response.json(room, { status: 201 }));
    fireEvent.click(await screen.findByRole('button', { name: 'New room' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: 'Atrium' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(changes).toMatchObject([{ path: '/rooms', body: { roomName: 'Atrium' } }]));
  });

  it('are set up first, step by step, where somebody wants that', async () => {
    const changes = show(() => Response.json(room, { status: 201 }));
    fireEvent.click(await screen.findByRole('button', { name: 'New room' }));
    fireEvent.click(screen.getByRole('button', { name: 'Set up first…' }));
    expect(await screen.findByText('A room needs a name.')).toBeTruthy();
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: 'Atrium' } });
    fireEvent.click(screen.getByRole('button', { name: 'Set up first…' }));
    fireEvent.click(await screen.findByRole('switch', { name: 'Link for moderators' }));
    fireEvent.click(screen.getByRole('button', { name: 'Next' }));
    const limit = await screen.findByRole('textbox', { name: 'People at most' });
    fireEvent.change(limit, { target: { value: '5000' } });
    fireEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(screen.getByText('A whole number from 1 to 1000.')).toBeTruthy();
    fireEvent.change(limit, { target: { value: '5' } });
    fireEvent.click(screen.getByRole('switch', { name: 'Chat' }));
    fireEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findByText('Link for speakers, Link to the recordings')).toBeTruthy();
    expect(changes).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(changes).toHaveLength(1));
    expect(changes[0]?.body).toMatchObject({
      roomName: 'Atrium',
      config: { chat: { enabled: false }, maxParticipants: 5, recording: { enabled: true } },
      access: { anonymous: { moderator: { enabled: false }, speaker: { enabled: true } }, user: { enabled: false } },
    });
  });

  it('have a link to copy that others can open', async () => {
    const writeText = vi.fn(() => Promise.resolve());
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    const url = 'http://localhost:8080/room/b?secret=s';
    const open = { ...room, access: { anonymous: { speaker: { enabled: true, url } } } };
    fakeBox(({ path }) => (path.startsWith('/rooms?') ? page('rooms', [open]) : undefined));
    showPage({ path: '/rooms', Component: RoomsPage });
    const copy = await screen.findByRole('button', { name: /^Copy link to Atrium/ });
    await waitFor(() => {
      fireEvent.click(copy);
      expect(writeText).toHaveBeenLastCalledWith('https://192.0.2.7:8443/room/b?secret=s');
    });
  });

  it('say so when their link could not be copied', async () => {
    const writeText = vi.fn(() => Promise.reject(new Error('no')));
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    const url = 'https://box/room/b?secret=s';
    const open = { ...room, access: { anonymous: { speaker: { enabled: true, url } } } };
    fakeBox(({ path }) => (path.startsWith('/rooms?') ? page('rooms', [open]) : undefined));
    showPage({ path: '/rooms', Component: RoomsPage });
    fireEvent.click(await screen.findByRole('button', { name: /^Copy link to Atrium/ }));
    await waitFor(() => expect(getToasts()).toMatchObject([{ tone: 'bad' }]));
    expect(getToasts()[0]?.text).toContain('could not be copied');
    dismissAllToasts();
  });

  it('are deleted with questions about what is in the way, and no others', async () => {
    const refusal = { error: 'Conflict', code: 'room_has_recordings', message: 'x' };
    const changes = show(({ method, path }) => {
      if (method === 'GET') return tagged(room, 7);
      return path.includes('withRecordings=fail')
        ? Response.json(refusal, { status: 409 })
        : { successCode: 'room_closed', message: 'x' };
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Atrium' }));
    expect(screen.queryByRole('radio')).toBeNull();
    const button = screen.getByRole('button', { name: 'Delete' });
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    fireEvent.click(button);
    await screen.findByRole('radiogroup', { name: 'There are recordings.' });
    expect(screen.queryByRole('radiogroup', { name: /meeting/ })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Do it so' }));
    await waitFor(() => expect(changes).toHaveLength(2));
    expect(changes[0]?.path).toBe('/rooms/a?withMeeting=fail&withRecordings=fail');
    expect(changes[1]?.path).toContain('withRecordings=close');
    expect(changes.map((call) => call.headers.get('If-Match'))).toEqual(['"7"', '"7"']);
  });

  it('are not deleted while it is not known what they are now', async () => {
    let isBusy = true;
    const changes = show(({ method }) => {
      if (method !== 'GET') return { successCode: 'room_deleted', message: 'x' };
      return isBusy ? new Response(null, { status: 503 }) : tagged(room, 7);
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Atrium' }));
    await screen.findByRole('alert');
    const button = screen.getByRole('button', { name: 'Delete' });
    expect(button).toHaveProperty('disabled', true);
    isBusy = false;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    fireEvent.click(button);
    await waitFor(() => expect(changes).toHaveLength(1));
    expect(changes[0]?.headers.get('If-Match')).toBe('"7"');
  });

  it('keep the writing direction of their names to themselves where several are asked about', async () => {
    const turned = { ...room, roomId: 'b', roomName: 'Lobby\u202E' };
    const rooms = [room, turned];
    fakeBox(({ path }) => {
      if (path.startsWith('/rooms?')) return page('rooms', rooms);
      return tagged(rooms.find(({ roomId }) => path.includes(`/${roomId}?`)) ?? room, 1);
    });
    showPage({ path: '/rooms', Component: RoomsPage });
    fireEvent.click(await screen.findByRole('checkbox', { name: /Select all/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Delete selected' }));
    const question = await screen.findByRole('alertdialog');
    expect(question.textContent).toContain('Atrium, \u2068Lobby\u202E\u2069');
  });

  it('of others are neither set up nor deleted, and room members make none', async () => {
    show(() => undefined, { ...robin, userId: 'kim_m', role: 'room_member' });
    await screen.findByRole('link', { name: 'Join Atrium' });
    expect(screen.queryByRole('button', { name: 'New room' })).toBeNull();
    expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(screen.queryByRole('link', { name: /^Settings/ })).toBeNull();
  });
});
