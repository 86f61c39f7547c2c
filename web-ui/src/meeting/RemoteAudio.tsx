/** Plays what others say and share. */
import { useTracks } from '@livekit/components-react';
import { Track, type Room, type Track as AnyTrack } from 'livekit-client';
import { useAttached } from './useAttached';

const SOURCES = [Track.Source.Microphone, Track.Source.ScreenShareAudio, Track.Source.Unknown];

export function RemoteAudio({ room }: { room: Room }) {
  const tracks = useTracks(SOURCES, { room, onlySubscribed: true });
  return (
    <div hidden>
      {tracks.map(({ publication, participant }) =>
        publication.track && publication.kind === Track.Kind.Audio && !participant.isLocal ? (
          <Sound key={publication.trackSid} track={publication.track} />
        ) : null,
      )}
    </div>
  );
}

function Sound({ track }: { track: AnyTrack }) {
  return <audio ref={useAttached<HTMLAudioElement>(track)} autoPlay />;
}
