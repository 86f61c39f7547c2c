/**
 * The REST contract of the box, in the shape openapi-fetch takes, and more exact than what a generator makes of the
 * document: that has plain strings for many enumerations (a room's status, a member's role), and null for what is
 * left out. `schemas.test.ts` and `contract.test.ts` compare the two. Timestamps are milliseconds since the epoch, sizes bytes.
 */
import type { PeoplePaths, PeopleSchemas } from './typesPeople';
import type { WebhookPaths, WebhookSchemas } from './typesWebhooks';

export type Json<T> = { headers: Record<string, unknown>; content: { 'application/json': T } };
type Empty = { headers: Record<string, unknown>; content?: never };
export type Failure = { default: Json<components['schemas']['Error']> };
export type Member = { 'X-Room-Member-Token'?: string };

export interface components {
  schemas: PeopleSchemas &
    WebhookSchemas & {
      Error: {
        error: string;
        /** Exactly which error; never changes. */
        code: string;
        message: string;
        details?: { field: string; message: string }[];
      };
      Session: { accessToken: string; refreshToken?: string; mustChangePassword?: boolean; message?: string };
      Info: { service: string; version: string; mode: 'demo' | 'installed'; panel: boolean };
      Box: {
        name: string;
        version: string;
        mode: 'demo' | 'installed';
        panel: boolean;
        homeRoom: { roomId: string; roomName: string; moderatorUrl: string; speakerUrl: string; lanUrls?: string[] };
      };
      BoxParticipant: {
        identity: string;
        name: string;
        kind: 'standard' | 'room' | 'recorder';
        role: string;
        joinDate: number;
        audioActive: boolean;
        videoActive: boolean;
        screenShareActive: boolean;
        quality: 'excellent' | 'good' | 'poor' | 'lost';
      };
      BoxRecording: {
        state: 'off' | 'starting' | 'recording' | 'stopping' | 'fault';
        recordingId?: string | null;
        startDate?: number | null;
        message?: string | null;
      };
      BoxDevice: {
        device: 'camera' | 'microphone' | 'speaker' | 'display';
        state: 'standby' | 'running' | 'restarting';
        message?: string | null;
      };
      Lamp: 'off' | 'on' | 'blink' | 'fast-blink';
      Leds: {
        tally: components['schemas']['Lamp'];
        mute: components['schemas']['Lamp'];
        status: components['schemas']['Lamp'];
      };
      Disk: { totalBytes: number; freeBytes: number; reserveBytes: number; recordingsBytes: number };
      BoxStatus: {
        meeting: {
          active: boolean;
          startDate?: number | null;
          participants: components['schemas']['BoxParticipant'][];
        };
        recording: components['schemas']['BoxRecording'];
        room: {
          state: 'standby' | 'announcing' | 'joined' | 'away' | 'retrying';
          micMuted: boolean;
          cameraOff: boolean;
        };
        devices: components['schemas']['BoxDevice'][];
        leds: components['schemas']['Leds'];
        disk: components['schemas']['Disk'];
      };
      RoomControls: { micMuted: boolean; cameraOff: boolean };
      Recording: {
        recordingId: string;
        roomId: string;
        roomName: string;
        status: 'starting' | 'active' | 'ending' | 'complete' | 'failed' | 'aborted' | 'limit_reached';
        layout?: string;
        filename?: string;
        startDate?: number;
        endDate?: number;
        /** Seconds. */
        duration?: number;
        size?: number;
        hasThumbnail?: boolean;
        endReason?: 'stopped' | 'cancelled' | 'meeting_ended' | 'disk_full' | 'failed' | 'interrupted';
        /** Only with `tickets=true`: opens the recording's files. */
        ticket?: string;
        /** Only with `tickets=true`: whether the caller may delete it when it is over. */
        canDelete?: boolean;
        error?: string;
      };
      RecordingList: {
        recordings: components['schemas']['Recording'][];
        pagination: { isTruncated: boolean; nextPageToken?: string; maxItems: number };
      };
      BulkDelete: {
        message: string;
        deleted: string[];
        failed: { recordingId: string; error: string; code?: string }[];
      };
      MemberToken: { token: string };
      Panel: { buttons: { id: string; label: string }[]; leds: components['schemas']['Leds'] };
    };
}

type S = components['schemas'];

export interface paths extends PeoplePaths, WebhookPaths {
  '/info': { get: { responses: { 200: Json<S['Info']> } & Failure } };
  '/auth/login': {
    post: {
      requestBody: { content: { 'application/json': { userId: string; password: string } } };
      responses: { 200: Json<S['Session']> } & Failure;
    };
  };
  '/auth/logout': { post: { responses: { 200: Json<{ message: string }> } & Failure } };
  '/auth/refresh': {
    post: { parameters: { header: { 'X-Refresh-Token': string } }; responses: { 200: Json<S['Session']> } & Failure };
  };
  '/users/change-password': {
    post: {
      requestBody: { content: { 'application/json': { currentPassword: string; newPassword: string } } };
      responses: { 200: Json<Partial<S['Session']>> } & Failure;
    };
  };
  '/box': { get: { responses: { 200: Json<S['Box']> } & Failure } };
  '/box/home-room': {
    put: {
      parameters: { header?: { 'If-Match'?: string } };
      requestBody: { content: { 'application/json': { roomId: string } } };
      responses: { 200: Json<S['Box']['homeRoom']> } & Failure;
    };
  };
  '/box/status': { get: { responses: { 200: Json<S['BoxStatus']> } & Failure } };
  '/box/room': {
    put: {
      requestBody: { content: { 'application/json': Partial<S['RoomControls']> } };
      responses: { 200: Json<S['RoomControls']> } & Failure;
    };
  };
  '/box/room/hang-up': { post: { responses: { 202: Empty } & Failure } };
  '/rooms/{roomId}/members/token': {
    post: {
      parameters: { path: { roomId: string }; header?: Member };
      requestBody: {
        content: {
          'application/json': { secret?: string; joinMeeting?: boolean; participantName?: string; force?: boolean };
        };
      };
      responses: { 200: Json<S['MemberToken']> } & Failure;
    };
  };
  '/rooms/{roomId}/members/token/refresh': {
    post: {
      parameters: { path: { roomId: string }; header?: Member };
      responses: { 200: Json<S['MemberToken']> } & Failure;
    };
  };
  '/recordings': {
    get: {
      parameters: {
        header?: Member;
        query?: {
          roomId?: string;
          roomName?: string;
          roomNameMatchMode?: 'exact' | 'prefix' | 'partial' | 'regex';
          roomNameCaseInsensitive?: boolean;
          status?: string;
          sortField?: string;
          sortOrder?: 'asc' | 'desc';
          maxItems?: number;
          nextPageToken?: string;
          tickets?: boolean;
        };
      };
      responses: { 200: Json<S['RecordingList']> } & Failure;
    };
    post: {
      parameters: { header?: Member };
      requestBody: { content: { 'application/json': { roomId: string } } };
      responses: { 201: Json<S['Recording']> } & Failure;
    };
    delete: {
      parameters: { header?: Member; query: { recordingIds: string } };
      responses: { 200: Json<S['BulkDelete']>; 400: Json<S['BulkDelete']> };
    };
  };
  '/recordings/{recordingId}': {
    get: {
      parameters: { path: { recordingId: string }; query?: { tickets?: boolean }; header?: Member };
      responses: { 200: Json<S['Recording']> } & Failure;
    };
    delete: {
      parameters: { path: { recordingId: string }; header?: Member };
      responses: { 200: Json<{ message: string }> } & Failure;
    };
  };
  '/recordings/{recordingId}/stop': {
    post: {
      parameters: { path: { recordingId: string }; header?: Member };
      responses: { 202: Json<S['Recording']> } & Failure;
    };
  };
  '/panel': { get: { responses: { 200: Json<S['Panel']> } & Failure } };
  '/panel/buttons/{id}': {
    post: {
      parameters: { path: { id: string } };
      requestBody: { content: { 'application/json': { action: 'press' | 'down' | 'up' } } };
      responses: { 202: Empty } & Failure;
    };
  };
  '/panel/faults': {
    post: {
      requestBody: {
        content: {
          'application/json': { kind: 'camera' | 'microphone' | 'display' | 'disk_full'; on?: boolean };
        };
      };
      responses: { 202: Empty } & Failure;
    };
  };
}
