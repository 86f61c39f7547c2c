/** API keys and the audit log. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, ifMatch, type Tagged } from './client';
import { keys } from './keys';
import type { ApiKey } from './model';
import { eachOf, pageOf, type Doomed, type ListQuery } from './paging';

/** All of them: the box keeps few. */
export function useApiKeys() {
  return useQuery({ queryKey: keys.apiKeys, queryFn: () => call(api.GET('/api-keys')) });
}

/** The answer is the only place where the key itself can be read. */
export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call(api.POST('/api-keys', { body: { name } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function readApiKey(keyId: string): Promise<Tagged<ApiKey>> {
  return callTagged(api.GET('/api-keys/{keyId}', { params: { path: { keyId } } }));
}

export function useDeleteApiKeys() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (doomed: Doomed[]) =>
      eachOf(doomed, ({ id, etag }) =>
        call(api.DELETE('/api-keys/{keyId}', { params: { path: { keyId: id }, header: ifMatch(etag) } })),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export interface AuditQuery extends ListQuery {
  /** Milliseconds since 1970. */
  from?: number | undefined;
  to?: number | undefined;
}

export function useAudit(query: AuditQuery) {
  const { search, maxItems, nextPageToken, from, to } = query;
  return useQuery({
    queryKey: [...keys.audit, query],
    queryFn: async () => {
      const wanted = {
        maxItems,
        ...(nextPageToken ? { nextPageToken } : {}),
        ...(search ? { text: search } : {}),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      };
      const answer = await call(api.GET('/audit', { params: { query: wanted } }));
      return pageOf(answer.entries, answer.pagination);
    },
    placeholderData: keepPreviousData,
  });
}
