/** The room at a glance, live: link, people, recording, devices, storage, buttons. */
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/auth';
import { useBoxStatus, useInfo, useLiveBox } from '../../api/box';
import type { Box, BoxStatus } from '../../api/model';
import { errorText } from '../../app/errorText';
import { useTitle } from '../../app/useTitle';
import { isAdmin } from '../../lib/console';
import { Loading } from '../../ui/Spinner';
import { Banner, Pill } from '../../ui/Surface';
import page from '../page.module.css';
import { DevicesCard } from './DevicesCard';
import { InviteCard } from './InviteCard';
import { MeetingCard } from './MeetingCard';
import styles from './Overview.module.css';
import { RecordingCard } from './RecordingCard';
import { RoomControls } from './RoomControls';
import { RoomNotice } from './RoomNotice';
import { StorageCard } from './StorageCard';

export function OverviewPage() {
  const { t } = useTranslation();
  const me = useMe();
  // The links of the room are not for those who only look.
  const operates = isAdmin(me.data);
  const box = useLiveBox(operates);
  const status = useBoxStatus();
  useTitle(t('overview.title'));
  const error = box.error ?? status.error;
  if (status.data && (box.data || (me.data && !operates))) return <Content box={box.data} status={status.data} />;
  if (error) return <Banner tone="bad">{errorText(error, t)}</Banner>;
  return <Loading label={t('app.loading')} />;
}

/** Without `box` everything is only shown. */
function Content({ box, status }: { box: Box | undefined; status: BoxStatus }) {
  const { t } = useTranslation();
  const info = useInfo();
  const operates = box !== undefined;
  return (
    <div className={page.page}>
      <div className={page.head}>
        <h1>
          {box && <span className={page.eyebrow}>{t('overview.title')} </span>}
          {box ? <bdi>{box.homeRoom.roomName}</bdi> : t('overview.title')}
        </h1>
        <StatePill status={status} />
        {info.data?.mode === 'demo' && <Pill>{t('app.demo')}</Pill>}
      </div>
      {operates && <RoomNotice room={status.room} devices={status.devices} />}
      <div className={styles.grid}>
        <div className={styles.column}>
          {box && <InviteCard room={box.homeRoom} />}
          <MeetingCard status={status} />
        </div>
        <div className={styles.column}>
          <RecordingCard roomId={box?.homeRoom.roomId} recording={status.recording} />
          {operates && <RoomControls room={status.room} />}
          <DevicesCard devices={status.devices} />
          <StorageCard disk={status.disk} />
          {info.data && <p className={styles.version}>{t('overview.version', { version: info.data.version })}</p>}
        </div>
      </div>
    </div>
  );
}

function StatePill({ status }: { status: BoxStatus }) {
  const { t } = useTranslation();
  if (status.room.state === 'joined') return <Pill tone="ok">{t('overview.inMeeting')}</Pill>;
  if (status.room.state === 'retrying') return <Pill tone="warn">{t('overview.retrying')}</Pill>;
  if (status.room.state === 'announcing') return <Pill tone="accent">{t('overview.announcing')}</Pill>;
  if (status.meeting.active) return <Pill tone="warn">{t('overview.waiting')}</Pill>;
  return <Pill>{t('overview.standby')}</Pill>;
}
