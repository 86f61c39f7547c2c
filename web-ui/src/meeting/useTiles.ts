/** Which pictures there are to show, in a steady order. */
import { useTracks, type TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { RoomEvent, Track, type Room } from 'livekit-client';
import { useMemo, useState } from 'react';
import { holdTiles } from './holdTiles';
import { kindOf } from './participant';
import type { Outage } from './useOutage';

export interface TileInfo {
  /** Identity and source: one person may show a camera and a screen. */
  id: string;
  reference: TrackReferenceOrPlaceholder;
  isScreen: boolean;
  isLocal: boolean;
  /** When its person came, in ms since the epoch: what comes first keeps its place. */
  since: number;
  /** Its picture is there, and is not switched off. */
  pictured: boolean;
  /** Its picture is switched off: none will come. */
  dark: boolean;
  /** Stands for somebody whose connection, or ours, is being made anew. */
  held?: boolean;
}

/** One array for ever: the hook compares it by identity. */
const SOURCES = [
  { source: Track.Source.Camera, withPlaceholder: true },
  { source: Track.Source.ScreenShare, withPlaceholder: false },
];

/** Besides coming, going and publishing. Not who speaks, nor how good a connection is: each tile looks at that itself. */
const EVENTS = [
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackSubscriptionStatusChanged,
  RoomEvent.ParticipantNameChanged,
];

/** Screens first, then the room, then people as they came, oneself last. The recorder has no picture. */
export function useTiles(room: Room, outage: Outage): readonly TileInfo[] {
  const references = useTracks(SOURCES, { room, onlySubscribed: false, updateOnlyOn: EVENTS });
  const live = useMemo(() => references.filter(visible).map(toTile), [references]);
  const [shown, setShown] = useState<Shown>({ live, outage, tiles: live });
  if (shown.live === live && shown.outage === outage) return shown.tiles;
  const tiles = holdTiles(shown.tiles, live, outage).sort(byRank);
  setShown({ live, outage, tiles });
  return tiles;
}

/** The tiles that came of these. */
interface Shown {
  live: readonly TileInfo[];
  outage: Outage;
  tiles: readonly TileInfo[];
}

function visible({ participant }: TrackReferenceOrPlaceholder): boolean {
  return kindOf(participant) !== 'recorder';
}

function toTile(reference: TrackReferenceOrPlaceholder): TileInfo {
  const { participant, source, publication } = reference;
  return {
    id: `${participant.identity} ${source}`,
    reference,
    isScreen: source === Track.Source.ScreenShare,
    isLocal: participant.isLocal,
    since: participant.joinedAt?.getTime() ?? 0,
    pictured: publication?.track !== undefined && !publication.isMuted,
    dark: publication?.isMuted ?? false,
  };
}

function byRank(a: TileInfo, b: TileInfo): number {
  return rank(a) - rank(b) || a.since - b.since || a.id.localeCompare(b.id);
}

function rank({ isScreen, isLocal, reference }: TileInfo): number {
  if (isScreen) return 0;
  if (isLocal) return 3;
  return kindOf(reference.participant) === 'room' ? 1 : 2;
}
