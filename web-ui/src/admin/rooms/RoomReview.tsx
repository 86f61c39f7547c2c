/** A room that is about to be made, in words. */
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { RoomConfig } from '../../api/model';
import page from '../page.module.css';
import { sizeText } from './RecordingFields';
import { WAYS, type RoomDraft } from './newRoom';

export function RoomReview({ draft }: { draft: RoomDraft }) {
  return (
    <dl className={page.facts}>
      {useFacts(draft).map(([title, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function useFacts({ name, links, config }: RoomDraft): [string, string][] {
  const { t } = useTranslation();
  const { guests, maxParticipants, maxDurationMinutes } = config;
  const list = (names: string[]) => (names.length > 0 ? names.join(', ') : t('wizard.none'));
  const allowed = [
    guests?.audio && t('roomConfig.guestAudio'),
    guests?.video && t('roomConfig.guestVideo'),
    guests?.chat && t('roomConfig.guestChat'),
  ];
  const onOff = (on: boolean | undefined) => t(on ? 'wizard.on' : 'wizard.off');
  const records = config.recording?.enabled && !config.e2ee?.enabled;
  return [
    [t('rooms.name'), name.trim()],
    [t('wizard.access'), list(WAYS.filter((way) => links[way]).map((way) => t(`access.${way}`)))],
    [t('roomConfig.recording'), onOff(records)],
    ...(records ? recordingFacts(config, t) : []),
    [t('roomConfig.chat'), onOff(config.chat?.enabled)],
    [t('roomConfig.guests'), list(allowed.filter((one) => typeof one === 'string'))],
    [t('roomConfig.initialAudio'), onOff(config.initialAudioActive)],
    [t('roomConfig.initialVideo'), onOff(config.initialVideoActive)],
    [t('roomConfig.features.e2ee'), onOff(config.e2ee?.enabled)],
    [t('roomConfig.maxParticipants'), String(maxParticipants ?? t('wizard.noLimit'))],
    [t('roomConfig.maxDuration'), String(maxDurationMinutes ?? t('wizard.noLimit'))],
  ];
}

function recordingFacts({ recording }: RoomConfig, t: TFunction): [string, string][] {
  const { layout = 'grid', encoding = 'H264_720P_30', autoStart } = recording ?? {};
  const size =
    typeof encoding === 'string' ? sizeText(encoding, t('roomConfig.portrait')) : t('roomConfig.ownEncoding');
  return [
    [t('roomConfig.layout'), t(`roomConfig.layouts.${layout}`)],
    [t('roomConfig.encoding'), size],
    [t('roomConfig.autoStart'), t(`roomConfig.autoStarts.${autoStart ?? 'never'}`)],
  ];
}
