/** A room as the box makes it when nothing is said, and as the wizard sends it. */
import type { NewRoom } from '../../api/manageRooms';
import type { RoomConfig } from '../../api/model';

export interface RoomDraft {
  name: string;
  links: Record<Way, boolean>;
  config: RoomConfig;
}

/** The ways in, in the order people are shown them. */
export const WAYS = ['speaker', 'moderator', 'recording', 'user'] as const;
export type Way = (typeof WAYS)[number];

export const FRESH: RoomDraft = {
  name: '',
  links: { speaker: true, moderator: true, recording: true, user: false },
  config: {
    recording: { enabled: true, layout: 'grid', encoding: 'H264_720P_30', autoStart: null },
    chat: { enabled: true },
    virtualBackground: { enabled: true },
    e2ee: { enabled: false },
    captions: { enabled: true },
    raiseHand: { enabled: true },
    guests: { audio: true, video: true, chat: true },
    maxParticipants: null,
    maxDurationMinutes: null,
    initialAudioActive: true,
    initialVideoActive: true,
  },
};

export function toRoom({ name, links, config }: RoomDraft): NewRoom {
  const { speaker, moderator, recording, user } = links;
  const on = (enabled: boolean) => ({ enabled });
  return {
    roomName: name.trim(),
    config,
    access: {
      anonymous: { speaker: on(speaker), moderator: on(moderator), recording: on(recording) },
      user: on(user),
    },
  };
}
