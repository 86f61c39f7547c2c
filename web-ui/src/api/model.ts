/** Short names for the schemas of the REST contract. */
import type { components } from './types';

type Schemas = components['schemas'];

export type ErrorBody = Schemas['Error'];
export type User = Schemas['User'];
export type Box = Schemas['Box'];
export type BoxStatus = Schemas['BoxStatus'];
export type BoxParticipant = Schemas['BoxParticipant'];
export type BoxDevice = Schemas['BoxDevice'];
export type BoxRecording = Schemas['BoxRecording'];
export type Disk = Schemas['Disk'];
export type Lamp = Schemas['Lamp'];
export type Leds = Schemas['Leds'];
export type Panel = Schemas['Panel'];
export type Room = Schemas['Room'];
export type Recording = Schemas['Recording'];
export type RecordingList = Schemas['RecordingList'];
export type Role = Schemas['Role'];
export type Group = Schemas['Group'];
export type ApiKey = Schemas['ApiKey'];
export type AuditEntry = Schemas['AuditEntry'];
export type RoomConfig = Schemas['RoomConfig'];
export type RoomRoles = Schemas['RoomRoles'];
export type RoomAccess = Schemas['RoomAccess'];
export type DeletionPolicy = Schemas['DeletionPolicy'];
export type Permissions = Schemas['Permissions'];
export type RoomMember = Schemas['RoomMember'];
export type Webhook = Schemas['Webhook'];
export type WebhookAsk = Schemas['WebhookAsk'];
export type EventKind = Schemas['EventKind'];
export type Delivery = Schemas['Delivery'];
export type AccessPatch = Schemas['AccessPatch'];
