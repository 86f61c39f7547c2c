/** Users and groups of the box. */
import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, ifMatch, type Tagged } from './client';
import { keys } from './keys';
import type { Group, Role, User } from './model';
import { eachOf, LIVE_MS, nameFilter, pageOf, pagingOf, type Doomed, type ListQuery } from './paging';

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

/** One user, and the version that was read. */
export function useUser(userId: string) {
  return useQuery({
    queryKey: [...keys.users, 'tagged', userId],
    queryFn: () => readUser(userId),
    staleTime: 0,
  });
}

export function readUser(userId: string): Promise<Tagged<User>> {
  return callTagged(api.GET('/users/{userId}', { params: { path: { userId } } }));
}

/** Whom a change is meant for. 412 when somebody else was faster than `etag`. */
export interface UserChange {
  userId: string;
  etag: string | undefined;
}

const paramsOf = ({ userId, etag }: UserChange) => ({ path: { userId }, header: ifMatch(etag) });

export function useResetPassword() {
  return useMutation({
    mutationFn: ({ newPassword, ...of }: UserChange & { newPassword: string }) =>
      call(api.PUT('/users/{userId}/password', { params: paramsOf(of), body: { newPassword } })),
    onSettled: useChanged(),
  });
}

export function useSetRole() {
  return useMutation({
    mutationFn: ({ role, ...of }: UserChange & { role: Role }) =>
      call(api.PUT('/users/{userId}/role', { params: paramsOf(of), body: { role } })),
    onSettled: useChanged(),
  });
}

export function useRenameUser() {
  return useMutation({
    mutationFn: ({ name, ...of }: UserChange & { name: string }) =>
      call(api.PATCH('/users/{userId}', { params: paramsOf(of), body: { name } })),
    onSettled: useChanged(),
  });
}

export function useDeleteUsers() {
  return useMutation({
    mutationFn: (users: Doomed[]) =>
      eachOf(users, ({ id, etag }) => call(api.DELETE('/users/{userId}', { params: paramsOf({ userId: id, etag }) }))),
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

/** One group, and the version that was read; none for one to be made. */
export function useGroup(groupId: string | undefined) {
  return useQuery({
    queryKey: [...keys.groups, 'one', groupId],
    queryFn: () => readGroup(groupId ?? ''),
    enabled: groupId !== undefined,
    staleTime: 0,
  });
}

export function readGroup(groupId: string): Promise<Tagged<Group>> {
  return callTagged(api.GET('/groups/{groupId}', { params: { path: { groupId } } }));
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
              params: { path: { groupId }, header: ifMatch(etag) },
              body: change,
            }),
          )
        : call(api.POST('/groups', { body: { name: change.name ?? '', ...change } })),
    onSettled: useChanged(),
  });
}

/** Gives the right or takes it, and leaves the rest as it is now. */
export function useSetOperator() {
  return useMutation({
    mutationFn: async ({ groupId, operator }: { groupId: string; operator: boolean }) => {
      const { etag } = await readGroup(groupId);
      const params = { path: { groupId }, header: ifMatch(etag) };
      return call(api.PATCH('/groups/{groupId}', { params, body: { operator } }));
    },
    onSettled: useChanged(),
  });
}

export function useDeleteGroups() {
  return useMutation({
    mutationFn: (groups: Doomed[]) =>
      eachOf(groups, ({ id, etag }) =>
        call(api.DELETE('/groups/{groupId}', { params: { path: { groupId: id }, header: ifMatch(etag) } })),
      ),
    onSettled: useChanged(),
  });
}
