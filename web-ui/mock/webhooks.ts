/** Webhooks of the fake box: kept, and never told anything. */
import { http, HttpResponse } from 'msw';
import type { Delivery, Webhook, WebhookAsk } from '../src/api/model';
import { fail } from './fail';

const API = '*/api/v1';
const DAY_MS = 86_400_000;
const webhooks: Webhook[] = [
  {
    webhookId: 'wh-calendar',
    url: 'https://calendar.example.org/rooms/huddlebox',
    events: ['meetingStarted', 'meetingEnded'],
    enabled: true,
    creationDate: Date.now() - 9 * DAY_MS,
  },
];
const deliveries: Delivery[] = (['waiting', 'delivered', 'failed'] as const).map((state, index) => ({
  eventId: `ev-${index}`,
  event: 'meetingStarted',
  roomId: 'board_room-k3f9a27hq0x41zt',
  creationDate: Date.now() - index * 3_600_000,
  state,
  attempts: index * 4 + 1,
  ...(state === 'delivered' ? { lastStatus: 200 } : { lastError: 'Nobody answers at this address.' }),
  ...(state === 'waiting' ? { nextAttemptDate: Date.now() + 60_000 } : {}),
}));

const found = (id: unknown) => webhooks.find((one) => one.webhookId === id);
const answer = (webhook: Webhook | undefined, more: object = {}) =>
  webhook ? HttpResponse.json({ ...webhook, ...more }) : fail(404, 'webhook_not_found', 'no such webhook');

export const webhookHandlers = [
  http.get(`${API}/webhooks`, () => HttpResponse.json({ webhooks })),
  http.post(`${API}/webhooks`, async ({ request }) => {
    const ask = (await request.json()) as WebhookAsk;
    const made = { webhookId: `wh-${webhooks.length}`, creationDate: Date.now(), enabled: true, ...ask };
    webhooks.push(made);
    return HttpResponse.json({ ...made, secret: 'whsec-mock-0123456789' }, { status: 201 });
  }),
  http.get(`${API}/webhooks/:id`, ({ params }) => answer(found(params['id']))),
  http.put(`${API}/webhooks/:id`, async ({ params, request }) => {
    const webhook = found(params['id']);
    if (webhook) Object.assign(webhook, { events: undefined, roomId: undefined }, await request.json());
    return answer(webhook);
  }),
  http.delete(`${API}/webhooks/:id`, ({ params }) => {
    const at = webhooks.findIndex((one) => one.webhookId === params['id']);
    if (at >= 0) webhooks.splice(at, 1);
    return HttpResponse.json({ message: 'deleted' });
  }),
  http.post(`${API}/webhooks/:id/secret`, ({ params }) => answer(found(params['id']), { secret: 'whsec-mock-new' })),
  http.post(`${API}/webhooks/:id/test`, () => HttpResponse.json({ message: 'Webhook URL is valid' })),
  http.get(`${API}/webhooks/:id/deliveries`, ({ request }) => {
    const state = new URL(request.url).searchParams.get('state');
    const shown = deliveries.filter((one) => !state || one.state === state);
    return HttpResponse.json({ deliveries: shown, pagination: { isTruncated: false, maxItems: 10 } });
  }),
];
