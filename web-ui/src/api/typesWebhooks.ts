/** The part of the REST contract about webhooks. See `types.ts`. */
import type { Failure, Json } from './types';

type Body<T> = { requestBody: { content: { 'application/json': T } } };
type Answer<T, Code extends number = 200> = { responses: { [C in Code]: Json<T> } & Failure };
type One = { parameters: { path: { webhookId: string }; header?: { 'If-Match'?: string } } };
type Message = { message: string };
type Pagination = { isTruncated: boolean; nextPageToken?: string; maxItems: number };

type S = WebhookSchemas;

export interface WebhookSchemas {
  EventKind:
    | 'meetingStarted'
    | 'meetingEnded'
    | 'participantJoined'
    | 'participantLeft'
    | 'recordingStarted'
    | 'recordingUpdated'
    | 'recordingEnded';
  Webhook: {
    webhookId: string;
    url: string;
    /** Absent: all. */
    events?: S['EventKind'][];
    /** Absent: of all rooms. */
    roomId?: string;
    enabled: boolean;
    creationDate: number;
    /** Only in the answers that make it. */
    secret?: string;
  };
  WebhookAsk: { url: string; events?: S['EventKind'][]; roomId?: string; enabled?: boolean };
  DeliveryState: 'waiting' | 'delivered' | 'failed';
  Delivery: {
    eventId: string;
    event: S['EventKind'];
    roomId: string;
    participantName?: string;
    creationDate: number;
    state: S['DeliveryState'];
    attempts: number;
    lastAttemptDate?: number;
    nextAttemptDate?: number;
    lastStatus?: number;
    lastError?: string;
  };
}

export interface WebhookPaths {
  '/webhooks': {
    get: Answer<{ webhooks: S['Webhook'][] }>;
    post: Body<S['WebhookAsk']> & Answer<S['Webhook'], 201>;
  };
  '/webhooks/{webhookId}': {
    get: One & Answer<S['Webhook']>;
    put: One & Body<S['WebhookAsk']> & Answer<S['Webhook']>;
    delete: One & Answer<Message>;
  };
  '/webhooks/{webhookId}/secret': { post: One & Answer<S['Webhook']> };
  '/webhooks/{webhookId}/test': { post: One & Answer<Message> };
  '/webhooks/{webhookId}/deliveries': {
    get: {
      parameters: {
        path: { webhookId: string };
        query?: {
          state?: S['DeliveryState'];
          maxItems?: number;
          nextPageToken?: string;
          sortField?: string;
          sortOrder?: 'asc' | 'desc';
        };
      };
    } & Answer<{ deliveries: S['Delivery'][]; pagination: Pagination }>;
  };
}
