/** Users and groups of the box. */
import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, errorBody } from './client';
import { ApiError } from './errors';
import { keys } from './keys';
import type { Role } from './model';
import { LIVE_MS, nameFilter, pageOf, pagingOf, type ListQuery, type Outcome } from './paging';

export interface UsersQuery extends ListQuery {
  role?: Role;
  online?: boolean;
}

export function useUsers(query: UsersQuery, enabled = true) {
  const { search, role, online } = query;
  return useQuery({
    queryKey: [...keys.users, query],
    queryFn: async () => {
      const filter = { ...nameFilter(search), ...(role ? { role } : {}), ...(online === undefined ? {} : { online }) };
      const answer = await call(api.GET('/users', { params: { query: { ...pagingOf(query), ...filter } } }));
      return pageOf(answer.users, answer.pagination);
    },
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
    enabled,
  });
}

/** Names of these users; the id where there is none. */
export function useUserNames(ids: readonly string[]): Record<string, string> {
  const found = useQueries({
    queries: ids.map((userId) => ({
      queryKey: [...keys.users, 'one', userId],
      queryFn: () => call(api.GET('/users/{userId}', { params: { path: { userId } } })),
      staleTime: 60_000,
      retry: false,
    })),
  });
  return Object.fromEntries(ids.map((id, at) => [id, found[at]?.data?.name ?? id]));
}

/** Users, groups, and what depends on them: rooms change hands when their owner goes. */
function useChanged() {
  const client = useQueryClient();
  return () =>
    Promise.all([keys.users, keys.groups, keys.rooms].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export function useCreateUser() {
  return useMutation({
    mutationFn: (body: { userId: string; name: string; role: Role; password: string }) =>
      call(api.POST('/users', { body })),
    onSettled: useChanged(),
  });
}

export function useResetPassword() {
  return useMutation({
    mutationFn: ({ userId, newPassword }: { userId: string; newPassword: string }) =>
      call(api.PUT('/users/{userId}/password', { params: { path: { userId } }, body: { newPassword } })),
    onSettled: useChanged(),
  });
}

export function useSetRole() {
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      call(api.PUT('/users/{userId}/role', { params: { path: { userId } }, body: { role } })),
    onSettled: useChanged(),
  });
}

export function useRenameUser() {
  return useMutation({
    mutationFn: ({ userId, name }: { userId: string; name: string }) =>
      call(api.PATCH('/users/{userId}', { params: { path: { userId } }, body: { name } })),
    onSettled: useChanged(),
  });
}

export function useDeleteUsers() {
  return useMutation({
    mutationFn: async (userIds: string[]): Promise<Outcome> => {
      const params = { query: { userIds: userIds.join(',') } };
      const { data, error, response } = await api.DELETE('/users', { params });
      const { deleted, failed } = data ?? error ?? {};
      if (!deleted || !failed) throw new ApiError(response.status, errorBody(error), undefined);
      return { deleted: deleted.length, failed: failed.map((one) => ({ id: one.userId, why: one.error })) };
    },
    onSettled: useChanged(),
  });
}

export function useGroups(query: ListQuery) {
  return useQuery({
    queryKey: [...keys.groups, query],
    queryFn: async () => {
      const answer = await call(api.GET('/groups', { params: { query: pagingOf(query) } }));
      return pageOf(answer.groups, answer.pagination);
    },
    placeholderData: keepPreviousData,
  });
}

/** One group, and the version of it that was read; none for one to be made. */
export function useGroup(groupId: string | undefined) {
  return useQuery({
    queryKey: [...keys.groups, 'one', groupId],
    queryFn: async () => {
      const params = { path: { groupId: groupId ?? '' } };
      const { data, etag } = await callTagged(api.GET('/groups/{groupId}', { params }));
      return { group: data, etag };
    },
    enabled: groupId !== undefined,
    staleTime: 0,
  });
}

export interface GroupChange {
  name?: string;
  operator?: boolean;
  members?: string[];
}

/** Makes a group, or with a `groupId` changes it. */
export function useSaveGroup() {
  return useMutation({
    mutationFn: ({
      groupId,
      etag,
      change,
    }: {
      groupId: string | undefined;
      etag?: string | undefined;
      change: GroupChange;
    }) =>
      groupId
        ? call(
            api.PATCH('/groups/{groupId}', {
              params: { path: { groupId }, header: etag ? { 'If-Match': etag } : {} },
              body: change,
            }),
          )
        : call(api.POST('/groups', { body: { name: change.name ?? '', ...change } })),
    onSettled: useChanged(),
  });
}

export function useDeleteGroups() {
  return useMutation({
    mutationFn: (ids: string[]) =>
      eachOf(ids, (groupId) => call(api.DELETE('/groups/{groupId}', { params: { path: { groupId } } }))),
    onSettled: useChanged(),
  });
}

/** One call after the other, for what has no call for many. */
export async function eachOf(ids: string[], remove: (id: string) => Promise<unknown>): Promise<Outcome> {
  const outcome: Outcome = { deleted: 0, failed: [] };
  for (const id of ids) {
    try {
      await remove(id);
      outcome.deleted += 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome.failed.push({ id, why: error.message });
    }
  }
  return outcome;
}
