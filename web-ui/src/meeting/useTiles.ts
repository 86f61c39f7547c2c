/** Which pictures there are to show, in a steady order. */
import { useTracks, type TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { Track, type Room } from 'livekit-client';
import { useMemo } from 'react';
import { kindOf } from './participant';

export interface TileInfo {
  /** Identity and source: one person may show a camera and a screen. */
  id: string;
  reference: TrackReferenceOrPlaceholder;
  isScreen: boolean;
  isLocal: boolean;
}

/** One array for ever: the hook compares it by identity. */
const SOURCES = [
  { source: Track.Source.Camera, withPlaceholder: true },
  { source: Track.Source.ScreenShare, withPlaceholder: false },
];

/** Screens first, then the room, then people as they came, oneself last. The recorder has no picture. */
export function useTiles(room: Room): TileInfo[] {
  const references = useTracks(SOURCES, { room, onlySubscribed: false });
  return useMemo(() => references.filter(visible).map(toTile).sort(byRank), [references]);
}

function visible({ participant }: TrackReferenceOrPlaceholder): boolean {
  return kindOf(participant) !== 'recorder';
}

function toTile(reference: TrackReferenceOrPlaceholder): TileInfo {
  const { participant, source } = reference;
  return {
    id: `${participant.identity} ${source}`,
    reference,
    isScreen: source === Track.Source.ScreenShare,
    isLocal: participant.isLocal,
  };
}

function byRank(a: TileInfo, b: TileInfo): number {
  return rank(a) - rank(b) || joined(a) - joined(b) || a.id.localeCompare(b.id);
}

function rank({ isScreen, isLocal, reference }: TileInfo): number {
  if (isScreen) return 0;
  if (isLocal) return 3;
  return kindOf(reference.participant) === 'room' ? 1 : 2;
}

function joined({ reference }: TileInfo): number {
  return reference.participant.joinedAt?.getTime() ?? 0;
}
