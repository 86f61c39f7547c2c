/** Rooms as those see them who manage them; `rooms.ts` has them as a visitor of a link does. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, ifMatch, type Tagged } from './client';
import { isStatus } from './errors';
import { keys } from './keys';
import type { AccessPatch, DeletionPolicy, Room, RoomConfig, RoomRoles } from './model';
import { eachOf, LIVE_MS, pageOf, pagingOf, type Doomed, type ListQuery, type Outcome } from './paging';

export interface RoomsQuery extends ListQuery {
  owner?: string;
  status?: Room['status'];
}

export function useRooms(query: RoomsQuery) {
  const { search, owner, status } = query;
  return useQuery({
    queryKey: [...keys.rooms, 'list', query],
    queryFn: async () => {
      const named = search
        ? { roomName: search, roomNameMatchMode: 'partial' as const, roomNameCaseInsensitive: true }
        : {};
      const filter = { ...named, ...(owner ? { owner } : {}), ...(status ? { status } : {}) };
      const answer = await call(api.GET('/rooms', { params: { query: { ...pagingOf(query), ...filter } } }));
      return pageOf(answer.rooms, answer.pagination);
    },
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });
}

/** A room and the version of it that was read. */
export interface ManagedRoom {
  room: Room;
  etag: string | undefined;
}

export function useManagedRoom(roomId: string) {
  return useQuery({
    queryKey: keys.room(roomId),
    queryFn: async (): Promise<ManagedRoom> => {
      const { data, etag } = await readRoom(roomId);
      return { room: data, etag };
    },
    refetchInterval: LIVE_MS,
  });
}

export function useRoomName(roomId: string) {
  return useQuery({
    queryKey: [...keys.rooms, 'name', roomId],
    queryFn: async () => (await readRoom(roomId)).data.roomName,
    staleTime: 60_000,
  });
}

export function readRoom(roomId: string): Promise<Tagged<Room>> {
  const params = { path: { roomId }, query: { extraFields: 'config,roles' } };
  return callTagged(api.GET('/rooms/{roomId}', { params }));
}

function useChanged() {
  const client = useQueryClient();
  // The box itself is shown with the name and the links of its own room.
  return () => Promise.all([keys.rooms, keys.box].map((queryKey) => client.invalidateQueries({ queryKey })));
}

/** What is absent is as the box has it for new rooms. */
export interface NewRoom {
  roomName: string;
  config?: RoomConfig;
  access?: AccessPatch;
}

export function useCreateRoom() {
  return useMutation({
    mutationFn: (body: NewRoom) => call(api.POST('/rooms', { body })),
    onSettled: useChanged(),
  });
}

export type LinkName = 'moderator' | 'speaker' | 'recording';

export type RoomChange =
  | { kind: 'general'; roomName: string; autoDeletionDate: number | null; autoDeletionPolicy?: DeletionPolicy }
  | { kind: 'config'; config: RoomConfig }
  | { kind: 'roles'; roles: RoomRoles }
  | { kind: 'link'; link: LinkName | 'user'; enabled: boolean }
  | { kind: 'regenerate'; link: LinkName }
  | { kind: 'status'; status: 'open' | 'closed' };

/** Changes one part of a room. 409 while a meeting runs, 412 when somebody else was faster. */
export function useChangeRoom({ room: { roomId }, etag }: ManagedRoom) {
  const client = useQueryClient();
  const changed = useChanged();
  return useMutation({
    // One after the other, each in the version that the one before has made: nobody is too slow for themselves.
    scope: { id: `room ${roomId}` },
    mutationFn: (change: RoomChange): Promise<unknown> => {
      const now = client.getQueryData<ManagedRoom>(keys.room(roomId));
      return send(roomId, now ? now.etag : etag, change);
    },
    onSuccess: changed,
    // Whoever was too slow sees at once what the other made of it.
    onError: (error) => (isStatus(error, 412, 409) ? changed() : undefined),
  });
}

function send(roomId: string, etag: string | undefined, change: RoomChange): Promise<unknown> {
  const path = { roomId };
  const params = { path, header: ifMatch(etag) };
  switch (change.kind) {
    case 'general': {
      const { roomName, autoDeletionDate, autoDeletionPolicy } = change;
      const body = { roomName, autoDeletionDate, ...(autoDeletionPolicy ? { autoDeletionPolicy } : {}) };
      return call(api.PATCH('/rooms/{roomId}', { params, body }));
    }
    case 'config':
      return call(api.PUT('/rooms/{roomId}/config', { params, body: { config: change.config } }));
    case 'roles':
      return call(api.PUT('/rooms/{roomId}/roles', { params, body: { roles: change.roles } }));
    case 'link': {
      const on = { enabled: change.enabled };
      const access = change.link === 'user' ? { user: on } : { anonymous: { [change.link]: on } };
      return call(api.PUT('/rooms/{roomId}/access', { params, body: { access } }));
    }
    case 'regenerate': {
      const which = { ...params, path: { ...path, link: change.link } };
      return call(api.POST('/rooms/{roomId}/access/anonymous/{link}/regenerate', { params: which }));
    }
    case 'status':
      return call(api.PUT('/rooms/{roomId}/status', { params, body: { status: change.status } }));
  }
}

export interface DeletionPolicies {
  withMeeting: 'force' | 'when_meeting_ends' | 'fail';
  withRecordings: 'force' | 'close' | 'fail';
}

export interface RoomsDeleted extends Outcome {
  /** Codes of what was done, such as `room_deleted`. */
  done: string[];
}

export function useDeleteRooms() {
  return useMutation({
    mutationFn: async ({ rooms, policies }: { rooms: Doomed[]; policies: DeletionPolicies }): Promise<RoomsDeleted> => {
      const done: string[] = [];
      const outcome = await eachOf(rooms, async ({ id, etag }) => {
        const params = { path: { roomId: id }, query: policies, header: ifMatch(etag) };
        done.push((await call(api.DELETE('/rooms/{roomId}', { params }))).successCode);
      });
      return { ...outcome, done };
    },
    onSettled: useChanged(),
  });
}
