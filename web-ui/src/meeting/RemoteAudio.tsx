/** Plays what others say and share. */
import { useTracks } from '@livekit/components-react';
import { Track, type Room, type Track as AnyTrack } from 'livekit-client';
import { useEffect, useRef } from 'react';

export function RemoteAudio({ room }: { room: Room }) {
  const tracks = useTracks([Track.Source.Microphone, Track.Source.ScreenShareAudio, Track.Source.Unknown], {
    room,
    onlySubscribed: true,
  });
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
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    track.attach(audio);
    return () => {
      track.detach(audio);
    };
  }, [track]);
  return <audio ref={element} autoPlay />;
}
