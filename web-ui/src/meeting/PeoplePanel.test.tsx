// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { RemoteParticipant, Room, RoomEvent } from 'livekit-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createQueryClient } from '../app/queryClient';
import type { Permission } from '../lib/can';
import { fakeBox, type Call } from '../testing/page';
import { PeoplePanel } from './PeoplePanel';

function person(room: Room, identity: string, name: string, badge: string): void {
  const one = new RemoteParticipant(room.engine.client, identity, identity, name, JSON.stringify({ badge }));
  room.remoteParticipants.set(identity, one);
}

function show(rights: Permission[], promoted: string[] = [], room = new Room()): Call[] {
  person(room, 'bob', 'Bob', 'other');
  person(room, 'zoe', 'Zoe', 'moderator');
  person(room, 'own', 'Olga', 'owner');
  const changes = fakeBox(({ method, path }) => {
    if (method !== 'GET') return { message: 'ok' };
    if (path.endsWith('/removed')) return [{ participantIdentity: 'max', participantName: 'Max' }];
    return { participants: promoted.map((id) => ({ participantIdentity: id, isPromotedModerator: true })) };
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
      <PeoplePanel room={room} roomId="a" member={member} />
    </QueryClientProvider>,
  );
  return changes;
}

const open = (name: string) => fireEvent.click(screen.getByRole('button', { name: `Manage ${name}` }));
const entries = () =>
  within(screen.getByRole('menu'))
    .getAllByRole('menuitem')
    .map((one) => one.textContent);

afterEach(() => vi.unstubAllGlobals());

describe('the people of a meeting', () => {
  it('have no menu for who has no right over them', () => {
    show([]);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('are removed only after a question, and invited back', async () => {
    const changes = show(['canKickParticipants', 'canInvite']);
    expect(screen.queryByRole('button', { name: 'Manage Olga' })).toBeNull();
    open('Bob');
    fireEvent.click(screen.getByRole('menuitem', { name: 'Remove from the meeting' }));
    expect(changes).toEqual([]);
    const question = within(await screen.findByRole('alertdialog'));
    fireEvent.click(question.getByRole('button', { name: 'Remove from the meeting' }));
    await waitFor(() => expect(changes).toMatchObject([{ method: 'DELETE', path: '/meetings/a/participants/bob' }]));
    expect(changes[0]?.headers.get('X-Room-Member-Token')).toBe('Bearer t');
    fireEvent.click(await screen.findByRole('button', { name: 'Invite Max back' }));
    await waitFor(() => expect(changes[1]).toMatchObject({ method: 'DELETE', path: '/meetings/a/removed/max' }));
  });

  it('are made moderator, and only who was made one is made speaker again', async () => {
    const changes = show(['canMakeModerator'], ['zoe']);
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
    const promoted: string[] = [];
    show([], promoted, room);
    const bob = screen.getAllByRole('listitem').find((one) => one.textContent?.includes('Bob'));
    await waitFor(() => expect(bob?.textContent).not.toContain('Moderator'));
    promoted.push('bob');
    act(() => {
      room.emit(RoomEvent.DataReceived, new Uint8Array(), undefined, undefined, 'meet_participant_role_updated');
    });
    await waitFor(() => expect(bob?.textContent).toContain('Moderator'));
    promoted.pop();
    const one = room.remoteParticipants.get('bob') as RemoteParticipant;
    act(() => {
      one.metadata = JSON.stringify({ badge: 'other', isPromotedModerator: true });
      room.emit(RoomEvent.ParticipantMetadataChanged, undefined, one);
    });
    await waitFor(() => expect(bob?.textContent).not.toContain('Moderator'));
  });

  it('are all muted at once', async () => {
    const changes = show(['canMuteParticipants']);
    fireEvent.click(screen.getByRole('button', { name: 'Mute everyone' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ path: '/meetings/a/participants/media', body: { audioActive: false } }]),
    );
  });
});
