/** Webhooks: who is told what happens on the box, and what came of it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from './client';
import { keys } from './keys';
import type { Delivery, WebhookAsk } from './model';
import { pageOf, pagingOf, type ListQuery } from './paging';
import { eachOf } from './users';

/** What waits is tried again every moment: the log is followed closely. */
const FOLLOW_MS = 3000;

/** All of them: the box keeps few. */
export function useWebhooks() {
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: async () => (await call(api.GET('/webhooks'))).webhooks,
  });
}

export function useWebhook(webhookId: string) {
  return useQuery({
    queryKey: [...keys.webhooks, 'one', webhookId],
    queryFn: () => call(api.GET('/webhooks/{webhookId}', { params: { path: { webhookId } } })),
  });
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

/** Makes one, or with a `webhookId` changes it. The answer to making is the only place where the secret can be read. */
export function useSaveWebhook() {
  return useMutation({
    mutationFn: ({ webhookId, body }: { webhookId: string | undefined; body: WebhookAsk }) =>
      webhookId
        ? call(api.PUT('/webhooks/{webhookId}', { params: { path: { webhookId } }, body }))
        : call(api.POST('/webhooks', { body })),
    onSettled: useChanged(),
  });
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
    mutationFn: (ids: string[]) =>
      eachOf(ids, (webhookId) => call(api.DELETE('/webhooks/{webhookId}', { params: { path: { webhookId } } }))),
    onSettled: useChanged(),
  });
}
