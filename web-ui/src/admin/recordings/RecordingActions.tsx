/** Plays, downloads and deletes one recording, as far as it is finished. */
import { Download, Play, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/model';
import { recordingUrl } from '../../api/recordings';
import { IconButton } from '../../ui/Button';
import { IconLink } from '../../ui/IconLink';
import { isDeletable, isPlayable } from './status';

export interface RecordingActionsProps {
  recording: Recording;
  /** Tells it from others of the room. */
  date: string;
  href: string;
  /** Absent for those who may not. */
  onDelete: (() => void) | undefined;
}

export function RecordingActions({ recording, date, href, onDelete }: RecordingActionsProps) {
  const { t } = useTranslation();
  const { roomName: room } = recording;
  return (
    <>
      {isPlayable(recording) && (
        <>
          <IconLink label={t('recordings.playOne', { room, date })} icon={<Play size={18} aria-hidden />} href={href} />
          <IconLink
            label={t('recordings.downloadOne', { room, date })}
            icon={<Download size={18} aria-hidden />}
            href={recordingUrl(recording, 'download')}
            download
          />
        </>
      )}
      {onDelete && isDeletable(recording) && (
        <IconButton
          label={t('recordings.deleteOne', { room, date })}
          icon={<Trash2 size={18} aria-hidden />}
          onPress={onDelete}
        />
      )}
    </>
  );
}
