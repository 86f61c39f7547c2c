/** Webhooks: who is told what happens on the box, and what came of it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, callTagged, ifMatch, type Tagged } from './client';
import { keys } from './keys';
import type { Delivery, Webhook, WebhookAsk } from './model';
import { eachOf, pageOf, pagingOf, type Doomed, type ListQuery } from './paging';

/** What waits is tried again every moment: the log is followed closely. */
const FOLLOW_MS = 3000;

/** All of them: the box keeps few. */
export function useWebhooks() {
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: async () => (await call(api.GET('/webhooks'))).webhooks,
  });
}

/** One webhook, and the version that was read; none for one to be made. */
export function useWebhook(webhookId: string | undefined) {
  return useQuery({
    queryKey: [...keys.webhooks, 'one', webhookId],
    queryFn: () => readWebhook(webhookId ?? ''),
    enabled: webhookId !== undefined,
    staleTime: 0,
  });
}

export function readWebhook(webhookId: string): Promise<Tagged<Webhook>> {
  return callTagged(api.GET('/webhooks/{webhookId}', { params: { path: { webhookId } } }));
}

export interface DeliveriesQuery extends ListQuery {
  webhookId: string;
  state?: Delivery['state'];
}

export function useDeliveries(query: DeliveriesQuery) {
  const { webhookId, state } = query;
  return useQuery({
    queryKey: [...keys.webhooks, 'deliveries', query],
    queryFn: async () => {
      const params = { path: { webhookId }, query: { ...pagingOf(query), ...(state ? { state } : {}) } };
      const answer = await call(api.GET('/webhooks/{webhookId}/deliveries', { params }));
      return pageOf(answer.deliveries, answer.pagination);
    },
    placeholderData: keepPreviousData,
    refetchInterval: FOLLOW_MS,
  });
}

function useChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.webhooks });
}

/**
 * Makes one, or with a `webhookId` changes it; 412 when somebody else was faster than `etag`. The answer to making is
 * the only place where the secret can be read.
 */
export function useSaveWebhook() {
  return useMutation({
    mutationFn: ({ webhookId, etag, body }: WebhookChange) =>
      webhookId
        ? call(api.PUT('/webhooks/{webhookId}', { params: { path: { webhookId }, header: ifMatch(etag) }, body }))
        : call(api.POST('/webhooks', { body })),
    onSettled: useChanged(),
  });
}

export interface WebhookChange {
  webhookId: string | undefined;
  etag: string | undefined;
  body: WebhookAsk;
}

/** Switches it on or off, and leaves the rest as it is now. */
export function useEnableWebhook() {
  return useMutation({
    mutationFn: async ({ webhookId, enabled }: { webhookId: string; enabled: boolean }) => {
      const { data, etag } = await readWebhook(webhookId);
      const params = { path: { webhookId }, header: ifMatch(etag) };
      return call(api.PUT('/webhooks/{webhookId}', { params, body: { ...bodyOf(data), enabled } }));
    },
    onSettled: useChanged(),
  });
}

/** A webhook as it is sent to the box. */
function bodyOf({ url, events, roomId, enabled }: Webhook): WebhookAsk {
  return { url, enabled, ...(events ? { events } : {}), ...(roomId ? { roomId } : {}) };
}

/** The answer is the only place where the new secret can be read. */
export function useRenewSecret() {
  return useMutation({
    mutationFn: (webhookId: string) =>
      call(api.POST('/webhooks/{webhookId}/secret', { params: { path: { webhookId } } })),
    onSettled: useChanged(),
  });
}

/** Sends a test event now; fails with the reason in words. */
export function useTestWebhook() {
  return useMutation({
    mutationFn: (webhookId: string) =>
      call(api.POST('/webhooks/{webhookId}/test', { params: { path: { webhookId } } })),
  });
}

export function useDeleteWebhooks() {
  return useMutation({
    mutationFn: (webhooks: Doomed[]) =>
      eachOf(webhooks, ({ id, etag }) =>
        call(api.DELETE('/webhooks/{webhookId}', { params: { path: { webhookId: id }, header: ifMatch(etag) } })),
      ),
    onSettled: useChanged(),
  });
}
