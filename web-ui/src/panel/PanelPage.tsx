/** A box without a box: TV picture, buttons, lamps and faults of a demo (features B4). */
import { MonitorOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isStatus } from '../api/errors';
import { useFault, usePanel, type FaultKind } from '../api/panel';
import type { Panel } from '../api/model';
import { Centered } from '../app/Centered';
import { errorText } from '../app/errorText';
import { Logo } from '../app/Logo';
import { paths } from '../app/paths';
import { useTitle } from '../app/useTitle';
import { Button, LinkButton } from '../ui/Button';
import { Loading } from '../ui/Spinner';
import { Banner, Card } from '../ui/Surface';
import { showToast } from '../ui/toastStore';
import { HardwareButton } from './HardwareButton';
import { Lamps } from './Lamps';
import styles from './Panel.module.css';
import { Tv } from './Tv';

export function PanelPage() {
  const { t } = useTranslation();
  const panel = usePanel();
  useTitle(t('panel.title'));
  if (panel.isPending) return <Loading label={t('app.loading')} />;
  if (panel.data) return <Content panel={panel.data} />;
  if (isStatus(panel.error, 404)) return <Missing />;
  return (
    <main className={styles.page}>
      <Banner tone="bad">{errorText(panel.error, t)}</Banner>
    </main>
  );
}

function Content({ panel }: { panel: Panel }) {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <div className={styles.head}>
        <Logo size={40} />
        <div>
          <h1>{t('panel.title')}</h1>
          <p>{t('panel.subtitle')}</p>
        </div>
      </div>
      <Tv />
      <section className={styles.device} aria-label={t('app.name')}>
        <Lamps leds={panel.leds} />
        <div className={styles.buttons} role="group" aria-label={t('panel.buttons')}>
          {panel.buttons.map((button) => (
            <HardwareButton key={button.id} id={button.id} label={button.label} />
          ))}
        </div>
      </section>
      <Faults />
    </main>
  );
}

function Faults() {
  const { t } = useTranslation();
  const fault = useFault();
  const cause = (kind: FaultKind, on: boolean, done: string) =>
    fault.mutate(
      { kind, on },
      { onSuccess: () => showToast(done), onError: (error) => showToast(errorText(error, t), 'bad') },
    );
  return (
    <Card title={t('panel.faults')}>
      <p className={styles.hint}>{t('panel.faultsText')}</p>
      <div className={styles.faults}>
        <Button onPress={() => cause('camera', true, t('panel.done'))}>{t('panel.camera')}</Button>
        <Button onPress={() => cause('disk_full', true, t('panel.done'))}>{t('panel.diskFull')}</Button>
        <Button onPress={() => cause('disk_full', false, t('panel.diskFreed'))}>{t('panel.diskFullOff')}</Button>
      </div>
    </Card>
  );
}

function Missing() {
  const { t } = useTranslation();
  return (
    <Centered
      title={t('panel.missing')}
      actions={
        <LinkButton variant="primary" href={paths.overview}>
          {t('app.notFound.home')}
        </LinkButton>
      }
    >
      <MonitorOff size={32} aria-hidden />
      <p>{t('panel.missingText')}</p>
    </Centered>
  );
}
