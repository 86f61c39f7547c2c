/** The part of the REST contract about people: users, groups, rooms, members, meetings, keys, audit. See `types.ts`. */
import type { Permission } from '../lib/can';
import type { Failure, Json, Member } from './types';

type Body<T> = { requestBody: { content: { 'application/json': T } } };
type Answer<T, Code extends number = 200> = { responses: { [C in Code]: Json<T> } & Failure };
type Room = { roomId: string };
type Message = { message: string };
type Pagination = { isTruncated: boolean; nextPageToken?: string; maxItems: number };
type Paging = { maxItems?: number; nextPageToken?: string; sortField?: string; sortOrder?: 'asc' | 'desc' };
type ByName = {
  name?: string;
  nameMatchMode?: 'exact' | 'prefix' | 'partial' | 'regex';
  nameCaseInsensitive?: boolean;
};
type Tag = { 'If-Match'?: string };
/** One record, for which a change may say which version of it it is meant for. */
type Of<Path> = { parameters: { path: Path; header?: Tag } };

type S = PeopleSchemas;

export interface PeopleSchemas {
  Role: 'admin' | 'user' | 'room_member' | 'security_admin';
  User: {
    userId: string;
    name: string;
    role: S['Role'];
    registrationDate: number;
    roleUpdatedAt?: number;
    mustChangePassword?: boolean;
    /** Only where users are managed. */
    online?: boolean;
  };
  Group: { groupId: string; name: string; operator: boolean; members: string[]; creationDate: number };
  ApiKey: { keyId: string; name: string; prefix: string; creationDate: number; key?: string };
  AuditEntry: {
    id: string;
    at: number;
    who: string;
    address?: string;
    action: string;
    target: string;
    detail?: string;
  };
  Link: { enabled: boolean; url?: string };
  RoomAccess: {
    anonymous?: { moderator?: S['Link']; speaker?: S['Link']; recording?: S['Link'] };
    user?: S['Link'];
  };
  RoomConfig: {
    recording?: {
      enabled: boolean;
      layout?: 'grid' | 'speaker' | 'single-speaker';
      /** A preset, or values of one's own. */
      encoding?: string | Record<string, unknown>;
      autoStart?: 'when_first_participant_joins' | 'when_second_participant_joins' | 'when_moderator_joins' | null;
    };
    chat?: { enabled: boolean };
    virtualBackground?: { enabled: boolean };
    e2ee?: { enabled: boolean };
    captions?: { enabled: boolean };
    raiseHand?: { enabled: boolean };
    guests?: { chat: boolean; audio: boolean; video: boolean };
    maxParticipants?: number | null;
    maxDurationMinutes?: number | null;
    initialAudioActive?: boolean;
    initialVideoActive?: boolean;
  };
  Permissions: Partial<Record<Permission, boolean>>;
  RoomRoles: { moderator: { permissions: S['Permissions'] }; speaker: { permissions: S['Permissions'] } };
  DeletionPolicy: { withMeeting: 'force' | 'when_meeting_ends'; withRecordings: 'force' | 'close' };
  Room: {
    roomId: string;
    roomName: string;
    owner: string;
    creationDate: number;
    status: 'open' | 'active_meeting' | 'closed';
    autoDeletionDate?: number;
    autoDeletionPolicy?: S['DeletionPolicy'];
    /** What happens to the room when its meeting ends. */
    meetingEndAction?: 'none' | 'close' | 'delete';
    access?: S['RoomAccess'];
    config?: S['RoomConfig'];
    roles?: S['RoomRoles'];
  };
  RoomMember: {
    memberId: string;
    roomId: string;
    type: 'user' | 'external';
    name: string;
    membershipDate: number;
    accessUrl?: string;
    baseRole: 'moderator' | 'speaker';
    customPermissions?: S['Permissions'];
  };
  Deletion: { successCode: string; message: string; room?: S['Room'] };
  AccessPatch: {
    anonymous?: Partial<Record<'moderator' | 'speaker' | 'recording', { enabled: boolean }>>;
    user?: { enabled: boolean };
  };
}

type Policies = {
  withMeeting?: 'force' | 'when_meeting_ends' | 'fail';
  withRecordings?: 'force' | 'close' | 'fail';
};
type MediaOff = { audioActive?: false; videoActive?: false; screenShareActive?: false };
type InMeeting = { path: { roomId: string; identity: string }; header?: Member };

export interface PeoplePaths {
  '/users/me': { get: Answer<S['User']> };
  '/users': {
    get: {
      parameters: { query?: Paging & ByName & { role?: S['Role']; online?: boolean } };
    } & Answer<{ users: S['User'][]; pagination: Pagination }>;
    post: Body<{ userId: string; name: string; role: S['Role']; password: string }> & Answer<S['User'], 201>;
  };
  '/users/{userId}': {
    get: { parameters: { path: { userId: string } } } & Answer<S['User']>;
    patch: Of<{ userId: string }> & Body<{ name: string }> & Answer<S['User']>;
    delete: Of<{ userId: string }> & Answer<Message>;
  };
  '/users/{userId}/password': {
    put: Of<{ userId: string }> & Body<{ newPassword: string }> & Answer<Message>;
  };
  '/users/{userId}/role': {
    put: Of<{ userId: string }> & Body<{ role: S['Role'] }> & Answer<S['User']>;
  };
  '/groups': {
    get: { parameters: { query?: Paging } } & Answer<{ groups: S['Group'][]; pagination: Pagination }>;
    post: Body<{ name: string; operator?: boolean; members?: string[] }> & Answer<S['Group'], 201>;
  };
  '/groups/{groupId}': {
    get: { parameters: { path: { groupId: string } } } & Answer<S['Group']>;
    patch: Of<{ groupId: string }> &
      Body<{
        name?: string;
        operator?: boolean;
        members?: string[];
      }> &
      Answer<S['Group']>;
    delete: Of<{ groupId: string }> & Answer<Message>;
  };
  '/api-keys': {
    get: Answer<S['ApiKey'][]>;
    post: Body<{ name?: string }> & Answer<S['ApiKey'], 201>;
  };
  '/api-keys/{keyId}': {
    get: { parameters: { path: { keyId: string } } } & Answer<S['ApiKey']>;
    delete: Of<{ keyId: string }> & Answer<Message>;
  };
  '/audit': {
    get: {
      parameters: {
        query?: { maxItems?: number; nextPageToken?: string; text?: string; from?: number; to?: number };
      };
    } & Answer<{ entries: S['AuditEntry'][]; pagination: Pagination }>;
  };
  '/rooms': {
    get: {
      parameters: {
        query?: Paging & {
          roomName?: string;
          roomNameMatchMode?: 'exact' | 'prefix' | 'partial' | 'regex';
          roomNameCaseInsensitive?: boolean;
          owner?: string;
          status?: S['Room']['status'];
        };
      };
    } & Answer<{ rooms: S['Room'][]; pagination: Pagination }>;
    post: Body<{ roomName?: string; config?: S['RoomConfig']; access?: S['AccessPatch'] }> & Answer<S['Room'], 201>;
  };
  '/rooms/{roomId}': {
    get: {
      parameters: { path: Room; header?: Member; query?: { extraFields?: string } };
    } & Answer<S['Room']>;
    delete: { parameters: { path: Room; header?: Tag; query?: Policies } } & Answer<S['Deletion'], 200 | 202>;
    patch: Of<Room> &
      Body<{
        roomName?: string;
        autoDeletionDate?: number | null;
        autoDeletionPolicy?: S['DeletionPolicy'];
      }> &
      Answer<S['Room']>;
  };
  '/rooms/{roomId}/config': {
    put: Of<Room> & Body<{ config: S['RoomConfig'] }> & Answer<S['RoomConfig']>;
  };
  '/rooms/{roomId}/roles': {
    put: Of<Room> & Body<{ roles: S['RoomRoles'] }> & Answer<S['RoomRoles']>;
  };
  '/rooms/{roomId}/access': {
    put: Of<Room> & Body<{ access: S['AccessPatch'] }> & Answer<S['RoomAccess']>;
  };
  '/rooms/{roomId}/access/anonymous/{link}/regenerate': {
    post: Of<Room & { link: 'moderator' | 'speaker' | 'recording' }> & Answer<S['RoomAccess']>;
  };
  '/rooms/{roomId}/status': {
    put: Of<Room> & Body<{ status: 'open' | 'closed' }> & Answer<S['Room'], 200 | 202>;
  };
  '/rooms/{roomId}/members': {
    get: {
      parameters: { path: Room; query?: Paging & ByName & { baseRole?: 'moderator' | 'speaker' } };
    } & Answer<{ members: S['RoomMember'][]; pagination: Pagination }>;
    post: { parameters: { path: Room } } & Body<{
      userId?: string;
      name?: string;
      baseRole: 'moderator' | 'speaker';
      customPermissions?: S['Permissions'];
    }> &
      Answer<S['RoomMember'], 201>;
  };
  '/rooms/{roomId}/members/{memberId}': {
    get: { parameters: { path: Room & { memberId: string }; header?: Member } } & Answer<S['RoomMember']>;
    delete: Of<Room & { memberId: string }> & Answer<Message>;
    patch: Of<Room & { memberId: string }> &
      Body<{
        baseRole?: 'moderator' | 'speaker';
        customPermissions?: S['Permissions'];
      }> &
      Answer<S['RoomMember']>;
  };
  '/meetings/{roomId}': { delete: { parameters: { path: Room; header?: Member } } & Answer<Message> };
  '/meetings/{roomId}/participants/media': {
    put: { parameters: { path: Room; header?: Member } } & Body<MediaOff> & Answer<Message>;
  };
  '/meetings/{roomId}/participants/{identity}': { delete: { parameters: InMeeting } & Answer<Message> };
  '/meetings/{roomId}/participants/{identity}/media': {
    put: { parameters: InMeeting } & Body<MediaOff> & Answer<Message>;
  };
  '/meetings/{roomId}/participants/{identity}/role': {
    put: { parameters: InMeeting } & Body<{ action: 'upgrade' | 'downgrade' }> & Answer<Message>;
  };
  '/meetings/{roomId}/removed': {
    get: { parameters: { path: Room; header?: Member } } & Answer<
      { participantIdentity: string; participantName: string }[]
    >;
  };
  '/meetings/{roomId}/removed/{identity}': { delete: { parameters: InMeeting } & Answer<Message> };
}
