/** Members of a room. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, ifMatch, type Tagged } from './client';
import { keys } from './keys';
import type { Permissions, RoomMember } from './model';
import { eachOf, nameFilter, pageOf, pagingOf, type Doomed, type ListQuery } from './paging';

export type BaseRole = RoomMember['baseRole'];

export interface MembersQuery extends ListQuery {
  baseRole?: BaseRole;
}

export function useMembers(roomId: string, query: MembersQuery) {
  const { search, baseRole } = query;
  return useQuery({
    queryKey: [...keys.members(roomId), query],
    queryFn: async () => {
      const filter = { ...nameFilter(search), ...(baseRole ? { baseRole } : {}) };
      const params = { path: { roomId }, query: { ...pagingOf(query), ...filter } };
      const answer = await call(api.GET('/rooms/{roomId}/members', { params }));
      return pageOf(answer.members, answer.pagination);
    },
    placeholderData: keepPreviousData,
  });
}

function useChanged(roomId: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.members(roomId) });
}

/** A user of the box, or by name somebody from outside. */
export type NewMember = ({ userId: string } | { name: string }) & {
  baseRole: BaseRole;
  customPermissions?: Permissions;
};

export function useAddMember(roomId: string) {
  return useMutation({
    mutationFn: (body: NewMember) => call(api.POST('/rooms/{roomId}/members', { params: { path: { roomId } }, body })),
    onSettled: useChanged(roomId),
  });
}

/** One member, and the version that was read. */
export function useMember(roomId: string, memberId: string) {
  return useQuery({
    queryKey: [...keys.members(roomId), 'one', memberId],
    queryFn: () => readMember(roomId, memberId),
    staleTime: 0,
  });
}

export function readMember(roomId: string, memberId: string): Promise<Tagged<RoomMember>> {
  return callTagged(api.GET('/rooms/{roomId}/members/{memberId}', { params: { path: { roomId, memberId } } }));
}

/** `customPermissions` replaces what there was. 412 when somebody else was faster than `etag`. */
export interface MemberChange {
  memberId: string;
  etag: string | undefined;
  baseRole: BaseRole;
  customPermissions: Permissions;
}

export function useChangeMember(roomId: string) {
  return useMutation({
    mutationFn: (change: MemberChange) => {
      const { memberId, etag, ...body } = change;
      const params = { path: { roomId, memberId }, header: ifMatch(etag) };
      return call(api.PATCH('/rooms/{roomId}/members/{memberId}', { params, body }));
    },
    onSettled: useChanged(roomId),
  });
}

export function useDeleteMembers(roomId: string) {
  return useMutation({
    mutationFn: (members: Doomed[]) =>
      eachOf(members, ({ id: memberId, etag }) => {
        const params = { path: { roomId, memberId }, header: ifMatch(etag) };
        return call(api.DELETE('/rooms/{roomId}/members/{memberId}', { params }));
      }),
    onSettled: useChanged(roomId),
  });
}
