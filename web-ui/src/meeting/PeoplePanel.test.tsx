// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { RemoteParticipant, Room, RoomEvent } from 'livekit-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createQueryClient } from '../app/queryClient';
import type { Permission } from '../lib/can';
import { fakeBox, type Call } from '../testing/page';
import { PeoplePanel } from './PeoplePanel';
import { Side } from './Side';

function person(room: Room, identity: string, name: string, role: object): RemoteParticipant {
  const one = new RemoteParticipant(room.engine.client, identity, identity, name, JSON.stringify(role));
  room.remoteParticipants.set(identity, one);
  return one;
}

interface Box {
  room?: Room;
  /** The questions that come in. */
  asked?: string[];
  answer?: () => unknown;
}

function show(rights: Permission[], { room = new Room(), asked = [], answer = done }: Box = {}): Call[] {
  person(room, 'bob', 'Bob', { badge: 'other' });
  person(room, 'zoe', 'Zoe', { badge: 'moderator', isPromotedModerator: true });
  person(room, 'mia', 'Mia', { badge: 'moderator', isPromotedModerator: false });
  person(room, 'own', 'Olga', { badge: 'owner' });
  const changes = fakeBox(({ method, path }) => {
    if (method !== 'GET') return answer();
    asked.push(path);
    return path.endsWith('/removed') ? [{ participantIdentity: 'max', participantName: 'Max' }] : undefined;
  });
  const can = (permission: Permission) => rights.includes(permission);
  const member = {
    roomId: 'a',
    badge: 'moderator' as const,
    memberId: undefined,
    userId: undefined,
    expires: undefined,
    can,
    token: 't',
    refused: () => false,
  };
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Side title="Participants" onClose={onClose}>
        <PeoplePanel room={room} roomId="a" member={member} />
      </Side>
    </QueryClientProvider>,
  );
  return changes;
}

const open = (name: string) => fireEvent.click(screen.getByRole('button', { name: `Manage ${name}` }));
const entries = () =>
  within(screen.getByRole('menu'))
    .getAllByRole('menuitem')
    .map((one) => one.textContent);

const done = () => ({ message: 'ok' });
const onClose = vi.fn();

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  onClose.mockClear();
});

describe('the people of a meeting', () => {
  it('have no menu for who has no right over them', () => {
    show([]);
    expect(screen.queryByRole('button', { name: /^Manage/ })).toBeNull();
  });

  it('are removed only after a question, and invited back', async () => {
    const changes = show(['canKickParticipants', 'canInvite']);
    expect(screen.queryByRole('button', { name: 'Manage Olga' })).toBeNull();
    open('Bob');
    fireEvent.click(screen.getByRole('menuitem', { name: 'Remove from the meeting' }));
    expect(changes).toEqual([]);
    const question = within(await screen.findByRole('alertdialog'));
    expect(question.getByText(/Replace the link/)).toBeTruthy();
    fireEvent.click(question.getByRole('button', { name: 'Remove from the meeting' }));
    await waitFor(() => expect(changes).toMatchObject([{ method: 'DELETE', path: '/meetings/a/participants/bob' }]));
    expect(changes[0]?.headers.get('X-Room-Member-Token')).toBe('Bearer t');
    fireEvent.click(await screen.findByRole('button', { name: 'Invite Max back' }));
    await waitFor(() => expect(changes[1]).toMatchObject({ method: 'DELETE', path: '/meetings/a/removed/max' }));
  });

  it('leave the keyboard at the list when whoever had it goes', async () => {
    const room = new Room();
    show(['canKickParticipants'], { room });
    screen.getByRole('button', { name: 'Manage Bob' }).focus();
    const bob = room.remoteParticipants.get('bob') as RemoteParticipant;
    room.remoteParticipants.delete('bob');
    act(() => void room.emit(RoomEvent.ParticipantDisconnected, bob));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('list', { name: 'Participants' })));
  });

  it('are made moderator, and only who was made one is made speaker again', async () => {
    const changes = show(['canMakeModerator']);
    expect(screen.queryByRole('button', { name: 'Manage Mia' })).toBeNull();
    open('Bob');
    expect(entries()).toEqual(['Make moderator']);
    fireEvent.click(screen.getByRole('menuitem', { name: 'Make moderator' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ path: '/meetings/a/participants/bob/role', body: { action: 'upgrade' } }]),
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Manage Zoe' }));
    expect(entries()).toEqual(['No longer moderator']);
  });

  it('are moderators for everybody as soon as the box says so', async () => {
    const room = new Room();
    show([], { room });
    const bob = screen.getAllByRole('listitem').find((one) => one.textContent?.includes('Bob'));
    expect(bob?.textContent).not.toContain('Moderator');
    const one = room.remoteParticipants.get('bob') as RemoteParticipant;
    const tell = (role: object) =>
      act(() => {
        one.metadata = JSON.stringify(role);
        room.emit(RoomEvent.ParticipantMetadataChanged, undefined, one);
      });
    tell({ badge: 'moderator', isPromotedModerator: true });
    await waitFor(() => expect(bob?.textContent).toContain('Moderator'));
    tell({ badge: 'other', isPromotedModerator: false });
    await waitFor(() => expect(bob?.textContent).not.toContain('Moderator'));
  });

  it('are not asked for again by each one who comes', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const room = new Room();
    const asked: string[] = [];
    show(['canMakeModerator', 'canInvite'], { room, asked });
    await screen.findByText('Max');
    for (let at = 0; at < 30; at += 1) {
      act(() => {
        const guest = person(room, `g${at}`, `Guest ${at}`, { badge: 'other' });
        room.emit(RoomEvent.ParticipantConnected, guest);
      });
      await act(() => vi.advanceTimersByTimeAsync(100));
    }
    await act(() => vi.advanceTimersByTimeAsync(6000));
    expect(screen.getByText('Guest 29')).toBeTruthy();
    expect(asked).toEqual(['/meetings/a/removed', '/meetings/a/removed']);
  });

  it('can be managed by keyboard: the focus stays where it was', async () => {
    const room = new Room();
    const answer = () => new Promise(() => {});
    const changes = show(['canMuteParticipants', 'canKickParticipants'], { room, answer });
    const bob = room.remoteParticipants.get('bob') as RemoteParticipant;
    vi.spyOn(bob, 'isMicrophoneEnabled', 'get').mockReturnValue(true);
    act(() => void room.emit(RoomEvent.ParticipantMetadataChanged, undefined, bob));
    const trigger = screen.getByRole('button', { name: 'Manage Bob' });
    act(() => trigger.focus());
    fireEvent.keyDown(trigger, { key: 'Enter' });
    fireEvent.keyUp(trigger, { key: 'Enter' });
    const mute = await screen.findByRole('menuitem', { name: 'Mute' });
    act(() => mute.focus());
    fireEvent.keyDown(mute, { key: 'Enter' });
    fireEvent.keyUp(mute, { key: 'Enter' });
    await waitFor(() => expect(changes).toHaveLength(1));
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    expect(trigger).toHaveProperty('disabled', false);
    await waitFor(() => expect(document.activeElement).toBe(trigger));
  });

  it('stay on screen when Escape closes a menu of theirs, and go by Escape among them', async () => {
    show(['canKickParticipants']);
    open('Bob');
    await screen.findByRole('menu');
    await waitFor(() => expect(document.activeElement?.closest('[role="menu"]')).not.toBeNull());
    fireEvent.keyDown(document.activeElement as Element, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
    expect(onClose).not.toHaveBeenCalled();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Manage Bob' })));
    // At the button Escape would close its tooltip first.
    const list = screen.getByRole('list', { name: 'Participants' });
    act(() => list.focus());
    await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
    fireEvent.keyDown(list, { key: 'Escape' });
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('are all muted at once', async () => {
    const changes = show(['canMuteParticipants']);
    fireEvent.click(screen.getByRole('button', { name: 'Mute everyone' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ path: '/meetings/a/participants/media', body: { audioActive: false } }]),
    );
  });
});
