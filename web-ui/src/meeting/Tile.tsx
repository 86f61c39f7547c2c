/** One picture with its name. */
import { isTrackReference, useConnectionQualityIndicator, useIsMuted, useIsSpeaking } from '@livekit/components-react';
import { ConnectionQuality, Track } from 'livekit-client';
import { MicOff, MonitorUp, Pin, PinOff, Tv } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { Quality } from '../ui/Quality';
import { kindOf, nameOf } from './participant';
import styles from './Tile.module.css';
import { useLastPicture } from './useLastPicture';
import type { Outage } from './useOutage';
import type { TileInfo } from './useTiles';
import { VideoView } from './VideoView';

export interface TileProps {
  tile: TileInfo;
  outage: Outage;
  /** Shows how it was when the connection broke. */
  away: boolean;
  pinned: boolean;
  /** Absent where pinning makes no sense. */
  onPin?: (() => void) | undefined;
  avatarSize?: number;
}

export function Tile({ tile, outage, away, pinned, onPin, avatarSize = 72 }: TileProps) {
  const { t } = useTranslation();
  const { reference, isScreen } = tile;
  const { participant } = reference;
  const speaking = useIsSpeaking(participant) && !isScreen && !away;
  const name = useTileName(tile);
  const PinIcon = pinned ? PinOff : Pin;
  return (
    <div
      className={styles.tile}
      data-speaking={speaking || undefined}
      data-away={away || undefined}
      data-tile={participant.identity}
    >
      <Picture tile={tile} outage={outage} avatarSize={avatarSize} />
      {/* The page's notice says it to those who listen. */}
      {away && (
        <div className={styles.away} aria-hidden>
          {t('meeting.tileAway')}
        </div>
      )}
      <Label tile={tile} name={name} />
      {onPin && (
        <IconButton
          label={t(pinned ? 'meeting.unpin' : 'meeting.pin', { name })}
          icon={<PinIcon size={16} aria-hidden />}
          size="small"
          onPress={onPin}
          className={classes(styles.pin)}
          {...(pinned ? { 'data-pinned': true } : {})}
        />
      )}
    </div>
  );
}

function Picture({ tile, outage, avatarSize }: { tile: TileInfo; outage: Outage; avatarSize: number }) {
  const { reference, isScreen, isLocal, held } = tile;
  const muted = useIsMuted(reference);
  const { canvas, kept } = useLastPicture(outage);
  const track = isTrackReference(reference) && !muted ? reference.publication.track : undefined;
  const { participant } = reference;
  const mirrored = isLocal && !isScreen;
  // Our own camera is published anew after a loss, and for that moment has no track either.
  const keep = kept && !tile.dark && (held === true || isLocal || track !== undefined);
  return (
    <>
      {/* Under the picture: it is seen until the first new frame is. */}
      <canvas ref={canvas} className={styles.video} data-mirrored={mirrored || undefined} hidden={!keep} aria-hidden />
      {track && <VideoView track={track} mirrored={mirrored} whole={isScreen} />}
      {!track && !keep && <Avatar name={nameOf(participant)} kind={kindOf(participant)} size={avatarSize} />}
    </>
  );
}

function Label({ tile, name }: { tile: TileInfo; name: string }) {
  const { t } = useTranslation();
  const { participant } = tile.reference;
  const { quality } = useConnectionQualityIndicator({ participant });
  const muted = useIsMuted({ participant, source: Track.Source.Microphone });
  const weak = quality === ConnectionQuality.Poor || quality === ConnectionQuality.Lost;
  return (
    <div className={styles.label}>
      {tile.isScreen && <MonitorUp size={15} aria-hidden />}
      {kindOf(participant) === 'room' && !tile.isScreen && <Tv size={15} aria-hidden />}
      <bdi>{name}</bdi>
      {muted && !tile.isScreen && (
        <MicOff size={15} className={styles.muted} role="img" aria-label={t('media.micOff')} />
      )}
      {weak && <Quality quality={quality} label={t(`quality.${quality}`)} />}
    </div>
  );
}

function useTileName({ reference, isScreen, isLocal }: TileInfo): string {
  const { t } = useTranslation();
  const name = nameOf(reference.participant);
  if (isScreen) return isLocal ? t('meeting.yourScreen') : t('meeting.screenOf', { name });
  return isLocal ? t('meeting.youLabel', { name }) : name;
}
