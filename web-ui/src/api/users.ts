/** Users and groups of the box. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
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

/** As many users as the box tells at once. */
const MOST_AT_ONCE = 100;

/** Names of all users by their ids, for lists of ids; read page by page, as one call for each would be too many. */
export function useUserNames(enabled: boolean): ReadonlyMap<string, string> | undefined {
  return useQuery({
    queryKey: [...keys.users, 'names'],
    queryFn: async () => {
      const names = new Map<string, string>();
      let next: string | undefined;
      do {
        const query = pagingOf({ maxItems: MOST_AT_ONCE, sortField: 'name', sortOrder: 'asc', nextPageToken: next });
        const { users, pagination } = await call(api.GET('/users', { params: { query } }));
        for (const { userId, name } of users) names.set(userId, name);
        next = pagination.isTruncated ? pagination.nextPageToken : undefined;
      } while (next);
      return names;
    },
    staleTime: 60_000,
    enabled,
  }).data;
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
