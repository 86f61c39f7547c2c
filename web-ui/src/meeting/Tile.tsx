/** One picture with its name. */
import {
  isTrackReference,
  useConnectionQualityIndicator,
  useIsMuted,
  useIsSpeaking,
  type TrackReferenceOrPlaceholder,
} from '@livekit/components-react';
import { ConnectionQuality, Track } from 'livekit-client';
import { MicOff, MonitorUp, Pin, PinOff, Tv } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { classes } from '../ui/classes';
import { Quality } from '../ui/Quality';
import { kindOf, nameOf } from './participant';
import styles from './Tile.module.css';
import type { TileInfo } from './useTiles';
import { VideoView } from './VideoView';

export interface TileProps {
  tile: TileInfo;
  pinned: boolean;
  /** Absent where pinning makes no sense. */
  onPin?: (() => void) | undefined;
  avatarSize?: number;
}

export function Tile({ tile, pinned, onPin, avatarSize = 72 }: TileProps) {
  const { t } = useTranslation();
  const { reference, isScreen, isLocal } = tile;
  const { participant } = reference;
  const speaking = useIsSpeaking(participant) && !isScreen;
  const name = useTileName(tile);
  const PinIcon = pinned ? PinOff : Pin;
  return (
    <div className={styles.tile} data-speaking={speaking || undefined} data-tile={participant.identity}>
      <Picture reference={reference} isScreen={isScreen} isLocal={isLocal} avatarSize={avatarSize} />
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

function Picture(props: {
  reference: TrackReferenceOrPlaceholder;
  isScreen: boolean;
  isLocal: boolean;
  avatarSize: number;
}) {
  const { reference, isScreen, isLocal, avatarSize } = props;
  const muted = useIsMuted(reference);
  const track = isTrackReference(reference) ? reference.publication.track : undefined;
  if (track && !muted) return <VideoView track={track} mirrored={isLocal && !isScreen} whole={isScreen} />;
  const { participant } = reference;
  return <Avatar name={nameOf(participant)} kind={kindOf(participant)} size={avatarSize} />;
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
      <span>{name}</span>
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
