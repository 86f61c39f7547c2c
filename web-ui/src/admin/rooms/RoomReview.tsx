/** A room that is about to be made, in words. */
import { useTranslation } from 'react-i18next';
import page from '../page.module.css';
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
  const start = config.recording?.autoStart ?? 'never';
  return [
    [t('rooms.name'), name.trim()],
    [t('wizard.access'), list(WAYS.filter((way) => links[way]).map((way) => t(`access.${way}`)))],
    [t('roomConfig.recording'), onOff(records)],
    ...(records ? [[t('roomConfig.autoStart'), t(`roomConfig.autoStarts.${start}`)] as [string, string]] : []),
    [t('roomConfig.chat'), onOff(config.chat?.enabled)],
    [t('roomConfig.guests'), list(allowed.filter((one) => typeof one === 'string'))],
    [t('roomConfig.maxParticipants'), String(maxParticipants ?? t('wizard.noLimit'))],
    [t('roomConfig.maxDuration'), String(maxDurationMinutes ?? t('wizard.noLimit'))],
  ];
}
